/** Two entries that the filter tests share, and how slapd 2.5.13 was told to treat them when it was asked. */
import { DN } from '../../src/dn/dn.js';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryDraft } from '../../src/entry/draft.js';
import { EntryRecord } from '../../src/entry/record.js';
import type { FilterEnvironment } from '../../src/filter/evaluate.js';
import { defaultSchema } from '../../src/schema/default.js';

export const schema = defaultSchema();

export function makeEntry(
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
  dictionary = new AttributeDictionary(schema),
): EntryRecord {
  const draft = new EntryDraft(DN.parse(dn, schema));
  for (const [text, values] of Object.entries(attributes)) {
    draft.set(
      schema.attributeDescription(text)!,
      values.map((value) => Buffer.from(value)),
    );
  }
  return EntryRecord.encode(
    draft,
    { id: 1, parentId: 0, flags: 0 },
    dictionary,
    (description) => dictionary.number(description) ?? dictionary.define(description),
  );
}

const dictionary = new AttributeDictionary(schema);

const operational = (uuid: string): Record<string, string[]> => ({
  entryUUID: [uuid],
  createTimestamp: ['20261123113800Z'],
  entryCSN: ['20261123113800.000000Z#000000#000#000000'],
  modifiersName: ['cn=root'],
});

export const domain = makeEntry(
  'dc=x',
  {
    objectClass: ['domain', 'extensibleObject'],
    dc: ['x'],
    description: ['top'],
    'description;lang-en': ['hello'],
    lastChange: ['5'],
    accountActive: ['TRUE'],
    mailbox: ['MailBox/'],
    structuralObjectClass: ['domain'],
    ...operational('b9f4a0d0-5b8f-4e0e-8e3d-0d6e2e0f1a01'),
  },
  dictionary,
);

export const person = makeEntry(
  'cn=Foo Bar+sn=Baz,dc=x',
  {
    objectClass: ['inetOrgPerson', 'extensibleObject'],
    cn: ['Foo Bar'],
    'cn;lang-en': ['English'],
    sn: ['Baz'],
    telephoneNumber: ['+1 234'],
    street: ['secret street', 'open road'],
    mail: ['A@b'],
    uidNumber: ['12'],
    seeAlso: ['dc=x'],
    structuralObjectClass: ['inetOrgPerson'],
    ...operational('b9f4a0d0-5b8f-4e0e-8e3d-0d6e2e0f1a02'),
  },
  dictionary,
);

/** `access to attrs=telephoneNumber by * none`, `access to attrs=street val.regex="secret.*" by * none`, else read. */
export const environment: FilterEnvironment = {
  mayTest: (_, { type }, value) =>
    type.name !== 'telephoneNumber' && !(type.name === 'street' && value !== undefined && /secret.*/i.test(value.toString())),
  computedValues: (entry, type) => {
    switch (type.name) {
      case 'entryDN':
        return [Buffer.from(entry.dn)];
      case 'hasSubordinates':
        return [Buffer.from(entry === domain ? 'TRUE' : 'FALSE')];
      default:
        return type.name === 'subschemaSubentry' ? [Buffer.from('cn=Subschema')] : undefined;
    }
  },
};

/** Everything may be tested, nothing is computed. */
export const open: FilterEnvironment = { mayTest: () => true, computedValues: () => undefined };
