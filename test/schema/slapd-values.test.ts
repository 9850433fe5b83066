/** Which values are valid, how they are kept, and what they match: the same answers as slapd's, asked one by one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttributeType } from '../../src/ldap/schema.js';
import { requirePrograms } from '../support/programs.js';
import { escaped, TestSlapd, testSchema, type Truth } from './slapd.js';
import { approximations, assertions, parts, values, type Substrings } from './values.js';

const schema = testSchema();

function typeOf(name: string): AttributeType {
  return schema.attributeType(name)!;
}

function asserted(rule: AttributeType['equality'], stored: Buffer, assertion: Buffer): Truth {
  const normalized = rule?.normalize(assertion);
  if (rule === undefined || normalized === undefined) return 'undefined';
  const framed = Buffer.concat([Buffer.from('xx'), stored, Buffer.from('yy')]);
  return rule.matches(framed, 2, 2 + stored.length, normalized) ? 'true' : 'false';
}

function compared(type: AttributeType, stored: Buffer, assertion: Buffer, test: (order: number) => boolean): Truth {
  const rule = type.ordering;
  const normalized = rule?.normalize(assertion);
  const value = rule?.normalize(stored);
  if (rule === undefined || normalized === undefined || value === undefined) return 'undefined';
  return test(rule.compare(value, normalized)) ? 'true' : 'false';
}

function contains(type: AttributeType, stored: Buffer, { initial, any = [], final }: Substrings): Truth {
  const rule = type.substring;
  if (!rule) return 'undefined';
  const start = initial === undefined ? '' : rule.normalizePart(Buffer.from(initial), 'initial');
  const middles = any.map((part) => rule.normalizePart(Buffer.from(part), 'any'));
  const end = final === undefined ? '' : rule.normalizePart(Buffer.from(final), 'final');
  const value = rule.normalize(stored);
  if (start === undefined || end === undefined || middles.includes(undefined)) return 'undefined';
  if (value === undefined) return 'undefined';
  if (!value.startsWith(start)) return 'false';
  let position = start.length;
  for (const middle of middles) {
    const found = value.indexOf(middle!, position);
    if (found < 0) return 'false';
    position = found + middle!.length;
  }
  return value.length - position >= end.length && value.endsWith(end) ? 'true' : 'false';
}

function filterOf(name: string, { initial, any = [], final }: Substrings): string {
  const text = [initial ?? '', ...any, final ?? ''].map((part) => escaped(part)).join('*');
  return `(${name}=${text})`;
}

describe.skipIf(requirePrograms('slapd'))('values as slapd sees them', () => {
  let slapd: TestSlapd;

  beforeAll(async () => {
    slapd = await TestSlapd.start();
  });

  afterAll(async () => {
    await slapd?.stop();
  });

  test.each(Object.entries(values))('%s: the same values are valid and kept the same way', async (name, samples) => {
    const type = typeOf(name);
    for (const sample of samples) {
      const value = Buffer.from(sample);
      const code = await slapd.store(name, value);
      expect({ value, valid: type.syntax.validate(value) }).toEqual({ value, valid: code === 0 });
      if (code !== 0) continue;
      const kept = type.syntax.pretty ? type.syntax.pretty(value) : value;
      expect(await slapd.values(name)).toEqual([kept]);
    }
  });

  test.each(assertions)('%s: %j equals and orders as slapd says', async (name, stored, ...list) => {
    const type = typeOf(name);
    const value = Buffer.from(stored);
    expect(await slapd.store(name, value)).toBe(0);
    for (const text of list) {
      const assertion = Buffer.from(text);
      const filter = (operator: string): string => `(${name}${operator}${escaped(text)})`;
      const ours = {
        text,
        equal: asserted(type.equality, value, assertion),
        greaterOrEqual: compared(type, value, assertion, (order) => order >= 0),
        lessOrEqual: compared(type, value, assertion, (order) => order <= 0),
      };
      const theirs = {
        text,
        equal: await slapd.evaluate(filter('=')),
        greaterOrEqual: await slapd.evaluate(filter('>=')),
        lessOrEqual: await slapd.evaluate(filter('<=')),
      };
      expect(ours).toEqual(theirs);
    }
  });

  test.each(parts)('$attribute: parts of $stored are found as slapd finds them', async (sample) => {
    const { attribute: name, stored, list } = sample;
    const value = Buffer.from(stored);
    expect(await slapd.store(name, value)).toBe(0);
    for (const substrings of list) {
      const found = contains(typeOf(name), value, substrings);
      expect({ substrings, found }).toEqual({ substrings, found: await slapd.evaluate(filterOf(name, substrings)) });
    }
  });

  test.each(approximations)('%j sounds as slapd hears it', async (stored, ...list) => {
    const value = Buffer.from(stored);
    expect(await slapd.store('tDirectory', value)).toBe(0);
    for (const text of list) {
      const found = asserted(typeOf('tDirectory').approximate, value, Buffer.from(text));
      expect({ text, found }).toEqual({ text, found: await slapd.evaluate(`(tDirectory~=${escaped(text)})`) });
    }
  });
});
