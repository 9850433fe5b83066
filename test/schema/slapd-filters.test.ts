/** Extensible filters and object classes: which rules may be put to which attributes, and what they answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requirePrograms } from '../support/programs.js';
import { certificate } from './certificate.js';
import { escaped, TestSlapd, testSchema, type Truth } from './slapd.js';

const schema = testSchema();

/** `attribute:rule:=value` or, with `=`, the attribute's equality rule. */
function ask(attribute: string, stored: Buffer, rule: string, assertion: string): Truth {
  const { type } = schema.attributeDescription(attribute)!;
  const found = rule === '=' ? type.equality : schema.matchingRule(rule);
  if (!found || (rule !== '=' && !found.appliesTo(type))) return 'undefined';
  const normalized = found.normalize(Buffer.from(assertion));
  if (normalized === undefined) return 'undefined';
  return found.matches(stored, 0, stored.length, normalized) ? 'true' : 'false';
}

const questions: readonly (readonly [string, string, ...(readonly [string, string])[]])[] = [
  [
    'tInteger', '5',
    ['integerMatch', '5'], ['integerOrderingMatch', '6'], ['integerOrderingMatch', '5'], ['integerOrderingMatch', '4'],
    ['integerBitAndMatch', '4'], ['1.2.840.113556.1.4.803', '6'], ['integerBitOrMatch', '6'], ['integerBitOrMatch', '8'],
    ['integerBitAndMatch', '99999999999999999999'], ['integerBitAndMatch', 'x'], ['caseIgnoreMatch', '5'],
    ['integerFirstComponentMatch', '5'], ['INTEGERMATCH', '5'],
  ],
  ['tInteger', '-1', ['integerBitAndMatch', '4'], ['integerBitAndMatch', '-2'], ['integerBitOrMatch', '0']],
  [
    'tDirectory', 'Foo Bar',
    ['caseExactMatch', 'Foo Bar'], ['caseExactMatch', 'foo bar'], ['caseIgnoreOrderingMatch', 'g'],
    ['caseIgnoreOrderingMatch', 'foo bar'], ['caseIgnoreOrderingMatch', 'a'], ['caseIgnoreSubstringsMatch', 'foo'],
    ['caseIgnoreIA5Match', 'foo bar'], ['directoryStringApproxMatch', 'fu'], ['IA5StringApproxMatch', 'fu'],
    ['octetStringMatch', 'Foo Bar'], ['nosuchMatch', 'x'], ['caseExactOrderingMatch', 'Fop'], ['caseExactOrderingMatch', 'A'],
  ],
  ['tPrintable', 'Foo', ['caseExactMatch', 'Foo'], ['caseExactMatch', 'foo'], ['caseIgnoreSubstringsMatch', 'foo']],
  ['tCountry', 'DE', ['caseIgnoreIA5Match', 'de'], ['caseExactMatch', 'de'], ['=', 'de']],
  ['tTelephone', '1 2', ['caseIgnoreMatch', '1 2'], ['caseIgnoreMatch', '12'], ['telephoneNumberMatch', '12']],
  [
    'tDn', 'cn=a,dc=b,dc=c',
    ['dnSubtreeMatch', 'dc=C'], ['dnSubtreeMatch', 'cn=a,dc=b,dc=c'], ['dnSubtreeMatch', 'dc=d'], ['dnSubtreeMatch', ''],
    ['dnOneLevelMatch', 'dc=b,dc=c'], ['dnOneLevelMatch', 'dc=c'], ['dnSubordinateMatch', 'dc=c'],
    ['dnSubordinateMatch', 'cn=a,dc=b,dc=c'], ['dnSuperiorMatch', 'cn=z,cn=a,dc=b,dc=c'],
    ['dnSuperiorMatch', 'cn=a,dc=b,dc=c'], ['dnSuperiorMatch', 'dc=c'], ['rdnMatch', 'cn=a'], ['uniqueMemberMatch', 'cn=a'],
  ],
  ['tUuid', '597ae2f6-16a6-1027-98f4-d28b5365dc14', ['UUIDMatch', '597ae2f6-16a6-1027-98f4-d28b5365dc14']],
  [
    'tCsn', '20240229123045.123456Z#000000#0a0#000000',
    ['CSNMatch', '20240229123045.123456Z#000000#0a0#000000'],
    ['CSNOrderingMatch', '20250228123045.123456Z#000000#0a0#000000'], ['CSNSIDMatch', '0A0'], ['CSNSIDMatch', '0A1'],
  ],
  ['tTime', '20240229123045Z', ['generalizedTimeOrderingMatch', '20240301000000Z'], ['generalizedTimeOrderingMatch', '20240229123045Z'], ['generalizedTimeMatch', '202402291230.75Z']],
  ['tBoolean', 'TRUE', ['booleanMatch', 'TRUE'], ['booleanMatch', 'true']],
  [
    'objectClass', 'device',
    ['=', 'DEVICE'], ['=', 'top'], ['=', '2.5.6.14'], ['=', '2.5.6.6'], ['=', 'person'], ['=', 'nosuch'], ['=', '1.2.3.4'],
    ['=', ''], ['objectIdentifierMatch', 'device'], ['objectIdentifierMatch', '2.5.6.14'],
  ],
  ['tExactParts', 'Foo', ['=', 'foo'], ['=', 'Foo'], ['directoryStringApproxMatch', 'foo']],
];

