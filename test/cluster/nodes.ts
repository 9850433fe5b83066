/** The nodes of a cluster, and how they are compared. */
import { Client } from 'ldapts';
import { startJammd, type ReferenceServer } from '../support/reference-server.js';

export const suffix = 'dc=hosting,dc=example';
export const people = `ou=people,${suffix}`;
const manager = { dn: `cn=admin,${suffix}`, password: 'secret' };
const settleMs = 90_000;

const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema\n`).join('');

export interface NodeSetup {
  readonly prefix?: string;
  readonly cluster?: string;
  readonly lines?: string;
  readonly global?: string;
  readonly suffix?: string;
  /** What follows the word `cluster`, in the place of all that. */
  readonly line?: string;
  /** Of `jammd serve`. */
  readonly args?: readonly string[];
}

/** `lines` go to the end of the database. */
export function nodeConfig(endpoints: string, name: string, setup: NodeSetup = {}): string {
  const { prefix = 'jammd/', cluster = 'timeout=4' } = setup;
  const ownLine = `engine=etcd endpoints=${endpoints} prefix=${prefix} node=${name} ${cluster}`;
  return `${schemas}${setup.global ?? ''}database mdb
suffix "${setup.suffix ?? suffix}"
rootdn "cn=admin,${setup.suffix ?? suffix}"
rootpw ${manager.password}
directory @DIRECTORY@
index objectClass,entryUUID,mail eq
sizelimit unlimited
cluster ${setup.line ?? ownLine}
overlay unique
unique_uri ldap:///?mail?sub
${setup.lines ?? ''}`;
}

export function startNode(endpoints: string, name: string, setup: NodeSetup = {}): Promise<ReferenceServer> {
  return startJammd({ config: nodeConfig(endpoints, name, setup), jammdArgs: ['--log-format', 'slapd', ...(setup.args ?? [])] });
}

export async function connect(node: ReferenceServer): Promise<Client> {
  const client = new Client({ url: node.url, timeout: 20_000, connectTimeout: 5_000 });
  await client.bind(manager.dn, manager.password);
  return client;
}

export async function withClient<T>(node: ReferenceServer, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(node);
  try {
    return await work(client);
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

export async function addBase(node: ReferenceServer): Promise<void> {
  await withClient(node, async (client) => {
    await client.add(suffix, { objectClass: ['dcObject', 'organization'], dc: 'hosting', o: 'Hosting' });
    await client.add(people, { objectClass: 'organizationalUnit', ou: 'people' });
    await client.add(`cn=counter,${suffix}`, { objectClass: 'organizationalRole', cn: 'counter', description: '0' });
  });
}

/** The entries of a node with everything that is stored, in one text. */
export async function contents(node: ReferenceServer): Promise<string> {
  const { searchEntries } = await withClient(node, (client) =>
    client.search(suffix, { scope: 'sub', filter: '(objectClass=*)', attributes: ['*', '+'] }),
  );
  return searchEntries
    .map((entry) => JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()
    .join('\n');
}

/** Waits until all nodes hold the same. */
export async function untilEqual(nodes: readonly ReferenceServer[]): Promise<string> {
  const end = Date.now() + settleMs;
  for (;;) {
    const found = await Promise.all(nodes.map(contents)).catch((error: unknown) => [String(error), '']);
    if (found.every((one) => one === found[0])) return found[0]!;
    if (Date.now() > end) {
      const all = new Set(found.flatMap((one) => one.split('\n')));
      const missing = found.map((one) => [...all].filter((line) => !one.includes(line)).length);
      throw new Error(`nodes differ, and lack ${missing.join(', ')} entries:\n${nodes.map((node) => node.log()).join('\n')}`);
    }
    await pause(200);
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
