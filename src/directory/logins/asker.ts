/** On whose behalf names are looked up, and names as people write them. */
import type { Subject } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import { LdapError } from '../../ldap/result.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { Peer } from '../model.js';

/** On whose behalf identities are looked up. */
export interface Asker {
  readonly directory: DirectoryEnvironment;
  readonly peer: Peer;
  readonly subject: Subject;
}

/** Undefined where the text is no name. */
export function parseName(directory: DirectoryEnvironment, name: string): DN | undefined {
  try {
    return directory.parseDN(name);
  } catch (error) {
    if (error instanceof LdapError) return undefined;
    throw error;
  }
}
