/**
 * The committed state, one key at a time: names, records, counters and posting heads, each through a bounded cache.
 * Everything here is synchronous.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import { EntryRecord, RecordDamagedError } from '../entry/record.js';
import { hashText } from './index/bloom.js';
import { GenerationCache } from './cache.js';
import type { Database, Snapshot } from './level/database.js';
import { isCorruption, StoreDamagedError } from './errors.js';
import { countersKey, nameKey, recordKey } from './level/keys.js';
import { noCounters, type Counters, type WriteLayer } from './layer.js';
import type { MemoryBudget } from './memory/budget.js';
import { RecordMemory } from './memory/record-memory.js';
import { isEqualityTerm, TermMemory } from './memory/term-memory.js';
import { absent, ask } from './memory/term-table.js';
import type { EntryReader } from './model.js';
import { decodeHead, isInline, noIds, type PostingHead } from './index/posting.js';

/** Bytes that each of the smaller caches may take. */
export interface CacheSizes {
  readonly names: number;
  readonly counters: number;
  /** Posting heads as readers see them. */
  readonly postings: number;
  /** Posting heads and containers as the writer edits them. */
  readonly edits: number;
}

export const defaultCacheSizes: CacheSizes = {
  names: 6 << 20,
  counters: 1 << 20,
  postings: 6 << 20,
  edits: 8 << 20,
};

/** What a cached value takes besides its bytes, measured roughly: map slot, key, object headers. */
const smallOverheadBytes = 120;
/** A posting list has no object of its own where it has one id, as those of addresses do. */
const singleOverheadBytes = 72;

/** Posting lists that were not there once, by hash; a power of two. */
const absentOnceMax = 16_384;

/** Null stands for a posting list that does not exist. */
type EditedPosting = Buffer | null;

/** A posting head; a list of one id is that id. */
type CachedHead = PostingHead | number;

export class CommittedState implements EntryReader {
  readonly records: RecordMemory;
  readonly terms: TermMemory;
  readonly postingCache: GenerationCache<string, CachedHead>;
  readonly #names: GenerationCache<string, number>;
  readonly #counters: GenerationCache<number, Counters>;
  readonly #edits: GenerationCache<string, Buffer>;
  readonly #absentOnce = new Uint32Array(absentOnceMax);
  /** The ids that were written to since somebody began to watch. */
  #watched: Set<number> | undefined;

  constructor(
    readonly database: Database,
    readonly dictionary: AttributeDictionary,
    sizes: CacheSizes,
    readonly memoryBudget: MemoryBudget,
  ) {
    this.records = new RecordMemory(memoryBudget, dictionary);
    this.terms = new TermMemory(database, memoryBudget);
    this.postingCache = new GenerationCache(sizes.postings, cachedHeadBytes);
    this.#names = new GenerationCache(sizes.names, (_, ndn) => smallOverheadBytes + ndn.length);
    this.#counters = new GenerationCache(sizes.counters, () => smallOverheadBytes);
    this.#edits = new GenerationCache(sizes.edits, (bytes, key) => smallOverheadBytes * 2 + key.length + bytes.length);
  }

  idOf(ndn: string): number | undefined {
    const key = nameKey(ndn);
    const told = this.terms.find(key);
    if (told === absent) return undefined;
    if (told !== ask && this.#isNamed(told, ndn)) return told;
    const known = this.#names.get(ndn);
    if (known !== undefined) return known;
    const bytes = this.#get(key, `the name ${ndn}`);
    if (bytes === undefined) return undefined;
    if (bytes.length !== 4) throw new StoreDamagedError(`the id of the name ${ndn} is damaged`);
    const id = bytes.readUInt32LE(0);
    this.#names.set(ndn, id);
    return id;
  }

  /** Another name may have the same hash. */
  #isNamed(id: number, ndn: string): boolean {
    try {
      return this.entry(id)?.isNamed(ndn) === true;
    } catch (error) {
      if (error instanceof RecordDamagedError) return false;
      throw error;
    }
  }

  entry(id: number): EntryRecord | undefined {
    return this.records.get(id) ?? this.#readEntry(id);
  }

