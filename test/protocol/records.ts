/** Entry records made without schema and store: enough for what copies their bytes. */
import type { ResultEntry } from '../../src/entry/result-entry.js';
import type { DN } from '../../src/dn/dn.js';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryDraft } from '../../src/entry/draft.js';
import { EntryRecord } from '../../src/entry/record.js';
import type { AttributeDescription, AttributeType, Schema } from '../../src/ldap/schema.js';

export function makeRecord(dn: string, attributes: Record<string, readonly string[]>): EntryRecord {
  const dictionary = new AttributeDictionary({} as Schema);
  const draft = new EntryDraft({ toString: () => dn, normalized: dn.toLowerCase(), rdns: [] } as unknown as DN);
  for (const [name, values] of Object.entries(attributes)) {
    const type = { operational: false, lineage: [] as readonly AttributeType[] } as AttributeType;
    const description: AttributeDescription = { key: name.toLowerCase(), text: name, type, options: [] };
    draft.set(
      description,
      values.map((value) => Buffer.from(value)),
    );
  }
  const place = { id: 1, parentId: 0, flags: 0 };
  return EntryRecord.encode(draft, place, dictionary, (description) => dictionary.define(description));
}

/** The attributes with these indexes, each as one range; all where none are named. */
export function resultEntry(record: EntryRecord, indexes?: readonly number[]): ResultEntry {
  const ranges = indexes?.flatMap((index) => [record.attributeStart(index), record.attributeStart(index + 1)]) ?? [
    record.attributeStart(0),
    record.attributeStart(record.attributeCount),
  ];
  return { record, ranges, extra: [], controls: [] };
}
