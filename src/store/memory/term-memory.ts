/**
 * All names and indexed values of a database in a table, filled in the background from a snapshot and kept up by the writer. Until it
 * is complete, and where the budget has no room for it, the database is asked for everything.
 */
import type { Database } from '../level/database.js';
import { indexPrefixChars, indexRange, keyRanges, type KeyRange } from '../level/keys.js';
import type { MemoryBudget } from './budget.js';
import { readTermImage, writeTermImage, type ImageSubject } from './term-image.js';
import { ask, TermTable } from './term-table.js';

/** The table may take this much of what the databases of a process may keep in memory. */
const budgetShare = 1 / 2;

const equality = 'e'.charCodeAt(0);
const indexed = 'p'.charCodeAt(0);

/** Is this the key of a list that the table knows: one of an equality index? */
export function isEqualityTerm(key: string): boolean {
  return key.charCodeAt(indexPrefixChars - 1) === equality && key.charCodeAt(0) === indexed;
}

/** Tables with fewer hashes are filled sooner than read. */
const imageCountLeast = 10_000;
/** What was written to since the table was filled, at most, for it to be worth keeping: a part of all. */
const changedShareMax = 1 / 50;

/** One filling of the table; a later one takes its place. */
interface Filling {
  table: TermTable;
  /** The keys that were written to while its image is read. */
  changed: string[] | undefined;
  isComplete: boolean;
  isOver: boolean;
  isFromImage: boolean;
  /** Hashes that had to be asked for when the table was filled. */
  freshAsks: number;
}

export class TermMemory {
  readonly #database: Database;
  readonly #budget: MemoryBudget;
  #filling: Filling | undefined;
  /** The table, once it is complete. */
  #complete: TermTable | undefined;
  #accounted = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(database: Database, budget: MemoryBudget) {
    this.#database = database;
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#accounted;
  }

  /** Names and terms that it knows. */
  get count(): number {
    return this.#filling?.table.count ?? 0;
  }

  get isComplete(): boolean {
    return this.#complete !== undefined;
  }

  /** The id that the key stands for, `absent` or `ask`. */
  find(key: string): number {
    return this.#complete === undefined ? ask : this.#complete.find(key);
  }

  /** The key was written to. `id`: what it stands for now, if it is new; `absent` where it is gone; `ask` for more than one. */
  change(key: string, id: number): void {
    const filling = this.#filling;
    if (!filling) return;
    if (filling.changed) {
      filling.changed.push(key);
      return;
    }
    // A filling that is under way reads a state before this: it must not be believed about this key.
    filling.table.note(key, filling.isComplete ? id : ask);
    this.#account(filling.table.bytes);
  }

  /** Knows nothing from here on. */
  forget(): void {
    if (this.#filling) this.#filling.isOver = true;
    this.#filling = undefined;
    this.#complete = undefined;
    this.#account(0);
  }

  /**
   * Fills the table: from the image of `subject` where there is one, else with all names, and the terms of the equality indexes with
   * these prefixes. Never rejects.
   */
  fill(prefixes: readonly string[], subject?: ImageSubject): Promise<void> {
    this.forget();
    const changed = subject && [];
    const filling: Filling = {
      table: new TermTable(),
      changed,
      isComplete: false,
      isOver: false,
      isFromImage: false,
      freshAsks: 0,
    };
    this.#filling = filling;
    const ranges = [keyRanges.names, keyRanges.hashedNames, ...prefixes.map(indexRange)];
    const before = this.#running;
    // One after the other: the one before ends soon, since it is over.
    this.#running = before
      .then(async () => {
        if (subject && (await this.#fillFromImage(filling, subject))) return;
        await this.#fillFrom(filling, ranges);
      })
      .catch(() => this.#giveUp(filling));
    return this.#running;
  }

  get isFromImage(): boolean {
    return this.#filling?.isFromImage === true;
  }

  /** Is it worth keeping for the next start? */
  get isWorthAnImage(): boolean {
    if (!this.#complete || this.#complete.count < imageCountLeast) return false;
    return this.#complete.asks - this.#filling!.freshAsks <= this.#complete.count * changedShareMax;
  }

  /** Keeps the complete table for `fill`. Rejects where the disk does not take it. */
  async keepImage(subject: ImageSubject): Promise<void> {
    if (!this.#complete) return;
    await writeTermImage(this.#database.folder, subject, { table: this.#complete, freshAsks: this.#filling!.freshAsks });
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.forget();
    await this.#running;
  }

  /** True if nothing else is to be done. */
  async #fillFromImage(filling: Filling, subject: ImageSubject): Promise<boolean> {
    const kept = await readTermImage(this.#database.folder, subject);
    if (filling.isOver) return true;
    const changed = filling.changed ?? [];
    filling.changed = undefined;
    if (!kept || kept.table.bytes > this.#budget.bytesMax * budgetShare) {
      for (const key of changed) filling.table.note(key, ask);
      return false;
    }
    filling.table = kept.table;
    filling.isFromImage = true;
    filling.freshAsks = kept.freshAsks;
    for (const key of changed) kept.table.note(key, ask);
    this.#account(kept.table.bytes);
    filling.isComplete = true;
    this.#complete = kept.table;
    return true;
  }

  async #fillFrom(filling: Filling, ranges: readonly KeyRange[]): Promise<void> {
    if (filling.isOver) return;
    const { table } = filling;
    const snapshot = this.#database.snapshot();
    try {
      for (const range of ranges) {
        for await (const items of this.#database.items(range, snapshot)) {
          if (filling.isOver) return;
          for (const [key, bytes] of items) table.note(key, bytes.length === 4 ? bytes.readUInt32LE(0) : ask);
          this.#account(table.bytes);
          if (table.bytes > this.#budget.bytesMax * budgetShare) return this.#giveUp(filling);
        }
      }
    } finally {
      await snapshot.close();
    }
    if (filling.isOver) return;
    filling.isComplete = true;
    filling.freshAsks = table.asks;
    this.#complete = table;
  }

  #giveUp(filling: Filling): void {
    if (this.#filling === filling) this.forget();
  }

  #account(bytes: number): void {
    this.#budget.take(bytes - this.#accounted);
    this.#accounted = bytes;
  }
}
