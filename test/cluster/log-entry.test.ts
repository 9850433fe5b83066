/** Log entries come back as they were, and bytes that are no entry are refused with an error of that kind. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogEntryError } from '../../src/cluster/errors.js';
import {
  changeKinds,
  decodeChanges,
  decodeEntry,
  decodeSeed,
  encodeChanges,
  encodeEntry,
  encodeSeed,
  type EntryChange,
  type LogEntry,
} from '../../src/cluster/log-entry.js';
import { pack, unpack } from '../../src/cluster/packing.js';
import { parsePosition, positionText } from '../../src/cluster/position.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const someBytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const change: fc.Arbitrary<EntryChange> = fc.record({
  kind: fc.constantFrom(...changeKinds),
  uuid: text,
  dn: text,
  newDn: text,
  csn: text,
  author: fc.option(text, { nil: undefined }),
  attributes: someBytes,
});

const entry: fc.Arbitrary<LogEntry> = fc.record({
  kind: fc.constantFrom('seed' as const, 'batch' as const),
  generation: bytes(16),
  previous: bytes(32),
  batchId: bytes(16),
  bytesBefore: size,
  body: fc.oneof(someBytes, fc.record({ parts: fc.integer({ min: 1, max: 120 }), bytes: size, hash: bytes(32) })),
  isPacked: fc.boolean(),
});

it('entries, changes, seeds and positions come back', () => {
  fc.assert(
    fc.property(entry, fc.array(change, { maxLength: 8 }), size, (given, changes, number) => {
      expect(decodeEntry(encodeEntry(given))).toEqual(given);
      expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
      const seed = { entries: number, context: changes.map((_, at) => `csn${at}`) };
      expect(decodeSeed(encodeSeed(seed))).toEqual(seed);
      const position = { generation: given.generation, index: number % 1e15, hash: given.previous, bytes: number % 1e15 };
      expect(parsePosition(positionText(position))).toEqual(position);
    }),
    { numRuns: 200 },
  );
});

it('whatever is cut, changed or made up is an entry or a LogEntryError', () => {
  const readable = (decode: (from: Buffer) => unknown, from: Buffer): void => {
    try {
      decode(from);
    } catch (error) {
      expect(error).toBeInstanceOf(LogEntryError);
    }
  };
  fc.assert(
    fc.property(entry, fc.array(change, { maxLength: 4 }), someBytes, fc.nat(), (given, changes, noise, at) => {
      for (const [decode, whole] of [
        [decodeEntry, encodeEntry(given)],
        [decodeChanges, encodeChanges(changes)],
        [decodeSeed, encodeSeed({ entries: 1, context: [] })],
      ] as const) {
        readable(decode, noise);
        readable(decode, whole.subarray(0, at % whole.length));
        const changed = Buffer.from(whole);
        changed[at % whole.length]! ^= 0xff;
        readable(decode, changed);
      }
    }),
    { numRuns: 200 },
  );
  expect(() => decodeChanges(encodeChanges([]).subarray(0, 3))).toThrow(LogEntryError);
});

it('bodies are packed where that makes them shorter, and unpacked within bounds', async () => {
  expect(await pack(Buffer.from('short'))).toBeUndefined();
  expect(await pack(randomBytes(10_000))).toBeUndefined();
  // The first is packed at once, the other on another thread.
  for (const times of [200, 20_000]) {
    const body = Buffer.from('objectClass: JammMailAccount\n'.repeat(times));
    const packed = await pack(body);
    expect(packed!.length).toBeLessThan(body.length / 10);
    expect((await unpack(packed!, body.length)).equals(body)).toBe(true);
    await expect(unpack(packed!, body.length - 1)).rejects.toThrow(LogEntryError);
    await expect(unpack(packed!.subarray(0, -3), body.length)).rejects.toThrow(LogEntryError);
  }
});
