/**
 * From what a client sent to what may be stored: attribute descriptions resolved, values checked against their syntax,
 * distinguished names in their pretty form (as slapd stores them), duplicates found under the matching rule.
 */
import type { PartialAttribute } from '../../ldap/request.js';
import { endOfNumber, withoutNumber } from '../../ldap/ordered-values.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { numberedValue, Places } from './places.js';

export interface CheckedAttribute {
  readonly description: AttributeDescription;
  readonly values: Buffer[];
}

/** Throws 17 for a description that names no attribute, or asks for `;binary` where it must not (or omits it where it must). */
export function describeAttribute(text: string, schema: Schema): AttributeDescription {
  const description = schema.attributeDescription(text);
  if (!description) {
    const known = schema.attributeType(text.split(';', 1)[0]!) !== undefined;
    const reason = known ? 'unrecognized attribute option' : 'attribute type undefined';
    throw new LdapError(ResultCode.undefinedAttributeType, `${text}: ${reason}`);
  }
  if (description.options.some((option) => option.endsWith('-'))) {
    throw new LdapError(ResultCode.undefinedAttributeType, `${text}: inappropriate use of tag range option`);
  }
  const binary = description.options.includes('binary');
  if (binary !== description.type.syntax.binaryTransfer) {
    const reason = binary ? 'disallows ";binary" transfer' : 'requires ";binary" transfer';
    throw new LdapError(ResultCode.undefinedAttributeType, `${text}: ${reason}`);
  }
  return description;
}

/** Throws 17, 21, and, unless the values are to be deleted (which slapd lets be many, and be named twice), 19 or 20. */
export function checkAttribute(attribute: PartialAttribute, schema: Schema, toDelete = false): CheckedAttribute {
  const description = describeAttribute(attribute.type, schema);
  const values = attribute.values.map((value, index) => storedForm(description, value, index, toDelete));
  if (values.length > 1 && !toDelete) {
    if (description.type.singleValue) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: multiple values provided`);
    }
    rejectDuplicates(description, values);
  }
  return { description, values };
}

function storedForm(description: AttributeDescription, value: Buffer, index: number, toDelete: boolean): Buffer {
  const { syntax, orderedValues } = description.type;
  const start = orderedValues ? endOfNumber(value, 0, value.length) : 0;
  const text = start === 0 ? value : value.subarray(start);
  // A number alone names the value to delete. As slapd: not where values have a pretty form.
  if (start > 0 && text.length === 0 && toDelete && !syntax.pretty) return value;
  const stored = syntax.validate(text) ? (syntax.pretty ? syntax.pretty(text) : text) : undefined;
  if (stored === text) return value;
  if (stored) return start === 0 ? stored : Buffer.concat([value.subarray(0, start), stored]);
  throw new LdapError(ResultCode.invalidAttributeSyntax, `${description.text}: value #${index} invalid per syntax`);
}

/**
 * A value's identity within its attribute, its number left out where it has one; attributes without an equality rule
 * compare byte for byte.
 */
export function valueKey(description: AttributeDescription, value: Buffer): string {
  const { equality, orderedValues } = description.type;
  return equality?.normalize(value) ?? (orderedValues ? withoutNumber(value) : value).toString('latin1');
}

/** Is `value` one of `values` under the equality rule, or, where there is none, byte for byte? */
export function hasValue(description: AttributeDescription, values: readonly Buffer[], value: Buffer): boolean {
  // Mostly it is there as it stands, which is found without normalising anything.
  for (const other of values) if (other.equals(value)) return true;
  if (values.length === 0) return false;
  const key = valueKey(description, value);
  return values.some((other) => valueKey(description, other) === key);
}

function rejectDuplicates(description: AttributeDescription, values: readonly Buffer[]): void {
  const isRepeated = description.type.orderedValues ? repeatedAmongNumbered(description) : repeatedAmong(description);
  values.forEach((value, index) => {
    if (!isRepeated(value, index)) return;
    throw new LdapError(ResultCode.attributeOrValueExists, `${description.text}: value #${index} provided more than once`);
  });
}

type RepetitionTest = (value: Buffer, index: number) => boolean;

function repeatedAmong(description: AttributeDescription): RepetitionTest {
  const seen = new Set<string>();
  return (value) => seen.size === seen.add(valueKey(description, value)).size;
}

function repeatedAmongNumbered(description: AttributeDescription): RepetitionTest {
  const seen = new Places();
  return (sent, index) => {
    const value = numberedValue(sent, (whole) => valueKey(description, whole));
    if (seen.equalTo(value) !== undefined) return true;
    seen.add(value, index);
    return false;
  };
}
