/** The operational attributes that the server keeps: who wrote an entry and when, its UUID, its change number. */
import { randomUUID } from 'node:crypto';
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { AttributeDescription, ObjectClass, Schema } from '../../ldap/schema.js';
import { wellKnownOf } from './schema-check.js';

/** The second that was spelled last: an import, or a busy server, asks for the same one again and again. */
let spelledSecond = { second: NaN, text: '' };

/** `20261123110000Z` */
export function generalizedTime(time: Date): string {
  const second = Math.floor(time.getTime() / 1_000);
  if (second !== spelledSecond.second) {
    spelledSecond = { second, text: `${time.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z` };
  }
  return spelledSecond.text;
}

/**
 * Change sequence numbers as slapd writes them: time in microseconds, a count within it, server id, modification
 * number: `20261123110000.123456Z#000000#000#000000`. Later ones sort after earlier ones, also when the clock steps back.
 */
export class ChangeSequence {
  #serverId = '000';
  #lastMicroseconds = 0;
  /** `#lastMicroseconds` as it is spelled. */
  #time = '';
  #count = 0;

  /** `serverId`: 0 to 4095. */
  constructor(serverId = 0) {
    this.serverId = serverId;
  }

  set serverId(serverId: number) {
    this.#serverId = serverId.toString(16).padStart(3, '0');
  }

  /** What was given out last, in microseconds. */
  get latestTime(): number {
    return this.#lastMicroseconds;
  }

  /** Goes on after what was given out before, also when the clock has stepped back since. */
  resumeAfter(microseconds: number): void {
    if (microseconds > this.#lastMicroseconds) this.#moveTo(microseconds + 1);
  }

  next(now = Date.now()): string {
    const microseconds = now * 1_000;
    if (microseconds > this.#lastMicroseconds) this.#moveTo(microseconds);
    else if (++this.#count > 0xffffff) this.#moveTo(this.#lastMicroseconds + 1);
    const count = this.#count.toString(16).padStart(6, '0');
    return `${this.#time}#${count}#${this.#serverId}#000000`;
  }

  #moveTo(microseconds: number): void {
    this.#lastMicroseconds = microseconds;
    this.#count = 0;
    const time = new Date(Math.floor(microseconds / 1_000));
    const fraction = String(microseconds % 1_000_000).padStart(6, '0');
    this.#time = `${generalizedTime(time).slice(0, 14)}.${fraction}Z`;
  }
}

/** Who changed an entry, and when: what one write stamps on it. */
export interface ChangeStamp {
  readonly author: DN | undefined;
  readonly time: Date;
  readonly csn: string;
  /** The time in the CSN, in microseconds. */
  readonly microseconds: number;
}

/** A value that one write after the other has: made into bytes when it changes. */
class RepeatedValue {
  #text = '';
  #bytes = Buffer.alloc(0);

  bytes(text: string): Buffer {
    if (text !== this.#text) {
      this.#text = text;
      this.#bytes = Buffer.from(text);
    }
    return this.#bytes;
  }
}

const repeatedClass = new RepeatedValue();
const repeatedAuthor = new RepeatedValue();
const repeatedTime = new RepeatedValue();

/** Adds what a new entry gets, keeping what it brought along (an import, or the Relax control). */
export function stampNew(entry: EntryDraft, structural: ObjectClass, stamp: ChangeStamp, schema: Schema, lastmod: boolean): void {
  const known = wellKnownOf(schema);
  entry.set(known.structuralObjectClass, [repeatedClass.bytes(structural.name)]);
  if (!lastmod) return;
  const author = repeatedAuthor.bytes(stamp.author?.toString() ?? '');
  const time = repeatedTime.bytes(generalizedTime(stamp.time));
  const ifMissing = (description: AttributeDescription, value: Buffer): void => {
    if (entry.values(description).length === 0) entry.set(description, [value]);
  };
  ifMissing(known.entryUUID, Buffer.from(randomUUID()));
  ifMissing(known.creatorsName, author);
  ifMissing(known.createTimestamp, time);
  ifMissing(known.entryCSN, Buffer.from(stamp.csn));
  ifMissing(known.modifiersName, author);
  ifMissing(known.modifyTimestamp, time);
}

/** What the Relax control lets those write who may manage it. */
const manageable = new Set([
  ...['creatorsname', 'createtimestamp', 'modifiersname', 'modifytimestamp', 'entryuuid'],
  ...['pwdchangedtime', 'pwdfailuretime', 'pwdhistory', 'pwdgraceusetime', 'pwdaccounttmplockoutend'],
]);

export function isManageable(description: AttributeDescription): boolean {
  return manageable.has(description.key);
}

/** As `stampChanged`, but for what the change itself sets (under the Relax control). */
export function stampModified(
  entry: EntryDraft,
  changes: readonly { readonly description: AttributeDescription }[],
  stamp: ChangeStamp,
  schema: Schema,
): void {
  const given = changes.map(({ description }) => description).filter(isManageable);
  const kept = given.map((description) => [description, entry.values(description)] as const);
  stampChanged(entry, stamp, schema);
  for (const [description, values] of kept) if (values.length > 0) entry.set(description, values);
}

export function stampChanged(entry: EntryDraft, stamp: ChangeStamp, schema: Schema): void {
  const known = wellKnownOf(schema);
  entry.set(known.entryCSN, [Buffer.from(stamp.csn)]);
  entry.set(known.modifiersName, [repeatedAuthor.bytes(stamp.author?.toString() ?? '')]);
  entry.set(known.modifyTimestamp, [repeatedTime.bytes(generalizedTime(stamp.time))]);
}

/** Who changed the entry; when, and by which change, stays as it was. */
export function stampAuthor(entry: EntryDraft, author: DN | undefined, schema: Schema): void {
  entry.set(wellKnownOf(schema).modifiersName, [Buffer.from(author?.toString() ?? '')]);
}
