/** Dovecot 2.3, in Debian's layout: dovecot-ldap.conf.ext and lines for local.conf. */
import { accountFilter, accountsFilter } from './filters.js';
import { dovecotLoginLetters } from './dovecot.js';
import { type ConfigFile, type DirectoryAccess, type MailOwner, usesTls } from './model.js';
import { assignments, type Settings } from './settings.js';

export function dovecot23Files(access: DirectoryAccess, owner: MailOwner, folder: string): ConfigFile[] {
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
    ['iterate_filter', accountsFilter],
  ];
  const ldapFile = `${folder}/dovecot-ldap.conf.ext`;
  const source = (kind: string): string => `${kind} {\n  driver = ldap\n  args = ${ldapFile}\n}\n`;
  return [
    {
      path: `${folder}/local.conf`,
      part: 'lines',
      text: `${source('passdb')}${source('userdb')}first_valid_uid = ${owner.uid}\nauth_username_chars = ${dovecotLoginLetters}\n`,
    },
    { path: ldapFile, part: 'whole', text: assignments(settings), ...(access.bind ? { secretFor: 'dovecot' } : {}) },
  ];
}
