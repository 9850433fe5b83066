/** Roundcube 1.6: log-in with the mail address, the password plugin over LDAP, and the directory as an address book. */
import { accountFilter, accountsFilter } from './filters.js';
import { type ConfigFile, type DirectoryAccess, UnwritableConfigError, usesTls } from './model.js';

export interface RoundcubeOptions {
  readonly folder: string;
  /** As Roundcube writes it: `localhost:143`, `ssl://imap.example:993`. */
  readonly imapHost: string;
  readonly smtpHost: string;
}

/** What Debian's web servers and PHP run as. */
const webGroup = 'www-data';

export function roundcubeFiles(access: DirectoryAccess, options: RoundcubeOptions): ConfigFile[] {
  const secret = access.bind ? { secretFor: webGroup } : {};
  const own = `${options.folder}/jammd.inc.php`;
  return [
    { path: `${options.folder}/config.inc.php`, part: 'lines', text: `include ${text(own)};\n` },
    { path: own, part: 'whole', text: `<?php\n${mail(options)}${authority(access)}${addressBook(access)}`, ...secret },
    // The whole file: Debian's ends PHP in its last line, and what follows that would be sent to the browser.
    {
      path: `${options.folder}/plugins/password/config.inc.php`,
      part: 'whole',
      text: `<?php\n$config = [];\n${passwords(access)}`,
      ...secret,
    },
  ];
}

function mail({ imapHost, smtpHost }: RoundcubeOptions): string {
  return `${php([
    ['imap_host', imapHost],
    ['smtp_host', smtpHost],
    ['smtp_user', '%u'],
    ['smtp_pass', '%p'],
    ['login_username_filter', 'email'],
  ])}$config['plugins'][] = 'password';
`;
}

/** For both that ask the directory. Roundcube has no setting for it; what is set without a connection holds for all. */
function authority(access: DirectoryAccess): string {
  if (!usesTls(access)) return '';
  const file =
    access.authorityFile === undefined
      ? ''
      : `  ldap_set_option(null, LDAP_OPT_X_TLS_CACERTFILE, ${text(access.authorityFile)});\n`;
  return `if (function_exists('ldap_set_option')) {
${file}  ldap_set_option(null, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND);
}
`;
}

function addressBook({ url, startTls, bind, base }: DirectoryAccess): string {
  // The scheme says it since 1.6, which reads use_tls no more.
  const host = startTls ? url.replace(/^ldap:/i, 'tls:') : url;
  return `$config['ldap_public']['jammd'] = [
  'name' => 'Mail accounts',
  'hosts' => [${text(host)}],
  'ldap_version' => 3,
  'user_specific' => false,
${bind ? `  'bind_dn' => ${text(bind.dn)},\n  'bind_pass' => ${text(bind.password)},\n` : ''}\
  'base_dn' => ${text(base)},
  'scope' => 'sub',
  'filter' => ${text(accountsFilter)},
  'writable' => false,
  'fieldmap' => ['name' => 'cn', 'email' => 'mail'],
  'sort' => 'mail',
  'fuzzy_search' => true,
  'sizelimit' => 200,
];
$config['autocomplete_addressbooks'] = ['sql', 'jammd'];
`;
}

/**
 * Users change their own passwords as themselves: what they may do is for the directory's access rules to say. Their
 * entries are searched for, since the plugin escapes nothing that it would put into a name.
 */
function passwords({ url, startTls, bind, base }: DirectoryAccess): string {
  const { protocol, hostname, port } = new URL(url);
  if (/%[lnd]/.test(base)) {
    throw new UnwritableConfigError(`${base}: Roundcube's password plugin would put the login name in the place of "%"`);
  }
  const host: Settings =
    protocol === 'ldapi:'
      ? [['password_ldap_host', url]]
      : [
          ['password_ldap_host', `${protocol}//${hostname}`],
          ['password_ldap_port', port === '' ? (protocol === 'ldaps:' ? '636' : '389') : port],
        ];
  const search: Settings = bind
    ? [
        ['password_ldap_searchDN', bind.dn],
        ['password_ldap_searchPW', bind.password],
      ]
    : [];
  return php([
    // Password Modify (RFC 3062): the directory hashes, and checks the old password.
    ['password_driver', 'ldap_exop'],
    ['password_confirm_current', true],
    ['password_minimum_length', 8],
    ...host,
    ['password_ldap_starttls', startTls],
    ['password_ldap_version', '3'],
    ['password_ldap_method', 'user'],
    ...search,
    ['password_ldap_search_base', base],
    ['password_ldap_search_filter', accountFilter('%login')],
  ]);
}

type Settings = readonly (readonly [name: string, value: string | number | boolean])[];

function php(settings: Settings): string {
  return settings
    .map(([name, value]) => `$config['${name}'] = ${typeof value === 'string' ? text(value) : String(value)};\n`)
    .join('');
}

function text(value: string): string {
  return `'${value.replace(/['\\]/g, '\\$&')}'`;
}
