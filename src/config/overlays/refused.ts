/** Overlays of slapd that jammd refuses, and what to use instead. docs/from-openldap.md shows the same words. */

const noProxy = 'jammd asks no other server';

export const refusedOverlays: ReadonlyMap<string, string> = new Map([
  ['accesslog', 'jammd keeps no log database; overlay auditlog or "jammd serve --audit-log FILE" writes to a file'],
  ['allop', 'clients ask for operational attributes by "+"'],
  ['autoca', 'certificates come from files; see TLSCertificateFile'],
  ['autogroup', 'the server fills no groups; keep their members with a script'],
  ['chain', `${noProxy}; clients follow referrals themselves`],
  ['collect', 'write the attributes into the entries themselves'],
  ['dds', 'entries do not expire; delete them with a timer and ldapdelete'],
  ['glue', 'write "subordinate" in the database below; that is all it takes'],
  ['homedir', 'jammd makes no home directories; the mail server or pam_mkhomedir does'],
  ['lastbind', 'write "lastbind on" in the database: entries then note pwdLastSuccess'],
  ['nestgroup', 'access rules follow nested groups by "set=": by set="[cn=group,dc=x]/member* & user"'],
  ['otp', 'one-time passwords are for the services that ask for them, Dovecot or the web server'],
  ['pbind', `${noProxy}; keep slapd for this database`],
  ['pcache', `${noProxy} and has nothing to cache; keep slapd for this database`],
  ['proxycache', `${noProxy} and has nothing to cache; keep slapd for this database`],
  ['remoteauth', `${noProxy}; move the password hashes here`],
  ['retcode', 'it is for testing clients; keep slapd for that'],
  ['rwm', 'jammd rewrites no names; a database may have several suffixes, and aliases give an entry further names'],
  ['seqmod', 'writes are made one after the other in any case; leave it out'],
  ['smbk5pwd', 'jammd keeps no Samba or Kerberos keys; let Samba or the KDC keep them'],
  ['sock', 'jammd asks no other program; "jammd serve --audit-log FILE" tells of writes'],
  ['translucent', `${noProxy}; copy its entries here, or keep slapd for this database`],
]);
