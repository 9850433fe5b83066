/**
 * What Postfix, Courier, Dovecot and slapd have to be told to work with a directory of the Jamm schema, as the text of
 * their configuration files. `jammd config` prints it; the stack that the tests run is configured with it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultConfigText } from '../config/default.js';
import { CommandFailure } from './failure.js';

/** Where the directory is, and how the mail servers reach it. */
export interface DirectoryAccess {
  /** The entry above the domains. */
  readonly base: string;
  /** ldap://, ldaps:// or ldapi:// URL. */
  readonly url: string;
  readonly startTls: boolean;
  /** PEM file of the authority behind the directory's certificate. */
  readonly authorityFile: string | undefined;
  /** Who the mail servers bind as; undefined: they look up without a bind. */
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
}

const accountFilter = (key: string): string => `(&(objectClass=JammMailAccount)(mail=${key})(accountActive=TRUE)(delete=FALSE))`;
const aliasFilter = '(&(objectClass=JammMailAlias)(mail=%s)(accountActive=TRUE))';
const domainFilter = '(&(jvd=%s)(objectClass=JammVirtualDomain)(accountActive=TRUE)(delete=FALSE))';

type Settings = readonly (readonly [name: string, value: string])[];

/** The look-ups of section 4.4.2 of the HOWTO, by its names; `domains` is what present-day Postfix asks besides. */
const postfixSources = {
  transport: [
    ['scope', 'one'],
    ['query_filter', domainFilter],
    ['result_attribute', 'postfixTransport'],
  ],
  domains: [
    ['scope', 'one'],
    ['query_filter', domainFilter],
    ['result_attribute', 'jvd'],
  ],
  aliases: [
    ['query_filter', aliasFilter],
    ['result_attribute', 'maildrop'],
  ],
  accounts: [
    ['query_filter', accountFilter('%s')],
    ['result_attribute', 'mailbox'],
  ],
  accountsmmap: [
    ['query_filter', accountFilter('%s')],
    ['result_attribute', 'mail'],
  ],
} as const satisfies Record<string, Settings>;

type PostfixSource = keyof typeof postfixSources;

const postfixFolder = '/etc/postfix';

/** Present-day Postfix: every look-up in a file of its own. */
export function postfixFiles(access: DirectoryAccess, owner: MailOwner): ConfigFile[] {
  const map = (source: PostfixSource): string => `ldap:${postfixFolder}/jammd-${source}.cf`;
  const main: Settings = [
    ['virtual_mailbox_base', mailFolder(owner)],
    ['virtual_mailbox_domains', map('domains')],
    ['virtual_mailbox_maps', map('accounts')],
    ['virtual_alias_maps', `${map('aliases')}, ${map('accountsmmap')}`],
    ['transport_maps', map('transport')],
    ['smtpd_sender_login_maps', `${map('accountsmmap')}, ${map('aliases')}`],
    ...mailboxOwner(owner),
  ];
  const sources = (Object.keys(postfixSources) as PostfixSource[]).map((source): ConfigFile => ({
    path: `${postfixFolder}/jammd-${source}.cf`,
    part: 'whole',
    text: assignments(sourceSettings(source, access)),
  }));
  return [{ path: `${postfixFolder}/main.cf`, part: 'lines', text: assignments(main) }, ...sources];
}

/** As the HOWTO prints it: all of it in main.cf. */
export function legacyPostfixFiles(access: DirectoryAccess, owner: MailOwner): ConfigFile[] {
  const sources = (['transport', 'aliases', 'accounts', 'accountsmmap'] as const).map((source) =>
    assignments(
      // main.cf expands $name in every value.
      sourceSettings(source, access).map(([name, value]) => [`${source}_${name}`, value.replaceAll('$', '$$$$')] as const),
    ),
  );
  const maps: Settings = [
    ['transport_maps', 'ldap:transport'],
    ['mydestination', '$myhostname, localhost.$mydomain, localhost, $transport_maps'],
    ['virtual_alias_maps', 'ldap:aliases, ldap:accountsmmap'],
    ['virtual_mailbox_base', mailFolder(owner)],
    ['virtual_mailbox_maps', 'ldap:accounts'],
    ['smtpd_sender_login_maps', 'ldap:accountsmmap, ldap:aliases'],
    ...mailboxOwner(owner),
    ['local_recipient_maps', '$alias_maps proxy:unix:passwd.byname $virtual_mailbox_maps'],
  ];
  return [{ path: `${postfixFolder}/main.cf`, part: 'lines', text: [...sources, assignments(maps)].join('\n') }];
}

