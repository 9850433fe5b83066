/** Finds entries that do not obey the schema, as when it was changed after they were written (slapschema). */
import type { EntryRecord } from '../../entry/record.js';
import { DN } from '../../dn/dn.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import type { Store } from '../../store/store.js';
import { checkEntry, structuralClassOf, wellKnownOf } from '../rules/schema-check.js';
import { selection, type ExportOptions } from '../transfer/export.js';

export interface SchemaReportOptions extends Pick<ExportOptions, 'base' | 'filter' | 'scope' | 'onDamaged'> {
  /** Told of each entry that is looked at. */
  readonly onEntry?: (id: number) => void;
}

export interface SchemaViolation {
  readonly dn: string;
  readonly code: number;
  readonly message: string;
}

/** From one snapshot. */
export async function* schemaViolations(
  store: Store,
  schema: Schema,
  options: SchemaReportOptions = {},
): AsyncGenerator<SchemaViolation, void, void> {
  const snapshot = store.snapshot();
  try {
    const { onDamaged, onEntry } = options;
    const wanted = selection(store, snapshot, schema, options);
    for await (const records of snapshot.entries(onDamaged ? { onDamaged } : {})) {
      for (const record of records) {
        if (!wanted(record)) continue;
        onEntry?.(record.id);
        const violation = violationOf(record, schema);
        if (violation) yield violation;
      }
    }
  } finally {
    await snapshot.close();
  }
}

function violationOf(record: EntryRecord, schema: Schema): SchemaViolation | undefined {
  const { dn } = record;
  try {
    const known = wellKnownOf(schema);
    const [structural] = record.values(known.structuralObjectClass);
    if (!structural) {
      return { dn, code: ResultCode.other, message: 'no structuralObjectClass operational attribute' };
    }
    for (const name of [...record.values(known.objectClass), structural]) {
      const text = name.toString();
      if (schema.objectClass(text)) continue;
      return { dn, code: ResultCode.objectClassViolation, message: `unrecognized objectClass '${text}'` };
    }
    const formerStructural = structuralClassOf([schema.objectClass(structural.toString())!]);
    checkEntry(record.toDraft(DN.parse(dn, schema)), schema, { formerStructural, mayBeObsolete: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
    return { dn, code: error.code, message: error.diagnostic };
  }
}
