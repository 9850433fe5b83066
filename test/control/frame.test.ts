import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ControlProtocolError } from '../../src/control/errors.js';
import { frameHead, FrameReader, frameKinds, jsonFrame, jsonOf, type Frame } from '../../src/control/frame.js';
import { ItemDecoder, ItemEncoder } from '../../src/control/items.js';
import { parseRequest } from '../../src/control/request.js';
import type { Item } from '../../src/store/snapshot.js';

/** The same bytes in pieces of these lengths, over and over. */
function* pieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const length = lengths[n % lengths.length]!;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });

describe('frames', () => {
  const frame = fc.record({
    kind: fc.constantFrom(...frameKinds),
    payload: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  });

  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame), lengths, (frames, cuts) => {
        const stream = Buffer.concat(frames.flatMap(({ kind, payload }) => [frameHead(kind, payload.length), payload]));
        const reader = new FrameReader(100);
        const found: Frame[] = [];
        for (const piece of pieces(stream, cuts)) {
          reader.push(piece);
          for (let next = reader.next(); next; next = reader.next()) found.push(next);
        }
        expect(found).toEqual(frames);
        expect(reader.isEmpty).toBe(true);
      }),
    );
  });

  it('are refused at their head where they are too long, or none', () => {
    const reader = (head: Buffer): FrameReader => {
      const made = new FrameReader(1_000);
      made.push(head);
      return made;
    };
    expect(reader(frameHead('request', 1_000)).next()).toBeUndefined();
    expect(() => reader(frameHead('request', 1_001)).next()).toThrow(ControlProtocolError);
    expect(() => reader(frameHead('request', 0xffffffff)).next()).toThrow(/exceeds the limit of 1000/);
    expect(() => reader(Buffer.from('GET / HTTP/1.1\r\n\r\n')).next()).toThrow(ControlProtocolError);
  });

  it.each(['', '{', 'null', '[]', '"text"', '7'])('hold JSON objects: not %j', (text) => {
    expect(() => jsonOf({ kind: 'request', payload: Buffer.from(text) })).toThrow(ControlProtocolError);
  });
});

describe('a request', () => {
  it('is what this version knows', () => {
    const request = { control: 1, request: 'export', filter: '(cn=x)' };
    const reader = new FrameReader(1_000);
    reader.push(jsonFrame('request', request));
    expect(parseRequest(jsonOf(reader.next()!))).toEqual({ request: 'export', filter: '(cn=x)' });
  });

  it.each([
    ['without a version', { request: 'status' }, /version/],
    ['of another version', { control: 2, request: 'status' }, /version 2 .* speaks 1/],
    ['that is unknown', { control: 1, request: 'format' }, /unknown request "format"/],
    ['that is an inherited name', { control: 1, request: 'toString' }, /unknown request/],
    ['that is none', { control: 1 }, /unknown request/],
    ['with an unknown parameter', { control: 1, request: 'backup', folder: '/' }, /no parameter "folder"/],
    ['with a parameter of another type', { control: 1, request: 'export', filter: 7 }, /filter is not a string/],
  ])('%s is refused', (_, request, words) => {
    expect(() => parseRequest(request)).toThrow(words);
  });
});

describe('items', () => {
  const item = fc.tuple(
    fc.string({ maxLength: 20, unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );

  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(item), lengths, fc.nat({ max: 5 }), (items, cuts, taken) => {
        const encoder = new ItemEncoder();
        const parts: Buffer[] = [];
        items.forEach((one, index) => {
          encoder.put(one);
          if (index % (taken + 1) === 0) parts.push(encoder.take());
        });
        parts.push(encoder.take());
        const decoder = new ItemDecoder();
        const found: Item[] = [];
        for (const piece of pieces(Buffer.concat(parts), cuts)) found.push(...decoder.push(piece));
        decoder.end();
        expect(found).toEqual(items);
      }),
    );
  });

  it('may be larger than any buffer that was there before', () => {
    const large = Buffer.alloc(1 << 20, 7);
    const encoder = new ItemEncoder();
    encoder.put(['a', Buffer.from('b')]);
    encoder.put(['large', large]);
    const decoder = new ItemDecoder();
    const bytes = encoder.take();
    const items = [...decoder.push(bytes.subarray(0, 500_000)), ...decoder.push(bytes.subarray(500_000))];
    expect(items.map(([key]) => key)).toEqual(['a', 'large']);
    expect(items[1]![1].equals(large)).toBe(true);
  });

  it('that end half way, or are impossibly long, are refused', () => {
    const decoder = new ItemDecoder();
    decoder.push(Buffer.from([0, 1, 0, 0, 0, 1, 0x61]));
    expect(() => decoder.end()).toThrow(ControlProtocolError);
    expect(() => new ItemDecoder().push(Buffer.from([0, 1, 0xff, 0xff, 0xff, 0xff]))).toThrow(/too long/);
  });
});
