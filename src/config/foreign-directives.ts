/**
 * Directives of slapd's databases and overlays that jammd does not have, where they stand outside of these: what they belong to, and
 * what to use instead.
 */
import { olcAttributes } from './cn-config/attributes.js';
import { refusedOverlays } from './overlays/refused.js';
import { refusedDatabases } from './refused-databases.js';

/** Those without an attribute in cn=config. */
const table = `
database meta: pseudorootdn pseudorootpw rewriteEngine rewriteContext rewriteRule rewriteMap rewriteParam rewriteMaxPasses
database ndb: dbport dbsocket dbflag dbconnect dbconnections
overlay chain: chain-uri
overlay pcache: proxyattrset proxycache proxycachequeries proxycheckcacheability proxysavequeries proxytemplate response-callback
overlay rwm: rwm-suffixmassage rwm-rewriteEngine rwm-rewriteContext rwm-rewriteRule rwm-rewriteMap rwm-rewriteParam
 rwm-rewriteMaxPasses
`;

/** By the directive, in lower case: `overlay chain`, `databases ldap, meta`. */
const owners = new Map<string, string>();

for (const { directive, section, owner } of olcAttributes.values()) {
  if (section === 'other' && directive !== undefined) owners.set(directive.toLowerCase(), owner);
}
for (const row of table.replaceAll('\n ', ' ').split('\n')) {
  const [owner, names = ''] = row.split(': ') as [string, string?];
  for (const name of names.split(' ')) if (name !== '') owners.set(name.toLowerCase(), owner);
}

/** Undefined where slapd has no such directive. */
export function whyForeign(name: string): string | undefined {
  // All that a proxy may be told, overlay chain takes with this prefix.
  const owner = owners.get(name) ?? (name.startsWith('chain-') ? 'overlay chain' : undefined);
  const [, kind, first] = /^(overlay|database|backend)s? (\w+)/.exec(owner ?? '') ?? [];
  if (owner === undefined || first === undefined) return undefined;
  const why = kind === 'overlay' ? refusedOverlays.get(first) : refusedDatabases.get(first);
  return why === undefined ? undefined : `it belongs to ${owner}: ${why}`;
}
