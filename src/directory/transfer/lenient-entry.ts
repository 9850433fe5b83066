/**
 * Takes what slapadd takes and an add would refuse: slapadd asks the equality rules whether they can do with a value, and
 * nothing else about it. And leaves out what overlays wrote that are not configured here.
 */
import { isUtf8 } from 'node:buffer';
import type { DN } from '../../dn/dn.js';
import { EntryDraft } from '../../entry/draft.js';
import type { PartialAttribute } from '../../ldap/request.js';
import type { LdapError } from '../../ldap/result.js';
import { ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { describeAttribute } from '../operations/attribute-values.js';
import { addNamingValues } from '../operations/new-entry.js';

/** Does the error say that values are not what their syntax asks for, or come twice? */
export function isAboutValues({ code }: LdapError): boolean {
  return code === ResultCode.invalidAttributeSyntax || code === ResultCode.attributeOrValueExists;
}

/** The entry nevertheless; values that are there twice to the byte are kept once. Undefined: slapadd refuses it, too. */
export function lenientEntry(dn: DN, attributes: readonly PartialAttribute[], schema: Schema): EntryDraft | undefined {
  const entry = new EntryDraft(dn);
  for (const { type, values } of attributes) {
    const description = describeAttribute(type, schema);
    if (!values.every((value) => slapaddTakes(description, value))) return undefined;
    const present = entry.values(description);
    const added = [...present, ...values].filter((value, index, all) => all.findIndex((other) => other.equals(value)) === index);
    entry.set(description, added);
  }
  addNamingValues(entry, schema);
  return entry;
}

/** Directory String, IA5 String, Printable String: for slapd's rules any UTF-8 will do, and none at all. */
const textSyntaxes = new Set(['15', '26', '44'].map((last) => `1.3.6.1.4.1.1466.115.121.1.${last}`));
/** What is no certificate equals nothing, but is kept. */
const certificateSyntax = '1.3.6.1.4.1.1466.115.121.1.8';

function slapaddTakes({ type }: AttributeDescription, value: Buffer): boolean {
  if (type.equality === undefined || type.equality.normalize(value) !== undefined) return true;
  const { oid } = type.syntax;
  return oid === certificateSyntax || (textSyntaxes.has(oid) && isUtf8(value));
}

/** Operational attributes of slapd's overlays, by their names in small letters. */
const overlayOf: ReadonlyMap<string, string> = new Map([
  ['memberof', 'memberof'],
  ['authtimestamp', 'lastbind'],
  ['entryexpiretimestamp', 'dds'],
  ['auditcontext', 'accesslog'],
  ...[
    'pwdChangedTime',
    'pwdAccountLockedTime',
    'pwdFailureTime',
    'pwdHistory',
    'pwdGraceUseTime',
    'pwdReset',
    'pwdPolicySubentry',
    'pwdLastSuccess',
    'pwdStartTime',
    'pwdEndTime',
    'pwdAccountTmpLockoutEnd',
  ].map((name) => [name.toLowerCase(), 'ppolicy'] as const),
]);

/** Which overlay has to be configured for the attribute to be known; undefined where it is, or none has. */
export function missingOverlayOf(type: string, schema: Schema): string | undefined {
  const overlay = overlayOf.get(type.toLowerCase());
  return overlay !== undefined && !schema.attributeDescription(type) ? overlay : undefined;
}
