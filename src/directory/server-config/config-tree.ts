/** The entries of cn=config, as they are read and searched. */
import type { CnConfigEntry } from '../../config/cn-config/entry.js';
import { DN } from '../../dn/dn.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';
import { transientRecord, type VirtualTree } from '../server-entries/virtual-entry.js';

export const configNdn = 'cn=config';

export class ConfigTree implements VirtualTree {
  readonly isSingle = false;
  readonly inner: readonly EntryRecord[];
  readonly #byNdn: ReadonlyMap<string, EntryRecord>;

  constructor(root: CnConfigEntry, schema: Schema) {
    const dictionary = new AttributeDictionary(schema);
    this.inner = [...withChildren(root)].map((entry) => recordOf(entry, schema, dictionary));
    this.#byNdn = new Map(this.inner.map((record) => [record.ndn, record]));
  }

  entry(ndn: string): EntryRecord | undefined {
    return this.#byNdn.get(ndn);
  }

  entries(): Iterable<EntryRecord> {
    return this.inner;
  }
}

function* withChildren(entry: CnConfigEntry): Generator<CnConfigEntry> {
  yield entry;
  for (const child of entry.children) yield* withChildren(child);
}

/** What the schema has no attribute for, the configuration would have refused. */
function recordOf(entry: CnConfigEntry, schema: Schema, dictionary: AttributeDictionary): EntryRecord {
  const draft = new EntryDraft(DN.parse(entry.name, schema));
  for (const { type, values } of entry.attributes.values()) {
    const description = schema.attributeDescription(type);
    if (description) draft.set(description, [...values]);
  }
  return transientRecord(draft, schema, dictionary);
}
