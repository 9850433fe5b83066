/**
 * The key layout of the database. Keys are strings; a number in a key is written as chars of 7 bits, most significant
 * first, so that keys sort by number and take one byte a char.
 *
 *     m:<word>                 meta data
 *     a<number5>               attribute dictionary: the description's text
 *     d<ndn>                   id of the entry with this normalised DN
 *     e<id5>                   entry record
 *     n<id5>                   counters of an entry that has children
 *     k<id5>                   posting list: the children of an entry
 *     p<attribute3><kind><term>  posting list: the entries that hold an indexed term
 *     c<list5><number4>        container of a posting list that has outgrown its head
 *     l<position7>             a change in the change log
 */
import { createHash } from 'node:crypto';

/** Longer names and terms are kept as a hash. */
const literalCharsMax = 200;

/** No key is longer, in bytes: prefix, and 200 chars of at most 3 bytes. */
export const keyBytesMax = 700;

export const metaKeys = {
  format: 'm:format',
  state: 'm:state',
  policy: 'm:policy',
  loading: 'm:loading',
  lists: 'm:lists',
  /** The latest time that a write was stamped with, in microseconds: a double. */
  clock: 'm:clock',
  /** How far the change log goes. */
  log: 'm:log',
  /** The highest CSN of each server, in words. */
  context: 'm:context',
  /** How much of its cluster's log is in the database. */
  cluster: 'm:cluster',
  /** 32 random bytes. */
  secret: 'm:secret',
  /** Random bytes, gone with the next write: what lies beside the database under the same bytes was derived from it as it is. */
  seal: 'm:seal',
  /** Never there: written and deleted at once to see whether the disk takes it. */
  probe: 'm:probe',
} as const;

/** Half-open ranges of keys. */
export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

export const keyRanges = {
  attributes: { gte: 'a', lt: 'b' },
  containers: { gte: 'c', lt: 'd' },
  /** Both literal (`d`) and hashed (`D`) names: two ranges. */
  names: { gte: 'd', lt: 'e' },
  hashedNames: { gte: 'D', lt: 'E' },
  records: { gte: 'e', lt: 'f' },
  children: { gte: 'k', lt: 'l' },
  log: { gte: 'l', lt: 'm' },
  counters: { gte: 'n', lt: 'o' },
  terms: { gte: 'p', lt: 'q' },
} as const satisfies Record<string, KeyRange>;

/** 35 bits in five chars. */
function number5(value: number): string {
  return String.fromCharCode(
    Math.floor(value / 0x10000000) & 0x7f,
    (value >>> 21) & 0x7f,
    (value >>> 14) & 0x7f,
    (value >>> 7) & 0x7f,
    value & 0x7f,
  );
}

function parse5(key: string): number {
  let value = 0;
  for (let index = 1; index <= 5; index++) value = value * 128 + key.charCodeAt(index);
  return value;
}

export function recordKey(id: number): string {
  return 'e' + number5(id);
}

export function countersKey(id: number): string {
  return 'n' + number5(id);
}

export function childrenKey(id: number): string {
  return 'k' + number5(id);
}

export function attributeKey(number: number): string {
  return 'a' + number5(number);
}

/** `position` is below 2^49. */
export function logKey(position: number): string {
  const high = Math.floor(position / 0x800000000);
  return 'l' + String.fromCharCode((high >>> 7) & 0x7f, high & 0x7f) + number5(position % 0x800000000);
}

/** The number in a record's, counter's, children's or attribute's key. */
export function numberInKey(key: string): number {
  return parse5(key);
}

export function containerKey(list: number, number: number): string {
  return (
    containerPrefix(list) +
    String.fromCharCode((number >>> 21) & 0x7f, (number >>> 14) & 0x7f, (number >>> 7) & 0x7f, number & 0x7f)
  );
}

function containerPrefix(list: number): string {
  return 'c' + number5(list);
}

export function containerRange(list: number): KeyRange {
  return { gte: containerPrefix(list), lt: containerPrefix(list + 1) };
}

/** The list and the container's number in it. */
export function partsOfContainerKey(key: string): { list: number; number: number } {
  let number = 0;
  for (let index = 6; index < 10; index++) number = number * 128 + key.charCodeAt(index);
  return { list: parse5(key), number };
}

/** Half a surrogate pair has no UTF-8 form of its own: two such strings could share one key. */
const surrogate = /[\ud800-\udfff]/;

function isLiteral(text: string): boolean {
  return text.length <= literalCharsMax && !surrogate.test(text);
}

function hashed(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64url');
}

export function nameKey(ndn: string): string {
  return isLiteral(ndn) ? 'd' + ndn : 'D' + hashed(ndn);
}

export type IndexUnitKind = 'pres' | 'eq' | 'sub';

/** What all keys of one index of one attribute start with. */
export function indexPrefix(attribute: number, kind: IndexUnitKind): string {
  return 'p' + String.fromCharCode((attribute >>> 14) & 0x7f, (attribute >>> 7) & 0x7f, attribute & 0x7f) + kind[0]!;
}

export const indexPrefixChars = 5;

export function indexRange(prefix: string): KeyRange {
  const last = prefix.length - 1;
  return { gte: prefix, lt: prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1) };
}

/** The posting list of one term of the index that `prefix` names. */
export function termKey(prefix: string, term: string): string {
  return isLiteral(term) ? prefix + '=' + term : prefix + '#' + hashed(term);
}

/** The posting list of the entries that have more terms than the index takes. */
export function overflowKey(prefix: string): string {
  return prefix + '!';
}