function mailboxOwner({ uid, gid }: MailOwner): Settings {
  return [
    ['virtual_minimum_uid', String(uid)],
    ['virtual_uid_maps', `static:${uid}`],
    ['virtual_gid_maps', `static:${gid}`],
  ];
}

function sourceSettings(source: PostfixSource, access: DirectoryAccess): Settings {
  const tls: Settings = [
    ...(access.startTls ? ([['start_tls', 'yes']] as const) : []),
    ...(usesTls(access) ? ([['tls_require_cert', 'yes']] as const) : []),
    ...(usesTls(access) && access.authorityFile !== undefined ? ([['tls_ca_cert_file', access.authorityFile]] as const) : []),
  ];
  const bind: Settings = access.bind
    ? [
        ['bind', 'yes'],
        ['bind_dn', access.bind.dn],
        ['bind_pw', access.bind.password],
      ]
    : [['bind', 'no']];
  return [
    ['server_host', access.url],
    ['version', '3'],
    // Postfix puts parts of the address in the place of %u and its like.
    ['search_base', access.base.replaceAll('%', '%%')],
    ...postfixSources[source],
    ...bind,
    ...tls,
  ];
}

/** Debian's layout: /etc/courier. */
export function courierFiles(access: DirectoryAccess, owner: MailOwner): ConfigFile[] {
  const bind: Settings = access.bind
    ? [
        ['LDAP_INITBIND', '1'],
        ['LDAP_BINDDN', access.bind.dn],
        ['LDAP_BINDPW', access.bind.password],
      ]
    : [];
  const settings: Settings = [
    ['LDAP_URI', access.url],
    ['LDAP_PROTOCOL_VERSION', '3'],
    ['LDAP_BASEDN', access.base],
    ...bind,
    ['LDAP_TIMEOUT', '5'],
    ['LDAP_MAIL', 'mail'],
    ['LDAP_FILTER', '(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE)'],
    ...(access.passwordCheck === 'bind' ? ([['LDAP_AUTHBIND', '1']] as const) : ([['LDAP_CRYPTPW', 'userPassword']] as const)),
    ['LDAP_GLOB_UID', owner.name],
    ['LDAP_GLOB_GID', owner.group],
    ['LDAP_HOMEDIR', 'homeDirectory'],
    ['LDAP_MAILDIR', 'mailbox'],
    ['LDAP_MAILDIRQUOTA', 'quota'],
    ['LDAP_DEREF', 'never'],
    ['LDAP_TLS', access.startTls ? '1' : '0'],
  ];
  // authldap reads no file without these two lines.
  const head = '##VERSION: $Id: jammd $\n##NAME: MARKER:0\n';
  const files: ConfigFile[] = [
    { path: '/etc/courier/authdaemonrc', part: 'lines', text: 'authmodulelist="authldap authpam"\n' },
    { path: '/etc/courier/authldaprc', part: 'whole', text: head + columns(settings) },
  ];
  // authldap has no setting for it; libldap verifies certificates with what this says.
  if (usesTls(access) && access.authorityFile !== undefined) {
    files.push({
      path: '/etc/ldap/ldap.conf',
      part: 'lines',
      text: columns([
        ['TLS_CACERT', access.authorityFile],
        ['TLS_REQCERT', 'demand'],
      ]),
    });
  }
  return files;
}

/** What addresses are made of; Dovecot's own list lets nobody in whose address has a plus or an apostrophe. */
const loginNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@+'=&!~^";

