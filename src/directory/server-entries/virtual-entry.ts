/** Entries outside the databases: the root DSE, cn=Subschema, cn=Monitor, and entries that are not stored yet. */
import { DN } from '../../dn/dn.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryDraft } from '../../entry/draft.js';
import { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';

/**
 * A record that lives in memory only. `dictionary`: shared by records whose attributes the server chooses; where clients
 * choose them, each has its own.
 */
export function transientRecord(
  entry: EntryDraft,
  schema: Schema,
  dictionary: AttributeDictionary = new AttributeDictionary(schema),
): EntryRecord {
  return EntryRecord.encode(
    entry,
    { id: 0, parentId: 0, flags: 0 },
    dictionary,
    (description) => dictionary.number(description) ?? dictionary.define(description),
  );
}

/** Entries of the server's own that belong together. */
export interface VirtualTree {
  readonly isSingle: boolean;
  /** By its normalised DN. */
  entry(ndn: string): EntryRecord | undefined;
  /** Parents first. Entries of which there may be thousands are made as they are asked for. */
  entries(): Iterable<EntryRecord>;
  /** Those entries that may have others below them. */
  readonly inner: readonly EntryRecord[];
}

export function singleEntry(entry: EntryRecord): VirtualTree {
  return {
    isSingle: true,
    entry: (ndn) => (ndn === entry.ndn ? entry : undefined),
    entries: () => [entry],
    inner: [entry],
  };
}

/** From names and texts that the server itself provides. Attributes without values are left out. */
export function virtualEntry(
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
  schema: Schema,
  dictionary?: AttributeDictionary,
): EntryRecord {
  const entry = new EntryDraft(DN.parse(dn, schema));
  for (const [name, values] of Object.entries(attributes)) {
    const description = schema.attributeDescription(name);
    if (!description) throw new Error(`the schema lacks attribute type ${name}`);
    entry.set(
      description,
      values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value)),
    );
  }
  return transientRecord(entry, schema, dictionary);
}
