/** An entry as the library returns it: a name, and attributes whose names ignore case. */
import type { ResultEntry } from '../entry/result-entry.js';
import type { EntryRecord } from '../entry/record.js';
import type { PartialAttribute } from '../ldap/request.js';
import { BerReader, Tag } from '../ber/ber.js';

/**
 * One entry of a search's answer, or of a change. It holds copies: nothing that is done to it, or to the buffers it
 * gives, touches the directory.
 *
 *     entry.dn                      // 'mail=ann@one.example,jvd=one.example,o=hosting,dc=myhosting,dc=example'
 *     entry.value('mailbox')        // 'one.example/ann/'
 *     entry.values('objectclass')   // ['top', 'JammMailAccount']
 *     entry.buffers('jpegPhoto')    // [<Buffer ff d8 ...>]
 */
export class Entry {
  /** The distinguished name, spelled as the directory spells it (RFC 4514). */
  readonly dn: string;
  readonly #attributes: ReadonlyMap<string, PartialAttribute>;

  /** `attributes`: each description once; values are kept, not copied. */
  constructor(dn: string, attributes: Iterable<PartialAttribute>) {
    this.dn = dn;
    const byName = new Map<string, PartialAttribute>();
    for (const attribute of attributes) byName.set(attribute.type.toLowerCase(), attribute);
    this.#attributes = byName;
  }

  /** The attribute descriptions, options included, as the schema spells them: `['objectClass', 'description;lang-en']`. */
  get types(): string[] {
    return [...this.#attributes.values()].map(({ type }) => type);
  }

  /** Is there such an attribute? */
  has(type: string): boolean {
    return this.#attributes.has(type.toLowerCase());
  }

  /** The first value as UTF-8 text; undefined if the attribute is absent, not asked for or not to be read. */
  value(type: string): string | undefined {
    return this.#attributes.get(type.toLowerCase())?.values[0]?.toString();
  }

  /** All values as UTF-8 text; empty where the attribute is absent. Exactly this description: no subtypes. */
  values(type: string): string[] {
    return this.buffers(type).map((value) => value.toString());
  }

  /** All values as they are stored. */
  buffers(type: string): Buffer[] {
    return [...(this.#attributes.get(type.toLowerCase())?.values ?? [])];
  }

  /** A plain object, for logs and assertions: `{ dn: '...', objectClass: ['top', ...], ... }`, values as UTF-8 text. */
  toJSON(): { dn: string } & Record<string, string | string[]> {
    const attributes = [...this.#attributes.values()].map(({ type, values }) => [type, values.map(String)] as const);
    return { ...Object.fromEntries<string | string[]>(attributes), dn: this.dn };
  }
}

/** Copies the part of a record that a search answers with. */
export function entryOfResult({ record, ranges, extra }: ResultEntry): Entry {
  const attributes: PartialAttribute[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    const copy = Buffer.from(record.buffer.subarray(ranges[index], ranges[index + 1]));
    readAttributes(new BerReader(copy), attributes);
  }
  for (const { type, values } of extra) attributes.push({ type, values: values.map((value) => Buffer.from(value)) });
  return new Entry(record.dn, attributes);
}

/** Copies a whole record, operational attributes included. */
export function entryOfRecord(record: EntryRecord): Entry {
  const copy = Buffer.from(record.buffer.subarray(record.attributeStart(0)));
  const attributes: PartialAttribute[] = [];
  readAttributes(new BerReader(copy), attributes);
  return new Entry(record.dn, attributes);
}

function readAttributes(reader: BerReader, attributes: PartialAttribute[]): void {
  while (!reader.atEnd) {
    const attributeEnd = reader.enter(Tag.sequence);
    const type = reader.octets().toString();
    const setEnd = reader.enter(Tag.set);
    const values: Buffer[] = [];
    while (!reader.atEnd) values.push(reader.octets());
    reader.leave(setEnd);
    reader.leave(attributeEnd);
    attributes.push({ type, values });
  }
}
