/** Which databases hang below another one (`subordinate`), so that it is one tree with them. */
import type { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import type { Config, DatabaseConfig } from './model.js';

/** In the order of the configuration. As in slapd everything is glued to the topmost one: to a subordinate, nothing. */
export function gluedBelow({ databases }: Config, superior: DatabaseConfig): readonly DatabaseConfig[] {
  if (superior.subordinate) return [];
  return databases.filter((database) => hangsBelow(databases, database, superior));
}

function hangsBelow(databases: readonly DatabaseConfig[], database: DatabaseConfig, superior: DatabaseConfig): boolean {
  for (let at: DatabaseConfig | undefined = database; at?.subordinate;) {
    const above: DN | undefined = at.suffixes[0]?.parent;
    at = above && holderOf(databases, above.normalized);
    if (at === superior) return true;
  }
  return false;
}

/** The database that holds this normalised name: the one with the longest suffix. */
export function holderOf(databases: readonly DatabaseConfig[], ndn: string): DatabaseConfig | undefined {
  let found: DatabaseConfig | undefined;
  let longest = -1;
  for (const database of databases) {
    for (const { normalized } of database.suffixes) {
      if (normalized.length <= longest || !ndnIsWithin(ndn, normalized)) continue;
      longest = normalized.length;
      found = database;
    }
  }
  return found;
}
