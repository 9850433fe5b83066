/**
 * Rounds of: several clients write and note what was acknowledged, the server is killed at a random instant, it starts
 * again, and what it then has is held against the notes. Used by the tests for some rounds, by `npm run torture` for
 * hundreds.
 */
import { expect } from 'vitest';
import type { Control } from '../../src/ldap/control.js';
import { encodeMessage, type message } from '../protocol/client-messages.js';
import type { ReceivedMessage } from '../protocol/client-messages.js';
import type { RawClient } from '../server/raw-client.js';
import { places } from '../support/hosting-tree.js';
import { searchAll, type Installation, type JammdServer } from './jammd-server.js';

const writers = 6;
const parent = places.one;

/** What one entry may be found as. Several where a write was under way: its answer never came. */
type Expectation = ReadonlySet<string>;
const absent = 'absent';

/** Changes own entries only, one after the other, and knows at any time what may be found of them. */
class WriterClient {
  readonly expected: Map<string, Expectation>;
  acknowledged = 0;
  #messageId = 1;

  constructor(
    private readonly name: string,
    private readonly client: RawClient,
    expected: Map<string, Expectation>,
    private readonly random: (below: number) => number,
  ) {
    this.expected = expected;
  }

  /** Writes until the server is gone. */
  async run(): Promise<void> {
    for (let n = 0; !this.client.closed; n++) {
      const first = `${this.name}n${n}a`;
      const second = `${this.name}n${n}b`;
      await this.#change(first, add(first), absent, 'new');
      await this.#change(first, modify(first), 'new', 'changed');
      const then = this.random(4);
      if (then === 0) await this.#rename(first, second);
      if (then === 1) await this.#change(first, remove(first), 'changed', absent);
      if (then === 2) await this.#transact(first, `${this.name}n${n}c`, `${this.name}n${n}d`);
    }
  }

  async #change(name: string, request: Request, from: string, to: string): Promise<void> {
    if (this.client.closed) return;
    this.expected.set(name, new Set([from, to]));
    if (await this.#send(request)) this.expected.set(name, new Set([to]));
  }

  async #rename(from: string, to: string): Promise<void> {
    if (this.client.closed) return;
    // Both together or neither: checked by the pair's key.
    this.expected.set(`${from}>${to}`, new Set(['changed>absent', 'absent>changed']));
    this.expected.delete(from);
    const request = {
      op: 'modifyDN',
      entry: Buffer.from(dnOf(from)),
      newRDN: Buffer.from(`cn=${to}`),
      deleteOldRDN: true,
      newSuperior: undefined,
    } as const;
    if (await this.#send(request)) this.expected.set(`${from}>${to}`, new Set(['absent>changed']));
  }

  /** In one transaction (RFC 5805): the first goes, the others come. Its requests leave one by one, or all at once. */
  async #transact(gone: string, changed: string, fresh: string): Promise<void> {
    if (this.client.closed) return;
    const key = [gone, changed, fresh].join('>');
    this.expected.set(key, new Set(['changed>absent>absent', 'absent>changed>new']));
    this.expected.delete(gone);
    const requests = [remove(gone), add(changed), add(fresh), modify(changed)].map((request) => [request, queued] as const);
    const all = [[startTransaction, []], ...requests, [commit, []]] as const;
    const sends = all.map(
      ([request, controls]) =>
        () =>
          this.#send(request, controls),
    );
    let isDone = true;
    if (this.random(2) === 0) isDone = (await Promise.all(sends.map((send) => send()))).every(Boolean);
    else for (const send of sends) isDone = isDone && (await send());
    if (isDone) this.expected.set(key, new Set(['absent>changed>new']));
  }

  /** False: no answer came. */
  async #send(request: Request, controls: readonly Control[] = []): Promise<boolean> {
    if (this.client.closed) return false;
    const id = ++this.#messageId;
    const answer = (): ReceivedMessage | undefined => this.client.messages.findLast(({ messageId }) => messageId === id);
    this.client.send(encodeMessage({ messageId: id, request, controls }));
    await this.client.until(() => this.client.closed || answer() !== undefined, 'an answer');
    const found = answer();
    if (!found) return false;
    expect(found).toMatchObject({ code: 0 });
    this.acknowledged++;
    return true;
  }
}

type Request = Parameters<typeof message>[1];

