import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DN } from '../../src/dn/dn.js';
import { ndnAncestor, ndnIsWithin } from '../../src/dn/normalized.js';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryDraft, type DraftAttribute } from '../../src/entry/draft.js';
import { EntryRecord, RecordDamagedError } from '../../src/entry/record.js';
import { defaultSchema } from '../../src/schema/default.js';
import type { AttributeDescription } from '../../src/ldap/schema.js';

const schema = defaultSchema();

function attribute(text: string): AttributeDescription {
  return schema.attributeDescription(text)!;
}

function encode(entry: EntryDraft, place = { id: 7, parentId: 3, flags: 0 }): EntryRecord {
  const dictionary = new AttributeDictionary(schema);
  const numberOf = (description: AttributeDescription): number =>
    dictionary.number(description) ?? dictionary.define(description);
  return EntryRecord.encode(entry, place, dictionary, numberOf);
}

/** Comparing large buffers one byte at a time takes the matchers minutes. */
function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** A plain reading of BER (X.690), knowing nothing of how records are made. */
function readElement(bytes: Buffer, position: number): { tag: number; content: Buffer; end: number } {
  const tag = bytes[position]!;
  const first = bytes[position + 1]!;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const length = octets === 0 ? first : Number.parseInt(bytes.toString('hex', position + 2, position + 2 + octets), 16);
  const start = position + 2 + octets;
  return { tag, content: bytes.subarray(start, start + length), end: start + length };
}

function readPartialAttribute(bytes: Buffer): { type: string; values: Buffer[] } {
  const outer = readElement(bytes, 0);
  expect([outer.tag, outer.end]).toEqual([0x30, bytes.length]);
  const type = readElement(outer.content, 0);
  const set = readElement(outer.content, type.end);
  expect([type.tag, set.tag, set.end]).toEqual([0x04, 0x31, outer.content.length]);
  const values: Buffer[] = [];
  for (let position = 0; position < set.content.length;) {
    const value = readElement(set.content, position);
    expect(value.tag).toBe(0x04);
    values.push(value.content);
    position = value.end;
  }
  return { type: type.content.toString(), values };
}

