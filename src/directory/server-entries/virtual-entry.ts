/** Entries that no database holds: the root DSE, cn=Subschema, cn=Monitor; and entries that are not stored yet. */
import { DN } from '../../dn/dn.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryDraft } from '../../entry/draft.js';
import { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';

/** A record that lives in memory only, with a dictionary of its own: clients choose what is in it. */
export function transientRecord(entry: EntryDraft, schema: Schema): EntryRecord {
  const dictionary = new AttributeDictionary(schema);
  return EntryRecord.encode(
    entry,
    { id: 0, parentId: 0, flags: 0 },
    dictionary,
    (description) => dictionary.number(description) ?? dictionary.define(description),
  );
}

/** From names and texts that the server itself provides. Attributes without values are left out. */
export function virtualEntry(
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
  schema: Schema,
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
  return transientRecord(entry, schema);
}
