import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DN } from '../../src/dn/dn.js';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryDraft } from '../../src/entry/draft.js';
import { EntryRecord } from '../../src/entry/record.js';
import { readLdif } from '../../src/ldif/reader.js';
import type { LdifRecord } from '../../src/ldif/record.js';
import { formatEntry, formatRecord } from '../../src/ldif/writer.js';
import type { PartialAttribute } from '../../src/ldap/request.js';
import { defaultSchema } from '../../src/schema/default.js';

async function readEntries(text: string): Promise<Extract<LdifRecord, { kind: 'content' }>[]> {
  const entries: Extract<LdifRecord, { kind: 'content' }>[] = [];
  for await (const record of readLdif([text])) if (record.kind === 'content') entries.push(record);
  return entries;
}

describe('entries are written as slapcat writes them', () => {
  const slapcat = readFileSync(join(import.meta.dirname, 'slapcat.ldif'), 'latin1');

  test('byte for byte', async () => {
    const entries = await readEntries(slapcat);
    expect(entries).toHaveLength(3);
    expect(entries.map(({ dn, attributes }) => formatEntry(dn.toString(), attributes)).join('')).toBe(slapcat);
  });

  test('from stored records too', async () => {
    const schema = defaultSchema();
    const dictionary = new AttributeDictionary(schema);
    const texts = (await readEntries(slapcat)).map(({ dn, attributes }) => {
      const drafts = attributes.map(({ type, values }) => ({
        description: schema.attributeDescription(type)!,
        values: [...values],
      }));
      const draft = new EntryDraft(DN.parse(dn, schema), drafts);
      return formatRecord(
        EntryRecord.encode(
          draft,
          { id: 1, parentId: 0, flags: 0 },
          dictionary,
          (description) => dictionary.number(description) ?? dictionary.define(description),
        ),
      );
    });
    expect(texts.join('')).toBe(slapcat);
  });

  test('values of binary attributes are base64', () => {
    expect(formatEntry('', [{ type: 'userCertificate;binary', values: [Buffer.from('abc')] }])).toBe(
      'dn:\nuserCertificate;binary:: YWJj\n\n',
    );
  });
});

describe('what is written', () => {
  const attribute: fc.Arbitrary<PartialAttribute> = fc.record({
    type: fc.constantFrom('cn', 'description;lang-en', 'userPassword'),
    values: fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)),
        fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  });

  test('is read back as it was, in lines of 78 columns of printable ASCII', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(attribute, { selector: ({ type }) => type }),
        fc.string({ maxLength: 120 }),
        async (attributes, dn) => {
          const text = formatEntry(dn, attributes);
          expect(text).toMatch(/^(?:[ -~]{1,78}\n)+\n$/);
          expect(await readEntries(text)).toEqual([{ kind: 'content', line: 1, dn: Buffer.from(dn), attributes }]);
        },
      ),
    );
  });
});
