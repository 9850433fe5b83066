/**
 * What deletion leaves behind is put away here, as Jamm's cleaner did: the Maildir of every account flagged as deleted is
 * archived and removed from the mail home, then its entry. Paths come from entries that their owners may write, so none is trusted:
 * nothing outside the mail home, nothing through a symbolic link, nothing a live account uses, nothing but Maildirs.
 */
import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { requireSiteAdmin, type MailContext } from './context.js';
import { countDomain, listDomains, purgeDomain } from './domains.js';
import { toPerson, type Account } from './entries.js';
import { MailError } from './errors.js';
import { told } from './told.js';
import { accountClass, isA } from './filters.js';
import { forgetPurged, purgedMailboxes } from './mailboxes.js';

const runFile = promisify(execFile);
const listMax = 1_000_000;

export interface CleanOptions {
  /** The folder all Maildirs lie below; nothing outside it is touched. */
  readonly mailHome: string;
  /** Where archives (`.tar.gz`) go; must not lie in a Maildir. */
  readonly archive: string;
  /** False only tells what would happen. */
  readonly apply: boolean;
}

export type CleanStep =
  | {
      readonly kind: 'account';
      readonly address: string;
      readonly folder: string | undefined;
      readonly archive: string | undefined;
    }
  /** Files whose entry was purged before. */
  | {
      readonly kind: 'orphan';
      readonly domain: string;
      readonly folder: string | undefined;
      readonly archive: string | undefined;
    }
  | { readonly kind: 'domain'; readonly domain: string; readonly entries: number }
  /** Left alone: somebody has to look at it. */
  | { readonly kind: 'refused'; readonly what: string; readonly reason: string };

/** Does (or tells) it step by step, so that a caller can report as it goes. */
export async function* clean(context: MailContext, options: CleanOptions): AsyncGenerator<CleanStep> {
  requireSiteAdmin(context);
  const mailHome = await realpath(options.mailHome).catch(() => {
    throw new MailError('invalid', told('noMailHome', { folder: options.mailHome }), 'mailHome');
  });
  const cleaner = new MaildirCleaner(mailHome, options);
  const { entries, cut } = await context.directory.list(context.tree.base, {
    scope: 'sub',
    filter: isA(accountClass),
    attributes: ['objectClass', 'mail', 'delete', 'homeDirectory', 'mailbox'],
    max: listMax,
  });
  if (cut) {
    throw new MailError('unavailable', told('foldersUnknown'));
  }
  const accounts = entries.map(toPerson).filter((person): person is Account => person?.kind === 'account');
  const goneDomains = new Set((await allDeletedDomains(context)).map((name) => name));
  const isGone = (account: Account): boolean => account.deleted || goneDomains.has(context.tree.domainOf(account.dn) ?? '');
  cleaner.protect(accounts.filter((account) => !isGone(account)));
  const refusedDomains = new Set<string>();

  for (const account of accounts.filter(isGone)) {
    const domain = context.tree.domainOf(account.dn) ?? '';
    const outcome = await cleaner.remove(account.homeDirectory, account.mailbox, account.address);
    if (outcome.kind === 'refused') {
      refusedDomains.add(domain);
      yield { kind: 'refused', what: account.address, reason: outcome.reason };
      continue;
    }
    if (options.apply) await context.directory.delete(account.dn);
    yield { kind: 'account', address: account.address, folder: outcome.folder, archive: outcome.archive };
  }
  yield* cleanOrphans(context, options, cleaner, refusedDomains);
  for (const domain of goneDomains) {
    if (refusedDomains.has(domain)) {
      yield { kind: 'refused', what: domain, reason: 'something in it was left alone, so the domain stays as well' };
      continue;
    }
    const { accounts: left, aliases } = await countDomain(context, domain);
    const removed = options.apply ? await purgeDomain(context, domain) : left + aliases + 1;
    if (options.apply) await cleaner.removeEmptyFolder(domain);
    yield { kind: 'domain', domain, entries: removed };
  }
}

async function* cleanOrphans(
  context: MailContext,
  options: CleanOptions,
  cleaner: MaildirCleaner,
  refusedDomains: Set<string>,
): AsyncGenerator<CleanStep> {
  for (const domain of await allDomains(context)) {
    for (const { homeDirectory, mailbox } of await purgedMailboxes(context, domain)) {
      const outcome = await cleaner.remove(homeDirectory, mailbox, mailbox);
      if (outcome.kind === 'refused') {
        refusedDomains.add(domain);
        yield { kind: 'refused', what: `${domain}: ${mailbox}`, reason: outcome.reason };
        continue;
      }
      if (options.apply) await forgetPurged(context, domain, mailbox);
      yield { kind: 'orphan', domain, folder: outcome.folder, archive: outcome.archive };
    }
  }
}

