/** `authz-regexp`: turns an authentication identity (`gidNumber=0+uidNumber=0,cn=peercred,...`) into an entry's DN. */
import type { DN } from '../../dn/dn.js';
import type { DirectoryEnvironment } from '../environment.js';

/** The first expression that matches decides; an identity that none matches stays as it is. */
export function mapIdentity(directory: DirectoryEnvironment, identity: DN): DN {
  for (const { pattern, replacement } of directory.config.authzRegexps) {
    const match = pattern.exec(identity.normalized);
    if (!match) continue;
    const mapped = replacement.replace(/\$(\d)/g, (_, digit: string) => match[Number(digit)] ?? '');
    return directory.parseDN(mapped.startsWith('dn:') ? mapped.slice(3) : mapped);
  }
  return identity;
}
