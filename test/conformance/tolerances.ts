/** The whole list of what may differ between slapd's answers and jammd's without being a difference. */
import { bytes } from '../support/wire/operation.js';

/** Attributes whose values each server makes up; their presence and number still have to agree. */
export const madeUpValues: ReadonlySet<string> = new Set([
  'createTimestamp',
  'modifyTimestamp',
  'entryCSN',
  'contextCSN',
  'entryUUID',
  'pwdChangedTime',
  'pwdAccountLockedTime',
  'pwdAccountTmpLockoutEnd',
  'pwdFailureTime',
  'pwdGraceUseTime',
  'pwdHistory',
  'pwdLastSuccess',
]);

/**
 * Attributes of the root DSE and the subschema entry that list what a server is made of. They are told apart by
 * tests of their own; here only their presence is compared.
 */
export const inventories: ReadonlySet<string> = new Set([
  'supportedControl',
  'supportedExtension',
  'supportedFeatures',
  'attributeTypes',
  'objectClasses',
  'ldapSyntaxes',
  'matchingRules',
  'matchingRuleUse',
]);

/** Attributes that only slapd has: its configuration backend, and SASL mechanisms of the library it is linked with. */
export const slapdOnly: ReadonlySet<string> = new Set(['configContext', 'monitorContext', 'supportedSASLMechanisms']);

/** slapd's own class of the root DSE is an implementation's name, not a fact about the directory. */
export const rootDseClass = 'OpenLDAProotDSE';

/** Salts are random: of a hash its scheme and length are compared. */
export function withoutSalt(value: string): string {
  return value.replace(
    /^(\{(?:SSHA\d*|SMD5|BCRYPT|CRYPT|PBKDF2[^}]*)\})(.+)$/,
    (_, scheme: string, rest: string) => `${scheme}<${rest.length} characters>`,
  );
}

/** Diagnostic text is each server's own; entries, attributes and values come in any order. */
export const ignoresDiagnostics = true;

/** Octets for people and for JSON: text where it is text, hex where it is not. */
export function printable(octets: Buffer): string {
  const text = octets.toString('utf8');
  const isText = bytes(text).equals(octets) && !/\p{Cc}/u.test(text);
  return isText ? text : `hex:${octets.toString('hex')}`;
}
