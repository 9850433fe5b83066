import { expect, test } from 'vitest';
import { parseFilter } from '../../src/filter/text.js';
import { compileValueFilters } from '../../src/filter/value-filter.js';
import { LdapError, ResultCode } from '../../src/ldap/result.js';
import { schema } from './tree.js';

function selects(filter: string, attribute: string, value: string): boolean {
  const [compiled] = compileValueFilters([parseFilter(filter)], schema);
  return compiled!.matches(schema.attributeDescription(attribute)!, Buffer.from(value));
}

test.each([
  ['(cn=a)', 'cn', 'A', true],
  ['(cn=a)', 'cn', 'b', false],
  ['(cn=a)', 'cn;lang-en', 'A', true],
  ['(cn;lang-en=a)', 'cn', 'a', false],
  ['(name=a)', 'cn', 'A', true],
  ['(cn=a)', 'sn', 'a', false],
  ['(cn=a*)', 'cn', 'abc', true],
  ['(cn=*)', 'cn', 'abc', true],
  ['(cn=*)', 'sn', 'abc', false],
  ['(uidNumber>=5)', 'uidNumber', '5', true],
  ['(uidNumber<=5)', 'uidNumber', '10', false],
  ['(:caseExactMatch:=a)', 'sn', 'a', true],
  ['(:caseExactMatch:=a)', 'sn', 'A', false],
  ['(:caseExactMatch:=5)', 'uidNumber', '5', false],
  ['(accountActive=true)', 'accountActive', 'TRUE', false],
  ['(foo=a)', 'cn', 'a', false],
])('%s on %s: %s: %s', (filter, attribute, value, expected) => {
  expect(selects(filter, attribute, value)).toBe(expected);
});

test.each(['(&(cn=a))', '(|(cn=a))', '(!(cn=a))', '(cn:dn:=a)'])('%s is refused with 2', (filter) => {
  expect(() => compileValueFilters([parseFilter(filter)], schema)).toThrow(LdapError);
  expect(() => compileValueFilters([parseFilter(filter)], schema)).toThrow(
    expect.objectContaining({ code: ResultCode.protocolError }) as Error,
  );
});