describe('a name', () => {
  it('is within another where its normalised form says so', () => {
    const rdn = fc.constantFrom('dc=x', 'dc=xx', 'o=\u00e9', 'o=e\u0301x', 'cn=a\\2Cdc\\3Dx', 'cn=\ud83d\udce7');
    const names = fc.array(rdn, { maxLength: 4 }).map((rdns) => DN.parse(rdns.join(','), schema));
    fc.assert(
      fc.property(names, names, fc.nat(4), (dn, other, steps) => {
        const record = encode(new EntryDraft(dn));
        const above = ndnAncestor(dn.normalized, steps) ?? '';
        const like = dn.normalized.slice(steps);
        for (const ancestor of [other.normalized, above, like, `x${dn.normalized}`]) {
          expect([ancestor, record.isWithin(ancestor)]).toEqual([ancestor, ndnIsWithin(dn.normalized, ancestor)]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const names = ['cn', 'description;lang-en', 'mail', 'userPassword', 'entryUUID', 'createTimestamp', 'sn'];
const sizes = fc.oneof(fc.nat(300), fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536));
const value = fc.tuple(sizes, fc.nat(255)).map(([size, byte]) => Buffer.alloc(size, byte));
const attributes = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.array(value, { minLength: 1, maxLength: 4 })), {
    selector: ([name]) => name,
  })
  .map((list) => list.map(([name, values]) => ({ description: attribute(name), values })));
const longDn = `cn=${'x'.repeat(8_000)},dc=example`;
const dns = fc.constantFrom('dc=example', 'cn=Ärmel\\2C Bert+sn=B,ou=A B,dc=Example', longDn);
const u32 = fc.nat(0xffffffff);

describe('a record', () => {
  it('gives back what it was made of, and its attributes as a PartialAttribute each', () => {
    fc.assert(
      fc.property(dns, attributes, u32, u32, fc.nat(7), (dn, list, id, parentId, flags) => {
        const draft = new EntryDraft(DN.parse(dn, schema), list);
        const made = encode(draft, { id, parentId, flags });
        const record = EntryRecord.open(Buffer.from(made.buffer), made.dictionary);
        expect([record.id, record.parentId, record.flags]).toEqual([id, parentId, flags]);
        expect(record.dn).toBe(draft.dn.toString());
        expect(record.buffer.toString('utf8', record.dnBytesStart, record.dnBytesEnd)).toBe(record.dn);
        expect(record.ndn).toBe(draft.dn.normalized);
        expect(record.parentNdn).toBe(draft.dn.parent?.normalized ?? '');
        const again = record.toDraft(draft.dn);
        const user = list.filter(({ description }) => !description.type.operational);
        const operational = list.filter(({ description }) => description.type.operational);
        expect(record.userAttributeCount).toBe(user.length);
        const shown = (all: Iterable<DraftAttribute>): string[] =>
          Array.from(all, ({ description, values }) => [description.key, ...values.map(digest)].join(' '));
        expect(shown(again.attributes.values())).toEqual(shown([...user, ...operational]));
        for (let index = 0; index < record.attributeCount; index++) {
          const bytes = record.buffer.subarray(record.attributeStart(index), record.attributeStart(index + 1));
          const { type, values } = readPartialAttribute(bytes);
          expect(type).toBe(record.description(index).text);
          expect(record.valuesAt(index).map(digest)).toEqual(values.map(digest));
          expect(record.values(record.description(index)).map(digest)).toEqual(values.map(digest));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is refused with any bit changed, and cut short', () => {
    const list = [{ description: attribute('cn'), values: [Buffer.from('Bert')] }];
    const { buffer, dictionary } = encode(new EntryDraft(DN.parse('cn=Bert,dc=example', schema), list));
    expect(EntryRecord.isWhole(buffer)).toBe(true);
    for (let bit = 0; bit < buffer.length * 8; bit++) {
      const damaged = Buffer.from(buffer);
      damaged[bit >>> 3]! ^= 1 << (bit & 7);
      expect(() => EntryRecord.open(damaged, dictionary)).toThrow(RecordDamagedError);
      expect(EntryRecord.isWhole(damaged)).toBe(false);
    }
    for (let length = 0; length < buffer.length; length++) {
      expect(() => EntryRecord.open(buffer.subarray(0, length), dictionary)).toThrow(RecordDamagedError);
      expect(EntryRecord.isWhole(buffer.subarray(0, length))).toBe(false);
    }
  });

  it('does not share memory with what it was made of', () => {
    const given = Buffer.from('Bert');
    const record = encode(new EntryDraft(DN.empty, [{ description: attribute('cn'), values: [given] }]));
    given.fill(0);
    expect(record.values(attribute('cn')).map(String)).toEqual(['Bert']);
    expect(record.buffer.buffer.byteLength).toBe(record.buffer.length);
  });

  it('stops looking at values when one will do', () => {
    const values = ['a', 'b', 'c'].map((text) => Buffer.from(text));
    const record = encode(new EntryDraft(DN.empty, [{ description: attribute('cn'), values }]));
    const seen: string[] = [];
    const found = record.someValue(0, (buffer, start, end) => {
      seen.push(buffer.toString('utf8', start, end));
      return seen.length === 2;
    });
    expect([found, seen]).toEqual([true, ['a', 'b']]);
    expect(record.values(attribute('sn'))).toEqual([]);
  });
});

describe('a dictionary', () => {
  it('tells which numbers a description selects, also of descriptions that came later', () => {
    const dictionary = new AttributeDictionary(schema);
    const cn = dictionary.define(attribute('cn'));
    expect(dictionary.selectedBy(attribute('name'))).toEqual([cn]);
    const german = dictionary.define(attribute('sn;lang-de'), 9);
    expect(dictionary.selectedBy(attribute('name'))).toEqual([cn, german]);
    expect(dictionary.selectedBy(attribute('name;lang-de'))).toEqual([german]);
    expect(dictionary.selectedBy(attribute('mail'))).toEqual([]);
    const early = dictionary.define(attribute('sn;lang-en'), 4);
    expect(dictionary.selectedBy(attribute('sn'))).toEqual([early, german]);
    expect(dictionary.selectedBy(attribute('sn;lang-'))).toEqual([early, german]);
    expect(dictionary.fewSelectedBy(attribute('name;lang-en'))).toEqual([early]);
    expect(dictionary.description(9).text).toBe('sn;lang-de');
    expect(() => dictionary.description(5)).toThrow(/5/);
    expect(() => dictionary.define(attribute('mail'), 0x10000)).toThrow(/too many/);
  });
});

describe('a draft', () => {
  it('never keeps an attribute without values', () => {
    const draft = new EntryDraft(DN.empty);
    draft.set(attribute('cn'), [Buffer.from('x')]);
    expect(draft.values(attribute('CN')).map(String)).toEqual(['x']);
    draft.set(attribute('cn'), []);
    expect(draft.attributes.size).toBe(0);
  });
});
