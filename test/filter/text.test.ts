import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Filter } from '../../src/ldap/filter.js';
import { FilterSyntaxError, parseFilter, printFilter } from '../../src/filter/text.js';

const equality = (attribute: string, value: string | Buffer): Filter => ({
  kind: 'equality',
  attribute,
  value: Buffer.from(value),
});

describe('parseFilter', () => {
  test.each<[string, Filter]>([
    ['(cn=Babs Jensen)', equality('cn', 'Babs Jensen')],
    ['cn=Babs Jensen', equality('cn', 'Babs Jensen')],
    ['(cn=)', equality('cn', '')],
    ['(cn;lang-en= a )', equality('cn;lang-en', ' a ')],
    ['(2.5.4.3=x)', equality('2.5.4.3', 'x')],
    ['(cn=\\2a\\28\\29\\5c\\00\\ff\\C3\\a9)', equality('cn', Buffer.from('*()\\\0\xff\xc3\xa9', 'latin1'))],
    ['(cn=\\*\\(\\)\\\\)', equality('cn', '*()\\')],
    ['(cn=é=>~:)', equality('cn', 'é=>~:')],
    ['(cn=*)', { kind: 'present', attribute: 'cn' }],
    ['(uidNumber>=5)', { kind: 'greaterOrEqual', attribute: 'uidNumber', value: Buffer.from('5') }],
    ['(uidNumber<=5)', { kind: 'lessOrEqual', attribute: 'uidNumber', value: Buffer.from('5') }],
    ['(cn~=x)', { kind: 'approx', attribute: 'cn', value: Buffer.from('x') }],
    ['(cn=a*)', { kind: 'substrings', attribute: 'cn', initial: Buffer.from('a'), any: [], final: undefined }],
    ['(cn=*a)', { kind: 'substrings', attribute: 'cn', initial: undefined, any: [], final: Buffer.from('a') }],
    [
      '(cn=a*b\\2a*c*d)',
      {
        kind: 'substrings',
        attribute: 'cn',
        initial: Buffer.from('a'),
        any: [Buffer.from('b*'), Buffer.from('c')],
        final: Buffer.from('d'),
      },
    ],
    ['(cn:=x)', { kind: 'extensible', rule: undefined, attribute: 'cn', value: Buffer.from('x'), dnAttributes: false }],
    ['(cn:dn:=x)', { kind: 'extensible', rule: undefined, attribute: 'cn', value: Buffer.from('x'), dnAttributes: true }],
    [
      '(cn:DN:2.5.13.2:=x)',
      { kind: 'extensible', rule: '2.5.13.2', attribute: 'cn', value: Buffer.from('x'), dnAttributes: true },
    ],
    [
      '(:caseIgnoreMatch:=x)',
      { kind: 'extensible', rule: 'caseIgnoreMatch', attribute: undefined, value: Buffer.from('x'), dnAttributes: false },
    ],
    [
      '(:dn:caseIgnoreMatch:=x)',
      { kind: 'extensible', rule: 'caseIgnoreMatch', attribute: undefined, value: Buffer.from('x'), dnAttributes: true },
    ],
    ['(&)', { kind: 'and', filters: [] }],
    ['(|)', { kind: 'or', filters: [] }],
    [
      ' ( & (cn=a) ( ! (sn=*) )\n(|(cn=b)) ) ',
      {
        kind: 'and',
        filters: [
          equality('cn', 'a'),
          { kind: 'not', filter: { kind: 'present', attribute: 'sn' } },
          { kind: 'or', filters: [equality('cn', 'b')] },
        ],
      },
    ],
  ])('%s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
    expect(parseFilter(printFilter(filter))).toEqual(filter);
  });

  test.each([
    ['', 'no "="'],
    ['()', 'no "="'],
    ['(cn)', 'no "="'],
    ['(cn=a', 'a ")" is missing (at character 6)'],
    ['(&(cn=a)', 'a ")" is missing'],
    ['(cn=a))', 'text after'],
    ['(cn=a)(cn=b)', 'text after'],
    ['cn=a)', 'unescaped ")"'],
    ['(&cn=a)', 'a "(" is missing'],
    ['(!)', '"!" takes exactly one filter'],
    ['(!(cn=a)(cn=b))', '"!" takes exactly one filter'],
    ['(=a)', 'is not an attribute description'],
    ['(c n=a)', 'is not an attribute description'],
    ['(1.=a)', 'is not an attribute description'],
    ['(cn=a**b)', '"**"'],
    ['(cn=**)', '"**"'],
    ['(cn>=a*)', 'unescaped "*"'],
    ['(cn:=*)', 'unescaped "*"'],
    ['(cn=\\4)', 'two hexadecimal'],
    ['(cn=\\zz)', 'two hexadecimal'],
    ['(cn=a\\', 'a ")" is missing'],
    ['(cn=a(b)', 'unescaped "("'],
    ['(:=x)', 'extensible'],
    ['(:dn:=x)', 'extensible'],
    ['(cn:dn:a:b:=x)', 'extensible'],
    ['(cn::=x)', 'extensible'],
  ])('refuses %s: %s', (text, reason) => {
    expect(() => parseFilter(text)).toThrow(FilterSyntaxError);
    expect(() => parseFilter(text)).toThrow(reason);
  });

  test('refuses deep nesting without running out of stack', () => {
    const nested = (depth: number): string => '(!'.repeat(depth) + '(cn=a)' + ')'.repeat(depth);
    expect(printFilter(parseFilter(nested(1_000)))).toBe(nested(1_000));
    expect(() => parseFilter(nested(1_001))).toThrow('nested deeper than 1000');
    expect(() => parseFilter('(!'.repeat(100_000))).toThrow('nested deeper than 1000');
    expect(printFilter(parseFilter(nested(100_000), Infinity)).length).toBe(nested(100_000).length);
  });
});

