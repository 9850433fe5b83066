/**
 * From what a client sent to what may be stored: attribute descriptions resolved, values checked against their syntax,
 * distinguished names in their pretty form (as slapd stores them), duplicates found under the matching rule.
 */
import type { PartialAttribute } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';

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
  const values = attribute.values.map((value, index) => storedForm(description, value, index));
  if (values.length > 1 && !toDelete) {
    if (description.type.singleValue) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: multiple values provided`);
    }
    rejectDuplicates(description, values);
  }
  return { description, values };
}

function storedForm(description: AttributeDescription, value: Buffer, index: number): Buffer {
  const { syntax } = description.type;
  const stored = syntax.validate(value) ? (syntax.pretty ? syntax.pretty(value) : value) : undefined;
  if (stored) return stored;
  throw new LdapError(ResultCode.invalidAttributeSyntax, `${description.text}: value #${index} invalid per syntax`);
}

/** A value's identity within its attribute; attributes without an equality rule compare byte for byte. */
export function valueKey(description: AttributeDescription, value: Buffer): string {
  return description.type.equality?.normalize(value) ?? value.toString('latin1');
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
  const seen = new Set<string>();
  values.forEach((value, index) => {
    const key = valueKey(description, value);
    if (seen.has(key)) {
      throw new LdapError(ResultCode.attributeOrValueExists, `${description.text}: value #${index} provided more than once`);
    }
    seen.add(key);
  });
}
