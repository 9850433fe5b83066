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

interface Question {
  readonly attribute: string;
  readonly stored: string;
  /** Rule, `=` for the attribute's own equality, and assertion. */
  readonly list: readonly (readonly [string, string])[];
}

const questions: readonly Question[] = [
  {
    attribute: 'tInteger',
    stored: '5',
    list: [
      ['integerMatch', '5'],
      ['integerOrderingMatch', '6'],
      ['integerOrderingMatch', '5'],
      ['integerOrderingMatch', '4'],
      ['integerBitAndMatch', '4'],
      ['1.2.840.113556.1.4.803', '6'],
      ['integerBitOrMatch', '6'],
      ['integerBitOrMatch', '8'],
      ['integerBitAndMatch', '99999999999999999999'],
      ['integerBitAndMatch', 'x'],
      ['caseIgnoreMatch', '5'],
      ['integerFirstComponentMatch', '5'],
      ['INTEGERMATCH', '5'],
    ],
  },
  {
    attribute: 'tDirectory',
    stored: 'Foo Bar',
    list: [
      ['caseExactMatch', 'Foo Bar'],
      ['caseExactMatch', 'foo bar'],
      ['caseIgnoreOrderingMatch', 'g'],
      ['caseIgnoreOrderingMatch', 'foo bar'],
      ['caseIgnoreOrderingMatch', 'a'],
      ['caseIgnoreSubstringsMatch', 'foo'],
      ['caseIgnoreIA5Match', 'foo bar'],
      ['directoryStringApproxMatch', 'fu'],
      ['IA5StringApproxMatch', 'fu'],
      ['octetStringMatch', 'Foo Bar'],
      ['nosuchMatch', 'x'],
      ['caseExactOrderingMatch', 'Fop'],
      ['caseExactOrderingMatch', 'A'],
    ],
  },
  {
    attribute: 'tInteger',
    stored: '-1',
    list: [
      ['integerBitAndMatch', '4'],
      ['integerBitAndMatch', '-2'],
      ['integerBitOrMatch', '0'],
    ],
  },
  {
    attribute: 'tPrintable',
    stored: 'Foo',
    list: [
      ['caseExactMatch', 'Foo'],
      ['caseExactMatch', 'foo'],
      ['caseIgnoreSubstringsMatch', 'foo'],
    ],
  },
  {
    attribute: 'tCountry',
    stored: 'DE',
    list: [
      ['caseIgnoreIA5Match', 'de'],
      ['caseExactMatch', 'de'],
      ['=', 'de'],
    ],
  },
  {
    attribute: 'tTelephone',
    stored: '1 2',
    list: [
      ['caseIgnoreMatch', '1 2'],
      ['caseIgnoreMatch', '12'],
      ['telephoneNumberMatch', '12'],
    ],
  },
  {
    attribute: 'tUuid',
    stored: '597ae2f6-16a6-1027-98f4-d28b5365dc14',
    list: [['UUIDMatch', '597ae2f6-16a6-1027-98f4-d28b5365dc14']],
  },
  {
    attribute: 'tTime',
    stored: '20240229123045Z',
    list: [
      ['generalizedTimeOrderingMatch', '20240301000000Z'],
      ['generalizedTimeOrderingMatch', '20240229123045Z'],
      ['generalizedTimeMatch', '202402291230.75Z'],
    ],
  },
  {
    attribute: 'tBoolean',
    stored: 'TRUE',
    list: [
      ['booleanMatch', 'TRUE'],
      ['booleanMatch', 'true'],
    ],
  },
  {
    attribute: 'tExactParts',
    stored: 'Foo',
    list: [
      ['=', 'foo'],
      ['=', 'Foo'],
      ['directoryStringApproxMatch', 'foo'],
    ],
  },
  {
    attribute: 'tDn',
    stored: 'cn=a,dc=b,dc=c',
    list: [
      ['dnSubtreeMatch', 'dc=C'],
      ['dnSubtreeMatch', 'cn=a,dc=b,dc=c'],
      ['dnSubtreeMatch', 'dc=d'],
      ['dnSubtreeMatch', ''],
      ['dnOneLevelMatch', 'dc=b,dc=c'],
      ['dnOneLevelMatch', 'dc=c'],
      ['dnSubordinateMatch', 'dc=c'],
      ['dnSubordinateMatch', 'cn=a,dc=b,dc=c'],
      ['dnSuperiorMatch', 'cn=z,cn=a,dc=b,dc=c'],
      ['dnSuperiorMatch', 'cn=a,dc=b,dc=c'],
      ['dnSuperiorMatch', 'dc=c'],
      ['rdnMatch', 'cn=a'],
      ['uniqueMemberMatch', 'cn=a'],
    ],
  },
  {
    attribute: 'tCsn',
    stored: '20240229123045.123456Z#000000#0a0#000000',
    list: [
      ['CSNMatch', '20240229123045.123456Z#000000#0a0#000000'],
      ['CSNOrderingMatch', '20250228123045.123456Z#000000#0a0#000000'],
      ['CSNSIDMatch', '0A0'],
      ['CSNSIDMatch', '0A1'],
    ],
  },
  {
    attribute: 'objectClass',
    stored: 'device',
    list: [
      ['=', 'DEVICE'],
      ['=', 'top'],
      ['=', '2.5.6.14'],
      ['=', '2.5.6.6'],
      ['=', 'person'],
      ['=', 'nosuch'],
      ['=', '1.2.3.4'],
      ['=', ''],
      ['objectIdentifierMatch', 'device'],
      ['objectIdentifierMatch', '2.5.6.14'],
    ],
  },
];

describe.skipIf(requirePrograms('slapd'))('matching rules by name', () => {
  let slapd: TestSlapd;

  beforeAll(async () => {
    slapd = await TestSlapd.start();
  });

  afterAll(async () => {
    await slapd?.stop();
  });

  test.each(questions)('$attribute: $stored answers as on slapd', async ({ attribute, stored, list }) => {
    const value = Buffer.from(stored);
    expect(await slapd.store(attribute === 'objectClass' ? 'description' : attribute, value)).toBe(0);
    for (const [rule, assertion] of list) {
      const filter = `(${attribute}${rule === '=' ? '=' : `:${rule}:=`}${escaped(assertion)})`;
      const truth = await slapd.evaluate(filter);
      expect({ filter, truth: ask(attribute, value, rule, assertion) }).toEqual({ filter, truth });
    }
  });

  test('object classes are kept in the schema’s spelling', async () => {
    const written = ['TOP', 'DEVICE'];
    const dn = 'cn=classes,dc=test';
    await slapd.client.add(dn, { objectClass: written, cn: 'classes' });
    const { searchEntries } = await slapd.client.search(dn, { scope: 'base', attributes: ['objectClass'] });
    const { syntax } = schema.attributeType('objectClass')!;
    const kept = written.map((name) => syntax.pretty!(Buffer.from(name))!.toString());
    expect(kept).toEqual(searchEntries[0]!['objectClass']);
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
