/**
 * Takes what lookups need into memory in the background: names and equality terms first, since without them every lookup reads a
 * posting list, then records, as far as there is room.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { CommittedState } from '../committed.js';
import type { ConfiguredIndexes } from '../index/configured-indexes.js';
import { metaKeys } from '../level/keys.js';
import { scanRecords } from '../long-reads.js';
import type { StoreState } from '../state.js';
import type { ImageSubject } from './term-image.js';

const sealBytes = 16;

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
    const number = ++this.#number;
    const { seal } = committed.database;
    this.#running = committed.terms
      .fill(this.#prefixes, seal && this.#subject(seal))
      .then(() => (number === this.#number ? fillRecords(committed, numbering.nextId - 1) : undefined))
      // A damaged file ends it: what could not be read is read when it is asked for, and told then.
      .catch(() => undefined);
  }

  /** Keeps what the next start would have to read again. Nothing may write any more. Never rejects. */
  async keep(): Promise<void> {
    const { database, terms } = this.#state.committed;
    const isKept = database.seal !== undefined && terms.isFromImage;
    if (isKept || !terms.isWorthAnImage) return;
    const seal = randomBytes(sealBytes);
    try {
      await terms.keepImage(this.#subject(seal));
      await database.sealWith(seal);
    } catch {
      // A full disk: the next start reads everything.
    }
  }

  get #prefixes(): readonly string[] {
    return this.#indexes.active.filter(({ kind }) => kind === 'eq').map(({ prefix }) => prefix);
  }

  /** What the database says of itself moves with every write, also with one of a jammd that knows no seals. */
  #subject(seal: Buffer): ImageSubject {
    const { database } = this.#state.committed;
    const words = [metaKeys.state, metaKeys.clock, metaKeys.log, metaKeys.policy, metaKeys.lists].map(
      (key) => database.get(key)?.toString('hex') ?? '',
    );
    return {
      seal,
      content: createHash('sha256')
        .update([...words, ...this.#prefixes].join('\n'))
        .digest('hex'),
    };
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
