/** What a load remembers of names: the last ones exactly, all of them nearly. */
import { expect, it } from 'vitest';
import { BloomFilter, hashText } from '../../src/store/index/bloom.js';
import { RecentNames } from '../../src/store/recent-names.js';

const nameOf = (number: number): string => `mail=u${number}@example.org,jvd=example.org,o=hosting`;

it('the last names are found with their ids, also where their hashes are the same', () => {
  for (const hash of [hashText, (text: string): number => text.length & 1, (): number => -1]) {
    const recent = new RecentNames(64);
    for (let id = 1; id <= 1_000; id++) {
      const name = nameOf(id);
      expect(recent.idOf(name, hash(name))).toBeUndefined();
      recent.add(name, hash(name), id);
      for (const known of [id, id - 1, id - 63].filter((number) => number > 0)) {
        expect(recent.idOf(nameOf(known), hash(nameOf(known)))).toBe(known);
      }
      const forgotten = nameOf(id - 64);
      if (id > 64) expect(recent.idOf(forgotten, hash(forgotten))).toBeUndefined();
    }
  }
});

it('a string that was added is never taken for a new one, and few new ones for old', () => {
  const filter = new BloomFilter(1 << 20);
  const count = 50_000;
  let mistaken = 0;
  for (let number = 0; number < count; number++) {
    const hash = hashText(nameOf(number));
    const known = filter.mayHave(hash);
    if (known) mistaken++;
    expect(filter.add(hash)).toBe(known);
  }
  expect(mistaken).toBeLessThan(count / 100);
  for (let number = 0; number < count; number++) expect(filter.add(hashText(nameOf(number)))).toBe(true);
});