describe.skipIf(requirePrograms('slapd'))('matching rules by name', () => {
  let slapd: TestSlapd;

  beforeAll(async () => {
    slapd = await TestSlapd.start();
  });

  afterAll(async () => {
    await slapd?.stop();
  });

  test.each(questions)('%s: %s answers as on slapd', async (attribute, stored, ...list) => {
    const value = Buffer.from(stored);
    expect(await slapd.store(attribute === 'objectClass' ? 'description' : attribute, value)).toBe(0);
    for (const [rule, assertion] of list) {
      const filter = `(${attribute}${rule === '=' ? '=' : `:${rule}:=`}${escaped(assertion)})`;
      expect({ filter, truth: ask(attribute, value, rule, assertion) }).toEqual({ filter, truth: await slapd.evaluate(filter) });
    }
  });

  test('object classes are kept in the schema’s spelling', async () => {
    await slapd.client.add('cn=classes,dc=test', { objectClass: ['TOP', 'DEVICE'], cn: 'classes' });
    const { searchEntries } = await slapd.client.search('cn=classes,dc=test', { scope: 'base', attributes: ['objectClass'] });
    const { pretty } = schema.attributeType('objectClass')!.syntax;
    expect(['TOP', 'DEVICE'].map((name) => pretty!(Buffer.from(name))!.toString())).toEqual(searchEntries[0]!['objectClass']);
  });

  test('a certificate is found by serial number and issuer, in either notation', async () => {
    const type = schema.attributeType('userCertificate')!;
    expect(await slapd.store('userCertificate;binary', certificate)).toBe(0);
    expect(type.syntax.validate(certificate)).toBe(true);
    const issuer = String.raw`email=a@b.c,cn=Foo \22Bar\22,o=Ex ample\2C Inc,c=DE`;
    for (const assertion of [
      `255$${issuer}`,
      `0xff$${issuer}`,
      `'FF'H$${issuer}`,
      `255$${issuer.toUpperCase()}`,
      `{ serialNumber 0xff, issuer rdnSequence:"${issuer}" }`,
      `{ serialNumber 'FF'H, issuer rdnSequence:"${issuer}" }`,
      `{ serialNumber 255, issuer "${issuer}" }`,
      `{serialNumber 255,issuer rdnSequence:"${issuer}"}`,
      `{ serialNumber 255, issuer rdnSequence:"${issuer}" }`,
      `{ issuer rdnSequence:"${issuer}", serialNumber 255 }`,
      `254$${issuer}`,
      '255$c=DE',
      '255',
    ]) {
      const truth = await slapd.evaluate(`(userCertificate=${escaped(assertion)})`);
      expect({ assertion, truth: ask('userCertificate', certificate, '=', assertion) }).toEqual({ assertion, truth });
    }
  });

  test('what is cut short is no certificate', async () => {
    for (const length of [0, 1, 10, 100, certificate.length - 1]) {
      const cut = certificate.subarray(0, length);
      expect(await slapd.store('userCertificate;binary', cut)).toBe(21);
      expect(schema.attributeType('userCertificate')!.syntax.validate(cut)).toBe(false);
    }
  });
});