  #readEntry(id: number): EntryRecord | undefined {
    const record = this.uncachedEntry(id);
    if (record) this.records.offer(id, record);
    return record;
  }

  /** Reads a record for someone who reads everything and would only push out what others need. */
  uncachedEntry(id: number): EntryRecord | undefined {
    const bytes = this.#getRecord(id);
    return bytes && openRecord(bytes, id, this.dictionary);
  }

  /** A record as of `snapshot`; undefined if there is none, or a damaged one. */
  entryAt(snapshot: Snapshot, id: number): EntryRecord | undefined {
    try {
      const bytes = this.database.getAt(snapshot, recordKey(id));
      return bytes && openRecord(bytes, id, this.dictionary);
    } catch (error) {
      if (error instanceof RecordDamagedError || isCorruption(error)) return undefined;
      throw error;
    }
  }

  #getRecord(id: number): Buffer | undefined {
    try {
      return this.database.get(recordKey(id));
    } catch (error) {
      throw isCorruption(error) ? new RecordDamagedError(`entry ${id} cannot be read from the database file`) : error;
    }
  }

  entryByNdn(ndn: string): EntryRecord | undefined {
    const id = this.idOf(ndn);
    const record = id === undefined ? undefined : this.entry(id);
    // Damage, or a rename that is just reaching the disk: either way it is not the entry that was asked for.
    return record?.isNamed(ndn) === true ? record : undefined;
  }

  childCount(id: number): number {
    return this.counters(id).children;
  }

  descendantCount(id: number): number {
    return this.counters(id).descendants;
  }

  counters(id: number): Counters {
    const known = this.#counters.get(id);
    if (known) return known;
    const bytes = this.#get(countersKey(id), `the counters of entry ${id}`);
    const counters = bytes ? decodeCounters(bytes) : noCounters;
    this.#counters.set(id, counters);
    return counters;
  }

  /** An empty list where there is none. Throws StoreDamagedError if it cannot be read. */
  postingHead(key: string): PostingHead {
    if (isEqualityTerm(key)) {
      const told = this.terms.find(key);
      if (told !== ask) {
        this.postingCache.hits++;
        return told === absent ? noIds : [told];
      }
    }
    const known = this.postingCache.get(key);
    if (known !== undefined) return typeof known === 'number' ? [known] : known;
    const bytes = this.#get(key, 'a posting list');
    if (bytes === undefined && !this.#wasAbsent(key)) return noIds;
    const head = bytes ? decodeHead(bytes) : noIds;
    this.postingCache.set(key, toCachedHead(head));
    return head;
  }

  /**
   * What is asked for in vain is worth remembering when it comes again, as addresses do that a mail server has no alias for;
   * what somebody makes up would only push out others.
   */
  #wasAbsent(key: string): boolean {
    const hash = hashText(key);
    const place = hash & (absentOnceMax - 1);
    if (this.#absentOnce[place] === hash >>> 0) return true;
    this.#absentOnce[place] = hash;
    return false;
  }

  /** A posting head or container as bytes, for the writer, who comes back for the ends of the same lists. */
  postingBytes(key: string): Buffer | undefined {
    const known = this.#edits.get(key);
    if (known) return known;
    const bytes = this.#get(key, 'a posting list');
    if (bytes) this.#edits.set(key, bytes);
    return bytes;
  }

  /** The ids of the records that are written to from now on; one watches at a time. */
  watchRecords(): ReadonlySet<number> {
    return (this.#watched = new Set());
  }

  /** False once everything was forgotten, or somebody else watches. */
  isWatching(changed: ReadonlySet<number>): boolean {
    return this.#watched === changed;
  }

  stopWatching(changed?: ReadonlySet<number>): void {
    if (changed === undefined || this.isWatching(changed)) this.#watched = undefined;
  }

  /** Brings the caches up to what has just been committed. */
  apply(layer: WriteLayer): void {
    for (const [id, record] of layer.records) {
      this.#watched?.add(id);
      if (record) this.records.set(id, record);
      else this.records.delete(id);
    }
    for (const [ndn, id] of layer.names) {
      this.terms.change(nameKey(ndn), id === 0 ? absent : id);
      if (id === 0) this.#names.delete(ndn);
      else this.#names.set(ndn, id);
    }
    for (const [id, counters] of layer.counters) this.#counters.set(id, counters);
    for (const [key, bytes] of layer.heads) {
      this.#applyEdit(key, bytes);
      if (isEqualityTerm(key)) this.terms.change(key, termState(bytes));
      if (bytes === null) this.postingCache.delete(key);
      else if (this.postingCache.has(key)) this.postingCache.set(key, toCachedHead(decodeHead(bytes)));
    }
    for (const [key, bytes] of layer.containers) this.#applyEdit(key, bytes);
  }

  #applyEdit(key: string, bytes: EditedPosting): void {
    if (bytes === null) this.#edits.delete(key);
    else this.#edits.set(key, bytes);
  }

  forgetPostings(): void {
    this.terms.forget();
    this.postingCache.clear();
    this.#edits.clear();
  }

  forgetAll(): void {
    this.forgetPostings();
    this.stopWatching();
    this.records.clear();
    this.#names.clear();
    this.#counters.clear();
  }

  #get(key: string, what: string): Buffer | undefined {
    try {
      return this.database.get(key);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      throw new StoreDamagedError(`${what} cannot be read from the database file`, { cause: error });
    }
  }
}

/** What a posting list's head says to the table of terms. */
function termState(bytes: EditedPosting): number {
  if (bytes === null || bytes.length === 0) return absent;
  return bytes.length === 4 ? bytes.readUInt32LE(0) : ask;
}

function toCachedHead(head: PostingHead): CachedHead {
  return isInline(head) && head.length === 1 ? head[0]! : head;
}

function cachedHeadBytes(head: CachedHead, key: string): number {
  if (typeof head === 'number' || head === noIds) return singleOverheadBytes + key.length;
  return smallOverheadBytes + key.length + (isInline(head) ? head.length * 8 : 32);
}

/** Throws RecordDamagedError, also where the record is whole but another entry's. */
export function openRecord(bytes: Buffer, id: number, dictionary: AttributeDictionary): EntryRecord {
  const record = EntryRecord.open(bytes, dictionary);
  if (record.id !== id) throw new RecordDamagedError(`the record of entry ${id} belongs to entry ${record.id}`);
  return record;
}

export function encodeCounters({ children, descendants }: Counters): Buffer {
  const bytes = Buffer.allocUnsafeSlow(8);
  bytes.writeUInt32LE(children, 0);
  bytes.writeUInt32LE(descendants, 4);
  return bytes;
}

export function decodeCounters(bytes: Buffer): Counters {
  if (bytes.length !== 8) throw new StoreDamagedError('the counters of an entry are damaged');
  return { children: bytes.readUInt32LE(0), descendants: bytes.readUInt32LE(4) };
}
