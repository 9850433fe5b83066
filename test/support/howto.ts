/**
 * What the Virtual Mailserver HOWTO prints: its slapd.conf (section 4.3.1), its base.ldif (4.3.2) and its LDAP
 * sources for Postfix (4.4.2), and the same policy in the spelling that slapd 2.5 reads.
 */

export const suffix = 'dc=myhosting,dc=example';
export const hosting = `o=hosting,${suffix}`;
export const manager = `cn=Manager,${suffix}`;
export const managerPassword = 'secret';

/**
 * The HOWTO's slapd.conf as printed, on top of the `include` of core.schema that OpenLDAP's own file starts with.
 * `@DIRECTORY@` stands where it says /usr/local/var/openldap-ldbm.
 */
export const printedConfig = String.raw`include          /usr/local/etc/openldap/schema/core.schema
include          /usr/local/etc/openldap/schema/cosine.schema
include          /usr/local/etc/openldap/schema/nis.schema
include          /usr/local/etc/openldap/schema/jamm.schema

database      ldbm
directory     @DIRECTORY@
suffix        "dc=myhosting,dc=example"

rootdn        "cn=Manager,dc=myhosting,dc=example"
rootpw        {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7

index objectClass pres,eq
index mail,cn eq,sub

access to dn=".* ,jvd=([^,]+) ,o=hosting,dc=myhosting,dc=example"
    attr=userPassword
    by self write
    by group/jammPostmaster/roleOccupant=\
        "cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by anonymous auth
    by * none

access to dn=".*jvd=([^^,]+) ,o=hosting,dc=myhosting,dc=example"
    by self write
    by group/jammPostmaster/roleOccupant=\
        "cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by * read

access to *
    by * read
`;

/** The schema and modules that slapd 2.5 wants named; jammd takes the same lines. */
export const configHead = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include @JAMM_SCHEMA@
modulepath /usr/lib/ldap
moduleload back_mdb
`;

/** The three access rules in present spelling. */
export const accessRules = `access to dn.regex=".*,jvd=([^,]+),o=hosting,dc=myhosting,dc=example"
    attrs=userPassword
    by self write
    by group/JammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by anonymous auth
    by * none

access to dn.regex=".*jvd=([^,]+),o=hosting,dc=myhosting,dc=example"
    by self write
    by group/JammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,o=hosting,dc=myhosting,dc=example" write
    by * read

access to *
    by * read
`;

/** The HOWTO's policy for slapd 2.5 and jammd alike. */
export const presentConfig = `${configHead}
database mdb
directory @DIRECTORY@
suffix "${suffix}"
rootdn "${manager}"
rootpw {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7

index objectClass pres,eq
index mail,cn eq,sub

${accessRules}`;

/** base.ldif, character for character. */
export const baseLdif = `dn: dc=myhosting, dc=example
objectClass: top
objectClass: domain
domainComponent: myhosting

dn: cn=Manager, dc=myhosting, dc=example
objectClass: top
objectClass: organizationalRole
cn: Manager

dn: o=hosting, dc=myhosting, dc=example
objectClass: top
objectClass: organization
o: hosting
`;

/** One LDAP source of section 4.4.2.2: the parameter names without the source's prefix. */
export type LdapSource = Readonly<Record<string, string>>;

/** The four sources as printed; accountsmmap's query filter has the `)` that the HOWTO lacks. */
export const ldapSources = {
  transport: {
    search_base: hosting,
    query_filter: '(&(jvd=%s)(objectClass=JammVirtualDomain)(accountActive=TRUE)(delete=FALSE))',
    result_attribute: 'postfixTransport',
    cache: 'yes',
    bind: 'no',
    scope: 'one',
  },
  aliases: {
    search_base: hosting,
    query_filter: '(&(objectClass=JammMailAlias)(mail=%s)(accountActive=TRUE))',
    result_attribute: 'maildrop',
    bind: 'no',
    cache: 'yes',
  },
  accounts: {
    search_base: hosting,
    query_filter: '(&(objectClass=JammMailAccount)(mail=%s)(accountActive=TRUE)(delete=FALSE))',
    result_attribute: 'mailbox',
    cache: 'yes',
    bind: 'no',
  },
  accountsmmap: {
    search_base: hosting,
    query_filter: '(&(objectClass=JammMailAccount)(mail=%s)(accountActive=TRUE)(delete=FALSE))',
    result_attribute: 'mail',
    cache: 'yes',
    bind: 'no',
  },
} as const satisfies Record<string, LdapSource>;
