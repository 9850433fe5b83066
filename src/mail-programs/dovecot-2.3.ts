/** Dovecot 2.3, in Debian's layout: dovecot-ldap.conf.ext and lines for local.conf. */
import { accountFilter, accountsFilter } from './filters.js';
import { type DovecotOptions, dovecotLoginLetters, socketsForPostfix } from './dovecot.js';
import { type ConfigFile, type DirectoryAccess, type MailOwner, usesTls } from './model.js';
import { assignments, type Settings } from './settings.js';

/** Courier's `10000000S` without its letter. This version can take no other form apart: those are no limit. */
const quota = '=quota_rule=*:bytes=%{if;%{ldap:quota:0S};*;*S;%0.-1{ldap:quota:0S};0}';

export function dovecot23Files(access: DirectoryAccess, owner: MailOwner, { folder, postfix }: DovecotOptions): ConfigFile[] {
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
    [
      'user_attrs',
      `=home=%{ldap:homeDirectory}/%{ldap:mailbox}, =mail=maildir:~/, =uid=${owner.uid}, =gid=${owner.gid}, ${quota}`,
    ],
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
      text: [source('passdb'), source('userdb'), mail(owner), ...(postfix ? [socketsForPostfix] : [])].join(''),
    },
    { path: ldapFile, part: 'whole', text: assignments(settings), ...(access.bind ? { secretFor: 'dovecot' } : {}) },
  ];
}

function mail({ uid }: MailOwner): string {
  return `first_valid_uid = ${uid}
auth_username_chars = ${dovecotLoginLetters}
mail_plugins = $mail_plugins quota
plugin {
  quota = maildir:User quota
  quota_grace = 0
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = 552 5.2.2 Mailbox is full
  quota_status_toolarge = 552 5.2.3 Message is larger than the mailbox
}
protocol imap {
  mail_plugins = $mail_plugins imap_quota
}
protocol lmtp {
  auth_username_format = %Lu
  recipient_delimiter =
}
`;
}
