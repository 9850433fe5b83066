/** A jammd that others follow, stock slapds that follow it, and how the two are compared. */
import { expect } from 'vitest';
import { ldapSearch, ldapTool, type PrintedEntry } from '../support/ldap-utils.js';
import { startJammd, startSlapd, type ReferenceServer } from '../support/reference-server.js';
import type { SlapdVersion } from '../support/slapd-programs.js';
import { startLdif, suffix } from './random-changes.js';

export const root = { dn: `cn=admin,${suffix}`, password: 'secret' };

const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema\n`).join('');

const database = `database mdb
suffix "${suffix}"
rootdn "${root.dn}"
rootpw ${root.password}
directory @DIRECTORY@
index objectClass,entryUUID,entryCSN eq
sizelimit unlimited
`;

export function startProvider(lines = '', ldif: string | undefined = startLdif): Promise<ReferenceServer> {
  return startJammd({
    config: `${schemas}${database}overlay syncprov\n${lines}`,
    ...(ldif !== undefined && { ldif }),
  });
}

export type Mode = 'refreshOnly' | 'refreshAndPersist';

/** The programs that follow, and are followed, here. */
export type Program = 'jammd' | `slapd ${SlapdVersion}`;

export function startOriginal(program: Program, lines = ''): Promise<ReferenceServer> {
  if (program === 'jammd') return startProvider(lines);
  const modules = 'modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload syncprov\n';
  const config = `${schemas}${modules}${database}overlay syncprov\n${lines}\n`;
  return startSlapd({ config, ldif: startLdif, slapd: program === 'slapd 2.6' ? '2.6' : '2.5' });
}

export interface FollowerOptions {
  readonly mode?: Mode;
  /** Parameters of `syncrepl`. */
  readonly more?: string;
  /** Lines of the database. */
  readonly lines?: string;
  /** Before the database. */
  readonly global?: string;
  readonly ldif?: string;
  readonly jammdArgs?: readonly string[];
}

/** One `syncrepl` for each provider. */
export function syncreplLines(providers: readonly { readonly url: string }[], mode: Mode, more = ''): string {
  return providers
    .map(
      ({ url }, index) =>
        `syncrepl rid=${String(index + 1).padStart(3, '0')} provider=${url} type=${mode} ` +
        `${mode === 'refreshOnly' ? 'interval=00:00:00:01 ' : ''}retry="1 +" searchbase="${suffix}" ` +
        `bindmethod=simple binddn="${root.dn}" credentials=${root.password} ${more}\n`,
    )
    .join('');
}

/** A jammd that follows. */
export function startFollower(
  providers: readonly { readonly url: string }[],
  { mode = 'refreshAndPersist', more = '', lines = '', global = '', ldif, jammdArgs = [] }: FollowerOptions = {},
): Promise<ReferenceServer> {
  return startJammd({
    config: `${global}${schemas}${database}${syncreplLines(providers, mode, more)}${lines}\n`,
    jammdArgs,
    ...(ldif !== undefined && { ldif }),
  });
}

/** A stock slapd that follows. */
export function startReplica(
  providers: ReferenceServer | readonly ReferenceServer[],
  mode: Mode,
  version: SlapdVersion,
  more = '',
  ldif?: string,
): Promise<ReferenceServer> {
  const syncrepl = syncreplLines([providers].flat(), mode, more);
  const modules = 'modulepath /usr/lib/ldap\nmoduleload back_mdb\n';
  return startSlapd({
    config: `${schemas}${modules}${database}${syncrepl}`,
    slapd: version,
    ...(ldif !== undefined && { ldif }),
  });
}

/** Applies what can be applied. */
export async function write(server: ReferenceServer, ldif: string): Promise<void> {
  const { code, stderr } = await ldapTool('ldapmodify', server, root, ['-c', '-M'], ldif);
  if (code === 255 || code < 0) throw new Error(`ldapmodify exited ${code}: ${stderr}`);
}

/** What entries say of themselves alone: a replica has its own of these, or works them out. */
const notCompared = ['contextCSN', 'entryDN', 'hasSubordinates', 'subschemaSubentry'];

export async function contents(server: ReferenceServer): Promise<Record<string, unknown>> {
  const entries = await ldapSearch(server, root, ['-M', '-b', suffix, '(objectClass=*)', '*', '+'], [0, 32]);
  const named = entries.map((entry): [string, Record<string, string[]>] => [entry.dn, attributesOf(entry)]);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function attributesOf({ attributes }: PrintedEntry): Record<string, string[]> {
  const kept = [...attributes].filter(([name]) => !notCompared.includes(name));
  return Object.fromEntries(
    kept.map(([name, values]): [string, string[]] => [name, [...values].sort()]).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export async function contextCsn(server: ReferenceServer): Promise<string | undefined> {
  const [entry] = await ldapSearch(server, root, ['-b', suffix, '-s', 'base', 'contextCSN'], [0, 32, 52]).catch(() => []);
  return entry?.attributes.get('contextCSN')?.join(' ');
}

/** Waits until the replica says that it has seen everything, then compares all entries. */
export async function expectEqual(
  provider: ReferenceServer,
  replica: ReferenceServer,
  about: string,
  mostMs = 30_000,
): Promise<void> {
  const wanted = await contextCsn(provider);
  const deadline = Date.now() + mostMs;
  let has = await contextCsn(replica);
  while (has !== wanted && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    has = await contextCsn(replica);
  }
  expect(has, `${about}: contextCSN`).toBe(wanted);
  expect(await contents(replica), about).toEqual(await contents(provider));
}
