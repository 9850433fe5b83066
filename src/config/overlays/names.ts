/** Attributes whose values name entries. */
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { attributeDescription, ConfigError } from '../directive.js';

/** DN, and Name And Optional UID. */
const namesSyntaxes = new Set(['1.3.6.1.4.1.1466.115.121.1.12', '1.3.6.1.4.1.1466.115.121.1.34']);

/** Throws ConfigError where the attribute does not hold names. */
export function requireNames(name: string, directive: string, schema: Schema): AttributeDescription {
  const description = attributeDescription(name, directive, schema);
  if (namesSyntaxes.has(description.type.syntax.oid)) return description;
  throw new ConfigError(`attribute "${name}" of "${directive}" does not hold DNs`);
}
