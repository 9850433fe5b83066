import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  berBoolean,
  BerError,
  berInteger,
  berOctetString,
  BerReader,
  berSequence,
  elementBytes,
  Tag,
} from '../../src/ber/ber.js';

describe('BER', () => {
  it('reads back every integer, boolean and string it writes', () => {
    const values = fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.uint8Array({ maxLength: 300 })));
    fc.assert(
      fc.property(values, (sent) => {
        const reader = new BerReader(
          berSequence(
            ...sent.map((value) => {
              if (typeof value === 'number') return berInteger(value);
              return typeof value === 'boolean' ? berBoolean(value) : berOctetString(Buffer.from(value));
            }),
          ),
        );
        const end = reader.enter(Tag.sequence);
        for (const value of sent) {
          if (typeof value === 'number') expect(reader.integer()).toBe(value);
          else if (typeof value === 'boolean') expect(reader.boolean()).toBe(value);
          else expect(reader.octets()).toEqual(Buffer.from(value));
        }
        expect(reader.atEnd).toBe(true);
        expect(reader.peekTag()).toBe(-1);
        reader.leave(end);
        expect(reader.atEnd).toBe(true);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('uses the shortest length', () => {
    for (const length of [0, 127, 128, 255, 256, 65_535, 65_536, 16_777_216]) {
      expect(berOctetString(Buffer.alloc(length))).toHaveLength(elementBytes(length));
    }
  });

  it('never leaves the element it is in', () => {
    const inner = Buffer.from('30050403616263' + '0400', 'hex');
    const reader = new BerReader(inner);
    reader.enter(Tag.sequence);
    reader.octets();
    expect(() => reader.octets()).toThrow(BerError);
    const overlong = new BerReader(Buffer.from('30030405616263', 'hex'));
    overlong.enter(Tag.sequence);
    expect(() => overlong.octets()).toThrow('longer than what it is part of');
  });

  it('goes past what was not read', () => {
    const reader = new BerReader(Buffer.concat([berSequence(berInteger(1), berInteger(2)), berInteger(3)]));
    const end = reader.enter(Tag.sequence);
    reader.integer();
    reader.leave(end);
    expect(reader.integer()).toBe(3);
    expect(() => reader.skip()).toThrow(BerError);
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '02'],
    ['no octets', '0200'],
    ['five octets', '02050000000001'],
    ['another tag', '040101'],
    ['the indefinite form', '0280'],
    ['a length cut short', '028200'],
    ['a length of five octets', '0285000000000101'],
    ['a length of 2^32-1', '0284ffffffff01'],
  ])('refuses an integer of %s', (_, hex) => {
    expect(() => new BerReader(Buffer.from(hex, 'hex')).integer()).toThrow(BerError);
  });
});
