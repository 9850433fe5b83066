/** The configuration and tree that both servers of a comparison start from. */
import { accessRules, configHead, manager, suffix } from '../support/howto.js';
import { wholeTreeLdif } from '../support/hosting-tree.js';
import { startServer, type ReferenceServer, type ServerKind, type ServerOptions } from '../support/reference-server.js';

export const secondSuffix = 'dc=second,dc=example';

/** The HOWTO's database, and a second one so that there is another naming context to leave for. */
const config = `${configHead}include /etc/ldap/schema/inetorgperson.schema

database mdb
directory @DIRECTORY@
suffix "${suffix}"
rootdn "${manager}"
rootpw {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7
index objectClass pres,eq
index mail,cn eq,sub
${accessRules}
database mdb
directory @FOLDER@/second
suffix "${secondSuffix}"
rootdn "${manager}"
access to * by * read
`;

const secondLdif = `dn: ${secondSuffix}
objectClass: domain
dc: second

dn: ou=there,${secondSuffix}
objectClass: organizationalUnit
ou: there
`;

/**
 * @param change what this server's configuration has otherwise than the usual.
 * @param slapd which slapd, where it is not the environment's choice.
 */
export function startContestant(
  kind: ServerKind,
  change = (text: string): string => text,
  slapd?: ServerOptions['slapd'],
): Promise<ReferenceServer> {
  return startServer(kind, {
    ...(slapd === undefined ? {} : { slapd }),
    config: change(config),
    ldif: [
      { base: suffix, ldif: wholeTreeLdif },
      { base: secondSuffix, ldif: secondLdif },
    ],
  });
}
