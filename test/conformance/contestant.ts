/** One server in a comparison: keeps a connection for every identity a script names, and answers its steps. */
import { manager, managerPassword } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { integer, octets, sequence } from '../support/wire/ber.js';
import { ConnectionClosed, NoAnswer, WireClient, type WireEntry, type WireResult } from '../support/wire/client.js';
import type { Operation, WireControl } from '../support/wire/operation.js';
import { printable } from './tolerances.js';
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
  /** Compare the order of values and the controls of each entry, too. */
  readonly inDetail?: boolean;
  /** slapd answers an entry as often as aliases lead to it; once is right. */
  readonly once?: boolean;
  /** Compare how many entries there are, not which: a limit cuts where the store's order has it. */
  readonly counted?: boolean;
  /** A search that is asked for page by page to its end, with pages of this size. */
  readonly pageSize?: number;
  /** One page of a search, so that other things can happen before the next. */
  readonly page?: PageRequest;
  /** What a server does in the background has this long to be done. */
  readonly afterMs?: number;
  /** Other result codes than slapd's that say the same thing just as well. */
  readonly either?: readonly number[];
  /** Where slapd is wrong: what is right, and why. */
  readonly rather?: { readonly because: string; readonly outcome: Partial<Outcome> };
}

/** Cookies go by names, since each server makes its own; they are known on all connections. */
export interface PageRequest {
  readonly size: number;
  /** The cookie that an earlier page was kept under; absent: the first page. */
  readonly cookie?: string;
  /** The name under which the cookie of this page is kept. */
  readonly keep?: string;
  /** What is done to the cookie before it is sent. */
  readonly spoiled?: 'flipped' | 'cut' | 'longer';
  readonly critical?: boolean;
}

/** Where the page that a step names was left out, as happens while a long episode is shortened. */
const neverGiven = Buffer.from('no such page');

const answerTimeoutMs = 15_000;
const pagesMax = 100;
const busy = 51;
const busyAttemptsMax = 20;
const busyPauseMs = 50;

export class Contestant {
  readonly #port: number;
  readonly #connections = new Map<Asker, WireClient>();
  readonly #cookies = new Map<string, Buffer>();

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
      if (step.afterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, step.afterMs));
      const result = await connection.request(this.#withPage(step), answerTimeoutMs);
      if (step.page?.keep !== undefined) this.#cookies.set(step.page.keep, pageCookie(result) ?? Buffer.alloc(0));
      const outcome = toOutcome(result, operation.op === 'extended' ? operation.oid : undefined);
      if (step.counted === true) return countOnly(outcome);
      if (step.inDetail === true) return { ...outcome, order: result.entries.map((_, at) => entryInDetail(result, at)).sort() };
      return step.inOrder === true ? { ...outcome, order: result.entries.map(({ dn }) => dn) } : outcome;
    } catch (error) {
      this.#connections.delete(asker);
      connection.destroy();
      if (error instanceof ConnectionClosed) return { code: 'closed' };
      if (error instanceof NoAnswer) return { code: 'no answer' };
      throw error;
    }
  }

  #withPage({ operation, page }: Step): Operation {
    if (page === undefined) return operation;
    const kept = page.cookie === undefined ? Buffer.alloc(0) : (this.#cookies.get(page.cookie) ?? neverGiven);
    const control = pageControl(page.size, spoil(kept, page.spoiled), page.critical);
    return { ...operation, controls: [...(operation.controls ?? []), control] };
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
    const controls = [...(operation.controls ?? []), pageControl(size, cookie)];
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

function pageControl(size: number, cookie: Buffer, critical = true): WireControl {
  return { oid: pagedResults, critical, value: { hex: sequence(integer(size), octets(cookie)).toString('hex') } };
}

function spoil(cookie: Buffer, how: PageRequest['spoiled']): Buffer {
  switch (how) {
    case undefined:
      return cookie;
    case 'flipped':
      return Buffer.from(cookie.map((octet) => octet ^ 0xff));
    case 'cut':
      return cookie.subarray(0, -1);
    case 'longer':
      return Buffer.concat([cookie, Buffer.from([0])]);
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
  const text = JSON.stringify(rest, (_, value: unknown) =>
    typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}...(${value.length})` : value,
  );
  const pages = step.pageSize === undefined ? '' : ` in pages of ${step.pageSize}`;
  const page = step.page === undefined ? '' : ` page ${JSON.stringify(step.page)}`;
  return `${step.as ?? 'manager'}: ${op} ${text.slice(0, 600)}${pages}${page}`;
}

function entryInDetail({ entries, entryControls }: WireResult, at: number): string {
  const { dn, attributes } = entries[at]!;
  const values = attributes.map((attribute) => `${attribute.type}: ${attribute.values.map(printable).join(' | ')}`).sort();
  const controls = (entryControls[at] ?? []).map(({ oid, value }) => `${oid}=${value?.toString('hex') ?? ''}`);
  return [dn, ...values, ...controls].join('\n');
}
