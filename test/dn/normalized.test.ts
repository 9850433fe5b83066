import { describe, expect, test } from 'vitest';
import { ndnAncestor, ndnDepth, ndnIsBelow, ndnIsWithin, ndnMoved, ndnParent, ndnRdn } from '../../src/dn/normalized.js';

const name = 'cn=a\\2Cdc\\3Dx,o=b,dc=x';

describe('normalised names are taken apart without parsing', () => {
  test('an escaped comma separates nothing', () => {
    expect(ndnParent(name)).toBe('o=b,dc=x');
    expect(ndnRdn(name)).toBe('cn=a\\2Cdc\\3Dx');
    expect(ndnDepth(name)).toBe(3);
  });

  test('the empty name is above every name and has no parent', () => {
    expect(ndnParent('dc=x')).toBe('');
    expect(ndnParent('')).toBeUndefined();
    expect([ndnRdn(''), ndnDepth('')]).toEqual(['', 0]);
    expect([ndnIsWithin(name, ''), ndnIsWithin('', ''), ndnIsBelow('', ''), ndnIsBelow('dc=x', '')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('within means whole RDNs', () => {
    expect([ndnIsWithin(name, name), ndnIsWithin(name, 'dc=x'), ndnIsWithin(name, 'o=b,dc=x')]).toEqual([true, true, true]);
    expect([ndnIsWithin('adc=x', 'dc=x'), ndnIsWithin('dc=x', name), ndnIsWithin('dc=y', 'dc=x')]).toEqual([false, false, false]);
    expect([ndnIsBelow(name, name), ndnIsBelow(name, 'dc=x')]).toEqual([false, true]);
  });

  test('ancestors are counted from the name itself', () => {
    expect([0, 1, 2, 3, 4].map((steps) => ndnAncestor(name, steps))).toEqual([name, 'o=b,dc=x', 'dc=x', '', undefined]);
  });

  test('a move changes the ancestor and nothing else', () => {
    expect(ndnMoved(name, 'dc=x', 'o=c,dc=y')).toBe('cn=a\\2Cdc\\3Dx,o=b,o=c,dc=y');
    expect(ndnMoved(name, name, 'dc=y')).toBe('dc=y');
    expect(ndnMoved(name, 'dc=x', '')).toBe('cn=a\\2Cdc\\3Dx,o=b');
    expect(ndnMoved('dc=x', '', 'dc=y')).toBe('dc=x,dc=y');
    expect(() => ndnMoved('dc=y', 'dc=x', '')).toThrow(RangeError);
  });
});
