/** What was made of the same bytes before, and never what was made of others. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BytesMemory } from '../../src/ber/bytes-memory.js';

/** Asks as one who makes what is not kept; true where it was kept. */
function isKept(memory: BytesMemory<string>, text: string, before = ''): boolean {
  const buffer = Buffer.from(`${before}${text}after`);
  const start = before.length;
  const found = memory.find(buffer, start, start + text.length);
  if (found === undefined) memory.note(buffer, start, start + text.length, (bytes) => bytes.toString());
  else expect(found).toBe(text);
  return found !== undefined;
}

it('is kept from the second time on, wherever in a buffer it comes', () => {
  const memory = new BytesMemory<string>(8, 16);
  for (const text of ['', 'TRUE', 'x'.repeat(16)]) {
    const times = [isKept(memory, text), isKept(memory, text, 'a'), isKept(memory, text, 'bcd'), isKept(memory, text)];
    expect(times.slice(2)).toEqual([true, true]);
    if (text !== '') expect(times[0]).toBe(false);
    expect(times[1]).toBe(text === '');
  }
});

it('what is longer than it may be is not kept', () => {
  const memory = new BytesMemory<string>(8, 16);
  for (let time = 0; time < 4; time++) expect(isKept(memory, 'x'.repeat(17))).toBe(false);
});

it('what comes once between takes no place', () => {
  const memory = new BytesMemory<string>(1, 16);
  for (let time = 0; time < 2; time++) isKept(memory, 'recurring');
  for (let number = 0; number < 100; number++) {
    expect(isKept(memory, `only-${number}`)).toBe(false);
    expect(isKept(memory, 'recurring')).toBe(true);
  }
});

it('bytes of one hash are told apart', () => {
  // 31 * 'A' + 'a' is 31 * 'B' + 'B'.
  const memory = new BytesMemory<string>(8, 16);
  for (let time = 0; time < 2; time++) isKept(memory, 'AaAa');
  expect(isKept(memory, 'AaAa')).toBe(true);
  for (const other of ['AaBB', 'BBAa', 'BBBB']) expect(isKept(memory, other)).toBe(false);
});

it('whatever comes, what is found was made of the same bytes', () => {
  const texts = fc.array(fc.stringMatching(/^[AaB]{0,5}$/), { minLength: 50, maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.constantFrom(1, 2, 16), (asked, slots) => {
      const memory = new BytesMemory<string>(slots, 4);
      // isKept compares what it finds with what it asked for.
      for (const text of asked) isKept(memory, text);
    }),
  );
});
