import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestEntry } from '../../src/directory/nearest-entry.js';
import { ndnParent } from '../../src/dn/normalized.js';
import type { EntryRecord } from '../../src/entry/record.js';

/** A tree that holds this entry and all above it up to the suffix, and counts what it is asked. */
function tree(deepest: string, suffix: string) {
  const names = new Set<string>();
  for (let name: string | undefined = deepest; name !== undefined && name.endsWith(suffix); name = ndnParent(name)) {
    if (name !== '') names.add(name);
  }
  const reader = {
    asked: 0,
    idOf: (ndn: string) => (reader.asked++, names.has(ndn) ? 1 : undefined),
    entryByNdn: (ndn: string) => (reader.asked++, names.has(ndn) ? ({ ndn } as EntryRecord) : undefined),
  };
  return { names, reader };
}

const chain = (length: number): string => Array.from({ length }, (_, index) => `ou=${length - index}`).join(',');
const below = (rdns: string, name: string): string => [rdns, name].filter((part) => part !== '').join(',');

it('is found wherever the tree ends, for any suffix', () => {
  const suffixes = fc.constantFrom('dc=x', 'dc=y,dc=x', '');
  fc.assert(
    fc.property(suffixes, fc.nat(12), fc.nat(12), (suffix, present, missing) => {
      const deepest = below(chain(present), suffix);
      const { names, reader } = tree(deepest, suffix);
      const name = below(missing === 0 ? '' : chain(missing).replaceAll('ou=', 'cn='), deepest);
      const expected = names.has(deepest) ? deepest : undefined;
      expect(nearestEntry(reader, name, suffix.length)?.ndn).toBe(expected);
    }),
  );
  expect(nearestEntry(tree('', 'dc=none').reader, 'ou=a,ou=b,dc=x', 4)).toBeUndefined();
});

it('takes few look-ups, however long the name', () => {
  const { reader } = tree('ou=a,dc=x', 'dc=x');
  expect(nearestEntry(reader, below(chain(2_000), 'ou=a,dc=x'), 4)?.ndn).toBe('ou=a,dc=x');
  expect(reader.asked).toBeLessThan(20);
});