async function allDomains(context: MailContext): Promise<readonly string[]> {
  const current = await listDomains(context, { pageSize: listMax });
  return [...current.domains.map(({ name }) => name), ...(await allDeletedDomains(context))];
}

async function allDeletedDomains(context: MailContext): Promise<readonly string[]> {
  const { domains } = await listDomains(context, { status: 'deleted', pageSize: listMax });
  return domains.map(({ name }) => name);
}

type Outcome =
  | { readonly kind: 'removed'; readonly folder: string | undefined; readonly archive: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

class MaildirCleaner {
  readonly #mailHome: string;
  readonly #archive: string;
  readonly #apply: boolean;
  readonly #live = new Set<string>();

  constructor(mailHome: string, { archive, apply }: CleanOptions) {
    this.#mailHome = mailHome;
    this.#archive = resolve(archive);
    this.#apply = apply;
  }

  /** These accounts' folders, whatever is in them and whatever they are in, stay. */
  protect(accounts: readonly Account[]): void {
    for (const { homeDirectory, mailbox } of accounts) this.#live.add(resolve(homeDirectory, mailbox));
  }

  async remove(homeDirectory: string, mailbox: string, label: string): Promise<Outcome> {
    const folder = resolve(homeDirectory, mailbox);
    const reason = await this.#reasonToRefuse(homeDirectory, folder);
    if (reason === 'absent') return { kind: 'removed', folder: undefined, archive: undefined };
    if (reason !== undefined) return { kind: 'refused', reason };
    const archive = join(
      this.#archive,
      `${label.replace(/[^A-Za-z0-9@._+-]/g, '_')}-${timestamp()}-${randomUUID().slice(0, 8)}.tar.gz`,
    );
    if (this.#apply) await this.#putAway(folder, archive);
    return { kind: 'removed', folder, archive };
  }

  async #reasonToRefuse(homeDirectory: string, folder: string): Promise<string | undefined> {
    if (!homeDirectory.startsWith('/')) return `its homeDirectory “${homeDirectory}” is not a full path`;
    if (!folder.startsWith(this.#mailHome + sep)) return `its folder ${folder} is not below ${this.#mailHome}`;
    for (const live of this.#live) {
      if (folder === live || live.startsWith(folder + sep) || folder.startsWith(live + sep)) {
        return `its folder ${folder} is, holds or lies in that of a live account`;
      }
    }
    if (this.#archive === folder || this.#archive.startsWith(folder + sep)) return `the archive folder lies in ${folder}`;
    return this.#reasonOnDisk(folder);
  }

  async #reasonOnDisk(folder: string): Promise<string | undefined> {
    const parts = folder.slice(this.#mailHome.length + 1).split(sep);
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = join(this.#mailHome, ...parts.slice(0, depth));
      const status = await lstat(path).catch((error: NodeJS.ErrnoException) => error);
      if (status instanceof Error) return status.code === 'ENOENT' ? 'absent' : `${path} cannot be looked at: ${status.message}`;
      if (status.isSymbolicLink()) return `${path} is a symbolic link`;
      if (!status.isDirectory()) return `${path} is not a folder`;
    }
    for (const name of ['cur', 'new', 'tmp']) {
      const status = await lstat(join(folder, name)).catch(() => undefined);
      if (!status?.isDirectory()) return `${folder} is not a Maildir: it has no folder ${name}`;
    }
    return undefined;
  }

  /** Out of everybody's way first, in one step: what is archived is then what was checked, and nobody writes to it. */
  async #putAway(folder: string, archive: string): Promise<void> {
    await mkdir(this.#archive, { recursive: true, mode: 0o700 });
    const aside = join(this.#mailHome, `.jammd-clean-${randomUUID()}`);
    await mkdir(aside, { mode: 0o700 });
    const moved = join(aside, 'Maildir');
    await rename(folder, moved);
    if (!(await lstat(moved)).isDirectory()) throw new MailError('conflict', told('folderReplaced', { folder, moved }));
    // Neither program follows symbolic links inside the folder.
    await runFile('tar', ['--create', '--gzip', '--file', archive, '--directory', aside, '--', 'Maildir']);
    await rm(aside, { recursive: true });
    await this.removeEmptyFolder(dirname(folder).slice(this.#mailHome.length + 1));
  }

  /** Removes a folder below the mail home, by its path there, if there is nothing in it. */
  async removeEmptyFolder(path: string): Promise<void> {
    const folder = resolve(this.#mailHome, path);
    if (!folder.startsWith(this.#mailHome + sep)) return;
    const left = await readdir(folder).catch(() => undefined);
    if (left?.length === 0) await rmdir(folder).catch(() => undefined);
  }
}

function timestamp(): string {
  return new Date().toISOString().replace(/[-:]/g, '').replace(/\..*$/, 'Z');
}
