/** A configuration of its own, with what is asked of servers that run it. */
import { configHead } from '../../support/howto.js';
import type { Attributes } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import { add } from '../directed/steps.js';

export interface Setting {
  /** slapd.conf text for both servers, after the schemas. */
  readonly config: string;
  /** Lines that only slapd wants: overlays that jammd has built in. */
  readonly overlays?: string;
  /** Lines at the end of the last database that say the same to each server in its own words. */
  readonly inOwnWords?: { readonly slapd: string; readonly jammd: string };
  /** Files in the server's folder that the configuration names. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export const head = `${configHead}include /etc/ldap/schema/inetorgperson.schema
`;

export const root = 'cn=root,dc=test';
export const rootPassword = 'secret';

/** A database section; `more` is what it has besides. Its rootdn is the same in all of them. */
export function database(suffix: string, name: string, more = ''): string {
  return `
database mdb
suffix "${suffix}"
directory @FOLDER@/${name}
rootdn "${root}"
${suffix === '' || root.endsWith(`,${suffix}`) ? `rootpw ${rootPassword}\n` : ''}${more}
`;
}

export const domainEntry = (fields: Attributes = {}): Attributes => ({ objectClass: ['domain'], ...fields });
export const unitEntry = (fields: Attributes = {}): Attributes => ({ objectClass: ['organizationalUnit'], ...fields });
export const personEntry = (fields: Attributes = {}): Attributes => ({ objectClass: ['person'], sn: ['S'], ...fields });

/** Adds a tree, parents first, in the order given. */
export const tree = (entries: Readonly<Record<string, Attributes>>): Step[] =>
  Object.entries(entries).map(([dn, attributes]) => add(dn, attributes, { as: '#root' }));

/** The same lines for both servers: overlays of slapd, each with its module, at the end of the only database. */
export function withOverlays(names: readonly string[], lines: string, suffix = 'dc=test'): string {
  const modules = names.map((name) => `moduleload ${name}\n`).join('');
  const beginning = head.replace('moduleload back_mdb\n', `moduleload back_mdb\n${modules}`);
  return `${beginning}${database(suffix, 'test', lines)}`;
}

/** The slapd.conf of one of the servers. */
export function configText({ config, overlays = '', inOwnWords }: Setting, kind: 'slapd' | 'jammd'): string {
  return `${kind === 'slapd' ? withModules(config, overlays) : config}${inOwnWords?.[kind] ?? ''}`;
}

/** An overlay's module is loaded before the databases, and the overlay itself belongs to the last of them. */
function withModules(config: string, overlays: string): string {
  if (overlays === '') return config;
  const names = [...overlays.matchAll(/^moduleload (\w+)$/gm)].map(([, name]) => `overlay ${name ?? ''}\n`);
  return `${config.replace('moduleload back_mdb\n', `moduleload back_mdb\n${overlays}`)}\n${names.join('')}`;
}
