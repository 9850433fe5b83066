/** Attribute values of entries as access rules compare them: the normalised form slapd keeps beside each value. */
import { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';

export const distinguishedNameSyntax = '1.3.6.1.4.1.1466.115.121.1.12';
export const nameAndOptionalUidSyntax = '1.3.6.1.4.1.1466.115.121.1.34';
const objectIdentifierSyntax = '1.3.6.1.4.1.1466.115.121.1.38';

/** Is a value of this attribute a name (member, roleOccupant), perhaps with a unique identifier (uniqueMember)? */
export function holdsNames(description: AttributeDescription): boolean {
  const { oid } = description.type.syntax;
  return oid === distinguishedNameSyntax || oid === nameAndOptionalUidSyntax;
}

/**
 * The normalised DN that a value of an attribute that holds names is; undefined where it is none. A name with a unique
 * identifier (`cn=x#'01'B`) is not the name alone: RFC 4517 section 4.2.31, and so in slapd.
 */
export function nameInValue(value: Buffer, description: AttributeDescription, schema: Schema): string | undefined {
  const { oid } = description.type.syntax;
  if (oid === nameAndOptionalUidSyntax && /#'[01]*'B$/.test(value.toString('latin1'))) return undefined;
  try {
    return DN.parse(value, schema).normalized;
  } catch {
    return undefined;
  }
}

/** A value as `val.regex=` and `set=` see it. */
export function normalizedValue(value: Buffer, description: AttributeDescription, schema: Schema): string {
  if (holdsNames(description)) return nameInValue(value, description, schema) ?? value.toString('utf8');
  const { equality, syntax } = description.type;
  // slapd keeps OIDs and class names in the spelling they were written in.
  if (!equality || syntax.oid === objectIdentifierSyntax) return value.toString('utf8');
  return equality.normalize(value) ?? value.toString('utf8');
}

/** Does some value of the attribute (subtypes and options too) hold the name `ndn`? */
export function someValueNames(entry: EntryRecord, description: AttributeDescription, ndn: string, schema: Schema): boolean {
  return entry.someSelected(description, (index) => attributeNames(entry, index, description, ndn, schema));
}

function attributeNames(
  entry: EntryRecord,
  index: number,
  description: AttributeDescription,
  ndn: string,
  schema: Schema,
): boolean {
  const equality = description.type.equality;
  if (!equality || description.type.syntax.oid !== distinguishedNameSyntax) {
    return entry.valuesAt(index).some((value) => nameInValue(value, description, schema) === ndn);
  }
  return entry.someValue(index, (buffer, start, end) => equality.matches(buffer, start, end, ndn));
}
