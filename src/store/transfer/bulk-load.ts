/**
 * Adds many entries at once, as an import does: records are written in large unsynced batches, postings and counters are
 * gathered in memory. The database carries a mark until everything is on disk, so half a load is never mistaken for a
 * directory. The result is the same as that of single adds.
 */
import type { EntryDraft } from '../../entry/draft.js';
import type { RecordPlace } from '../../entry/layout.js';
import { EntryRecord } from '../../entry/record.js';
import { RecordTemplate } from '../../entry/template.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { BloomFilter, hashText } from '../index/bloom.js';
import { batchKeys, BulkWriter } from './bulk-writer.js';
import { encodeCounters } from '../committed.js';
import { NameTakenError } from '../errors.js';
import { SharedTerms } from '../index/gathered-postings.js';
import { CsnSet, csnMicroseconds } from '../../ldap/csn.js';
import { HighestCsns } from '../log/highest-csns.js';
import { countersKey, nameKey, recordKey } from '../level/keys.js';
import { removeMark, setMark } from '../level/mark.js';
import { PostingBuilder } from '../index/posting-builder.js';
import { RecentNames } from '../recent-names.js';
import type { StoreState } from '../state.js';
import { TreeCounters } from '../tree-counters.js';

/** Bits that remember the names loaded, so that a new one needs no look into the database. */
const knownNameBits = 1 << 26;
/** Names kept at hand: more than the three batches under way can hold, as each entry is two keys at least. */
const recentNames = 2 ** Math.ceil(Math.log2(2 * batchKeys));

/** What an importer sees of a load. */
export interface BulkLoader {
  /** Stored before, or loaded. */
  idOf(ndn: string): number | undefined;
  /** Adds an entry below one that is there already (0: a suffix entry). Answers its id. Throws NameTakenError. */
  insert(entry: EntryDraft | RecordTemplate, parentId: number, flags: number): number;
  /** What is loaded holds all changes up to this CSN of its server. */
  noteContext(csn: string): void;
  /** True: call `drain` before the next `insert`. */
  readonly full: boolean;
  /** Resolves when there is room again. Rejects where the disk failed. */
  drain(): Promise<void>;
}

export interface BulkLoadOptions {
  /** The highest CSNs of what is loaded become part of the context, also where no change log is kept. */
  readonly writeContext?: boolean;
}

export class BulkLoad implements BulkLoader {
  readonly #state: StoreState;
  readonly #writer: BulkWriter;
  readonly #postings: PostingBuilder;
  readonly #tree = new TreeCounters();
  /** Terms of what the records of a template have in common. */
  readonly #shared = new Map<RecordTemplate, SharedTerms>();
  /** Only where the database was empty: else any name may be in it. */
  readonly #names: BloomFilter | undefined;
  readonly #recent = new RecentNames(recentNames);
  readonly #csns: HighestCsns;
  #given = CsnSet.empty;
  #entries = 0;
  /** A batch copies what is put into it: this goes for one entry after the other. */
  readonly #idBytes = Buffer.alloc(4);
  #memory = Buffer.alloc(0);
  /** So does this, for records. */
  readonly #scratch = (bytes: number): Buffer => {
    if (bytes > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(bytes * 2);
    return this.#memory.subarray(0, bytes);
  };
  readonly #numberOf: (description: AttributeDescription) => number;

