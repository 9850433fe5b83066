/**
 * What slapd and its modules define themselves. They write it into the entry cn=schema, among what an administrator may have added
 * there; jammd knows it already, or needs none of it.
 */

/** Names that slapd gives to OIDs: of its configuration, of syntaxes, of cn=monitor. */
const ownMacros = /^(?:OLcfg|OMs|olm)/;

/** Of OpenLDAP, of password policy, of syntaxes, and of what single modules define (memberOf, dynamic objects, lastbind). */
const ownArcs = [
  '1.3.6.1.4.1.4203',
  '1.3.6.1.4.1.42.2.27.8',
  '1.3.6.1.4.1.1466.115.121.1',
  '1.3.6.1.4.1.1466.101.119',
  '1.3.6.1.1.1.0',
  '1.3.6.1.1.15',
  '1.3.6.1.1.16.1',
  '1.2.36.79672281.1.5',
  '1.2.826.0.1.3344810.7.1',
  '1.2.840.113549.1.8.1.1',
  '1.2.840.113556.1.2.102',
  '1.3.6.1.4.1.453.16.2.188',
];

/** `value`: a definition in parentheses, or the name and value of an `olcObjectIdentifier`. */
export function isOwnDefinition(attribute: string, value: string): boolean {
  if (attribute === 'olcAttributeOptions') return false;
  const name = /^\s*\(?\s*(\S+)/.exec(value)?.[1] ?? '';
  return ownMacros.test(name) || ownArcs.some((arc) => name === arc || name.startsWith(`${arc}.`));
}
