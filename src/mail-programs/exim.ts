/** Exim 4, in Debian's split configuration: domains, routers, a transport that enforces quotas, and logins by ldapauth. */
import { accountFilter, aliasDomainFilter, aliasFilter, domainFilter } from './filters.js';
import { type ConfigFile, type DirectoryAccess, type MailOwner, usesTls } from './model.js';
import { oneLine } from './settings.js';

/** The attributes that an account's router passes to its transport. */
const accountAttributes = 'homeDirectory,mailbox,quota';

/** Where Dovecot takes mail by LMTP, as Debian has it, from any user of the machine. */
const dovecotSocket = '/run/dovecot/lmtp';

export interface EximOptions {
  /** Where the files are: /etc/exim4. */
  readonly folder: string;
  /** Dovecot delivers; otherwise Exim does. Both keep to quotas. */
  readonly lmtp: boolean;
}

export function eximFiles(access: DirectoryAccess, owner: MailOwner, { folder, lmtp }: EximOptions): ConfigFile[] {
  const file = (path: string, text: string): ConfigFile => ({
    path: `${folder}/conf.d/${path}`,
    part: 'whole',
    text,
    ...(access.bind ? { secretFor: 'Debian-exim' } : {}),
  });
  return [
    file('main/00_jammd', main(access)),
    file('router/150_jammd', routers(access)),
    file('transport/30_jammd', lmtp ? lmtpTransport : maildirTransport(owner)),
    file('auth/30_jammd', authenticators(access)),
  ];
}

function main(access: DirectoryAccess): string {
  const { authorityFile } = access;
  const tls = [
    ...(access.startTls ? ['ldap_start_tls = true'] : []),
    ...(usesTls(access) ? ['ldap_require_cert = demand'] : []),
    ...(usesTls(access) && authorityFile !== undefined ? [`ldap_ca_cert_file = ${literal(authorityFile)}`] : []),
  ];
  return `${tls.map((line) => `${line}\n`).join('')}\
MAIN_RELAY_TO_DOMAINS = +jammd_domains
domainlist jammd_domains = ${lookup(access, 'ldap', 'jvd', 'one', domainFilter('${quote_ldap:$domain}'))}
`;
}

function routers(access: DirectoryAccess): string {
  const address = '${quote_ldap:$local_part@$domain}';
  const redirectTo = (data: string): string => `  driver = redirect
  domains = +jammd_domains
  data = ${data}
  forbid_file
  forbid_include
  forbid_pipe
`;
  const redirect = (key: string): string => redirectTo(lookup(access, 'ldapm', 'maildrop', 'sub', aliasFilter(key)));
  const forward = (attribute: string): string => redirectTo(lookup(access, 'ldapm', attribute, 'sub', accountFilter(address)));
  const otherName = lookup(
    access,
    'ldap',
    'jammdAliasOf',
    'one',
    aliasDomainFilter('${quote_ldap:$domain}'),
    '{${quote_local_part:$local_part}@$value}fail',
  );
  return `# A domain that is another name of one: the same address there, known or not.
jammd_alias_domains:
${redirectTo(otherName)}
jammd_aliases:
${redirect(address)}
jammd_redirected:
${forward('jammdRedirectTo')}
# A copy: the account itself comes next.
jammd_forwarded:
${forward('jammdForwardTo')}  unseen
  no_verify

jammd_accounts:
  driver = accept
  domains = +jammd_domains
  address_data = ${lookup(access, 'ldap', accountAttributes, 'sub', accountFilter(address), '{$value}fail')}
  transport = jammd_mailbox

# What nobody else has; nothing that comes after it is for these domains.
jammd_catchall:
${redirect('@${quote_ldap:$domain}')}  no_more
`;
}

function maildirTransport({ uid, gid }: MailOwner): string {
  return `jammd_mailbox:
  driver = appendfile
  directory = \${extract{homeDirectory}{$address_data}}/\${extract{mailbox}{$address_data}}
  maildir_format
  delivery_date_add
  envelope_to_add
  return_path_add
  quota = \${if match{\${extract{quota}{$address_data}}}{\\N^(?:.*,)?(\\d+)S\\N}{$1}{0}}
  quota_filecount = \${if match{\${extract{quota}{$address_data}}}{\\N^(?:.*,)?(\\d+)C\\N}{$1}{0}}
  user = ${uid}
  group = ${gid}
  mode = 0600
`;
}

const lmtpTransport = `jammd_mailbox:
  driver = lmtp
  socket = ${dovecotSocket}
`;

/** The directory compares the password. An empty one is never sent: that would be an anonymous bind, which succeeds. */
function authenticators(access: DirectoryAccess): string {
  const authenticator = (mechanism: string, prompts: string, user: string, password: string): string => {
    const bind = `\${if ldapauth{user=\${quote:$value} pass=\${quote:${password}} ${access.url}/}{yes}{no}}`;
    const found = lookup(access, 'ldapdn', '', 'sub', accountFilter(`\${quote_ldap:${user}}`), `{${bind}}{no}`);
    return `jammd_${mechanism.toLowerCase()}:
  driver = plaintext
  public_name = ${mechanism}
  server_prompts = ${prompts}
  server_condition = \${if or{{eq{${user}}{}}{eq{${password}}{}}}{no}{${found}}}
  server_set_id = ${user}
  .ifndef AUTH_SERVER_ALLOW_NOTLS_PASSWORDS
  server_advertise_condition = \${if eq{$tls_in_cipher}{}{}{*}}
  .endif
`;
  };
  return `${authenticator('PLAIN', ':', '$auth2', '$auth3')}
${authenticator('LOGIN', 'Username:: : Password::', '$auth1', '$auth2')}`;
}

function lookup(
  { url, base, bind }: DirectoryAccess,
  kind: 'ldap' | 'ldapm' | 'ldapdn',
  attributes: string,
  scope: 'one' | 'sub',
  filter: string,
  results = '',
): string {
  const as = bind ? `user=${quoted('bind DN', bind.dn)} pass=${quoted('password', bind.password)} ` : '';
  const name = encodeURIComponent(base).replaceAll('%3D', '=').replaceAll('%2C', ',');
  return `\${lookup ${kind}{${as}${url}/${name}?${attributes}?${scope}?${filter}}${results}}`;
}

/** Escapes the characters that Exim's expansion interprets. */
function literal(value: string): string {
  return oneLine('a value', value).replace(/[\\${}]/g, '\\$&');
}

/** The lookup parses a quoted string of its own after the expansion. */
function quoted(name: string, value: string): string {
  return `"${literal(oneLine(name, value).replace(/["\\]/g, '\\$&'))}"`;
}
