/** The entries of cn=config, as they are read and searched. */
import { withDescendants } from '../../config/cn-config/tree.js';
import type { CnConfigEntry } from '../../config/cn-config/entry.js';
import { DN } from '../../dn/dn.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';
import { transientRecord, type VirtualTree } from '../server-entries/virtual-entry.js';

export const configNdn = 'cn=config';

/** How cn=config is changed while the server runs. */
export interface ConfigurationChanges {
  /**
   * Does `work` on the tree as it is, one change after the other, and takes over the tree that it answers with. Rejects with what `work`
   * throws, and with LdapError where the server cannot go by that tree; nothing has changed then.
   */
  change: (work: (tree: ConfigTree) => CnConfigEntry) => Promise<void>;
}

export class ConfigTree implements VirtualTree {
  readonly isSingle = false;
  readonly inner: readonly EntryRecord[];
  readonly #byNdn: ReadonlyMap<string, { readonly record: EntryRecord; readonly source: CnConfigEntry }>;

  constructor(
    readonly root: CnConfigEntry,
    schema: Schema,
  ) {
    const dictionary = new AttributeDictionary(schema);
    const entries = [...withDescendants(root)].map((source) => ({
      source,
      record: transientRecord(draftOf(source, schema), schema, dictionary),
    }));
    this.inner = entries.map(({ record }) => record);
    this.#byNdn = new Map(entries.map((entry) => [entry.record.ndn, entry]));
  }

  entry(ndn: string): EntryRecord | undefined {
    return this.#byNdn.get(ndn)?.record;
  }

  /** The entry as the configuration keeps it. */
  source(ndn: string): CnConfigEntry | undefined {
    return this.#byNdn.get(ndn)?.source;
  }

  entries(): Iterable<EntryRecord> {
    return this.inner;
  }
}

/** What the schema has no attribute for, the configuration would have refused. */
export function draftOf(entry: CnConfigEntry, schema: Schema): EntryDraft {
  const draft = new EntryDraft(DN.parse(entry.name, schema));
  for (const { type, values } of entry.attributes.values()) {
    const description = schema.attributeDescription(type);
    if (description) draft.set(description, [...values]);
  }
  return draft;
}
