/** Databases of slapd that jammd refuses, and what to use instead. docs/directives.md shows the same words. */

const noProxy = 'jammd asks no other server; clients follow referrals themselves, or keep slapd for this database';
const noProgram = 'jammd asks no other program; import what it answers as entries, or keep slapd for this database';
const ownStore = 'jammd has a store of its own; write "database mdb", and import what slapcat writes';

export const refusedDatabases: ReadonlyMap<string, string> = new Map([
  ['asyncmeta', noProxy],
  ['dnssrv', 'jammd asks no DNS server; name the other servers by "referral"'],
  ['ldap', noProxy],
  ['ldif', ownStore],
  ['lload', 'jammd balances no load; put a TCP proxy (HAProxy, nginx) before the servers'],
  ['meta', noProxy],
  ['ndb', ownStore],
  ['null', 'it keeps nothing; leave it out'],
  ['passwd', 'jammd does not answer for /etc/passwd; import the accounts as entries'],
  ['perl', noProgram],
  ['relay', 'jammd rewrites no names; a database may have several suffixes, and aliases give an entry further names'],
  ['shell', noProgram],
  ['sock', noProgram],
  ['sql', ownStore],
  ['tcl', noProgram],
  ['wt', ownStore],
]);
