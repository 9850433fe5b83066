import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultSchema } from '../../src/schema/default.js';
import type { MatchingRule } from '../../src/ldap/schema.js';

const schema = defaultSchema();

function rule(name: string): MatchingRule {
  return schema.matchingRule(name)!;
}

/** Text that makes the fast paths doubt: blanks, case, marks that compose, characters that fold or decompose. */
const letter = fc.constantFrom(
  ...' aAbBeEzZ@.-09\t',
  ...['  ', 'é', '\u0301', 'É', 'ﬁ', '\u00a0', 'Σ', 'ς', '\u212a', '𐐀', '\u2167'],
);
const text = fc.array(letter, { maxLength: 8 }).map((letters) => letters.join(''));
const asciiText = text.map((one) => one.replace(/[^\0-\x7f]/g, ''));

function framed(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from('a '), value, Buffer.from(' a\u0301')]);
}

describe('matching in place', () => {
  test.each([
    ['caseIgnoreMatch', text],
    ['caseExactMatch', text],
    ['caseIgnoreIA5Match', asciiText],
    ['caseExactIA5Match', asciiText],
    ['octetStringMatch', text],
    ['telephoneNumberMatch', asciiText],
    ['caseIgnoreListMatch', text],
    ['integerMatch', fc.bigInt({ min: -200n, max: 200n }).map(String)],
    ['booleanMatch', fc.constantFrom('TRUE', 'FALSE')],
    ['generalizedTimeMatch', fc.constantFrom('20240101000000Z', '2024010101+0100', '202401010000.0Z', '20240101000001Z')],
  ])('%s says what comparing the normalised values says', (name, values) => {
    const tested = rule(name);
    fc.assert(
      fc.property(values, values, (stored, asserted) => {
        const value = Buffer.from(stored);
        const normalized = tested.normalize(Buffer.from(asserted));
        fc.pre(normalized !== undefined);
        const buffer = framed(value);
        expect(tested.matches(buffer, 2, 2 + value.length, normalized)).toBe(tested.normalize(value) === normalized);
      }),
      { numRuns: 2_000 },
    );
  });

  test('normalising is idempotent', () => {
    for (const name of ['caseIgnoreMatch', 'caseExactMatch']) {
      const tested = rule(name);
      fc.assert(
        fc.property(text, (one) => {
          const once = tested.normalize(Buffer.from(one));
          // What decomposes to capitals is left so: slapd folds before it decomposes.
          fc.pre(once !== undefined && !/[A-Z]/.test(once));
          expect(tested.normalize(Buffer.from(once))).toBe(once);
        }),
      );
    }
  });

  test('bytes that are not UTF-8 have no normalised form and match nothing', () => {
    const bytes = Buffer.from([0x61, 0xff]);
    expect(rule('caseIgnoreMatch').normalize(bytes)).toBeUndefined();
    expect(rule('caseIgnoreMatch').matches(bytes, 0, 2, 'a')).toBe(false);
    expect(rule('caseIgnoreIA5Match').normalize(Buffer.from('é'))).toBeUndefined();
    expect(rule('octetStringMatch').normalize(bytes)).toBe('a\xff');
  });
});

describe('values made to take long', () => {
  const megabyte = 1_000_000;
  const values: Readonly<Record<string, readonly string[]>> = {
    cn: [`a${'\u0301\u0323'.repeat(megabyte / 4)}`, '\uff9e\u0323'.repeat(megabyte / 5), ' a'.repeat(megabyte / 2)],
    mail: [' '.repeat(megabyte), `${' '.repeat(megabyte)}a`, 'a '.repeat(megabyte / 2)],
    createTimestamp: [`20240101000000.${'0'.repeat(megabyte)}1Z`, `20240101000000.${'0'.repeat(megabyte)}1`],
    uidNumber: ['9'.repeat(megabyte), `-${'9'.repeat(megabyte)}`],
    telephoneNumber: ['- '.repeat(megabyte / 2)],
    postalAddress: ['$'.repeat(megabyte), `\\5c${' $'.repeat(megabyte / 2)}`],
    attributeTypes: [`( ${'a'.repeat(megabyte)}`, `( ${'a )'.repeat(megabyte / 3)}`],
    objectClass: ['1.'.repeat(megabyte / 2)],
    userCertificate: ['$'.repeat(megabyte), `1$${'$1'.repeat(8_000)}x`],
    entryCSN: ['2'.repeat(megabyte)],
    authzTo: [`u.${'/'.repeat(megabyte)}`, `ldap://${'?'.repeat(megabyte)}`],
  };

  test.each(Object.entries(values))('%s: a megabyte of the worst takes linear time', (name, samples) => {
    const type = schema.attributeType(name)!;
    for (const sample of samples) {
      const value = Buffer.from(sample);
      const started = performance.now();
      type.syntax.validate(value);
      const normalized = type.equality?.normalize(value);
      type.equality?.matches(value, 0, value.length, normalized ?? 'x');
      type.approximate?.normalize(value);
      type.substring?.normalizePart(value, 'any');
      for (const rule of ['integerBitAndMatch', 'caseExactMatch']) schema.matchingRule(rule)!.normalize(value);
      expect(performance.now() - started).toBeLessThan(4_000);
    }
  });

  test('text with more ligatures than it has use for, each spelled out in up to 18 characters, is no text', () => {
    const rule = schema.matchingRule('caseIgnoreMatch')!;
    expect(rule.normalize(Buffer.from('\ufdfa'.repeat(256)))).toHaveLength(18 * 256);
    expect(rule.normalize(Buffer.from('\ufdfa'.repeat(257)))).toBeUndefined();
    expect(rule.normalize(Buffer.from('\ufdfb'.repeat(257)))).toBeUndefined();
  });

  test('text with more combining marks in a row than can be composed is no text', () => {
    const { syntax, equality } = schema.attributeType('cn')!;
    const marks = (count: number): Buffer => Buffer.from(`a${'\u0301'.repeat(count)}`);
    expect([syntax.validate(marks(256)), syntax.validate(marks(257))]).toEqual([true, false]);
    expect([equality!.normalize(marks(256)) === undefined, equality!.normalize(marks(257)) === undefined]).toEqual([false, true]);
  });
});

