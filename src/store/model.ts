/**
 * What the store offers the directory: entries, names, tree and postings. It knows LevelDB and indexes, and nothing about
 * access rules, schema checks or LDAP results.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import type { EntryRecord } from '../entry/record.js';
import type { SealedEntry } from '../entry/sealed-entry.js';
import type { AttributeDescription } from '../ldap/schema.js';

/**
 * One state of the tree to read from: what is committed, or that plus a transaction's own and earlier queued writes.
 */
export interface EntryReader {
  readonly dictionary: AttributeDictionary;
  idOf(ndn: string): number | undefined;
  /** Throws RecordDamagedError if the stored bytes are not what was written. */
  entry(id: number): EntryRecord | undefined;
  entryByNdn(ndn: string): EntryRecord | undefined;
  childCount(id: number): number;
  /** All entries below, at any depth. */
  descendantCount(id: number): number;
}

/** Names a posting list: the ids of the entries that hold one indexed term, or of one entry's children. */
export type PostingKey = string;

/** Which entries can satisfy a filter, as far as indexes know. 'all': no index helps. */
export type Candidates =
  | 'all'
  | { readonly op: 'posting'; readonly key: PostingKey }
  | { readonly op: 'and' | 'or'; readonly terms: readonly Candidates[] };

/**
 * The indexes that are configured and completely built: only these may be asked. A key is good for the turn of the
 * event loop in which it was given: an index may be taken out of service and rebuilt after that.
 */
export interface IndexCatalog {
  /** Is there an index of this kind that serves the description? */
  has(kind: 'pres' | 'eq' | 'sub', description: AttributeDescription): boolean;
  presence(description: AttributeDescription): PostingKey | undefined;
  /** `normalized` by the attribute's equality rule. */
  equality(description: AttributeDescription, normalized: string): PostingKey | undefined;
  /** The grams that every value satisfying the assertion must have; undefined if no index or no gram helps. */
  substrings(
    description: AttributeDescription,
    parts: { initial: string | undefined; any: readonly string[]; final: string | undefined },
  ): readonly PostingKey[] | undefined;
}

/** What one write may do. All of it happens, or none. Reads see the writes. */
export interface Transaction extends EntryReader {
  /** The ids on a posting list, ascending, queued writes included; meant for lists that are short. */
  idsOf(key: PostingKey): readonly number[];
  /** Adds an entry below `parentId` (0: a suffix entry). */
  insert(entry: SealedEntry, parentId: number, flags: number): EntryRecord;
  /** Replaces an entry in its place (same DN). */
  replace(old: EntryRecord, entry: SealedEntry, flags: number): EntryRecord;
  /** Removes a leaf. */
  remove(old: EntryRecord): void;
  /**
   * Gives an entry a new name and parent. In an ordinary transaction only a leaf; in an exclusive one all below it has to
   * be carried along, parents first.
   */
  relocate(old: EntryRecord, entry: SealedEntry, parentId: number, flags: number): EntryRecord;
  /** An entry below one that was relocated, under its new name: what it holds stays as it is. In an exclusive transaction. */
  carry(old: EntryRecord, entry: SealedEntry): EntryRecord;
  /** The CSN of what follows, and its time in microseconds: `latestTime` of the store never falls behind it. */
  noteStamp(stamp: { readonly csn: string; readonly microseconds: number }): void;
  /** The database holds all changes up to this CSN of its server, as a replica that has been told so. */
  noteContext(csn: string): void;
  /** The context is what is noted from here on, whatever it was: a replica begins anew. The log begins anew with it. */
  replaceContext(): void;
  /** What follows is this server's own business: the change log leaves it out. */
  leaveOutOfLog(): void;
  /**
   * The change log begins anew with what this transaction leaves. Where it notes a context too, those who know that one
   * can follow from there; else nobody can until the context moves on.
   */
  resetLog(): void;
  /** Something for those who listen to commits: told once the write is on disk, in the order of commits. */
  note(change: unknown): void;
}

/** A transaction while no other write is queued or gathered: may wait, and may look at whole subtrees. */
export interface ExclusiveTransaction extends Transaction {
  /** Ids of all entries below, parents before children. */
  descendants(id: number): AsyncIterable<number>;
  /** Ids of the entries that this transaction has written or removed. */
  readonly written: readonly number[];
}

export interface StoreStatistics {
  readonly entries: number;
  /** What is kept in memory; `bytesMax` is what all databases together may keep. */
  readonly memory: {
    readonly bytes: number;
    readonly bytesMax: number;
    readonly records: number;
    readonly terms: number;
    /** All names and equality terms are there. */
    readonly termsComplete: boolean;
  };
  readonly recordCache: { readonly hits: number; readonly misses: number; readonly bytes: number };
  readonly postingCache: { readonly hits: number; readonly misses: number; readonly bytes: number };
  readonly batches: number;
  readonly batchedWrites: number;
  /** Writes that wait just now. */
  readonly waitingWrites: number;
  /** Milliseconds spent waiting for synced batches, in all. */
  readonly syncMilliseconds: number;
}

export interface StoreReader extends EntryReader {
  readonly indexes: IndexCatalog;
  readonly entryCount: number;
  childrenOf(id: number): PostingKey;
  /** How many ids a posting list has: exact where small, else an upper bound. One read. */
  estimate(key: PostingKey): number;
  /** The ids on a posting list, ascending, however many: for lists that are short as a rule. Throws StoreDamagedError. */
  idsOf(key: PostingKey): readonly number[];
  /** The ids, ascending, where they are few enough to be read at once; undefined: ask `candidateIds`. No promise. */
  fewCandidates(candidates: Candidates): readonly number[] | undefined;
  /**
   * The ids, ascending, with as many terms used as pay; undefined if so many qualify that reading everything in
   * order (`scan`) is cheaper.
   */
  candidateIds(candidates: Candidates): Promise<readonly number[] | undefined>;
  /**
   * All entries in id order from one snapshot, in chunks that are cheap to read. Damaged records are given to
   * `onDamaged` and left out. Stop by ending the iteration.
   */
  scan(options?: { fromId?: number; onDamaged?: (id: number, error: Error) => void }): AsyncIterable<EntryRecord[]>;
  /** Entries of a subtree, the base first, parents before children, by walking down. */
  walk(baseId: number): AsyncIterable<EntryRecord[]>;
}
