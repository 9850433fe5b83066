/**
 * All names and indexed values of a database in a table, filled in the background from a snapshot and kept up by the writer. Until it
 * is complete, and where the budget has no room for it, the database is asked for everything.
 */
import type { Database } from '../level/database.js';
import { indexPrefixChars, indexRange, keyRanges, type KeyRange } from '../level/keys.js';
import type { MemoryBudget } from './budget.js';
import { ask, TermTable } from './term-table.js';

/** The table may take this much of what the databases of a process may keep in memory. */
const budgetShare = 1 / 2;

const equality = 'e'.charCodeAt(0);
const indexed = 'p'.charCodeAt(0);

/** Is this the key of a list that the table knows: one of an equality index? */
export function isEqualityTerm(key: string): boolean {
  return key.charCodeAt(indexPrefixChars - 1) === equality && key.charCodeAt(0) === indexed;
}

/** One filling of the table; a later one takes its place. */
interface Filling {
  readonly table: TermTable;
  isComplete: boolean;
  isOver: boolean;
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

  /** Fills the table: all names, and the terms of the equality indexes with these prefixes. Never rejects. */
  fill(prefixes: readonly string[]): Promise<void> {
    this.forget();
    const filling: Filling = { table: new TermTable(), isComplete: false, isOver: false };
    this.#filling = filling;
    const ranges = [keyRanges.names, keyRanges.hashedNames, ...prefixes.map(indexRange)];
    const before = this.#running;
    // One after the other: the one before ends soon, since it is over.
    this.#running = before.then(() => this.#fillFrom(filling, ranges)).catch(() => this.#giveUp(filling));
    return this.#running;
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.forget();
    await this.#running;
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
