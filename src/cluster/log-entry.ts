/**
 * One entry of the cluster's log as bytes: a batch of changes that became visible at once on the node that made it, and does
 * so on all others; or the seed, with which a generation begins. Its body follows it inline, or, where that is long, lies
 * beside the log in parts, which are there before the entry is. Integers are big-endian:
 *
 *     u8 format: 1, or 2 where the body is packed  u8 kind  16 generation  32 hash of the entry before  16 batch id
 *     u64 bytes of the log before it
 *     u32 parts  0: the body follows; else: u64 its bytes, 32 its hash
 *
 * A seed's body: u64 number of entries, and the context's CSNs, one text with spaces. A batch's body: u32 number of changes,
 * then for each u8 kind, u8 1 where it has an author, and as fields (u32 length before each): UUID, name, new name, CSN,
 * author, and the attributes afterwards as PartialAttributes (RFC 4511 section 4.1.7), by name: nodes number attributes each
 * in their own way.
 */
import { createHash, type Hash } from 'node:crypto';
import { FieldReader, FieldWriter } from './bytes.js';
import { LogEntryError } from './errors.js';

export const changeKinds = ['add', 'modify', 'rename', 'along', 'delete'] as const;

/** `along`: an entry below one that was renamed. */
export type ChangeKind = (typeof changeKinds)[number];

export interface EntryChange {
  readonly kind: ChangeKind;
  /** Empty where the entry has none. */
  readonly uuid: string;
  /** The entry's name before the change; of a new entry, its name. */
  readonly dn: string;
  /** Its name afterwards, where that changes; else empty. */
  readonly newDn: string;
  readonly csn: string;
  /** Who asked for it, empty for the server itself. Undefined: listeners are not told of it. */
  readonly author: string | undefined;
  /** All attributes afterwards, as PartialAttributes one after the other; empty after a deletion. */
  readonly attributes: Buffer;
}

export interface Seed {
  readonly entries: number;
  readonly context: readonly string[];
}

/** A body that lies beside the log. */
export interface PartedBody {
  readonly parts: number;
  readonly bytes: number;
  readonly hash: Buffer;
}

export interface LogEntry {
  readonly kind: 'seed' | 'batch';
  readonly generation: Buffer;
  /** Of the entry before it; zeros where there is none. */
  readonly previous: Buffer;
  /** Random: by it a node recognises what it has tried to append. */
  readonly batchId: Buffer;
  /** Of all entries before it, bodies included. */
  readonly bytesBefore: number;
  /** As it lies there: packed, or as it is. */
  readonly body: Buffer | PartedBody;
  readonly isPacked: boolean;
}

const plainFormat = 1;
const packedFormat = 2;
const kinds = ['seed', 'batch'] as const;
export const idBytes = 16;
export const hashBytes = 32;

export function sha256(bytes: Buffer): Buffer {
  const hash: Hash = createHash('sha256');
  return hash.update(bytes).digest();
}

export function encodeEntry(entry: LogEntry): Buffer {
  const { body } = entry;
  const writer = new FieldWriter()
    .u8(entry.isPacked ? packedFormat : plainFormat)
    .u8(kinds.indexOf(entry.kind))
    .raw(entry.generation)
    .raw(entry.previous)
    .raw(entry.batchId)
    .u64(entry.bytesBefore);
  if (Buffer.isBuffer(body)) writer.u32(0).raw(body);
  else writer.u32(body.parts).u64(body.bytes).raw(body.hash);
  return writer.finish();
}

/** Throws LogEntryError. */
export function decodeEntry(bytes: Buffer): LogEntry {
  const reader = new FieldReader(bytes);
  const version = reader.u8();
  const isPacked = version === packedFormat;
  if (version !== plainFormat && !isPacked)
    throw new LogEntryError(`a log entry has format ${version}, which this version of jammd does not know`);
  const kind = kinds[reader.u8()];
  if (!kind) throw new LogEntryError('a log entry is of no kind that is known');
  const generation = reader.raw(idBytes);
  const previous = reader.raw(hashBytes);
  const batchId = reader.raw(idBytes);
  const bytesBefore = reader.u64();
  const parts = reader.u32();
  const body = parts === 0 ? reader.rest() : { parts, bytes: reader.u64(), hash: reader.raw(hashBytes) };
  if (!reader.atEnd) throw new LogEntryError('a log entry is longer than it says');
  return { kind, generation, previous, batchId, bytesBefore, body, isPacked };
}

export function encodeSeed({ entries, context }: Seed): Buffer {
  return new FieldWriter().u64(entries).text(context.join(' ')).finish();
}

/** Throws LogEntryError. */
export function decodeSeed(body: Buffer): Seed {
  const reader = new FieldReader(body);
  const entries = reader.u64();
  const context = reader.text();
  if (!reader.atEnd) throw new LogEntryError('a seed is longer than it says');
  return { entries, context: context === '' ? [] : context.split(' ') };
}

export function encodeChanges(changes: readonly EntryChange[]): Buffer {
  const writer = new FieldWriter().u32(changes.length);
  for (const { kind, uuid, dn, newDn, csn, author, attributes } of changes) {
    writer.u8(changeKinds.indexOf(kind)).u8(author === undefined ? 0 : 1);
    writer
      .text(uuid)
      .text(dn)
      .text(newDn)
      .text(csn)
      .text(author ?? '')
      .field(attributes);
  }
  return writer.finish();
}

/** Throws LogEntryError. */
export function decodeChanges(body: Buffer): EntryChange[] {
  const reader = new FieldReader(body);
  const changes: EntryChange[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const kind = changeKinds[reader.u8()];
    const authored = reader.u8();
    if (!kind || authored > 1) throw new LogEntryError('a change in a log entry is of no kind that is known');
    const [uuid, dn, newDn, csn, author] = [reader.text(), reader.text(), reader.text(), reader.text(), reader.text()];
    changes.push({ kind, uuid, dn, newDn, csn, author: authored === 0 ? undefined : author, attributes: reader.field() });
  }
  if (!reader.atEnd) throw new LogEntryError('a batch is longer than it says');
  return changes;
}
