import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import type { EntryRecord } from '../../src/entry/record.js';
import { candidatesFor } from '../../src/filter/candidates.js';
import { compileFilter } from '../../src/filter/compile.js';
import { evaluateFilter } from '../../src/filter/evaluate.js';
import { parseFilter } from '../../src/filter/text.js';
import { RecurringEquality } from '../../src/ldap/filter.js';
import type { AttributeDescription } from '../../src/ldap/schema.js';
import type { Candidates, IndexCatalog } from '../../src/store/model.js';
import { makeEntry, open, schema } from './tree.js';

/** objectClass, mail and cn for presence and equality, mail and cn for substrings. Keys say what they hold. */
const indexed = new Set(['objectClass', 'mail', 'cn']);
const indexes: IndexCatalog = {
  has: (kind, { text }) => indexed.has(text) && (kind !== 'sub' || text !== 'objectClass'),
  presence: ({ text }) => (indexed.has(text) ? `pres ${text}` : undefined),
  equality: ({ text }, normalized) => (indexed.has(text) ? `eq ${text} ${normalized}` : undefined),
  substrings: ({ text }, { initial, any, final }) => {
    const parts = [initial, ...any, final].filter((part) => part !== undefined && part !== '');
    return text === 'objectClass' || !indexed.has(text) || parts.length === 0
      ? undefined
      : parts.map((part) => `sub ${text} ${part}`);
  },
};

function candidates(filter: string): Candidates {
  return candidatesFor(compileFilter(parseFilter(filter), schema, new AttributeDictionary(schema)), indexes);
}

const posting = (key: string): Candidates => ({ op: 'posting', key });
const none: Candidates = { op: 'or', terms: [] };

describe('what the indexes are asked', () => {
  test.each<[string, Candidates]>([
    ['(mail=U@D)', posting('eq mail u@d')],
    ['(cn=*)', posting('pres cn')],
    ['(cn~=x)', 'all'],
    ['(mail~=x)', 'all'],
    ['(objectClass~=JammMailAccount)', posting('eq objectClass jammmailaccount')],
    ['(mail:=U@D)', posting('eq mail u@d')],
    ['(mail:caseIgnoreIA5Match:=U@D)', posting('eq mail u@d')],
    ['(mail:dn:=U@D)', 'all'],
    ['(cn:caseExactMatch:=A)', 'all'],
    ['(:caseExactMatch:=A)', 'all'],
    ['(mail=*ab*cd)', { op: 'and', terms: [posting('sub mail ab'), posting('sub mail cd')] }],
    ['(mail=ab*)', posting('sub mail ab')],
    ['(sn=x)', 'all'],
    ['(name=x)', 'all'],
    ['(entryDN=dc=x)', 'all'],
    ['(uidNumber>=5)', 'all'],
    ['(objectClass=JAMMMAILACCOUNT)', posting('eq objectClass jammmailaccount')],
    ['(objectClass=top)', 'all'],
    ['(foo=x)', none],
    ['(accountActive=true)', none],
    ['(!(foo=x))', none],
    ['(!(cn=x))', 'all'],
    ['(&)', 'all'],
    ['(|)', none],
    ['(&(mail=a)(foo=x))', none],
    ['(|(mail=a)(foo=x))', posting('eq mail a')],
    ['(|(mail=a)(sn=x))', 'all'],
    ['(|(mail=a)(cn=b))', { op: 'or', terms: [posting('eq mail a'), posting('eq cn b')] }],
    [
      '(&(objectClass=JammMailAccount)(mail=u@d)(accountActive=TRUE)(delete=FALSE))',
      { op: 'and', terms: [posting('eq objectClass jammmailaccount'), posting('eq mail u@d')] },
    ],
  ])('%s', (filter, expected) => {
    expect(candidates(filter)).toEqual(expected);
  });

  test('by a term that comes again, of those that are asked and of no others', () => {
    const filter = new RecurringEquality('mail', Buffer.from('U@D'));
    const dictionary = new AttributeDictionary(schema);
    const asked = (catalog: IndexCatalog): Candidates => candidatesFor(compileFilter(filter, schema, dictionary), catalog);
    const without: IndexCatalog = { ...indexes, equality: () => undefined };
    for (let round = 0; round < 3; round++) {
      expect(asked(indexes)).toEqual(posting('eq mail u@d'));
      expect(asked(without)).toBe('all');
    }
  });

  test('a class stands for its subclasses, whose entries need not hold it', () => {
    expect(candidates('(objectClass=organizationalPerson)')).toEqual({
      op: 'or',
      terms: [posting('eq objectClass organizationalperson'), posting('eq objectClass inetorgperson')],
    });
  });
});

describe('the candidates hold every entry that the filter finds', () => {
  const dictionary = new AttributeDictionary(schema);
  const words = ['a', 'b', 'ab', 'ba'];
  const classes = ['person', 'inetOrgPerson', 'top', 'JammMailAccount'];
  const someOf = (from: string[]): fc.Arbitrary<string[]> => fc.uniqueArray(fc.constantFrom(...from), { maxLength: 2 });
  const entry = fc
    .record({
      objectClass: someOf(classes),
      mail: someOf(words),
      cn: someOf(words),
      'cn;lang-en': someOf(words),
      sn: someOf(words),
    })
    .map((attributes) => makeEntry('cn=a', attributes, dictionary));
  const item = fc.oneof(
    fc.tuple(fc.constantFrom('mail', 'cn', 'sn', 'name', 'foo'), fc.constantFrom('a', 'ab', '*', 'a*', '*b', '*a*b*')),
    fc.tuple(fc.constant('objectClass'), fc.constantFrom(...classes, 'foo', '*')),
  );
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      item.map(([attribute, value]) => `(${attribute}=${value})`),
      fc
        .tuple(fc.constantFrom('&', '|'), fc.array(tie('filter'), { maxLength: 3 }))
        .map(([sign, inner]) => `(${sign}${inner.join('')})`),
      tie('filter').map((inner) => `(!${inner})`),
    ),
  }));

  test('whatever the filter', () => {
    fc.assert(
      fc.property(entry, filter, (record, text) => {
        const compiled = compileFilter(parseFilter(text), schema, dictionary);
        if (evaluateFilter(compiled, record, open) !== true) return;
        expect(isCandidate(record, candidatesFor(compiled, indexes))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

function isCandidate(record: EntryRecord, wanted: Candidates): boolean {
  if (wanted === 'all') return true;
  switch (wanted.op) {
    case 'and':
      return wanted.terms.every((term) => isCandidate(record, term));
    case 'or':
      return wanted.terms.some((term) => isCandidate(record, term));
    case 'posting':
      return isPosted(record, wanted.key);
  }
}

function isPosted(record: EntryRecord, key: string): boolean {
  const [kind, name, term] = key.split(' ');
  const description: AttributeDescription = schema.attributeDescription(name!)!;
  const values = record.dictionary
    .selectedBy(description)
    .map((number) => record.indexOf(number))
    .filter((index) => index >= 0)
    .flatMap((index) => record.valuesAt(index))
    .map((value) => description.type.equality!.normalize(value)!);
  if (kind === 'pres') return values.length > 0;
  return values.some((value) => (kind === 'eq' ? value === term : value.includes(term!)));
}
