import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import type { EntryRecord } from '../../src/entry/record.js';
import { compileFilter, filterDepthMax } from '../../src/filter/compile.js';
import type { Ternary } from '../../src/filter/term.js';
import { evaluateFilter, type FilterEnvironment } from '../../src/filter/evaluate.js';
import type { Filter } from '../../src/ldap/filter.js';
import { parseFilter } from '../../src/filter/text.js';
import { LdapError, ResultCode } from '../../src/ldap/result.js';
import { domain, environment, makeEntry, open, person, schema } from './tree.js';

function answer(filter: string | Filter, entry: EntryRecord, asking: FilterEnvironment = environment): Ternary {
  const parsed = typeof filter === 'string' ? parseFilter(filter) : filter;
  return evaluateFilter(compileFilter(parsed, schema, entry.dictionary), entry, asking);
}

describe('filters find what slapd 2.5.13 finds', () => {
  const lines = readFileSync(join(import.meta.dirname, 'slapd-answers.tsv'), 'utf8').split('\n');
  test.each(lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t')))(
    '%s %s',
    (found, filter) => {
      const domainFound = answer(filter, domain) === true ? 'D' : '';
      const personFound = answer(filter, person) === true ? 'P' : '';
      expect(domainFound + personFound || '-').toBe(found);
    },
  );
});

describe('three values', () => {
  const values: Record<string, Ternary> = { '(&)': true, '(|)': false, '(foo=x)': undefined };
  const pairs = Object.keys(values).flatMap((a) => Object.keys(values).map((b) => [a, b] as const));

  test.each(pairs)('%s with %s', (a, b) => {
    const both = [values[a], values[b]];
    expect(answer(`(&${a}${b})`, person)).toBe(both.includes(false) ? false : both.includes(undefined) ? undefined : true);
    expect(answer(`(|${a}${b})`, person)).toBe(both.includes(true) ? true : both.includes(undefined) ? undefined : false);
  });

  test.each([
    ['(!(foo=x))', 'an unknown attribute'],
    ['(!(cn;foo=x))', 'an unknown option'],
    ['(!(accountActive=true))', 'a value that does not fit'],
    ['(!(cn>=b))', 'no ordering rule'],
    ['(!(mailbox=a*))', 'no substring rule'],
    ['(!(lastChange=5))', 'no equality rule'],
    ['(!(telephoneNumber=1))', 'an attribute one may not search, held or not'],
    ['(!(mail:caseIgnoreMatch:=x))', 'a rule for other syntaxes'],
    ['(!(mail:noSuchMatch:=x))', 'an unknown rule'],
    ['(!(objectClass=nobodyKnows))', 'an unknown class'],
  ])('%s is Undefined: %s', (filter) => {
    expect(answer(filter, domain)).toBeUndefined();
    expect(answer(filter, person)).toBeUndefined();
  });
});

describe('attributes and access', () => {
  test('a subtype is asked about on its own', () => {
    const hidden = (name: string): FilterEnvironment => ({ ...open, mayTest: (_, { text }) => text !== name });
    expect(answer('(name=foo bar)', person, open)).toBe(true);
    expect(answer('(name=foo bar)', person, hidden('cn'))).toBeUndefined();
    expect(answer('(name=baz)', person, hidden('cn'))).toBe(true);
    expect(answer('(name=*)', person, hidden('cn'))).toBe(true);
    expect(answer('(cn=english)', person, hidden('cn;lang-en'))).toBeUndefined();
    expect(answer('(cn=foo bar)', person, hidden('cn;lang-en'))).toBe(true);
  });

  test('the asserted value is what access is asked about; presence and substrings have none', () => {
    const asked: (string | undefined)[] = [];
    const asking: FilterEnvironment = { ...open, mayTest: (_, __, value) => asked.push(value?.toString()) > 0 };
    for (const filter of ['(cn=*)', '(cn=a*)', '(cn=Q)', '(uidNumber>=7)', '(cn:caseExactMatch:=R)', '(cn~=S)']) {
      answer(filter, domain, asking);
    }
    expect(asked).toEqual([undefined, undefined, 'Q', '7', 'R', 'S']);
  });

  test('nothing is asked after what decides', () => {
    let asked = 0;
    const asking: FilterEnvironment = { ...open, mayTest: () => ++asked > 0 };
    expect(answer('(&(cn=nobody)(sn=x)(sn=y))', domain, asking)).toBe(false);
    expect(asked).toBe(1);
  });

  test('computed attributes are asked from the directory, also where nothing is stored', () => {
    expect(answer('(entryDN=DC = x)', domain)).toBe(true);
    expect(answer('(subschemaSubentry=CN=subschema)', domain)).toBe(true);
    expect(answer('(entryDN=dc=x)', domain, open)).toBe(false);
  });
});

describe('one compiled filter', () => {
  test('goes on finding entries when attributes unknown to the dictionary come up later', () => {
    const dictionary = new AttributeDictionary(schema);
    const before = makeEntry('cn=a', { cn: ['a'] }, dictionary);
    const filter = compileFilter(parseFilter('(|(cn=b)(name=c))'), schema, dictionary);
    expect(evaluateFilter(filter, before, open)).toBe(false);
    const option = makeEntry('cn=a', { cn: ['a'], 'cn;lang-xx': ['b'] }, dictionary);
    const subtype = makeEntry('cn=a', { cn: ['a'], sn: ['c'] }, dictionary);
    expect([evaluateFilter(filter, option, open), evaluateFilter(filter, subtype, open)]).toEqual([true, true]);
  });

  test('holds for entries of other dictionaries too', () => {
    const filter = compileFilter(parseFilter('(sn=baz)'), schema, new AttributeDictionary(schema));
    expect(evaluateFilter(filter, person, open)).toBe(true);
    expect(evaluateFilter(filter, makeEntry('cn=a', { sn: ['BAZ'], cn: ['a'] }), open)).toBe(true);
    expect(evaluateFilter(filter, person, open)).toBe(true);
  });
});

describe('limits', () => {
  function nested(depth: number): Filter {
    let filter: Filter = { kind: 'present', attribute: 'cn' };
    for (let level = 0; level < depth; level++) filter = { kind: 'not', filter };
    return filter;
  }

  test('filters nest as deep as slapd lets them', () => {
    expect(answer(nested(filterDepthMax), person)).toBe(true);
    for (const depth of [filterDepthMax + 1, 100_000]) {
      expect(() => answer(nested(depth), person)).toThrow(new LdapError(ResultCode.protocolError, 'filter nested too deeply'));
    }
  });
});

describe('substrings', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });
  const part = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2 });

  test('are found in order and do not overlap', () => {
    fc.assert(
      fc.property(letters, fc.option(part), fc.array(part, { maxLength: 2 }), fc.option(part), (value, initial, any, final) => {
        fc.pre(initial !== null || any.length > 0 || final !== null);
        const entry = makeEntry('cn=x', { mail: [value] });
        const filter: Filter = {
          kind: 'substrings',
          attribute: 'mail',
          initial: initial === null ? undefined : Buffer.from(initial),
          any: any.map((text) => Buffer.from(text)),
          final: final === null ? undefined : Buffer.from(final),
        };
        const pattern = new RegExp(`^${[initial ?? '', ...any, final ?? ''].join('.*')}$`);
        expect(answer(filter, entry, open)).toBe(pattern.test(value));
      }),
    );
  });
});
