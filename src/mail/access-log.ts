/**
 * Changes as slapd's accesslog overlay keeps them (cn=accesslog), as far as the person who asks may read them. Its requests hold
 * values; of those only the attributes' names are kept.
 */
import { GreaterThanEqualsFilter, LessThanEqualsFilter } from 'ldapts';
import type { DirectoryConnection } from './connection.js';
import { and, equals, or } from './filters.js';
import { meaningOf, type ChangeKind, type ChangeLog, type LoggedChange } from './logged-change.js';
import type { MailEntry } from './mail-entry.js';
import { parentOf } from './names.js';

const kinds: Readonly<Record<string, ChangeKind>> = {
  add: 'added',
  modify: 'changed',
  modrdn: 'renamed',
  delete: 'deleted',
};

const attributes = ['reqStart', 'reqType', 'reqDN', 'reqAuthzID', 'reqResult', 'reqMod', 'reqNewRDN', 'reqNewSuperior'];
/** Results that the audit log tells of as well: done, or not allowed. */
const done = '0';
const refusals: ReadonlySet<string> = new Set(['8', '13', '48', '49', '50', '123']);

const hourMs = 3_600_000;
const limits = {
  /** Entries of one search. The database answers with the oldest first, so one that is cut off is asked again for less time. */
  entries: 1_000,
  searches: 60,
  firstMs: hourMs,
  leastMs: 1_000,
  mostMs: 60 * 24 * hourMs,
  /** Nothing older is looked for. */
  ageMs: 400 * 24 * hourMs,
} as const;

export class AccessLog implements ChangeLog {
  readonly #directory: DirectoryConnection;
  readonly #base: string;
  readonly #before: Date;
  cut = false;

  constructor(directory: DirectoryConnection, base: string, before: Date = new Date(Date.now() + limits.leastMs)) {
    this.#directory = directory;
    this.#base = base;
    this.#before = before;
  }

  async *changes(): AsyncGenerator<LoggedChange> {
    const oldest = this.#before.getTime() - limits.ageMs;
    let [end, span]: [number, number] = [this.#before.getTime(), limits.firstMs];
    for (let searches = 0; end > oldest; searches++) {
      if (searches >= limits.searches) {
        this.cut = true;
        return;
      }
      const start = end - span;
      const { entries, cut } = await this.#between(start, end);
      if (cut && span > limits.leastMs) {
        span = Math.max(limits.leastMs, Math.floor(span / 4));
        continue;
      }
      if (cut) this.cut = true;
      // By all digits: several changes can be of one millisecond.
      const newestFirst = [...entries].sort((left, right) => startOf(right).localeCompare(startOf(left), 'en'));
      yield* newestFirst.flatMap(changeOf);
      end = start;
      span = Math.min(limits.mostMs, span * 2);
    }
  }

  #between(startMs: number, endMs: number): ReturnType<DirectoryConnection['list']> {
    const filter = and(
      new GreaterThanEqualsFilter({ attribute: 'reqStart', value: generalizedTime(startMs, 'first') }),
      new LessThanEqualsFilter({ attribute: 'reqStart', value: generalizedTime(endMs - 1, 'last') }),
      or(...Object.keys(kinds).map((type) => equals('reqType', type))),
    );
    return this.#directory.list(this.#base, { filter, attributes, max: limits.entries });
  }
}

/** Of a millisecond, its first or its last microsecond. */
function generalizedTime(ms: number, end: 'first' | 'last'): string {
  return new Date(ms)
    .toISOString()
    .replace(/[-T:]/g, '')
    .replace('Z', end === 'first' ? '000Z' : '999Z');
}

function startOf(entry: MailEntry): string {
  return entry.first('reqStart') ?? '';
}

function changeOf(entry: MailEntry): readonly LoggedChange[] {
  const kind = kinds[entry.first('reqType') ?? ''];
  const at = timeOf(startOf(entry));
  const dn = entry.first('reqDN');
  const result = entry.first('reqResult') ?? done;
  if (kind === undefined || at === undefined || dn === undefined || !(result === done || refusals.has(result))) return [];
  const newRdn = entry.first('reqNewRDN');
  const names = entry.all('reqMod').flatMap((change) => /^([^:]{1,200}):/.exec(change)?.[1] ?? []);
  const meaning = meaningOf(kind, names);
  if (meaning === undefined) return [];
  return [
    {
      at,
      who: entry.first('reqAuthzID'),
      from: undefined,
      dn,
      newDn: newRdn === undefined ? undefined : `${newRdn},${entry.first('reqNewSuperior') ?? parentOf(dn)}`,
      ...meaning,
      refused: result !== done,
    },
  ];
}

/** `20261128175013.100000Z` */
function timeOf(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second, fraction = '0'] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
}
