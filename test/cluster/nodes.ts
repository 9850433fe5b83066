/** Three jammd nodes of one cluster, writers that know what was acknowledged, and how the nodes are compared. */
import { Client, ResultCodeError } from 'ldapts';
import { expect } from 'vitest';
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
}

/** `lines` go to the end of the database. */
export function nodeConfig(endpoints: string, name: string, setup: NodeSetup = {}): string {
  return `${schemas}${setup.global ?? ''}database mdb
suffix "${suffix}"
rootdn "${manager.dn}"
rootpw ${manager.password}
directory @DIRECTORY@
index objectClass,entryUUID,mail eq
sizelimit unlimited
cluster engine=etcd endpoints=${endpoints} prefix=${setup.prefix ?? 'jammd/'} node=${name} ${setup.cluster ?? 'timeout=4'}
overlay unique
unique_uri ldap:///?mail?sub
${setup.lines ?? ''}`;
}

export function startNode(endpoints: string, name: string, setup: NodeSetup = {}): Promise<ReferenceServer> {
  return startJammd({ config: nodeConfig(endpoints, name, setup), jammdArgs: ['--log-format', 'slapd'] });
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

/** `done`, `not`: it certainly was or was not; `unknown`: the answer says so, or none came. */
type Outcome = 'done' | 'not' | 'unknown';

async function outcomeOf(work: () => Promise<unknown>): Promise<{ outcome: Outcome; error: string }> {
  try {
    await work();
    return { outcome: 'done', error: '' };
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof ResultCodeError)) return { outcome: 'unknown', error: message };
    const isOpen = /may have been made|made in the cluster/.test(message);
    return { outcome: isOpen ? 'unknown' : 'not', error: `${error.code} ${message}` };
  }
}

/** Writes to one node until it is told to stop; reconnects when the node was killed. */
export class ClusterWriter {
  readonly added = new Map<string, Outcome>();
  /** Mail addresses that writers of all nodes compete for, by who got them. */
  readonly won: string[] = [];
  readonly increments = { done: 0, unknown: 0 };
  readonly errors = new Map<string, number>();
  #stopped = false;
  #client: Client | undefined;

  constructor(
    private readonly name: string,
    private readonly node: ReferenceServer,
    private readonly random: (below: number) => number,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const client = await this.#connected();
      if (!client) continue;
      switch (this.random(4)) {
        case 0:
          await this.#compete(client, n);
          break;
        case 1:
          await this.#increment(client);
          break;
        default:
          await this.#add(client, `${this.name}-${n}`);
      }
    }
    await this.#client?.unbind().catch(() => undefined);
  }

  async #connected(): Promise<Client | undefined> {
    if (this.#client?.isConnected) return this.#client;
    try {
      this.#client = await connect(this.node);
    } catch {
      await pause(100);
      this.#client = undefined;
    }
    return this.#client;
  }

  async #attempt(work: () => Promise<unknown>): Promise<Outcome> {
    const { outcome, error } = await outcomeOf(work);
    if (error !== '') this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
    if (outcome === 'unknown' && !this.#client?.isConnected) this.#client = undefined;
    return outcome;
  }

  async #add(client: Client, name: string): Promise<void> {
    const dn = `cn=${name},${people}`;
    const outcome = await this.#attempt(() => client.add(dn, { objectClass: 'person', sn: name, description: 'x'.repeat(40) }));
    this.added.set(dn, outcome);
    if (outcome !== 'done' || this.random(3) > 0) return;
    const { Attribute, Change } = await import('ldapts');
    const modification = new Attribute({ type: 'description', values: ['changed'] });
    await this.#attempt(() => client.modify(dn, new Change({ operation: 'replace', modification })));
  }

  async #compete(client: Client, n: number): Promise<void> {
    const mail = `shared${n % 50}@hosting.example`;
    const dn = `cn=${this.name}-${n}-mail,${people}`;
    const outcome = await this.#attempt(() => client.add(dn, { objectClass: 'inetOrgPerson', sn: 'x', mail }));
    this.added.set(dn, outcome);
    if (outcome === 'done') this.won.push(mail);
  }

  /** By taking the value away that was read: of two who read the same, one succeeds. */
  async #increment(client: Client): Promise<void> {
    const dn = `cn=counter,${suffix}`;
    const { Attribute, Change } = await import('ldapts');
    let now: string;
    try {
      const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['description'] });
      now = String(searchEntries[0]!['description']);
    } catch {
      return;
    }
    const value = (text: string) => new Attribute({ type: 'description', values: [text] });
    const outcome = await this.#attempt(() =>
      client.modify(dn, [
        new Change({ operation: 'delete', modification: value(now) }),
        new Change({ operation: 'add', modification: value(String(Number(now) + 1)) }),
      ]),
    );
    if (outcome === 'done') this.increments.done++;
    if (outcome === 'unknown') this.increments.unknown++;
  }
}

/** Holds what all nodes have against what the writers were told. */
export async function checkHistory(nodes: readonly ReferenceServer[], writers: readonly ClusterWriter[]): Promise<void> {
  await untilEqual(nodes);
  const { searchEntries } = await withClient(nodes[0]!, (client) =>
    client.search(suffix, { scope: 'sub', attributes: ['mail', 'description'] }),
  );
  const found = new Map(searchEntries.map((entry) => [entry.dn, entry]));
  const wrong: string[] = [];
  for (const writer of writers) {
    for (const [dn, outcome] of writer.added) {
      if (outcome === 'done' && !found.has(dn)) wrong.push(`${dn} was acknowledged and is not there`);
      if (outcome === 'not' && found.has(dn)) wrong.push(`${dn} was refused and is there`);
    }
  }
  expect(wrong).toEqual([]);
  const mails = searchEntries.flatMap(({ mail }) => (mail === undefined || mail.length === 0 ? [] : [String(mail)]));
  expect(mails.length, 'addresses are unique').toBe(new Set(mails).size);
  const won = writers.flatMap((writer) => writer.won);
  expect(won.length, 'an address was given once').toBe(new Set(won).size);
  const counter = Number(found.get(`cn=counter,${suffix}`)!['description']);
  const done = writers.reduce((sum, { increments }) => sum + increments.done, 0);
  const unknown = writers.reduce((sum, { increments }) => sum + increments.unknown, 0);
  expect(counter).toBeGreaterThanOrEqual(done);
  expect(counter).toBeLessThanOrEqual(done + unknown);
}
