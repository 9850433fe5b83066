/**
 * One committed change as the change log keeps it: the entry before and after, and the CSN. As bytes:
 *
 *     0  u8 layout version   1  u8 kind   2  u16 bytes of the CSN   4  u32 bytes of the entry before
 *     8  the CSN, the record before, the record after
 */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryRecord } from '../../entry/record.js';
import { StoreDamagedError } from '../errors.js';

/** `along`: an entry below one that was renamed. It follows that change in the log and has its CSN. */
export type LoggedKind = 'add' | 'modify' | 'rename' | 'along' | 'delete';

/** A change before it has its place in the log. */
export interface UnplacedChange {
  readonly kind: LoggedKind;
  readonly csn: string;
  /** Undefined for an add. */
  readonly before: EntryRecord | undefined;
  /** Undefined for a deletion. */
  readonly after: EntryRecord | undefined;
}

export interface LoggedChange extends UnplacedChange {
  readonly position: number;
}

const layoutVersion = 1;
const headBytes = 8;
const kinds: readonly LoggedKind[] = ['add', 'modify', 'rename', 'along', 'delete'];

export function loggedBytes({ csn, before, after }: UnplacedChange): number {
  return headBytes + csn.length + (before?.buffer.length ?? 0) + (after?.buffer.length ?? 0);
}

/** Most changes fit: what is made for each would keep the garbage collector busy. */
const scratch = Buffer.allocUnsafeSlow(64 << 10);

/** Valid until the next call. */
export function encodeChange(change: UnplacedChange): Buffer {
  const { kind, csn, before, after } = change;
  const size = loggedBytes(change);
  const bytes = size <= scratch.length ? scratch.subarray(0, size) : Buffer.allocUnsafe(size);
  const beforeBytes = before?.buffer.length ?? 0;
  bytes[0] = layoutVersion;
  bytes[1] = kinds.indexOf(kind);
  bytes.writeUInt16LE(csn.length, 2);
  bytes.writeUInt32LE(beforeBytes, 4);
  bytes.write(csn, headBytes, 'latin1');
  const start = headBytes + csn.length;
  before?.buffer.copy(bytes, start);
  after?.buffer.copy(bytes, start + beforeBytes);
  return bytes;
}

/** The CSN alone. Throws StoreDamagedError. */
export function csnOfEncoded(bytes: Buffer, position: number): string {
  const csn = csnIfLegible(bytes);
  if (csn === undefined) throw damaged(position);
  return csn;
}

export function csnIfLegible(bytes: Buffer): string | undefined {
  const csnBytes = bytes.length >= headBytes && bytes[0] === layoutVersion ? bytes.readUInt16LE(2) : 0;
  if (csnBytes === 0 || headBytes + csnBytes > bytes.length) return undefined;
  return bytes.toString('latin1', headBytes, headBytes + csnBytes);
}

/** Throws StoreDamagedError. */
export function decodeChange(bytes: Buffer, position: number, dictionary: AttributeDictionary): LoggedChange {
  const csn = csnOfEncoded(bytes, position);
  const kind = kinds[bytes[1]!];
  const start = headBytes + csn.length;
  const middle = start + bytes.readUInt32LE(4);
  if (!kind || middle > bytes.length) throw damaged(position);
  const record = (from: number, to: number): EntryRecord | undefined => {
    if (from === to) return undefined;
    const image = bytes.subarray(from, to);
    if (!EntryRecord.isWhole(image)) throw damaged(position);
    return new EntryRecord(image, dictionary);
  };
  return { position, kind, csn, before: record(start, middle), after: record(middle, bytes.length) };
}

function damaged(position: number): StoreDamagedError {
  return new StoreDamagedError(`change ${position} of the change log is damaged`);
}
