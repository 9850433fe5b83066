/** Makes an entry from the attributes of an add request or of an LDIF record: values checked, RDN values put in. */
import type { DN } from '../dn/dn.js';
import { EntryDraft } from '../entry/draft.js';
import type { PartialAttribute } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Schema } from '../schema/model.js';
import { checkAttribute, valueKey } from './attribute-values.js';

/** Throws 2, 17, 19, 20 or 21. The schema's rules for the whole entry are checked elsewhere (`checkEntry`). */
export function newEntry(dn: DN, attributes: readonly PartialAttribute[], schema: Schema): EntryDraft {
  const entry = new EntryDraft(dn);
  for (const attribute of attributes) {
    if (attribute.values.length === 0) {
      throw new LdapError(ResultCode.protocolError, `${attribute.type}: no values given`);
    }
    const { description, values } = checkAttribute(attribute, schema);
    const former = entry.values(description);
    if (former.length > 0) {
      const known = new Set(former.map((value) => valueKey(description, value)));
      if (values.some((value) => known.has(valueKey(description, value)))) {
        throw new LdapError(ResultCode.attributeOrValueExists, `${description.text}: value provided more than once`);
      }
    }
    entry.set(description, [...former, ...values]);
  }
  addNamingValues(entry, schema);
  return entry;
}

/** RFC 4511 section 4.7: the RDN's values need not be given as attributes. */
export function addNamingValues(entry: EntryDraft, schema: Schema): void {
  for (const { type, value } of entry.dn.rdns[0]?.avas ?? []) {
    const description = schema.attributeDescription(type.name)!;
    const present = entry.values(description);
    const key = valueKey(description, value);
    if (!present.some((other) => valueKey(description, other) === key)) entry.set(description, [...present, value]);
  }
}

/** Throws 64 where a value of the entry's own name is missing from it. */
export function checkNamingValues(entry: EntryDraft, schema: Schema): void {
  for (const { type, value } of entry.dn.rdns[0]?.avas ?? []) {
    const description = schema.attributeDescription(type.name)!;
    const key = valueKey(description, value);
    if (entry.values(description).some((other) => valueKey(description, other) === key)) continue;
    throw new LdapError(
      ResultCode.namingViolation,
      `value of naming attribute '${description.text}' is not present in entry`,
    );
  }
}

/** Throws 19 where an attribute that only the server writes is given. */
export function rejectServerAttributes(entry: EntryDraft): void {
  for (const { description } of entry.attributes.values()) {
    if (description.type.noUserModification) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: no user modification allowed`);
    }
  }
}
