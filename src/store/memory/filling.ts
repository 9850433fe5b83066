/**
 * Takes what lookups need into memory in the background: names and equality terms first, since without them every lookup reads a
 * posting list, then records, as far as there is room.
 */
import type { CommittedState } from '../committed.js';
import type { ConfiguredIndexes } from '../index/configured-indexes.js';
import { scanRecords } from '../long-reads.js';
import type { StoreState } from '../state.js';

export class MemoryFilling {
  readonly #state: StoreState;
  readonly #indexes: ConfiguredIndexes;
  /** Counts the fillings; only the last one goes on. */
  #number = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(state: StoreState, indexes: ConfiguredIndexes) {
    this.#state = state;
    this.#indexes = indexes;
  }

  /** Begins anew. */
  start(): void {
    const { committed, numbering } = this.#state;
    const equality = this.#indexes.active.filter(({ kind }) => kind === 'eq');
    const number = ++this.#number;
    this.#running = committed.terms
      .fill(equality.map(({ prefix }) => prefix))
      .then(() => (number === this.#number ? fillRecords(committed, numbering.nextId - 1) : undefined))
      // A damaged file ends it: what could not be read is read when it is asked for, and told then.
      .catch(() => undefined);
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#number++;
    const { committed } = this.#state;
    committed.stopWatching();
    await committed.terms.stop();
    await this.#running;
  }
}

/** `lastId`: no entry has a higher one. Ends early where the committed state forgets what it knows, or on `stopWatching`. */
async function fillRecords(committed: CommittedState, lastId: number): Promise<void> {
  const { database, dictionary, records } = committed;
  const changed = committed.watchRecords();
  const snapshot = database.snapshot();
  try {
    for await (const chunk of scanRecords(database, dictionary, snapshot, lastId, {})) {
      if (!committed.isWatching(changed)) return;
      for (const record of chunk) {
        // What was written since the snapshot was taken is newer than this, or gone.
        if (changed.has(record.id) || records.has(record.id)) continue;
        if (!records.hasRoomFor(record)) return;
        records.offer(record.id, record);
      }
    }
  } finally {
    committed.stopWatching(changed);
    await snapshot.close();
  }
}
