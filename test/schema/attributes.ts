/** One attribute type for each syntax and rule under test, as text that slapd and SchemaBuilder both read. */

const rfc4517 = '1.3.6.1.4.1.1466.115.121.1';

/** All rules of a family: `caseIgnore` has caseIgnoreMatch, caseIgnoreOrderingMatch and caseIgnoreSubstringsMatch. */
function family(name: string, syntax: number): string {
  const rules = `EQUALITY ${name}Match ORDERING ${name}OrderingMatch SUBSTR ${name}SubstringsMatch`;
  return `${rules} SYNTAX ${rfc4517}.${syntax}`;
}

const bodies: Readonly<Record<string, string>> = {
  tBoolean: `EQUALITY booleanMatch SYNTAX ${rfc4517}.7`,
  tInteger: `EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX ${rfc4517}.27`,
  tDirectory: family('caseIgnore', 15),
  tExact: family('caseExact', 15),
  tIa5: `EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX ${rfc4517}.26`,
  tIa5Exact: `EQUALITY caseExactIA5Match SUBSTR caseExactIA5SubstringsMatch SYNTAX ${rfc4517}.26`,
  tOctets: family('octetString', 40),
  tTelephone: `EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX ${rfc4517}.50`,
  tNumeric: family('numericString', 36),
  tPrintable: family('caseIgnore', 44),
  tTime: `EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX ${rfc4517}.24`,
  tDn: `EQUALITY distinguishedNameMatch SYNTAX ${rfc4517}.12`,
  tNameUid: `EQUALITY uniqueMemberMatch SYNTAX ${rfc4517}.34`,
  tOid: `EQUALITY objectIdentifierMatch SYNTAX ${rfc4517}.38`,
  tPostal: `EQUALITY caseIgnoreListMatch SUBSTR caseIgnoreListSubstringsMatch SYNTAX ${rfc4517}.41`,
  tBits: `EQUALITY bitStringMatch SYNTAX ${rfc4517}.6`,
  tUuid: 'EQUALITY UUIDMatch ORDERING UUIDOrderingMatch SYNTAX 1.3.6.1.1.16.1',
  tCsn: 'EQUALITY CSNMatch ORDERING CSNOrderingMatch SYNTAX 1.3.6.1.4.1.4203.666.11.2.1',
  tAuthz: 'EQUALITY authzMatch SYNTAX 1.3.6.1.4.1.4203.666.2.7',
  tCountry: `SUP name SYNTAX ${rfc4517}.11`,
  tDelivery: `SYNTAX ${rfc4517}.14`,
  tFax: `SYNTAX ${rfc4517}.22`,
  tTelex: `SYNTAX ${rfc4517}.52`,
  tGuide: `SYNTAX ${rfc4517}.25`,
  tJpeg: `SYNTAX ${rfc4517}.28`,
  tNetgroup: 'SYNTAX 1.3.6.1.1.1.0.0',
  tBoot: 'SYNTAX 1.3.6.1.1.1.0.1',
  tRdn: 'EQUALITY rdnMatch SYNTAX 1.2.36.79672281.1.5.0',
  tSubtree: `SYNTAX ${rfc4517}.45`,
  tMailbox: `SYNTAX ${rfc4517}.39`,
  tCertificate: `EQUALITY certificateExactMatch SYNTAX ${rfc4517}.8`,
  tExactParts: `EQUALITY caseExactMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX ${rfc4517}.15`,
  tIa5ExactParts: `EQUALITY caseExactIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX ${rfc4517}.26`,
  tExactName: 'SUP name EQUALITY caseExactMatch',
  tExactOrder: `EQUALITY caseExactMatch ORDERING caseIgnoreOrderingMatch SYNTAX ${rfc4517}.15`,
  tKey: 'EQUALITY privateKeyMatch SYNTAX 1.2.840.113549.1.8.1.1',
};

/** Definitions without the directive. */
export const testAttributeTypes: readonly string[] = Object.entries(bodies).map(
  ([name, body], index) => `( 1.3.6.1.4.1.12461.99.1.${index + 1} NAME '${name}' ${body} )`,
);

export const testAttributeNames: readonly string[] = Object.keys(bodies);
