/** The values of the Dereference control (draft-masarati-ldap-deref). */
import { BerError, BerReader, berElement, berOctetString, berSequence, contextTag, Tag } from '../ber/ber.js';
import { controlOids, type DereferenceSpec, type ResponseControl } from '../ldap/control.js';
import type { PartialAttribute } from '../ldap/request.js';

/** Far more than any client has use for. */
const specsMax = 64;
const attributesMax = 256;

/** Throws BerError. */
export function decodeDereference(value: Buffer): DereferenceSpec[] {
  const reader = new BerReader(value);
  reader.enter(Tag.sequence);
  const specs: DereferenceSpec[] = [];
  while (!reader.atEnd) {
    if (specs.length === specsMax) throw new BerError(`more than ${specsMax} attributes to dereference`);
    const outerEnd = reader.enter(Tag.sequence);
    const reference = reader.latin1();
    const listEnd = reader.enter(Tag.sequence);
    const attributes: string[] = [];
    while (!reader.atEnd && attributes.length <= attributesMax) attributes.push(reader.latin1());
    if (attributes.length === 0 || attributes.length > attributesMax) throw new BerError('wrong number of attributes');
    reader.leave(listEnd);
    reader.leave(outerEnd);
    specs.push({ reference, attributes });
  }
  return specs;
}

/** What one value of a reference leads to. */
export interface Dereferenced {
  readonly reference: string;
  readonly value: Buffer;
  readonly attributes: readonly PartialAttribute[];
}

export function dereferenceResponse(results: readonly Dereferenced[]): ResponseControl {
  const encoded = results.map(({ reference, value, attributes }) => {
    const list = attributes.map(({ type, values }) =>
      berSequence(berOctetString(type), berElement(Tag.set, ...values.map((one) => berOctetString(one)))),
    );
    const found = list.length === 0 ? [] : [berElement(contextTag(0, 'constructed'), ...list)];
    return berSequence(berOctetString(reference), berOctetString(value), ...found);
  });
  return { oid: controlOids.dereference, critical: false, value: berSequence(...encoded) };
}
