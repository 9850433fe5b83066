/**
 * Hands out numbers that are used only once: entry ids, posting list numbers, attribute numbers. They run ahead of what is
 * committed and never go back, so a failed write leaves a gap and nothing worse.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { AttributeDescription } from '../ldap/schema.js';
import type { Database, WriteBatch } from './level/database.js';
import { StoreFormatError } from './errors.js';
import { attributeKey, keyRanges, metaKeys, numberInKey } from './level/keys.js';

const idMax = 0xffffffff;

/** What the database says of itself as a whole. */
interface StoredState {
  readonly nextId: number;
  readonly nextList: number;
  readonly entries: number;
}

export class Numbering {
  #nextId = 1;
  #nextList = 1;
  #clock = 0;
  #unsaved: AttributeDescription[] = [];
  readonly #dictionary: AttributeDictionary;

  constructor(dictionary: AttributeDictionary) {
    this.#dictionary = dictionary;
  }

  get nextId(): number {
    return this.#nextId;
  }

  get nextList(): number {
    return this.#nextList;
  }

  /** The latest time that a write was stamped with, in microseconds; 0 where none is known. */
  get clock(): number {
    return this.#clock;
  }

  noteTime(microseconds: number): void {
    if (microseconds > this.#clock) this.#clock = microseconds;
  }

  allocateId(): number {
    if (this.#nextId >= idMax) throw new Error('the database has used up its entry ids: export and import it');
    return this.#nextId++;
  }

  allocateList(): number {
    if (this.#nextList >= idMax) throw new Error('the database has used up its list numbers: reindex it');
    return this.#nextList++;
  }

  /** Numbers below `list` are taken. */
  skipLists(list: number): void {
    this.#nextList = Math.max(this.#nextList, list);
  }

  /** The description's number, a new one where it has none. */
  numberOf(description: AttributeDescription): number {
    const known = this.#dictionary.number(description);
    if (known !== undefined) return known;
    this.#unsaved.push(description);
    return this.#dictionary.define(description);
  }

  /**
   * Reads what the database says; entries are counted by the caller. Throws StoreFormatError if it holds
   * attributes that the schema does not know.
   */
  async load(database: Database): Promise<number> {
    const unknown: string[] = [];
    for await (const items of database.items(keyRanges.attributes)) {
      for (const [key, value] of items) {
        const description = this.#dictionary.schema.attributeDescription(value.toString());
        if (!description) unknown.push(value.toString());
        else if (this.#dictionary.number(description) === undefined) {
          this.#dictionary.define(description, numberInKey(key));
        }
      }
    }
    if (unknown.length > 0) {
      throw new StoreFormatError(
        `the database in ${database.folder} holds attributes that the schema does not define ` +
          `(${unknown.slice(0, 5).join(', ')}): load the schema files it was created with`,
      );
    }
    const state = decodeState(database.get(metaKeys.state));
    const reserved = database.get(metaKeys.lists)?.readUInt32LE(0) ?? 0;
    this.noteTime(database.get(metaKeys.clock)?.readDoubleLE(0) ?? 0);
    this.#nextId = Math.max(this.#nextId, state.nextId);
    this.#nextList = Math.max(this.#nextList, state.nextList, reserved);
    return state.entries;
  }

  /**
   * Writes down what is new; `entries`: how many the database has once the batch is committed. Answers the
   * descriptions it wrote, for `saved` once they are on disk.
   */
  save(batch: WriteBatch, entries: number): readonly AttributeDescription[] {
    for (const description of this.#unsaved) {
      batch.put(attributeKey(this.#dictionary.number(description)!), Buffer.from(description.text));
    }
    batch.put(metaKeys.state, encodeState({ nextId: this.#nextId, nextList: this.#nextList, entries }));
    batch.put(metaKeys.clock, encodeClock(this.#clock));
    return [...this.#unsaved];
  }

  saved(descriptions: readonly AttributeDescription[]): void {
    if (descriptions.length > 0) this.#unsaved = this.#unsaved.filter((left) => !descriptions.includes(left));
  }
}

function encodeState(state: StoredState): Buffer {
  const bytes = Buffer.allocUnsafeSlow(12);
  bytes.writeUInt32LE(state.nextId, 0);
  bytes.writeUInt32LE(state.nextList, 4);
  bytes.writeUInt32LE(state.entries, 8);
  return bytes;
}

function encodeClock(clock: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(8);
  bytes.writeDoubleLE(clock);
  return bytes;
}

export function decodeState(bytes: Buffer | undefined): StoredState {
  if (!bytes) return { nextId: 1, nextList: 1, entries: 0 };
  if (bytes.length !== 12)
    throw new StoreFormatError("the record of the database's own state is missing or damaged: restore a backup (jammd restore)");
  return { nextId: bytes.readUInt32LE(0), nextList: bytes.readUInt32LE(4), entries: bytes.readUInt32LE(8) };
}
