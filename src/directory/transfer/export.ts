/**
 * Writes a database as LDIF, as slapcat does: no access rules, operational attributes included, parents before
 * children, so that an import recreates the tree.
 */
import type { DN } from '../../dn/dn.js';
import { ndnIsBelow, ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import type { EntryRecord } from '../../entry/record.js';
import { compileFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { PartialAttribute, SearchScope } from '../../ldap/request.js';
import type { Filter } from '../../ldap/filter.js';
import { LdifWriter } from '../../ldif/writer.js';
import type { Schema } from '../../ldap/schema.js';
import type { StoreSnapshot } from '../../store/snapshot.js';
import type { Store } from '../../store/store.js';
import { computedAttributes, computedValuesOf } from '../search/computed.js';
import { Slice } from '../search/slice.js';

export interface ExportOptions {
  /** Only entries that satisfy it. */
  readonly filter?: Filter;
  /** Only this entry and those below it. */
  readonly base?: DN;
  /** Of what is at and below the base: all of it by default. */
  readonly scope?: SearchScope;
  /** Of the lines; Infinity folds none. */
  readonly columns?: number;
  /** Told about records that are not what was written; they are left out. */
  readonly onDamaged?: (id: number, error: Error) => void;
  /** How many entries have been written so far. What it throws ends the export. */
  readonly onProgress?: (entries: number) => void;
  /** The process does nothing else, so nobody needs to be let pass. */
  readonly isAlone?: boolean;
}

/** LDIF text in pieces of some kilobytes, each of whole entries, from one snapshot of the database. */
export async function* exportLdif(store: Store, schema: Schema, options: ExportOptions = {}): AsyncGenerator<string> {
  for await (const bytes of exportLdifBytes(store, schema, options)) yield bytes.toString('latin1');
}

/** The same as bytes, which are ASCII. Stops after each slice of work, to let others pass, unless it is alone. */
export async function* exportLdifBytes(store: Store, schema: Schema, options: ExportOptions = {}): AsyncGenerator<Buffer> {
  const snapshot = store.snapshot();
  // As slapcat: a replica that is loaded with this knows what it has seen.
  let context = contextOf(store);
  try {
    const { onDamaged, onProgress } = options;
    const wanted = selection(store, snapshot, schema, options);
    const writer = new LdifWriter(options.columns);
    const slice = options.isAlone === true ? undefined : new Slice();
    let written = 0;
    for await (const records of snapshot.entries(onDamaged ? { onDamaged } : {})) {
      for (const record of records) {
        if (wanted(record)) {
          writer.record(record, record.parentId === 0 ? context : []);
          if (record.parentId === 0) context = [];
          written++;
        }
        if (slice?.isOver()) await slice.next();
      }
      const bytes = writer.take();
      if (bytes.length > 0) yield bytes;
      onProgress?.(written);
    }
  } finally {
    await snapshot.close();
  }
}

function contextOf({ log }: Store): readonly PartialAttribute[] {
  if (log.context.size === 0) return [];
  return [{ type: 'contextCSN', values: log.context.values().map((csn) => Buffer.from(csn)) }];
}

function isInScope({ ndn }: EntryRecord, { normalized: base }: DN, scope: SearchScope): boolean {
  switch (scope) {
    case 'base':
      return ndn === base;
    case 'one':
      return ndnParent(ndn) === base;
    case 'sub':
      return ndnIsWithin(ndn, base);
    case 'children':
      return ndnIsBelow(ndn, base);
  }
}

/** Which records are meant. */
export function selection(
  store: Store,
  snapshot: StoreSnapshot,
  schema: Schema,
  { base, filter, scope = 'sub' }: Pick<ExportOptions, 'base' | 'filter' | 'scope'>,
): (record: EntryRecord) => boolean {
  const compiled = filter && compileFilter(filter, schema, store.dictionary);
  const computed = computedAttributes(schema, (id) => snapshot.childCount(id));
  const environment = {
    mayTest: () => true,
    computedValues: (record: EntryRecord, type: Parameters<typeof computedValuesOf>[2]) =>
      computedValuesOf(computed, record, type),
  };
  return (record) =>
    (!base || isInScope(record, base, scope)) && (!compiled || evaluateFilter(compiled, record, environment) === true);
}
