/** The numbers in the names of cn=config's entries (`olcDatabase={1}mdb`), which order them: what becomes of them in changes. */
import { textOf, withoutNumber, type CnConfigEntry } from './entry.js';
import {
  insertChild,
  kindOfClasses,
  kindOfEntry,
  numberedSiblings,
  numberOf,
  rdnOf,
  removeChild,
  renamed,
  withNumber,
  type EntryKind,
} from './tree.js';
import { LdapError, ResultCode } from '../../ldap/result.js';

/** What is known of a new entry besides its attributes. */
export interface NewEntryKind {
  /** Its structural class and those that one derives from, by name. */
  readonly lineage: readonly string[];
  /** There is an entry of its name. */
  readonly exists: boolean;
}

/** The kinds of entries that each kind may have below it. */
const childKinds: ReadonlyMap<EntryKind | undefined, readonly EntryKind[]> = new Map([
  ['global', ['module', 'schema', 'include', 'backend', 'database']],
  ['schema', ['schema']],
  ['database', ['overlay']],
]);

/** `parent` with a new entry below it, and those that follow it renumbered. Throws 53, 64, 65 or 68. */
export function placeNew(
  parent: CnConfigEntry,
  entry: CnConfigEntry,
  { lineage, exists }: NewEntryKind,
  keepsNumbers: boolean,
): CnConfigEntry {
  const kind = kindOfClasses(lineage);
  if (!kind || !(childKinds.get(kindOfEntry(parent)) ?? []).includes(kind)) {
    throw new LdapError(ResultCode.objectClassViolation, 'entries of this class have no place here');
  }
  const shifts = kind === 'database' || kind === 'overlay';
  if (exists && (keepsNumbers || !(shifts || kind === 'module'))) throw new LdapError(ResultCode.entryAlreadyExists);
  // cn=schema itself, which holds the others.
  if (kind === 'schema' && kindOfEntry(parent) === 'global') return insertChild(parent, entry, Infinity);
  const given = givenNumber(entry, kind);
  if (isFrontend(entry)) return placeFrontend(parent, entry);
  const siblings = numberedSiblings(parent, kind);
  const isConfig = typeOf(entry) === 'config';
  if (isConfig && ((given ?? 0) !== 0 || siblings.some((other) => typeOf(other) === 'config'))) {
    throw naming('there is one config database, and its number is 0');
  }
  const number = isConfig ? 0 : Math.min(given ?? siblings.length, siblings.length);
  if (number < siblings.length && !isConfig) {
    if (kind === 'module') throw naming('modules are added behind the others');
    if (!shifts) throw refused('operation requires sibling renumbering');
    if (kind === 'database' && number === 0) throw naming('number 0 belongs to the config database');
  }
  const numbered = withNumber(entry, number, parent.name);
  return insertChild(parent, numbered, number);
}

/** `parent` with `entry` under another name that only differs by its number. Throws 19, 53 or 64. */
export function renumberedTo(parent: CnConfigEntry, entry: CnConfigEntry, newRdn: string): CnConfigEntry {
  const kind = kindOfEntry(entry);
  const before = rdnOf(entry.name);
  const after = rdnOf(newRdn);
  const [bare, newBare] = [before.value, after.value].map((value) => withoutNumber(value).toLowerCase());
  if (kind === 'schema') return renamedSchema(parent, entry, after.value);
  if (kind !== 'database' && kind !== 'overlay') throw refused('renaming not supported for this entry');
  const [old, wanted] = [numberOf(entry), numberOf({ name: newRdn })];
  if (wanted === undefined) throw naming('new ordering index is required');
  if (bare !== newBare || before.attribute.toLowerCase() !== after.attribute.toLowerCase()) {
    throw refused('changing database/overlay type not allowed');
  }
  if (old === undefined || old < 0 || wanted < 0) throw naming('an ordering index is 0 or more');
  if (kind === 'database' && (old === 0 || wanted === 0)) {
    throw new LdapError(ResultCode.constraintViolation, 'number 0 belongs to the config database');
  }
  const without = removeChild(parent, entry);
  return insertChild(without, entry, Math.min(wanted, numberedSiblings(without, kind).length));
}

/** Definitions keep their number: what builds on them comes later. */
function renamedSchema(parent: CnConfigEntry, entry: CnConfigEntry, value: string): CnConfigEntry {
  if (kindOfEntry(parent) === 'global') throw refused('renaming not allowed for this entry');
  const number = /^\{\d+\}/.exec(rdnOf(entry.name).value)?.[0] ?? '';
  if (!value.startsWith(number)) throw refused('schema reordering not supported');
  const children = parent.children.map((child) =>
    child === entry ? renamed(entry, rdnOf(entry.name).attribute, value, parent.name) : child,
  );
  return { ...parent, children };
}

function placeFrontend(parent: CnConfigEntry, entry: CnConfigEntry): CnConfigEntry {
  if (parent.children.some(isFrontend)) throw new LdapError(ResultCode.entryAlreadyExists);
  return insertChild(parent, withNumber(entry, -1, parent.name), 0);
}

/** Undefined where the name has none. Throws 64. */
function givenNumber(entry: CnConfigEntry, kind: EntryKind): number | undefined {
  const { value } = rdnOf(entry.name);
  if (!value.includes('{')) return undefined;
  const number = /\{(-?\d+)\}/.exec(value);
  const isFit = number !== null && (Number(number[1]) >= 0 || (kind === 'database' && isFrontend(entry)));
  if (!isFit) throw naming('a number in braces is not one');
  return Number(number[1]);
}

function typeOf(entry: CnConfigEntry): string {
  return withoutNumber(textOf(entry, 'olcdatabase') ?? '').toLowerCase();
}

function isFrontend(entry: CnConfigEntry): boolean {
  return typeOf(entry) === 'frontend';
}

function naming(why: string): LdapError {
  return new LdapError(ResultCode.namingViolation, why);
}

function refused(why: string): LdapError {
  return new LdapError(ResultCode.unwillingToPerform, why);
}
