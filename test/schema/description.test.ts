import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchemaBuilder } from '../../src/schema/builder.js';
import { defaultSchema } from '../../src/schema/default.js';

const schema = defaultSchema();
const read = schema.attributeDescription.bind(schema);

describe('attribute descriptions', () => {
  test('all spellings of one are the same object', () => {
    const description = read('description;lang-en;lang-de');
    expect(description).toMatchObject({ options: ['lang-de', 'lang-en'], text: 'description;lang-de;lang-en' });
    expect(read('DESCRIPTION;LANG-DE;Lang-EN')).toBe(description);
    expect(read('2.5.4.13;lang-en;lang-de;lang-en')).toBe(description);
    expect(read('CommonName')).toMatchObject({ text: 'cn', key: 'cn', options: [] });
  });

  test.each([
    ...['', ';', 'nosuch', 'cn;', 'cn;;lang-en', 'cn;lang', 'cn;x-foo', 'cn;lang-e_n', 'cn;lang-é', 'cn;binary'],
    ...['cn ', ' cn', '2.5.4.3.'],
  ])('%j names nothing', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test('binary goes with syntaxes that are transferred so, once, and comes first in print', () => {
    expect(read('usercertificate;lang-en;binary')?.text).toBe('userCertificate;binary;lang-en');
    expect(read('userCertificate;binary;binary')).toBeUndefined();
    expect(read('jpegPhoto;binary')).toBeUndefined();
  });

  test('attributeoptions takes the place of lang- and adds up', () => {
    const builder = new SchemaBuilder();
    builder.attributeOptions('x-foo- x-bar');
    builder.attributeOptions('x-baz');
    expect(() => builder.attributeOptions('X-BAR')).toThrow("'X-BAR' is already defined");
    expect(() => builder.attributeOptions('binary')).toThrow('already defined');
    expect(() => builder.attributeOptions('x_y')).toThrow("'x_y' is not an attribute option");
    const own = builder.build();
    const known = ['cn;x-foo-a', 'cn;x-foo-', 'cn;X-Bar', 'cn;x-baz', 'cn;x-bar-a', 'cn;x-foo', 'cn;lang-en'];
    expect(known.map((text) => own.attributeDescription(text)?.options[0])).toEqual([
      'x-foo-a',
      'x-foo-',
      'x-bar',
      'x-baz',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['cn', 'cn', true],
    ['cn', 'name', true],
    ['name', 'cn', false],
    ['cn;lang-en', 'cn', true],
    ['cn;lang-en', 'name', true],
    ['cn', 'cn;lang-en', false],
    ['cn;lang-en-us', 'cn;lang-en', false],
    ['cn;lang-en-us', 'cn;lang-en-', true],
    ['cn;lang-en', 'cn;lang-en-', true],
    ['cn;lang-eng', 'cn;lang-en-', false],
    ['cn;lang-en', 'cn;lang-', true],
    ['cn;lang-de', 'cn;lang-en-', false],
    ['cn;lang-de;lang-en', 'cn;lang-en;lang-de', true],
    ['cn;lang-de;lang-en', 'cn;lang-en;lang-fr', false],
    ['sn', 'cn', false],
  ])('%s satisfies a request for %s: %s', (candidate, wanted, expected) => {
    expect(schema.isSubtypeOf(read(candidate)!, read(wanted)!)).toBe(expected);
  });

  test('an object in use stays the one for its description while clients make up thousands of others', () => {
    const held = read('cn;lang-held')!;
    for (let index = 0; index < 30_000; index++) read(`cn;lang-x${index}`);
    expect(read('CN;LANG-HELD')).toBe(held);
  });

  test('any text is a description or none', () => {
    const word = fc.oneof(fc.constantFrom('cn', ';', 'lang-', 'binary', 'userCertificate', '-'), fc.string());
    fc.assert(
      fc.property(
        fc.array(word).map((words) => words.join('')),
        (text) => {
          const found = read(text);
          if (found) expect(read(found.text)).toBe(found);
        },
      ),
    );
    expect(read(`cn${';lang-a'.repeat(10_000)}`)).toBeUndefined();
  });
});
