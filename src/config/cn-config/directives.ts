/** The lines of slapd.conf that a cn=config tree stands for, in an order that slapd.conf can have. */
import { isUtf8 } from 'node:buffer';
import { ConfigError } from '../directive.js';
import type { Place } from '../place.js';
import { olcAttributes, type OlcAttribute } from './attributes.js';
import { textOf, withoutNumber, type CnConfigAttribute, type CnConfigEntry } from './entry.js';
import type { Report } from './folder.js';
import { isOwnDefinition } from './own-definitions.js';
import { kindOfEntry, type EntryKind } from './tree.js';
import { quoteWord, splitValue } from './words.js';

export interface CnConfigLine {
  /** The entry and attribute that it comes from. */
  readonly place: Place;
  /** The DN of the entry. */
  readonly entry: string;
  readonly directive: string;
  /** As slapd.conf has them, quoted where they need it. */
  readonly arguments: readonly string[];
}

export function lineText({ directive, arguments: words }: Pick<CnConfigLine, 'directive' | 'arguments'>): string {
  return [directive, ...words].join(' ');
}

/** What every entry has, and what the server notes by itself. */
const unconfigured: ReadonlySet<string> = new Set(
  [
    ...['objectClass', 'cn', 'structuralObjectClass', 'entryUUID', 'entryDN', 'subschemaSubentry', 'hasSubordinates'],
    ...['creatorsName', 'createTimestamp', 'modifiersName', 'modifyTimestamp', 'entryCSN', 'contextCSN'],
  ].map((name) => name.toLowerCase()),
);

/** What says nothing about the databases when the frontend has it; slapd.conf has no place for it. */
const idleInFrontend: ReadonlySet<string> = new Set(['olcHidden', 'olcLastMod', 'olcMaxDerefDepth']);

/** What other attributes, in other entries, build on. */
const definitions: ReadonlySet<string> = new Set(
  [
    'olcAttributeOptions',
    'olcObjectIdentifier',
    'olcLdapSyntaxes',
    'olcAttributeTypes',
    'olcObjectClasses',
    'olcDitContentRules',
  ].map((name) => name.toLowerCase()),
);

export function directivesOf(root: CnConfigEntry, report: Report): CnConfigLine[] {
  return new TreeReader(root, report).read();
}

class TreeReader {
  readonly #root: CnConfigEntry;
  readonly #report: Report;
  readonly #lines: CnConfigLine[] = [];

  constructor(root: CnConfigEntry, report: Report) {
    this.#root = root;
    this.#report = report;
  }

  read(): CnConfigLine[] {
    const root = this.#root;
    const kinds = new Map<EntryKind, CnConfigEntry[]>();
    for (const child of root.children) {
      const kind = kindOfEntry(child);
      if (kind && kind !== 'global') kinds.set(kind, [...(kinds.get(kind) ?? []), child]);
      else this.#refuse(child);
    }
    const all = (kind: EntryKind): CnConfigEntry[] => kinds.get(kind) ?? [];
    this.#attributes(root, (name) => definitions.has(name));
    for (const module of all('module')) this.#whole(module);
    for (const schema of all('schema')) this.#schema(schema);
    for (const include of all('include')) this.#whole(include);
    this.#attributes(root, (name) => !definitions.has(name));
    for (const backend of all('backend')) this.#named(backend, 'olcBackend', 'backend');
    for (const database of all('database')) this.#database(database);
    return this.#lines;
  }

