/** Clients that write to a cluster at random and note what they were told, and what is held against that afterwards. */
import { Attribute, Change, ResultCodeError, type Client } from 'ldapts';
import { expect } from 'vitest';
import type { ReferenceServer } from '../support/reference-server.js';
import { everyNode, type Action, type History, type Operation, type Result } from './history.js';
import { findViolations } from './linearizability.js';
import { connect, pause, people, suffix, untilEqual, withClient } from './nodes.js';

/** Entries that all writers of a round contend for, in order to have histories of a length that can be judged. */
const contended = 24;
const sharedAddresses = 50;
/** Before a client asks again that was told that nobody can write. */
const refusedMs = 50;

const resultCodes = { noSuchAttribute: 16, noSuchObject: 32, unavailable: 52, entryAlreadyExists: 68 };

/** One node, as clients see it. */
export interface Place {
  readonly name: string;
  readonly server: ReferenceServer;
}

interface Told {
  readonly result: Result;
  readonly error: string;
}

async function outcomeOf(work: () => Promise<unknown>): Promise<Told> {
  try {
    await work();
    return { result: 'done', error: '' };
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof ResultCodeError)) return { result: 'unknown', error: message };
    return { result: resultOf(error.code, message), error: `${error.code} ${message}` };
  }
}

function resultOf(code: number, message: string): Result {
  if (code === resultCodes.entryAlreadyExists) return 'exists';
  if (code === resultCodes.noSuchObject) return 'missing';
  if (code === resultCodes.noSuchAttribute) return 'differs';
  return /may have been made|made in the cluster/.test(message) ? 'unknown' : 'refused';
}

const description = (value: string) => new Attribute({ type: 'description', values: [value] });
const isUnanswered = (error: string): boolean => /time-?out|timed out/i.test(error);

/** What the writers of one round share. */
export class Round {
  readonly added = new Map<string, Result>();
  /** Mail addresses that writers of all nodes compete for, by who got them. */
  readonly won: string[] = [];
  readonly increments = { done: 0, unknown: 0 };
  readonly errors = new Map<string, number>();
  /** What is wrong with single answers. */
  readonly wrong: string[] = [];
  reads = 0;
  #stopped = false;

  constructor(
    readonly name: string,
    readonly history: History,
    readonly random: (below: number) => number,
  ) {}

  get isStopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  entry(n: number): string {
    return `cn=${this.name}-item${n},${people}`;
  }

  noteError(place: Place, error: string): void {
    if (error === '') return;
    this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
    if (isUnanswered(error)) this.wrong.push(`${place.name} has not answered: ${error}`);
  }

  get done(): number {
    return [...this.added.values()].filter((one) => one === 'done').length;
  }
}

/** Writes to one node until the round is stopped; connects again when the node was killed. */
export class ClusterWriter {
  #client: Client | undefined;
  /** The value last seen of each entry, right or not. */
  readonly #believed = new Map<string, string>();

  constructor(
    private readonly name: string,
    private readonly place: Place,
    private readonly round: Round,
  ) {}

  async run(): Promise<void> {
    const { round } = this;
    for (let n = 0; !round.isStopped; n++) {
      const client = await this.#connected();
      if (!client) continue;
      switch (round.random(8)) {
        case 0:
          await this.#compete(client, n);
          break;
        case 1:
          await this.#increment(client);
          break;
        case 2:
        case 3:
          await this.#add(client, n);
          break;
        default:
          await this.#contend(client, n);
      }
    }
    await this.#client?.unbind().catch(() => undefined);
  }

  async #connected(): Promise<Client | undefined> {
    if (this.#client?.isConnected) return this.#client;
    try {
      this.#client = await connect(this.place.server);
    } catch {
      await pause(100);
      this.#client = undefined;
    }
    return this.#client;
  }

  async #attempt(work: () => Promise<unknown>): Promise<Told> {
    const told = await outcomeOf(work);
    this.round.noteError(this.place, told.error);
    if (told.result === 'unknown' && !this.#client?.isConnected) this.#client = undefined;
    if (told.error.startsWith(`${resultCodes.unavailable} `)) await pause(refusedMs);
    return told;
  }