describe('printFilter', () => {
  test('escapes what has a meaning, controls and bytes that are not UTF-8; keeps other text', () => {
    expect(printFilter(equality('cn', 'a*(b)\\c\0\n é'))).toBe('(cn=a\\2a\\28b\\29\\5cc\\00\\0a é)');
    expect(printFilter(equality('cn', Buffer.from('é\xff', 'latin1')))).toBe('(cn=\\e9\\ff)');
  });

  const value = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
  const part = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes));
  const attribute = fc.constantFrom('cn', 'cn;lang-en', '2.5.4.3', 'x-y');
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constantFrom('equality', 'approx', 'greaterOrEqual', 'lessOrEqual'), attribute, value }),
      fc.record({ kind: fc.constant('present'), attribute }),
      fc
        .record({
          kind: fc.constant('substrings'),
          attribute,
          initial: fc.option(part, { nil: undefined }),
          any: fc.array(part, { maxLength: 3 }),
          final: fc.option(part, { nil: undefined }),
        })
        .filter(({ initial, any, final }) => Boolean(initial ?? any[0] ?? final)),
      fc.record({
        kind: fc.constant('extensible'),
        attribute: fc.option(attribute, { nil: undefined }),
        rule: fc.constantFrom('caseIgnoreMatch', '2.5.13.2'),
        value,
        dnAttributes: fc.boolean(),
      }),
      fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 4 }) }),
      fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
    ),
  }));

  test('gives text that parses to the same filter', () => {
    fc.assert(
      fc.property(filter, (original) => {
        expect(parseFilter(printFilter(original))).toEqual(original);
      }),
    );
  });
});

test('arbitrary text parses or is refused with a FilterSyntaxError', () => {
  const unit = fc.constantFrom('(', ')', '&', '|', '!', '=', '*', '\\', ':', '>', 'dn', 'cn', ' ', '2a', 'é', '\0');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 20 }), (units) => {
      try {
        const parsed = parseFilter(units.join(''));
        expect(parseFilter(printFilter(parsed))).toEqual(parsed);
      } catch (error) {
        expect(error).toBeInstanceOf(FilterSyntaxError);
      }
    }),
    { numRuns: 2_000 },
  );
});
