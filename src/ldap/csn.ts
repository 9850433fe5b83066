/**
 * Change sequence numbers as slapd spells them: `20261123110000.123456Z#000000#000#000000`, which is time in microseconds,
 * a count within it, the id of the server that made the change, and a modification number.
 */

const form = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{6}))?Z#([\da-f]{6})#([\da-f]{2,3})#[\da-f]{6}$/i;

/** The time in it, in microseconds since 1970; undefined where the text is no CSN. */
export function csnMicroseconds(csn: string): number | undefined {
  const found = form.exec(csn);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second, fraction] = Array.from(found.slice(1, 8), (part: string | undefined) =>
    Number(part ?? 0),
  );
  return Date.UTC(year!, month! - 1, day, hour, minute, second) * 1_000 + fraction!;
}

/** As nearly all are. */
const fullForm = /^\d{14}\.\d{6}Z#[\da-f]{6}#[\da-f]{3}#[\da-f]{6}$/;

/** The id of the server that made the change; undefined where the text is no CSN. */
export function csnServerId(csn: string): number | undefined {
  if (fullForm.test(csn)) return parseInt(csn.slice(30, 33), 16);
  const sid = form.exec(csn)?.[9];
  return sid === undefined ? undefined : parseInt(sid, 16);
}

/** Above every CSN that this CSN's server has given before it, and below it; undefined where the text is no full CSN. */
export function csnRightBelow(csn: string): string | undefined {
  const found = /^(\d{14})\.(\d{6})Z#([\da-f]{6})#([\da-f]{3})#[\da-f]{6}$/.exec(csn);
  if (!found) return undefined;
  const [, seconds, fraction, count, sid] = found as unknown as readonly [string, string, string, string, string];
  if (parseInt(count, 16) > 0) return `${seconds}.${fraction}Z#${hex6(parseInt(count, 16) - 1)}#${sid}#ffffff`;
  const before = csnMicroseconds(csn)! - 1;
  const time = new Date(Math.floor(before / 1_000)).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return `${time}.${String(before % 1_000_000).padStart(6, '0')}Z#ffffff#${sid}#ffffff`;
}

function hex6(value: number): string {
  return value.toString(16).padStart(6, '0');
}

/** The highest CSN of each server, as `contextCSN` and sync cookies list them: ascending by server. Immutable. */
export class CsnSet {
  static readonly empty = new CsnSet(new Map());
  readonly #bySid: ReadonlyMap<number, string>;
  #values: readonly string[] | undefined;

  private constructor(bySid: ReadonlyMap<number, string>) {
    this.#bySid = bySid;
  }

  /** Of each server the highest; what is no CSN is left out. */
  static of(csns: Iterable<string>): CsnSet {
    const bySid = new Map<number, string>();
    for (const csn of csns) {
      const sid = csnServerId(csn);
      if (sid !== undefined && (bySid.get(sid) ?? '') < csn) bySid.set(sid, csn);
    }
    return bySid.size === 0 ? CsnSet.empty : new CsnSet(bySid);
  }

  get size(): number {
    return this.#bySid.size;
  }

  values(): readonly string[] {
    this.#values ??= [...this.#bySid].sort(([a], [b]) => a - b).map(([, csn]) => csn);
    return this.#values;
  }

  /** The CSN of the server that made this one. */
  ofSameServer(csn: string): string | undefined {
    return this.#bySid.get(csnServerId(csn) ?? -1);
  }

  /** Is this CSN, or a later one of its server, in the set? */
  covers(csn: string): boolean {
    const own = this.ofSameServer(csn);
    return own !== undefined && own >= csn;
  }

  /** Does it cover every CSN of `other`? */
  coversAll(other: CsnSet): boolean {
    return other.values().every((csn) => this.covers(csn));
  }

  /** With this CSN where it is higher. The same set where it is not. */
  with(csn: string): CsnSet {
    const sid = csnServerId(csn);
    if (sid === undefined) return this;
    const own = this.#bySid.get(sid);
    if (own !== undefined && own >= csn) return this;
    return new CsnSet(new Map(this.#bySid).set(sid, csn));
  }

  withAll(other: CsnSet): CsnSet {
    return other.values().reduce((set: CsnSet, csn) => set.with(csn), this);
  }
}
