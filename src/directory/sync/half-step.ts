/**
 * A way round a fault of slapd as a replica (2.5 and 2.6). When an entry is renamed, it finds out from the places of attributes
 * in its own copy and in what it is sent whether the old name's value went, and errs where those differ: a value that stayed
 * gets lost. An entry that comes twice, first with a CSN in between, is put right by the second.
 */
import { DN } from '../../dn/dn.js';
import { EntryRecord } from '../../entry/record.js';
import { csnRightBelow } from '../../ldap/csn.js';
import type { Schema } from '../../ldap/schema.js';
import { valueKey } from '../operations/attribute-values.js';
import { wellKnownOf } from '../rules/schema-check.js';

/** Was `before` renamed, and has kept a value of its old name? */
export function keepsOldName(before: EntryRecord, after: EntryRecord, schema: Schema): boolean {
  const old = DN.parse(before.dn, schema).rdn;
  if (!old || old.normalized === DN.parse(after.dn, schema).rdn?.normalized) return false;
  return old.avas.some(({ type, value }) => holds(after, type.name, value, schema));
}

/** Does the entry have values of its naming attributes that are not part of its name? It may have been renamed. */
export function mayKeepOldName(record: EntryRecord, schema: Schema): boolean {
  return (DN.parse(record.dn, schema).rdn?.avas ?? []).some(({ type }) => {
    const description = schema.attributeDescription(type.name);
    return description !== undefined && record.values(description).length > 1;
  });
}

function holds(record: EntryRecord, type: string, value: Buffer, schema: Schema): boolean {
  const description = schema.attributeDescription(type);
  if (!description) return false;
  const key = valueKey(description, value);
  return record.values(description).some((other) => valueKey(description, other) === key);
}

/**
 * The entry with a CSN right below its own, which replicas take for newer than all before. Undefined where that cannot be
 * spelled. To be sent, never to be stored: its checksum is not made anew.
 */
export function halfStep(record: EntryRecord, schema: Schema): EntryRecord | undefined {
  const { entryCSN } = wellKnownOf(schema);
  const number = record.dictionary.number(entryCSN);
  const index = number === undefined ? -1 : record.indexOf(number);
  if (index < 0) return undefined;
  const buffer = Buffer.from(record.buffer);
  const written = record.someValue(index, (_, start, end) => {
    const csn = csnRightBelow(buffer.toString('latin1', start, end));
    return csn?.length === end - start && buffer.write(csn, start, 'latin1') > 0;
  });
  return written ? new EntryRecord(buffer, record.dictionary) : undefined;
}