  async #add(client: Client, n: number): Promise<void> {
    const dn = `cn=${this.name}-${n},${people}`;
    const { result } = await this.#attempt(() =>
      client.add(dn, { objectClass: 'person', sn: this.name, description: 'x'.repeat(40) }),
    );
    this.round.added.set(dn, result);
  }

  async #compete(client: Client, n: number): Promise<void> {
    const mail = `shared${n % sharedAddresses}@hosting.example`;
    const dn = `cn=${this.name}-${n}-mail,${people}`;
    const { result } = await this.#attempt(() => client.add(dn, { objectClass: 'inetOrgPerson', sn: 'x', mail }));
    this.round.added.set(dn, result);
    if (result === 'done') this.round.won.push(mail);
  }

  /** Something to one of the entries that all want, for the judge of histories. */
  async #contend(client: Client, n: number): Promise<void> {
    const key = this.round.entry(this.round.random(contended));
    const value = `${this.name}-${n}`;
    const from = this.#believed.get(key);
    const actions: readonly Action[] = [
      { kind: 'add', value },
      { kind: 'replace', value },
      { kind: 'delete' },
      { kind: 'read' },
      { kind: 'read' },
      ...(from === undefined ? [] : [{ kind: 'swap', from, value } as const, { kind: 'swap', from, value } as const]),
    ];
    const action = actions[this.round.random(actions.length)]!;
    const asked = performance.now();
    let found: string | undefined;
    const { result, error } = await this.#attempt(async () => {
      if (action.kind === 'read') found = await read(client, key);
      else await write(client, key, action);
    });
    const answered = performance.now();
    this.round.history.add({ key, node: this.place.name, action, result, found, asked, answered });
    if (action.kind === 'read') {
      if (result === 'done') this.round.reads++;
      else if (result !== 'unknown') this.round.wrong.push(`${this.place.name} did not answer a read: ${error}`);
      if (found === undefined) this.#believed.delete(key);
      else this.#believed.set(key, found);
    } else if (result === 'done' && action.kind !== 'delete') this.#believed.set(key, value);
  }

  /** By taking the value away that was read: of two who read the same, one succeeds. */
  async #increment(client: Client): Promise<void> {
    const dn = `cn=counter,${suffix}`;
    const now = await read(client, dn).catch(() => undefined);
    if (now === undefined) return;
    const { result } = await this.#attempt(() => write(client, dn, { kind: 'swap', from: now, value: String(Number(now) + 1) }));
    if (result === 'done') this.round.increments.done++;
    if (result === 'unknown') this.round.increments.unknown++;
  }
}

async function write(client: Client, dn: string, action: Exclude<Action, { readonly kind: 'read' }>): Promise<void> {
  switch (action.kind) {
    case 'add':
      return client.add(dn, { objectClass: 'person', sn: 'x', description: action.value });
    case 'replace':
      return client.modify(dn, new Change({ operation: 'replace', modification: description(action.value) }));
    case 'swap':
      return client.modify(dn, [
        new Change({ operation: 'delete', modification: description(action.from) }),
        new Change({ operation: 'add', modification: description(action.value) }),
      ]);
    case 'delete':
      return client.del(dn);
  }
}

/** Undefined: there is no such entry. */
async function read(client: Client, dn: string): Promise<string | undefined> {
  try {
    const { searchEntries } = await client.search(dn, { scope: 'base', attributes: ['description'] });
    return String(searchEntries[0]!['description']);
  } catch (error) {
    if (error instanceof ResultCodeError && error.code === resultCodes.noSuchObject) return undefined;
    throw error;
  }
}

/** Holds what all nodes have against what the writers of a round were told. */
export async function checkRound(places: readonly Place[], round: Round): Promise<void> {
  const nodes = places.map(({ server }) => server);
  await untilEqual(nodes);
  const { searchEntries } = await withClient(nodes[0]!, (client) =>
    client.search(suffix, { scope: 'sub', attributes: ['mail', 'description'] }),
  );
  const found = new Map(searchEntries.map((entry) => [entry.dn, entry]));
  const wrong = [...round.wrong];
  for (const [dn, result] of round.added) {
    if (result === 'done' && !found.has(dn)) wrong.push(`${dn} was acknowledged and is not there`);
    // "exists" would mean that it was added before: each has a name of its own.
    if (result !== 'done' && result !== 'unknown' && found.has(dn)) wrong.push(`${dn} was refused and is there`);
    if (result === 'exists' || result === 'missing') wrong.push(`${dn} was answered with "${result}"`);
  }
  const now = performance.now();
  const judged: Operation[] = [...round.history.operations];
  for (let n = 0; n < contended; n++) {
    const key = round.entry(n);
    const entry = found.get(key);
    const seen = entry && String(entry['description']);
    judged.push({ key, node: everyNode, action: { kind: 'read' }, result: 'done', found: seen, asked: now, answered: now });
  }
  expect([...wrong, ...findViolations(judged)]).toEqual([]);
  const mails = searchEntries.flatMap(({ mail }) => (mail === undefined || mail.length === 0 ? [] : [String(mail)]));
  expect(mails.length, 'addresses are unique').toBe(new Set(mails).size);
  expect(round.won.length, 'an address was given once').toBe(new Set(round.won).size);
  const counter = Number(found.get(`cn=counter,${suffix}`)!['description']);
  expect(counter).toBeGreaterThanOrEqual(round.increments.done);
  expect(counter).toBeLessThanOrEqual(round.increments.done + round.increments.unknown);
}

/** A round's contest begins anew. */
export async function clear(node: ReferenceServer): Promise<void> {
  await withClient(node, async (client) => {
    const { searchEntries } = await client.search(people, { scope: 'one', attributes: ['1.1'] });
    for (let at = 0; at < searchEntries.length; at += 50) {
      await Promise.all(searchEntries.slice(at, at + 50).map(({ dn }) => client.del(dn)));
    }
    await write(client, `cn=counter,${suffix}`, { kind: 'replace', value: '0' });
  });
}