describe('order', () => {
  test('text is ordered as its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const order = Math.sign(rule('caseExactOrderingMatch').compare(a, b));
        expect(order).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(rule('caseExactOrderingMatch').compare('\uffee', '\u{10400}')).toBeLessThan(0);
  });

  test('integers of any size are ordered by value', () => {
    const integer = fc.oneof(fc.bigInt({ min: -1_000n, max: 1_000n }), fc.bigInt());
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        const order = a < b ? -1 : Number(a > b);
        expect(Math.sign(rule('integerOrderingMatch').compare(String(a), String(b)))).toBe(order);
      }),
    );
  });

  test('times are the same moment as Date says, and in that order', () => {
    const moment = fc.date({ min: new Date('0001-01-03'), max: new Date('9999-12-28'), noInvalidDate: true });
    const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    const written = (date: Date, minutes: number): string => {
      const local = new Date(date.getTime() + minutes * 60_000).toISOString();
      const size = Math.abs(minutes);
      const zone = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0')).join('');
      return `${local.replace(/[-:TZ]/g, '')}${minutes < 0 ? '-' : '+'}${zone}`;
    };
    /** `YYYYmmddHHMMSS`, and the milliseconds without zeros at the end. */
    const moments = (date: Date): string => {
      const [seconds, fraction] = date
        .toISOString()
        .replace(/[-:TZ]/g, '')
        .split('.');
      return [seconds, fraction!.replace(/0+$/, '')].filter((part) => part !== '').join('.');
    };
    const ordering = rule('generalizedTimeOrderingMatch');
    fc.assert(
      fc.property(moment, offset, moment, offset, (a, aOffset, b, bOffset) => {
        const left = ordering.normalize(Buffer.from(written(a, aOffset)));
        const right = ordering.normalize(Buffer.from(written(b, bOffset)));
        expect(left).toBe(moments(a));
        expect(Math.sign(ordering.compare(left!, right!))).toBe(Math.sign(a.getTime() - b.getTime()));
      }),
    );
  });
});

describe('object classes', () => {
  const { equality } = schema.attributeType('objectClass')!;
  const satisfies = (stored: string, asserted: string): boolean => {
    const value = Buffer.from(stored);
    return equality!.matches(framed(value), 2, 2 + value.length, equality!.normalize(Buffer.from(asserted))!);
  };

  test('a class is found by any of its names, its OID and its superclasses', () => {
    expect(satisfies('inetOrgPerson', 'INETORGPERSON')).toBe(true);
    expect(satisfies('inetOrgPerson', '2.5.6.6')).toBe(true);
    expect(satisfies('2.16.840.1.113730.3.2.2', 'person')).toBe(true);
    expect(satisfies('newPilotPerson', 'pilotPerson')).toBe(true);
    expect(satisfies('person', 'inetOrgPerson')).toBe(false);
    expect(satisfies('nosuch', 'top')).toBe(false);
  });

  test('every class satisfies exactly its lineage, as an index must list it', () => {
    for (const objectClass of schema.objectClasses) {
      const value = Buffer.from(objectClass.name.toUpperCase());
      const lineage = objectClass.lineage.map(({ name }) => equality!.normalize(Buffer.from(name)));
      expect([...equality!.satisfied!(value)].sort()).toEqual(lineage.sort());
      for (const other of schema.objectClasses) {
        expect(satisfies(objectClass.name, other.name)).toBe(objectClass.lineage.includes(other));
      }
    }
  });

  test('names that are no class make no assertion', () => {
    expect(equality!.normalize(Buffer.from('nosuch'))).toBeUndefined();
    expect(equality!.normalize(Buffer.from('1.2.3.4'))).toBeUndefined();
    expect(equality!.satisfied!(Buffer.from('nosuch'))).toEqual([]);
  });
});

describe('subschema attributes', () => {
  test('their values are found by the OID or a name of what they describe', () => {
    const value = Buffer.from(schema.published('attributeTypes').find((one) => one.includes("'cn'"))!);
    const { equality } = schema.attributeType('attributeTypes')!;
    const finds = (asserted: string): boolean =>
      equality!.matches(value, 0, value.length, equality!.normalize(Buffer.from(asserted))!);
    expect(['2.5.4.3', 'cn', 'commonName'].map(finds)).toEqual([true, true, true]);
    expect(['sn', '1.2.3'].map(finds)).toEqual([false, false]);
    expect(equality!.normalize(Buffer.from('nosuch'))).toBeUndefined();
  });
});