/** Dovecot 2.3, Debian's layout: /etc/dovecot. */
export function dovecotFiles(access: DirectoryAccess, owner: MailOwner): ConfigFile[] {
  const bind: Settings = access.bind
    ? [
        ['dn', access.bind.dn],
        ['dnpass', `"${access.bind.password.replace(/["\\]/g, '\\$&')}"`],
      ]
    : [];
  const tls: Settings = [
    ...(access.startTls ? ([['tls', 'yes']] as const) : []),
    ...(usesTls(access) ? ([['tls_require_cert', 'demand']] as const) : []),
    ...(usesTls(access) && access.authorityFile !== undefined ? ([['tls_ca_cert_file', access.authorityFile]] as const) : []),
  ];
  const check: Settings =
    access.passwordCheck === 'bind'
      ? [
          ['auth_bind', 'yes'],
          ['pass_attrs', 'mail=user'],
        ]
      : [
          ['auth_bind', 'no'],
          ['pass_attrs', 'mail=user, userPassword=password'],
          ['default_pass_scheme', 'CLEARTEXT'],
        ];
  const settings: Settings = [
    ['uris', access.url],
    ...bind,
    ...tls,
    // Dovecot puts parts of the login name in the place of %u and its like.
    ['base', access.base.replaceAll('%', '%%')],
    ['scope', 'subtree'],
    ...check,
    ['pass_filter', accountFilter('%u')],
    ['user_attrs', `=home=%{ldap:homeDirectory}/%{ldap:mailbox}, =mail=maildir:~/, =uid=${owner.uid}, =gid=${owner.gid}`],
    ['user_filter', accountFilter('%u')],
    ['iterate_attrs', 'mail=user'],
    ['iterate_filter', '(&(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE))'],
  ];
  const ldapFile = '/etc/dovecot/dovecot-ldap.conf.ext';
  const source = (kind: string): string => `${kind} {\n  driver = ldap\n  args = ${ldapFile}\n}\n`;
  return [
    {
      path: '/etc/dovecot/local.conf',
      part: 'lines',
      text: `${source('passdb')}${source('userdb')}first_valid_uid = ${owner.uid}\nauth_username_chars = ${loginNameLetters}\n`,
    },
    { path: ldapFile, part: 'whole', text: assignments(settings) },
  ];
}

export interface SlapdOptions {
  readonly suffix: string;
  /** Folder of the database. */
  readonly directory: string;
  /** A rootpw value. */
  readonly rootPassword?: string;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string; readonly authorityFile: string | undefined };
}

/** The HOWTO's slapd.conf, in words that slapd 2.5 and jammd both read: schema files by path, back-mdb loaded. */
export function slapdFiles(options: SlapdOptions): ConfigFile[] {
  const text = defaultConfigText(options);
  const schemaFolder = fileURLToPath(new URL('../../schema/', import.meta.url));
  const schemaFiles = new Set(readdirSync(schemaFolder));
  const included = text
    .slice(text.indexOf('\n\n') + 2)
    .replace(/^(include +)(\S+)$/gm, (line, keyword: string, name: string) =>
      schemaFiles.has(name) ? `${keyword}${join(schemaFolder, name)}` : line,
    );
  const tls: Settings = options.tls
    ? [
        ...(options.tls.authorityFile === undefined ? [] : ([['TLSCACertificateFile', options.tls.authorityFile]] as const)),
        ['TLSCertificateFile', options.tls.certificateFile],
        ['TLSCertificateKeyFile', options.tls.keyFile],
      ]
    : [];
  const engine = columns([...tls, ['modulepath', '/usr/lib/ldap'], ['moduleload', 'back_mdb']]);
  return [
    {
      path: '/etc/ldap/slapd.conf',
      part: 'whole',
      text: included.replace(/^(?=database )/m, () => `${engine}\n`),
    },
  ];
}

function mailFolder(owner: MailOwner): string {
  return join(owner.home, 'domains');
}

function usesTls({ url, startTls }: DirectoryAccess): boolean {
  return startTls || /^ldaps:/i.test(url);
}

function assignments(settings: Settings): string {
  return settings.map(([name, value]) => `${name} = ${oneLine(name, value)}\n`).join('');
}

function columns(settings: Settings): string {
  const width = Math.max(...settings.map(([name]) => name.length)) + 2;
  return settings.map(([name, value]) => `${name.padEnd(width)}${oneLine(name, value)}\n`).join('');
}

/** A line break would begin another setting; none of these files can quote one. Throws CommandFailure. */
function oneLine(name: string, value: string): string {
  const broken = [...value].some((letter) => letter < ' ' || letter === '\u007f');
  if (broken || value.trim() !== value) {
    throw new CommandFailure(`${name}: a value with control characters, or with blanks at its ends, cannot be written there`);
  }
  return value;
}
