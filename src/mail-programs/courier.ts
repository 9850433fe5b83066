/** Courier's authentication library, in Debian's layout. */
import { accountsFilter } from './filters.js';
import { type ConfigFile, type DirectoryAccess, type MailOwner, usesTls } from './model.js';
import { columns, type Settings } from './settings.js';

export function courierFiles(access: DirectoryAccess, owner: MailOwner, folder: string): ConfigFile[] {
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
    // One filter, not the HOWTO's row of three: authenumerate sends it as it stands.
    ['LDAP_FILTER', accountsFilter],
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
    { path: `${folder}/authdaemonrc`, part: 'lines', text: 'authmodulelist="authldap authpam"\n' },
    {
      path: `${folder}/authldaprc`,
      part: 'whole',
      text: head + columns(settings),
      ...(access.bind ? { secretFor: 'courier' } : {}),
    },
  ];
  // authldap has no setting for it; libldap verifies certificates with what this says.
  if (usesTls(access) && access.authorityFile !== undefined) files.push(libldapAuthority(access.authorityFile));
  return files;
}

/** For programs that have no setting of their own for the authority: lines of libldap's configuration. */
export function libldapAuthority(file: string): ConfigFile {
  return {
    path: '/etc/ldap/ldap.conf',
    part: 'lines',
    text: columns([
      ['TLS_CACERT', file],
      ['TLS_REQCERT', 'demand'],
    ]),
  };
}