  #schema(entry: CnConfigEntry): void {
    // This entry holds slapd's own definitions, too.
    this.#attributes(
      entry,
      () => true,
      ({ name }, value) => !isOwnDefinition(name, value),
    );
    for (const child of entry.children) {
      if (kindOfEntry(child) === 'schema') this.#whole(child);
      else this.#refuse(child);
    }
  }

  #database(entry: CnConfigEntry): void {
    if (typeName(entry, 'olcDatabase') === 'frontend') this.#frontend(entry);
    else this.#named(entry, 'olcDatabase', 'database');
    for (const child of entry.children) {
      if (kindOfEntry(child) !== 'overlay') {
        this.#refuse(child);
        continue;
      }
      // slapd adds it by itself where a database below is "subordinate".
      if (typeName(child, 'olcOverlay') === 'glue') continue;
      this.#named(child, 'olcOverlay', 'overlay');
      for (const grandchild of child.children) this.#refuse(grandchild);
    }
  }

  /** What stands before all databases in slapd.conf; slapd writes some of it into cn=config as well. */
  #frontend(entry: CnConfigEntry): void {
    this.#attributes(
      entry,
      () => true,
      ({ name, ordered, unset }, value, bytes) => {
        if (idleInFrontend.has(name)) {
          const isUsual = unset.has(value) || value === '0';
          const place = { file: `${entry.name} ${name}`, line: 0 };
          if (!isUsual) this.#report.warn(place, `"${name}" has no effect here, as in slapd; set it in a database`);
          return false;
        }
        const globally = ordered ? undefined : this.#root.attributes.get(name.toLowerCase());
        return globally?.values.some((other) => other.equals(bytes)) !== true;
      },
    );
  }

  /** An entry whose own name is a directive. */
  #named(entry: CnConfigEntry, attribute: string, directive: string): void {
    const type = typeName(entry, attribute);
    if (type === undefined) return this.#report.error({ file: entry.name, line: 0 }, `no ${attribute}`);
    this.#line(entry, { file: entry.name, line: 0 }, directive, [quoteWord(type)]);
    this.#whole(entry);
  }

  #whole(entry: CnConfigEntry): void {
    this.#attributes(entry, () => true);
  }

  #refuse(entry: CnConfigEntry): void {
    this.#report.error({ file: entry.name, line: 0 }, 'entries of this kind are not supported here');
  }

  #attributes(
    entry: CnConfigEntry,
    isWanted: (name: string) => boolean,
    isSet: (attribute: OlcAttribute, value: string, bytes: Buffer) => boolean = () => true,
  ): void {
    const rows: { readonly attribute: OlcAttribute; readonly given: CnConfigAttribute }[] = [];
    for (const [name, given] of entry.attributes) {
      if (unconfigured.has(name) || !isWanted(name)) continue;
      const attribute = olcAttributes.get(name);
      if (attribute) rows.push({ attribute, given });
      else this.#report.error({ file: `${entry.name} ${given.type}`, line: 0 }, `unknown attribute "${given.type}"`);
    }
    rows.sort((one, other) => rank(one.attribute) - rank(other.attribute));
    for (const { attribute, given } of rows) this.#values(entry, attribute, given, isSet);
  }

  #values(
    entry: CnConfigEntry,
    attribute: OlcAttribute,
    { type, values }: CnConfigAttribute,
    isSet: (attribute: OlcAttribute, value: string, bytes: Buffer) => boolean,
  ): void {
    const { directive, form } = attribute;
    if (directive === undefined) return;
    const joined: string[] = [];
    values.forEach((bytes, index) => {
      const number = values.length > 1 && form !== 'joined' ? ` value #${index}` : '';
      const place = { file: `${entry.name} ${type}${number}`, line: 0 };
      try {
        const value = this.#decode(place, attribute, bytes);
        if (attribute.unset.has(value.trim()) || !isSet(attribute, value, bytes)) return;
        const words = argumentsOf(attribute, value);
        if (form === 'joined') joined.push(...words);
        else this.#line(entry, place, directive, words);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.#report.error(place, error.message);
      }
    });
    if (joined.length > 0) this.#line(entry, { file: `${entry.name} ${type}`, line: 0 }, directive, joined);
  }

  #decode(place: Place, { form, ordered }: OlcAttribute, bytes: Buffer): string {
    if (!isUtf8(bytes)) {
      if (form !== 'definition') throw new ConfigError('not UTF-8');
      this.#report.warn(place, 'this definition contains bytes that are not UTF-8; they are replaced by U+FFFD');
    }
    const value = bytes.toString();
    return ordered ? withoutNumber(value) : value;
  }

  #line(entry: CnConfigEntry, place: Place, directive: string, words: readonly string[]): void {
    this.#lines.push({ place, entry: entry.name, directive, arguments: words });
  }
}

function argumentsOf({ form }: OlcAttribute, value: string): string[] {
  if (form === 'definition') return [value.replace(/\s*[\r\n]\s*/g, ' ').trim()];
  const words = form === 'whole' && !value.startsWith('"') ? [value] : splitValue(value);
  if (words.some((word) => /[\r\n]/.test(word))) throw new ConfigError('a line break within an argument is not supported');
  return words.map(quoteWord);
}

/** Definitions in the order in which they build on each other; otherwise as in the table. */
function rank({ name, rank: own }: OlcAttribute): number {
  const found = [...definitions].indexOf(name.toLowerCase());
  return found < 0 ? own : found - definitions.size;
}

/** `{1}mdb` is `mdb`. */
function typeName(entry: CnConfigEntry, attribute: string): string | undefined {
  const value = textOf(entry, attribute.toLowerCase());
  return value === undefined ? undefined : withoutNumber(value).toLowerCase();
}
