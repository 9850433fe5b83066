/** One server in a comparison: keeps a connection for every identity a script names, and answers its steps. */
import { manager, managerPassword } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { integer, octets, sequence } from '../support/wire/ber.js';
import { ConnectionClosed, NoAnswer, WireClient, type WireEntry } from '../support/wire/client.js';
import type { Operation } from '../support/wire/operation.js';
import { pageCookie, pagedResults, toOutcome, type Outcome } from './outcome.js';

/**
 * Who asks: the Manager (default), nobody, one of the sample people, or `#name` for a connection that starts out
 * anonymous and does with binds what the script says.
 */
export type Asker = 'manager' | 'anonymous' | keyof typeof people | `#${string}`;

export interface Step {
  readonly as?: Asker;
  readonly operation: Operation;
  /** Compare the order of the entries, too: the answer was asked to be sorted. */
  readonly inOrder?: boolean;
  /** slapd answers an entry as often as aliases lead to it; once is right. */
  readonly once?: boolean;
  /** Compare how many entries there are, not which: a limit cuts where the store's order has it. */
  readonly counted?: boolean;
  /** A search that is asked for page by page to its end, with pages of this size. */
  readonly pageSize?: number;
  /** Other result codes than slapd's that say the same thing just as well. */
  readonly either?: readonly number[];
  /** Where slapd is wrong: what is right, and why. */
  readonly rather?: { readonly because: string; readonly outcome: Partial<Outcome> };
}

const answerTimeoutMs = 15_000;
const pagesMax = 100;
const busy = 51;
const busyAttemptsMax = 20;
const busyPauseMs = 50;

export class Contestant {
  readonly #port: number;
  readonly #connections = new Map<Asker, WireClient>();

  constructor(port: number) {
    this.#port = port;
  }

  async answer(step: Step): Promise<Outcome> {
    const { operation } = step;
    const asker = step.as ?? 'manager';
    const connection = await this.#connection(asker);
    try {
      if (step.pageSize !== undefined) {
        const pages = await answerPagesWhenFree(connection, operation, step.pageSize);
        return step.counted === true ? countOnly(pages) : pages;
      }
      const result = await connection.request(operation, answerTimeoutMs);
      const outcome = toOutcome(result, operation.op === 'extended' ? operation.oid : undefined);
      if (step.counted === true) return countOnly(outcome);
      return step.inOrder === true ? { ...outcome, order: result.entries.map(({ dn }) => dn) } : outcome;
    } catch (error) {
      this.#connections.delete(asker);
      connection.destroy();
      if (error instanceof ConnectionClosed) return { code: 'closed' };
      if (error instanceof NoAnswer) return { code: 'no answer' };
      throw error;
    }
  }

  async answerAll(steps: readonly Step[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await this.answer(step));
    return outcomes;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  async #connection(asker: Asker): Promise<WireClient> {
    const known = this.#connections.get(asker);
    if (known !== undefined && !known.isClosed) return known;
    const connection = await WireClient.connect(this.#port);
    const identity = credentials(asker);
    if (identity !== undefined) {
      const { code } = await connection.request({ op: 'bind', name: identity.dn, password: identity.password });
      if (code !== 0) throw new Error(`${asker} could not bind: ${code}`);
    }
    this.#connections.set(asker, connection);
    return connection;
  }
}

function countOnly({ code, controls, pages, entries = {} }: Outcome): Outcome {
  return {
    code,
    ...(controls === undefined ? {} : { controls }),
    ...(pages === undefined ? {} : { pages }),
    count: Object.keys(entries).length,
  };
}

/** slapd's sorting overlay is at times busy (51) with the page before: then all is asked again. */
async function answerPagesWhenFree(connection: WireClient, operation: Operation, size: number): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const pages = await answerPages(connection, operation, size);
    if (pages.code !== busy || attempt === busyAttemptsMax) return pages;
    await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
  }
}

/** All pages as one answer: its entries, how they came in pages, and how the last one ended. */
async function answerPages(connection: WireClient, operation: Operation, size: number): Promise<Outcome> {
  const entries: WireEntry[] = [];
  const pages: number[] = [];
  let cookie: Buffer | undefined = Buffer.alloc(0);
  for (;;) {
    const value = { hex: sequence(integer(size), octets(cookie)).toString('hex') };
    const controls = [...(operation.controls ?? []), { oid: pagedResults, critical: true, value }];
    const result = await connection.request({ ...operation, controls }, answerTimeoutMs);
    entries.push(...result.entries);
    pages.push(result.entries.length);
    cookie = pageCookie(result);
    const isLast = cookie === undefined || cookie.length === 0 || result.code !== 0 || pages.length >= pagesMax;
    if (cookie === undefined || isLast) {
      return { ...toOutcome({ ...result, entries }), pages, order: entries.map(({ dn }) => dn) };
    }
  }
}

function credentials(asker: Asker): { readonly dn: string; readonly password: string } | undefined {
  if (asker === 'manager') return { dn: manager, password: managerPassword };
  return asker in people ? people[asker as keyof typeof people] : undefined;
}

/** What jammd is to answer, given what slapd answered. */
export function expected(step: Step, reference: Outcome, actual: Outcome): Outcome {
  const told = step.once === true ? withoutRepeats(reference) : reference;
  const wanted = step.rather === undefined ? told : { ...told, ...step.rather.outcome };
  const isAsGood = typeof actual.code === 'number' && step.either?.includes(actual.code) === true;
  return isAsGood ? { ...wanted, code: actual.code } : wanted;
}

function withoutRepeats({ entries = {}, ...rest }: Outcome): Outcome {
  const once = Object.entries(entries).filter(([dn]) => !dn.endsWith(' (again)'));
  return { ...rest, ...(once.length === 0 ? {} : { entries: Object.fromEntries(once) }) };
}

/** One line for a step, as a test's title and in reports. */
export function describeStep(step: Step): string {
  const { op, ...rest } = step.operation;
  const text = JSON.stringify(rest, (_, value: unknown) => (typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}...(${value.length})` : value));
  const pages = step.pageSize === undefined ? '' : ` in pages of ${step.pageSize}`;
  return `${step.as ?? 'manager'}: ${op} ${text.slice(0, 600)}${pages}`;
}
