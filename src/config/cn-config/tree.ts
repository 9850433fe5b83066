/** Changes of a tree of cn=config. Entries never change: each change makes a new tree that shares what stays the same. */
import type { CnConfigEntry } from './entry.js';
import { isOfClass } from './entry.js';

export type EntryKind = 'global' | 'module' | 'schema' | 'include' | 'backend' | 'database' | 'overlay';

/** Classes whose entries, and those of their subclasses, are of a kind. */
const kindsOfClasses: ReadonlyMap<string, EntryKind> = new Map([
  ['olcglobal', 'global'],
  ['olcmodulelist', 'module'],
  ['olcschemaconfig', 'schema'],
  ['olcincludefile', 'include'],
  ['olcbackendconfig', 'backend'],
  ['olcdatabaseconfig', 'database'],
  ['olcoverlayconfig', 'overlay'],
]);

/** The kind of entries of an object class and those it derives from, by their names. */
export function kindOfClasses(lineage: Iterable<string>): EntryKind | undefined {
  for (const name of lineage) {
    const kind = kindsOfClasses.get(name.toLowerCase());
    if (kind) return kind;
  }
  return undefined;
}

export function kindOfEntry(entry: CnConfigEntry): EntryKind | undefined {
  if (entry.attributes.has('olcoverlay')) return 'overlay';
  if (entry.attributes.has('olcdatabase')) return 'database';
  if (entry.attributes.has('olcbackend')) return 'backend';
  if (isOfClass(entry, 'olcModuleList')) return 'module';
  if (isOfClass(entry, 'olcSchemaConfig')) return 'schema';
  if (isOfClass(entry, 'olcIncludeFile')) return 'include';
  return isOfClass(entry, 'olcGlobal') ? 'global' : undefined;
}

/** The order in which slapd keeps the entries below another. */
const kindOrder: readonly (EntryKind | undefined)[] = ['global', 'module', 'schema', 'include', 'backend', 'database', 'overlay'];

export function* withDescendants(entry: CnConfigEntry): Generator<CnConfigEntry> {
  yield entry;
  for (const child of entry.children) yield* withDescendants(child);
}

/** The tree with `now` in the place of `old`, or without it. */
export function replaceEntry(root: CnConfigEntry, old: CnConfigEntry, now: CnConfigEntry | undefined): CnConfigEntry {
  if (root === old) return now ?? root;
  let changed = false;
  const children = root.children.flatMap((child) => {
    if (child === old) {
      changed = true;
      return now ?? [];
    }
    const inner = replaceEntry(child, old, now);
    changed ||= inner !== child;
    return inner;
  });
  return changed ? { ...root, children } : root;
}

/** Siblings of one kind that carry numbers; the frontend's is -1, and it is none of them. */
export function numberedSiblings(parent: CnConfigEntry, kind: EntryKind | undefined): readonly CnConfigEntry[] {
  return parent.children.filter((child) => kindOfEntry(child) === kind && numberOf(child) !== -1);
}

/** `parent` with `entry` below it: the `at`-th of its kind, counted from 0. Those that follow get new numbers. */
export function insertChild(parent: CnConfigEntry, entry: CnConfigEntry, at: number): CnConfigEntry {
  const kind = kindOfEntry(entry);
  const siblings = numberedSiblings(parent, kind);
  const next = siblings[at];
  const later = parent.children.findIndex((child) => kindOrder.indexOf(kindOfEntry(child)) > kindOrder.indexOf(kind));
  const place = next ? parent.children.indexOf(next) : later < 0 ? parent.children.length : later;
  const children = [...parent.children.slice(0, place), entry, ...parent.children.slice(place)];
  return renumbered({ ...parent, children }, kind);
}

/** `parent` without `entry`, and those that follow it renumbered. */
export function removeChild(parent: CnConfigEntry, entry: CnConfigEntry): CnConfigEntry {
  const children = parent.children.filter((child) => child !== entry);
  return renumbered({ ...parent, children }, kindOfEntry(entry));
}

/** Gives all of a kind the numbers of their places. Modules and definitions keep theirs. */
export function renumbered(parent: CnConfigEntry, kind: EntryKind | undefined): CnConfigEntry {
  if (kind !== 'database' && kind !== 'overlay') return parent;
  let number = 0;
  const children = parent.children.map((child) => {
    if (kindOfEntry(child) !== kind || numberOf(child) === -1) return child;
    return withNumber(child, number++, parent.name);
  });
  return { ...parent, children };
}

const rdnPattern = /^([^=]+)=((?:[^\\,]|\\.)*)(?:,|$)/s;

/** Attribute and value of an entry's RDN, as its name spells them. */
export function rdnOf(name: string): { readonly attribute: string; readonly value: string } {
  const [, attribute, value] = rdnPattern.exec(name) as unknown as [string, string, string];
  return { attribute, value };
}

/** The number in an entry's name; undefined where it has none. */
export function numberOf({ name }: Pick<CnConfigEntry, 'name'>): number | undefined {
  const found = /\{(-?\d+)\}/.exec(rdnOf(name).value);
  return found ? Number(found[1]) : undefined;
}

/** `cn=module{0}` has its number behind, all others before. */
export function withNumber(entry: CnConfigEntry, number: number, parent: string): CnConfigEntry {
  const { attribute, value } = rdnOf(entry.name);
  const bare = value.replace(/\{-?\d+\}/, '');
  const numbered = kindOfEntry(entry) === 'module' ? `${bare}{${number}}` : `{${number}}${bare}`;
  return renamed(entry, attribute, numbered, parent);
}

/** The entry, with all below it, under another name: the value that the name is made of changes with it. */
export function renamed(entry: CnConfigEntry, attribute: string, value: string, parent: string): CnConfigEntry {
  const name = `${attribute}=${value},${parent}`;
  if (name === entry.name) return entry;
  const before = rdnOf(entry.name);
  const attributes = new Map(entry.attributes);
  const key = attribute.toLowerCase();
  const held = attributes.get(key);
  if (held && before.value !== value) {
    const named = new Set([before.value, value].map((one) => plainText(one).toLowerCase()));
    const others = held.values.filter((one) => !named.has(one.toString().toLowerCase()));
    attributes.set(key, { ...held, values: [Buffer.from(plainText(value)), ...others] });
  }
  const children = entry.children.map((child) => {
    const rdn = rdnOf(child.name);
    return renamed(child, rdn.attribute, rdn.value, name);
  });
  return { name, attributes, children };
}

/** What an escaped value of a name stands for. */
function plainText(value: string): string {
  return value.replace(/\\([0-9a-f]{2})|\\(.)/gis, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(parseInt(hex, 16)),
  );
}
