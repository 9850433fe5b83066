/** Postfix: the lines of main.cf and a file for each lookup; delivery by virtual(8) or by Dovecot's LMTP. */
import { accountFilter, aliasDomainFilter, aliasFilter, domainFilter, sharedAddressFilter } from './filters.js';
import { type ConfigFile, type DirectoryAccess, mailFolder, type MailOwner, UnwritableConfigError, usesTls } from './model.js';
import { assignments, type Settings } from './settings.js';

/**
 * The look-ups of section 4.4.2 of the HOWTO, by its names; `domains` is what present-day Postfix asks besides, and the rest
 * is for what jammd.schema adds. Attributes and classes that a directory lacks are in it only where that finds nothing more.
 */
const sources = {
  transport: [
    ['scope', 'one'],
    ['query_filter', domainFilter('%s')],
    ['result_attribute', 'postfixTransport'],
  ],
  domains: [
    ['scope', 'one'],
    ['query_filter', domainFilter('%s')],
    ['result_attribute', 'jvd'],
  ],
  aliases: [
    ['query_filter', aliasFilter('%s')],
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
  /** Where an account's mail goes: to itself, with copies to others, or only to others. */
  recipients: [
    ['query_filter', accountFilter('%s')],
    ['result_attribute', 'mail, jammdForwardTo'],
    ['terminal_result_attribute', 'jammdRedirectTo'],
  ],
  senders: [
    ['query_filter', sharedAddressFilter('%s')],
    ['result_attribute', 'jammdSender'],
  ],
  /** The same address in the domain that this one is another name of; whether that exists is for others to find out. */
  aliasdomains: [
    ['scope', 'one'],
    ['query_filter', aliasDomainFilter('%d')],
    ['result_attribute', 'jammdAliasOf'],
    ['result_format', '%U@%s'],
  ],
  /** The catch-all's address there. */
  aliascatchalls: [
    ['scope', 'one'],
    ['query_filter', aliasDomainFilter('%s')],
    ['result_attribute', 'jammdAliasOf'],
    ['result_format', '@%s'],
  ],
} as const satisfies Record<string, Settings>;

type Source = keyof typeof sources;

/** Postfix's daemons run as this user when they read their lookup files. */
const group = 'postfix';

export interface PostfixOptions {
  /** Where the files are: /etc/postfix. */
  readonly folder: string;
  /** Dovecot delivers and enforces quotas; otherwise virtual(8) delivers, which has none. */
  readonly lmtp: boolean;
  /** The files are written, and what is for main.cf is printed: the service for master.cf must not get in among it. */
  readonly written?: boolean;
}

/** Present-day Postfix: every look-up in a file of its own. */
export function postfixFiles(
  access: DirectoryAccess,
  owner: MailOwner,
  { folder, lmtp, written = false }: PostfixOptions,
): ConfigFile[] {
  if (/[\s,]/.test(folder)) {
    throw new UnwritableConfigError(`${folder}: main.cf cannot name files in a folder with a space or comma in its name`);
  }
  const map = (source: Source): string => `ldap:${folder}/jammd-${source}.cf`;
  const delivery: Settings = lmtp
    ? [
        ['virtual_transport', 'lmtp:unix:private/dovecot-lmtp'],
        // Mail for a full mailbox is refused while the sender can still be told.
        ['smtpd_recipient_restrictions', 'check_policy_service unix:private/dovecot-quota'],
      ]
    : [['virtual_mailbox_base', mailFolder(owner)], ['transport_maps', map('transport')], ...mailboxOwner(owner)];
  const main: Settings = [
    ['virtual_mailbox_domains', map('domains')],
    ['virtual_mailbox_maps', map('accounts')],
    ['virtual_alias_maps', recipientMaps(map)],
    ['smtpd_sender_login_maps', senderMaps(map)],
    ...delivery,
  ];
  // A domain's postfixTransport is usually "virtual:", which would lead past LMTP.
  const used = (Object.keys(sources) as Source[]).filter((source) => !lmtp || source !== 'transport');
  const files = used.map((source): ConfigFile => ({
    path: `${folder}/jammd-${source}.cf`,
    part: 'whole',
    text: assignments(sourceSettings(source, access)),
    ...(access.bind ? { secretFor: group } : {}),
  }));
  const submission: ConfigFile = written
    ? { path: `${folder}/jammd-master.cf`, part: 'whole', text: submissionService }
    : { path: `${folder}/master.cf`, part: 'lines', text: submissionService };
  return [{ path: `${folder}/main.cf`, part: 'lines', text: assignments(main) }, ...files, ...(lmtp ? [submission] : [])];
}

/** For users: logins through Dovecot's socket, over TLS only, and nobody sends as somebody else. */
const submissionService = `submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=private/auth
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
`;

/** As in the HOWTO: everything in main.cf. */
export function legacyPostfixFiles(access: DirectoryAccess, owner: MailOwner, folder: string): ConfigFile[] {
  const used = (Object.keys(sources) as Source[]).filter((source) => source !== 'domains');
  const lookups = used.map((source) =>
    assignments(
      // main.cf expands $name in every value.
      sourceSettings(source, access).map(([name, value]) => [`${source}_${name}`, value.replaceAll('$', '$$$$')] as const),
    ),
  );
  const maps: Settings = [
    ['transport_maps', 'ldap:transport'],
    ['mydestination', '$myhostname, localhost.$mydomain, localhost, $transport_maps'],
    ['virtual_alias_maps', recipientMaps((source) => `ldap:${source}`)],
    ['virtual_mailbox_base', mailFolder(owner)],
    ['virtual_mailbox_maps', 'ldap:accounts'],
    ['smtpd_sender_login_maps', senderMaps((source) => `ldap:${source}`)],
    ...mailboxOwner(owner),
    ['local_recipient_maps', '$alias_maps proxy:unix:passwd.byname $virtual_mailbox_maps'],
  ];
  return [{ path: `${folder}/main.cf`, part: 'lines', text: [...lookups, assignments(maps)].join('\n') }];
}

type MapName = (source: Source) => string;

/** The addresses of alias domains last: a name that a domain has by itself costs no further look-up. */
function recipientMaps(map: MapName): string {
  return [map('aliases'), map('recipients'), ...inAliasDomains(map)].join(', ');
}

/** Of all maps together: an address may be somebody's own, an alias of others, and shared with yet others. */
function senderMaps(map: MapName): string {
  return `unionmap:{${[map('accountsmmap'), map('aliases'), map('senders'), ...inAliasDomains(map)].join(', ')}}`;
}

/**
 * From `@domain` to `domain`. Postfix asks no table of patterns for such a key, and takes several tables for what the first
 * of them is: hence one that holds nothing.
 */
const domainOfCatchAll = 'unionmap:{inline:{ none=none }, regexp:{{/^@(.*)/ $$1}}}';

/** Each address of an alias domain leads to what the other domain has, so an unknown one stays unknown. */
function inAliasDomains(map: MapName): string[] {
  return [
    `pipemap:{${map('aliasdomains')}, ${map('aliases')}}`,
    `pipemap:{${map('aliasdomains')}, ${map('accountsmmap')}}`,
    `pipemap:{${domainOfCatchAll}, ${map('aliascatchalls')}, ${map('aliases')}}`,
  ];
}

function mailboxOwner({ uid, gid }: MailOwner): Settings {
  return [
    ['virtual_minimum_uid', String(uid)],
    ['virtual_uid_maps', `static:${uid}`],
    ['virtual_gid_maps', `static:${gid}`],
  ];
}

function sourceSettings(source: Source, access: DirectoryAccess): Settings {
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
    // Postfix replaces %u and the like with parts of the address.
    ['search_base', access.base.replaceAll('%', '%%')],
    ...sources[source],
    ...bind,
    ...tls,
  ];
}
