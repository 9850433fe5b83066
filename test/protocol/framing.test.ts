import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { berSequence } from '../../src/ber/ber.js';
import { ProtocolError } from '../../src/protocol/errors.js';
import { PduFramer } from '../../src/protocol/framing.js';

const pdu = (size: number, fill = 0x41) => berSequence(Buffer.alloc(size, fill));

/** Pushes each chunk and takes every message out of it. */
function frames(framer: PduFramer, chunks: readonly Buffer[]): Buffer[] {
  const found: Buffer[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    while (framer.next()) found.push(Buffer.from(framer.buffer.subarray(framer.start, framer.end)));
  }
  return found;
}

function refusalOf(bytes: Buffer, limit = 1_000): number | undefined {
  const framer = new PduFramer(limit);
  try {
    frames(framer, [bytes]);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.remedy.action !== 'disconnect') throw error;
    return error.result.code;
  }
  return undefined;
}

describe('framing', () => {
  it('finds the same messages however the stream is cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 5_000 })), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1 }), (lengths, cuts) => {
        const messages = lengths.map((length, index) => pdu(length, index));
        const stream = Buffer.concat(messages);
        const chunks: Buffer[] = [];
        for (let position = 0, turn = 0; position < stream.length; turn++) {
          const end = position + cuts[turn % cuts.length]!;
          chunks.push(stream.subarray(position, end));
          position = end;
        }
        expect(frames(new PduFramer(10_000), chunks)).toEqual(messages);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('gives views of a chunk that holds whole messages', () => {
    const chunk = Buffer.concat([pdu(10), pdu(20)]);
    const framer = new PduFramer(100);
    framer.push(chunk);
    expect(framer.next()).toBe(true);
    expect(framer.buffer).toBe(chunk);
    expect(framer.next()).toBe(true);
    expect(framer.buffer).toBe(chunk);
    expect([framer.start, framer.end]).toEqual([12, 34]);
    expect(framer.next()).toBe(false);
  });

  it('takes one byte at a time in time linear in the bytes', () => {
    const bytes = Buffer.concat([pdu(250_000), pdu(3)]);
    const framer = new PduFramer(262_143);
    const started = performance.now();
    expect(
      frames(
        framer,
        [...bytes].map((byte) => Buffer.from([byte])),
      ),
    ).toHaveLength(2);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('keeps little for a message that only promises to be long', () => {
    const framer = new PduFramer(4_194_303);
    const before = process.memoryUsage().arrayBuffers;
    const framers = Array.from({ length: 100 }, () => {
      const one = new PduFramer(4_194_303);
      frames(one, [Buffer.from('30833fffff0201', 'hex')]);
      return one;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(framers).toHaveLength(100);
    expect(frames(framer, [Buffer.from([0x30])])).toEqual([]);
  });

  it('holds the size limit against the header alone', () => {
    expect(refusalOf(pdu(1_000))).toBeUndefined();
    expect(refusalOf(pdu(1_001).subarray(0, 4))).toBe(11);
    expect(refusalOf(Buffer.from('30847fffffff', 'hex'))).toBe(11);
  });

  it('takes a changed limit for the next message', () => {
    const framer = new PduFramer(10);
    framer.push(Buffer.concat([pdu(5), pdu(50)]));
    expect(framer.next()).toBe(true);
    framer.contentBytesMax = 100;
    expect(framer.next()).toBe(true);
  });

  it('takes a chunk before the one before is used up', () => {
    const framer = new PduFramer(100);
    framer.push(Buffer.concat([pdu(5), pdu(6)]));
    expect(framer.next()).toBe(true);
    framer.push(pdu(7));
    expect(framer.next()).toBe(true);
    expect(framer.next()).toBe(true);
    expect(framer.end - framer.start).toBe(9);
    expect(framer.next()).toBe(false);
  });

  it.each([
    ['another tag', '3105'],
    ['a tag of several octets', '3f8100'],
    ['the indefinite form', '3080'],
    ['five octets of length', '308500000000'],
    ['the reserved form', '30ff'],
    ['text', Buffer.from('GET / HTTP/1.0').toString('hex')],
  ])('refuses %s', (_, hex) => {
    expect(refusalOf(Buffer.from(hex, 'hex'))).toBe(2);
  });
});
