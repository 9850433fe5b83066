/** The input and the output of this room: what a mail program's configuration depends on, and the files it consists of. */

/** Where the directory is, and how the mail servers reach it. */
export interface DirectoryAccess {
  /** The entry above the domains. */
  readonly base: string;
  /** ldap://, ldaps:// or ldapi:// URL. */
  readonly url: string;
  readonly startTls: boolean;
  /** PEM file of the authority behind the directory's certificate. */
  readonly authorityFile: string | undefined;
  /** Who the mail servers bind as; undefined: they look up anonymously. */
  readonly bind: { readonly dn: string; readonly password: string } | undefined;
  /** Who compares a login's password: the directory, by a bind as the user, or the mail server with the hash it reads. */
  readonly passwordCheck: 'bind' | 'hash';
}

/** The Unix account that all mail of virtual accounts belongs to. */
export interface MailOwner {
  readonly name: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  /** Its home; mailboxes are below `domains` in it. */
  readonly home: string;
}

/** One file of a program's configuration. */
export interface ConfigFile {
  readonly path: string;
  /** The whole file, or lines to add to (or to change in) the file that the program came with. */
  readonly part: 'whole' | 'lines';
  readonly text: string;
  /** The Unix group of the program that reads it, if it contains a password; everybody may read the others. */
  readonly secretFor?: string;
}

/** The configuration cannot be written down: a value has no spelling in the program's files. */
export class UnwritableConfigError extends Error {}

export function mailFolder(owner: MailOwner): string {
  return `${owner.home.replace(/\/+$/, '')}/domains`;
}

export function usesTls({ url, startTls }: DirectoryAccess): boolean {
  return startTls || /^ldaps:/i.test(url);
}