const startTransaction: Request = { op: 'extended', name: '1.3.6.1.1.21.1', value: undefined };
const commit: Request = { op: 'extended', name: '1.3.6.1.1.21.3', value: Buffer.from('30050101ff0400', 'hex') };
const queued: readonly Control[] = [{ type: 'transactionSpecification', critical: true, identifier: Buffer.alloc(0) }];

const dnOf = (name: string): string => `cn=${name},${parent}`;

function add(name: string): Request {
  const values = { objectClass: ['organizationalRole'], cn: [name], description: ['new', `${name} new`] };
  return {
    op: 'add',
    entry: Buffer.from(dnOf(name)),
    attributes: Object.entries(values).map(([type, texts]) => ({ type, values: texts.map((text) => Buffer.from(text)) })),
  };
}

/** Two attributes at once: one without the other is half a write. */
function modify(name: string): Request {
  const replace = (type: string, ...texts: string[]) =>
    ({ operation: 'replace', attribute: { type, values: texts.map((text) => Buffer.from(text)) } }) as const;
  return {
    op: 'modify',
    object: Buffer.from(dnOf(name)),
    changes: [replace('description', 'changed', `${name} changed`), replace('telephoneNumber', '1', '2')],
  };
}

function remove(name: string): Request {
  return { op: 'delete', entry: Buffer.from(dnOf(name)) };
}

/** All that was said to be written by the rounds so far. */
export class CrashRounds {
  readonly #expected = new Map<string, Expectation>();
  #round = 0;
  acknowledged = 0;

  constructor(
    private readonly installation: Installation,
    private readonly random: (below: number) => number,
  ) {}

  /** One round. `check`: also go through the database with `jammd check --database`. */
  async run(check: boolean): Promise<void> {
    const round = this.#round++;
    const server = await this.installation.start();
    const clients = await Promise.all(Array.from({ length: writers }, () => server.connectAsManager()));
    const writing = clients.map((client, n) => {
      const writer = new WriterClient(`r${round}w${n}`, client, this.#expected, this.random);
      return writer.run().then(() => (this.acknowledged += writer.acknowledged));
    });
    setTimeout(() => server.daemon.signal('SIGKILL'), 20 + this.random(350));
    await Promise.all(writing);
    await server.stop('SIGKILL');
    if (check) await this.installation.expectSound();
    const again = await this.installation.start();
    await this.#compare(again);
    await again.stop();
  }

  async #compare(server: JammdServer): Promise<void> {
    const found = await entriesOf(server);
    const stateOf = (name: string): string => {
      const entry = found.get(dnOf(name).toLowerCase());
      return entry ? stateIn(entry, name) : absent;
    };
    for (const [key, expected] of this.#expected) {
      const state = key.split('>').map(stateOf).join('>');
      expect([...expected], `${key} is ${state}`).toContain(state);
      // What it was found as it stays.
      this.#expected.set(key, new Set([state]));
    }
    const known = new Set([...this.#expected.keys()].flatMap((key) => key.split('>')));
    for (const name of found.keys()) {
      const written = /^cn=(r\d+w\d+n\d+[abcd]),/.exec(name)?.[1];
      if (written !== undefined) expect(known.has(written), `${written} was never asked for`).toBe(true);
    }
  }
}

type Attributes = Readonly<Record<string, readonly string[]>>;

async function entriesOf(server: JammdServer): Promise<Map<string, Attributes>> {
  const client = await server.connectAsManager();
  await client.send(searchAll(2)).until(({ messages }) => messages.at(-1)!.type === 'search', 'all entries');
  const entries = client.messages.flatMap((entry) =>
    entry.type === 'entry' ? [[entry.dn.toLowerCase(), entry.attributes] as const] : [],
  );
  client.end();
  return new Map(entries);
}

/** `new` or `changed`; whatever is half of either says so. */
function stateIn(attributes: Attributes, name: string): string {
  const description = attributes['description']?.join() ?? '';
  const numbers = attributes['telephoneNumber']?.join() ?? '';
  const origin = name.replace(/b$/, 'a');
  if (description === `new,${origin} new` && numbers === '') return 'new';
  if (description === `changed,${origin} changed` && numbers === '1,2') return 'changed';
  return `half written: ${description} / ${numbers}`;
}
