/** Roundcube: log-in with the mail address, the password plugin over LDAP, and the directory as an address book. */
import { type ConfigFile, type DirectoryAccess, UnwritableConfigError, usesTls } from './model.js';

export interface RoundcubeOptions {
  readonly folder: string;
  /** As Roundcube writes it: `localhost:143`, `ssl://imap.example:993`. */
  readonly imapHost: string;
  readonly smtpHost: string;
}

export function roundcubeFiles(access: DirectoryAccess, { folder, imapHost, smtpHost }: RoundcubeOptions): ConfigFile[] {
  const url = new URL(access.url);
  if (url.protocol === 'ldapi:') throw new UnwritableConfigError("Roundcube's password plugin knows no ldapi:// URLs");
  const port = Number(url.port) || (usesTls(access) && !access.startTls ? 636 : 389);
  // Users change their own passwords as themselves: what they may do is for the directory's access rules to say.
  const userDn = `mail=%login,jvd=%domain,${access.base}`;
  const main = php([
    ['imap_host', imapHost],
    ['smtp_host', smtpHost],
    ['smtp_user', '%u'],
    ['smtp_pass', '%p'],
    ['login_username_filter', 'email'],
  ]);
  const addressBook = `$config['ldap_public']['jammd'] = [
  'name' => 'Mail accounts',
  'hosts' => [${text(`${url.protocol}//${url.hostname}:${port}`)}],
  'use_tls' => ${access.startTls},
  'ldap_version' => 3,
  'user_specific' => false,
${access.bind ? `  'bind_dn' => ${text(access.bind.dn)},\n  'bind_pass' => ${text(access.bind.password)},\n` : ''}\
  'base_dn' => ${text(access.base)},
  'scope' => 'sub',
  'filter' => '(&(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE))',
  'writable' => false,
  'search_fields' => ['mail', 'cn'],
  'fieldmap' => ['name' => 'cn', 'email' => 'mail'],
  'name_field' => 'cn',
  'email_field' => 'mail',
  'sort' => 'mail',
  'fuzzy_search' => true,
  'sizelimit' => 200,
];
$config['autocomplete_addressbooks'] = ['sql', 'jammd'];
`;
  const password = php([
    // Password Modify (RFC 3062): the directory hashes, and checks the old password.
    ['password_driver', 'ldap_exop'],
    ['password_confirm_current', true],
    ['password_minimum_length', 8],
    ['password_ldap_host', url.protocol === 'ldaps:' ? `ldaps://${url.hostname}:${port}` : url.hostname],
    ['password_ldap_port', String(port)],
    ['password_ldap_starttls', access.startTls],
    ['password_ldap_version', '3'],
    ['password_ldap_method', 'user'],
    ['password_ldap_userDN_mask', userDn],
  ]);
  return [
    {
      path: `${folder}/config.inc.php`,
      part: 'lines',
      text: `${main}$config['plugins'][] = 'password';\n${addressBook}`,
    },
    { path: `${folder}/plugins/password/config.inc.php`, part: 'lines', text: password },
  ];
}

function php(settings: readonly (readonly [name: string, value: string | number | boolean])[]): string {
  return settings
    .map(([name, value]) => `$config['${name}'] = ${typeof value === 'string' ? text(value) : String(value)};\n`)
    .join('');
}

function text(value: string): string {
  return `'${value.replace(/['\\]/g, '\\$&')}'`;
}
