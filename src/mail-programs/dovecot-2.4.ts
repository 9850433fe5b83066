/** Dovecot 2.4: one file for conf.d, which is read after Debian's own. */
import { libldapAuthority } from './courier.js';
import { type DovecotOptions, dovecotLoginLetters, socketsForPostfix } from './dovecot.js';
import { accountFilter, accountsFilter } from './filters.js';
import { type ConfigFile, type DirectoryAccess, type MailOwner, usesTls } from './model.js';
import { oneLine } from './settings.js';

/**
 * Turns Courier's form of a quota, `10000000S,1000C`, into Dovecot's sizes and counts. A missing attribute, or one without
 * the part asked for, means no limit; without the default the whole lookup would fail.
 */
const quotaFields = `    quota_storage_size = %{ldap:quota | default('unlimited') | regexp('^(.*,)?([0-9]+)S.*$', '\\\\2B') \
| regexp('^.*[^0-9B].*$', 'unlimited')}
    quota_message_count = %{ldap:quota | default('unlimited') | regexp('^(.*,)?([0-9]+)C.*$', '\\\\2') \
| regexp('^.*[^0-9].*$', 'unlimited')}
`;

export function dovecot24Files(access: DirectoryAccess, owner: MailOwner, { folder, postfix }: DovecotOptions): ConfigFile[] {
  const files: ConfigFile[] = [
    {
      path: `${folder}/conf.d/99-jammd.conf`,
      part: 'whole',
      text: [directory(access), passdb(access), userdb(owner), mail(owner), ...(postfix ? [socketsForPostfix] : [])].join(''),
      ...(access.bind ? { secretFor: 'dovecot' } : {}),
    },
  ];
  // 2.4.1, Debian 13's version, ignores ssl_client_ca_file for LDAP.
  if (usesTls(access) && access.authorityFile !== undefined) files.push(libldapAuthority(access.authorityFile));
  return files;
}

function directory(access: DirectoryAccess): string {
  const lines = [
    `ldap_uris = ${quoted('ldap_uris', access.url)}`,
    `ldap_base = ${quoted('ldap_base', access.base)}`,
    ...(access.bind
      ? [
          `ldap_auth_dn = ${quoted('ldap_auth_dn', access.bind.dn)}`,
          `ldap_auth_dn_password = ${quoted('ldap_auth_dn_password', access.bind.password)}`,
        ]
      : []),
    ...(access.startTls ? ['ldap_starttls = yes'] : []),
    ...(usesTls(access) && access.authorityFile !== undefined
      ? [`ssl_client_ca_file = ${quoted('ssl_client_ca_file', access.authorityFile)}`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function passdb({ passwordCheck }: DirectoryAccess): string {
  const check =
    passwordCheck === 'bind'
      ? ['  bind = yes', '  fields {', '    user = %{ldap:mail}', '  }']
      : [
          '  default_password_scheme = CLEARTEXT',
          '  fields {',
          '    user = %{ldap:mail}',
          '    password = %{ldap:userPassword}',
          '  }',
        ];
  const weak = passwordCheck === 'hash' ? 'auth_allow_weak_schemes = yes\n' : '';
  return `${weak}passdb ldap {\n  filter = ${accountFilter('%{user}')}\n${check.join('\n')}\n}\n`;
}

function userdb({ uid, gid }: MailOwner): string {
  return `userdb ldap {
  filter = ${accountFilter('%{user}')}
  fields {
    home = %{ldap:homeDirectory}/%{ldap:mailbox}
    uid = ${uid}
    gid = ${gid}
${quotaFields}  }
  iterate_filter = ${accountsFilter}
  iterate_fields {
    user = %{ldap:mail}
  }
}
`;
}

function mail({ uid }: MailOwner): string {
  return `first_valid_uid = ${uid}
auth_username_chars = ${dovecotLoginLetters}
mail_driver = maildir
mail_path = ~/
mail_inbox_path = ~/
mail_plugins {
  quota = yes
}
quota "User quota" {
}
quota_storage_grace = 0
quota_status_success = DUNNO
quota_status_nouser = DUNNO
quota_status_overquota = "552 5.2.2 Mailbox is full"
quota_status_toolarge = "552 5.2.3 Message is larger than the mailbox"
protocol imap {
  mail_plugins {
    imap_quota = yes
  }
}
protocol lmtp {
  auth_username_format = %{user | lower}
  recipient_delimiter =
}
`;
}

/** Between quotes Dovecot takes everything literally except escapes and variables. */
function quoted(name: string, value: string): string {
  return `"${oneLine(name, value).replace(/["\\]/g, '\\$&').replaceAll('%{', '%%{')}"`;
}