  private constructor(
    state: StoreState,
    private readonly options: BulkLoadOptions,
  ) {
    const { committed, numbering } = state;
    const fresh = numbering.nextId === 1;
    this.#state = state;
    this.#csns = new HighestCsns(committed.dictionary);
    this.#numberOf = (description) => numbering.numberOf(description);
    this.#writer = new BulkWriter(committed.database);
    this.#names = fresh ? new BloomFilter(knownNameBits) : undefined;
    this.#postings = new PostingBuilder({
      database: committed.database,
      writer: this.#writer,
      numbering,
      fresh,
      lastStoredId: numbering.nextId - 1,
    });
  }

  /** Marks the database. Nobody else may write until `finish` is done. */
  static async begin(state: StoreState, options: BulkLoadOptions = {}): Promise<BulkLoad> {
    await setMark(state.committed.database, { work: 'load', firstId: state.numbering.nextId });
    return new BulkLoad(state, options);
  }

  idOf(ndn: string): number | undefined {
    return this.#idOf(ndn, hashText(ndn));
  }

  #idOf(ndn: string, hash: number): number | undefined {
    const recent = this.#recent.idOf(ndn, hash);
    if (recent !== undefined) return recent;
    if (this.#names && !this.#names.mayHave(hash)) return undefined;
    return this.#state.committed.idOf(ndn);
  }

  insert(entry: EntryDraft | RecordTemplate, parentId: number, flags: number): number {
    const { numbering } = this.#state;
    const ndn = entry.dn.normalized;
    const hash = hashText(ndn);
    const mayExist = this.#names?.add(hash) ?? true;
    if (mayExist && this.#idOf(ndn, hash) !== undefined) throw new NameTakenError(`an entry named ${ndn} exists`);
    const id = numbering.allocateId();
    const record = this.#encode(entry, { id, parentId, flags });
    this.#writer.put(recordKey(id), record.buffer);
    this.#idBytes.writeUInt32LE(id, 0);
    this.#writer.put(nameKey(ndn), this.#idBytes);
    this.#recent.add(ndn, hash, id);
    this.#tree.add(parentId);
    this.#postings.addChild(parentId, id);
    this.#addTerms(entry, record, id);
    this.#csns.note(record);
    this.#entries++;
    return id;
  }

  #addTerms(entry: EntryDraft | RecordTemplate, record: EntryRecord, id: number): void {
    const { terms } = this.#state;
    const sink = this.#postings.termsOf(id);
    if (!(entry instanceof RecordTemplate) || !terms.isOfParts(record)) {
      terms.visit(record, sink);
      return;
    }
    let shared = this.#shared.get(entry);
    if (!shared) {
      this.#shared.set(entry, (shared = new SharedTerms()));
      terms.visitParts(record, entry.constant, shared);
    }
    this.#postings.addShared(shared);
    terms.visitParts(record, entry.varying, sink);
  }

  noteContext(csn: string): void {
    this.#given = this.#given.with(csn);
  }

  get full(): boolean {
    return this.#postings.full;
  }

  drain(): Promise<void> {
    return this.#postings.drain();
  }

  /** Makes the load whole and durable, and takes the mark off. */
  async finish(): Promise<void> {
    const { committed, numbering } = this.#state;
    await this.#postings.flush();
    committed.forgetAll();
    for (const [id, added] of this.#tree.totals((id) => committed.entry(id)?.parentId ?? 0)) {
      const stored = committed.counters(id);
      const counters = {
        children: stored.children + added.children,
        descendants: stored.descendants + added.descendants,
      };
      this.#writer.put(countersKey(id), encodeCounters(counters));
    }
    await this.#writer.settle();
    // Once the mark is gone everything before it must be on disk: syncing the last batch syncs only the last log file.
    await committed.database.sync();
    const entries = this.#state.entryCount + this.#entries;
    const batch = committed.database.batch();
    const { log } = this.#state;
    const csns = this.#csns.set().withAll(this.#given);
    // Later CSNs come after all of these.
    for (const csn of csns.values()) numbering.noteTime(csnMicroseconds(csn) ?? 0);
    const staged = log.stageRestart(batch, log.isKept || this.options.writeContext ? csns : this.#given);
    const descriptions = numbering.save(batch, entries);
    removeMark(batch);
    await batch.write({ sync: true });
    numbering.saved(descriptions);
    log.committed(staged);
    committed.forgetAll();
    this.#state.entryCount = entries;
  }

  #encode(entry: EntryDraft | RecordTemplate, place: RecordPlace): EntryRecord {
    const { dictionary } = this.#state.committed;
    return entry instanceof RecordTemplate
      ? entry.encode(place, dictionary, this.#numberOf, this.#scratch)
      : EntryRecord.encode(entry, place, dictionary, this.#numberOf, this.#scratch);
  }
}
