/**
 * The form in which slapd keeps and shows values of the syntaxes that have a preferred spelling: names are printed
 * its way whatever way they were sent, UUIDs are in lower case. All other values stay the bytes that came.
 */
import type { AttributeType, Schema } from '../schema/model.js';
import { DN } from './dn.js';

const dnSyntax = '1.3.6.1.4.1.1466.115.121.1.12';
const nameAndOptionalUidSyntax = '1.3.6.1.4.1.1466.115.121.1.34';
const uuidSyntax = '1.3.6.1.1.16.1';

/** `value` must fit the attribute's syntax. Answers `value` itself where it is as it should be. */
export function prettyValue(type: AttributeType, value: Buffer, schema: Schema): Buffer {
  switch (type.syntax.oid) {
    case dnSyntax:
      return Buffer.from(DN.parse(value, schema).toString());
    case nameAndOptionalUidSyntax:
      return prettyNameAndOptionalUid(value, schema);
    case uuidSyntax:
      return Buffer.from(value.toString('latin1').toLowerCase());
    default:
      return value;
  }
}

/** RFC 4517 section 3.3.21: `dn` or `dn#'0101'B`. */
function prettyNameAndOptionalUid(value: Buffer, schema: Schema): Buffer {
  const uid = /#'[01]*'B$/.exec(value.toString('latin1'))?.[0] ?? '';
  const name = DN.parse(value.subarray(0, value.length - uid.length), schema).toString();
  return Buffer.from(name + uid);
}
