import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  containerKey,
  keyBytesMax,
  nameKey,
  numberInKey,
  partsOfContainerKey,
  recordKey,
  termKey,
} from '../../src/store/level/keys.js';
import { assertionGrams, packedGrams, packGram, unpackGram, valueGrams } from '../../src/store/index/grams.js';
import { attribute, draft, index, openStore, reopenStore, temporaryFolder } from './fixture.js';

const u32 = fc.nat(0xffffffff);

it('sorts the keys of records as their ids', () => {
  fc.assert(
    fc.property(u32, u32, (a, b) => {
      expect(recordKey(a) < recordKey(b)).toBe(a < b);
      expect(numberInKey(recordKey(a))).toBe(a);
    }),
  );
});

it('tells list and number in the key of a container', () => {
  fc.assert(
    fc.property(u32, fc.nat(0xffffff), (list, number) => {
      expect(partsOfContainerKey(containerKey(list, number))).toEqual({ list, number });
    }),
  );
});

it('makes different keys of different names and terms, none too long', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('\ud800', '\udbff', '\ufffd'));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = (key: string): string => Buffer.from(key).toString('latin1');
      expect(bytes(nameKey(a)) === bytes(nameKey(b))).toBe(a === b);
      expect(bytes(termKey('p000e', a)) === bytes(termKey('p000e', b))).toBe(a === b);
      expect(Buffer.byteLength(termKey('p000e', a))).toBeLessThanOrEqual(keyBytesMax);
    }),
    { numRuns: 300 },
  );
});

it('has every gram of an assertion among those of a value that satisfies it', () => {
  const piece = fc.string({ unit: 'grapheme', maxLength: 6 });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 3, maxLength: 7 }), (pieces) => {
      const [initial, ...rest] = pieces;
      const final = rest.pop()!;
      const any = rest.filter((_, at) => at % 2 === 1);
      const grams = new Set<string>();
      valueGrams(pieces.join(''), (gram) => grams.add(gram));
      for (const gram of assertionGrams({ initial, any, final })) expect(grams).toContain(gram);
    }),
  );
});

it('reads keys of several bytes a char, whatever was read before', async () => {
  const indexes = [index('ou', 'eq')];
  let store = await openStore({ location: await temporaryFolder(), indexes });
  const values = ['', 'x'].map((start) => `${start}${'é'.repeat(90)}`);
  await store.write((tx) => tx.insert(draft('dc=example', { ou: values }), 0, 0));
  for (const value of values) {
    store = await reopenStore(store, { indexes });
    const key = store.indexes.equality(attribute('ou'), value)!;
    expect(store.fewCandidates({ op: 'posting', key })).toEqual([1]);
  }
});

it('goes without a substring index while an entry has more text than it takes', async () => {
  const store = await openStore({ indexes: [index('description', 'sub')] });
  const parts = { initial: 'abc', any: [], final: undefined };
  const record = await store.write((tx) => tx.insert(draft('dc=example', { description: 'abc'.repeat(30_000) }), 0, 0));
  expect(store.indexes.substrings(attribute('description'), parts)).toBeUndefined();
  await store.write((tx) => tx.replace(record, draft('dc=example', { description: 'abc' }), 0));
  expect(store.indexes.substrings(attribute('description'), parts)).toHaveLength(2);
  const problems: string[] = [];
  await store.verify(({ message }) => problems.push(message));
  expect(problems).toEqual([]);
});

it('packs the grams of ASCII values, and those only, into numbers that unpack to the same grams', () => {
  const value = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(value, (text) => {
      const spelled: string[] = [];
      valueGrams(text, (gram) => spelled.push(gram));
      const unpacked: string[] = [];
      const packs = packedGrams(text, (gram) => unpacked.push(unpackGram(gram)));
      expect(packs).toBe(/^[\0-\x7f]*$/.test(text));
      expect(unpacked).toEqual(packs ? spelled : []);
      for (const gram of spelled) {
        const packed = packGram(gram);
        expect(packed === undefined).toBe(!/^[\0-\x7f]*$/.test(gram));
        if (packed !== undefined) expect(unpackGram(packed)).toBe(gram);
      }
    }),
    { numRuns: 500 },
  );
});
