/** Makes an entry from the attributes of an add request or of an LDIF record: values checked, RDN values put in. */
import type { DN } from '../../dn/dn.js';
import { EntryDraft } from '../../entry/draft.js';
import type { PartialAttribute } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { checkAttribute, hasValue, valueKey, type CheckedAttribute } from './attribute-values.js';
import { isManageable } from '../rules/operational.js';

/** Throws 2, 17, 19, 20, 21 or 64. The schema's rules for the whole entry are checked elsewhere (`checkEntry`). */
export function newEntry(dn: DN, attributes: readonly PartialAttribute[], schema: Schema): EntryDraft {
  return assembleEntry(dn, checkAttributes(attributes, schema), schema);
}

/** Looks at each attribute by itself. Throws 2, 17, 19, 20 or 21. */
export function checkAttributes(attributes: readonly PartialAttribute[], schema: Schema): CheckedAttribute[] {
  for (const attribute of attributes) {
    if (attribute.values.length === 0) {
      throw new LdapError(ResultCode.protocolError, `${attribute.type}: no values given`);
    }
  }
  return attributes.map((attribute) => checkAttribute(attribute, schema));
}

/** Puts attributes that were checked together, and the name's values with them. Throws 20 or 64. */
export function assembleEntry(dn: DN, attributes: readonly CheckedAttribute[], schema: Schema): EntryDraft {
  const entry = new EntryDraft(dn);
  for (const { description, values } of attributes) {
    if (entry.values(description).length > 0) {
      throw new LdapError(ResultCode.attributeOrValueExists, `attribute '${description.text}' provided more than once`);
    }
    entry.set(description, values);
  }
  rejectNamingConflict(entry, schema);
  addNamingValues(entry, schema);
  return entry;
}

/** Throws 64 where the name would give a single-valued attribute a second value. (A rename answers 19 for that.) */
function rejectNamingConflict(entry: EntryDraft, schema: Schema): void {
  for (const { type, value } of entry.dn.rdns[0]?.avas ?? []) {
    const description = schema.attributeDescription(type.name)!;
    const [present] = entry.values(description);
    if (!type.singleValue || !present || valueKey(description, present) === valueKey(description, value)) continue;
    throw new LdapError(
      ResultCode.namingViolation,
      `value of single-valued naming attribute '${type.name}' conflicts with value present in entry`,
    );
  }
}

/** RFC 4511 section 4.7: the RDN's values need not be given as attributes. Throws 64 for one that cannot be put in. */
export function addNamingValues(entry: EntryDraft, schema: Schema): void {
  for (const { type, value } of entry.dn.rdns[0]?.avas ?? []) {
    const description = schema.attributeDescription(type.name)!;
    if (!type.equality) {
      throw new LdapError(ResultCode.namingViolation, `naming attribute '${type.name}' has no equality matching rule`);
    }
    if (!hasValue(description, entry.values(description), value)) entry.append(description, [value]);
  }
}

/** Throws 19 where an attribute is given that only the server writes, or nobody any more; the Relax control opens some. */
export function rejectServerAttributes(attributes: Iterable<CheckedAttribute>, relaxed: boolean): void {
  for (const { description } of attributes) {
    if (description.type.noUserModification && !(relaxed && isManageable(description))) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: no user modification allowed`);
    }
    if (description.type.obsolete && !relaxed) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: attribute is obsolete`);
    }
  }
}
