/**
 * One write in progress. Its reads see what is committed, what is queued before it, and its own writes; its writes go to
 * its own layer, which the writer keeps or drops as a whole.
 */
import type { AttributeDictionary } from '../entry/dictionary.js';
import { EntryRecord } from '../entry/record.js';
import { csnMicroseconds, CsnSet } from '../ldap/csn.js';
import type { SealedEntry } from '../entry/sealed-entry.js';
import type { AttributeDescription } from '../ldap/schema.js';
import type { CommittedState } from './committed.js';
import type { IndexTerms } from './index/index-terms.js';
import { childrenKey } from './level/keys.js';
import { WriteLayer, type Counters } from './layer.js';
import type { LoggedKind } from './log/logged-change.js';
import type { PostingKey, Transaction } from './model.js';
import { addId, readIds, removeId, type PostingStorage } from './index/posting.js';

/** What a transaction takes from the database as a whole. Numbers are never given twice, kept or not. */
export interface TransactionSource {
  readonly committed: CommittedState;
  readonly terms: IndexTerms;
  /** What entries keep their CSN in, where changes are logged. */
  readonly loggedCsn: AttributeDescription | undefined;
  /** Changes are told to a journal. */
  readonly isJournaled: boolean;
  /** The greatest id given so far. */
  readonly lastId: number;
  allocateId(): number;
  allocateList(): number;
  noteTime(microseconds: number): void;
  /** Numbers the description, defining it where it is new. */
  numberOf(description: AttributeDescription): number;
}

export class StoreTransaction implements Transaction {
  /** This transaction's writes. */
  readonly layer = new WriteLayer();
  readonly notes: unknown[] = [];
  readonly #source: TransactionSource;
  readonly #committed: CommittedState;
  /** Own layer first, then what is queued, newest first. */
  readonly #layers: readonly WriteLayer[];
  readonly #postings: PostingStorage;
  /** The latest stamp of this transaction. */
  #csn = '';
  /** Of the latest renamed entry, which those below it share. */
  #renameCsn = '';
  #logs = true;
  #ended = false;

  constructor(source: TransactionSource, queued: readonly WriteLayer[]) {
    this.#source = source;
    this.#committed = source.committed;
    this.#layers = [this.layer, ...queued];
    this.#postings = {
      head: (key) => this.#head(key),
      putHead: (key, bytes) => void this.layer.heads.set(key, bytes),
      container: (key) => this.#container(key),
      putContainer: (key, bytes) => void this.layer.containers.set(key, bytes),
      allocateList: () => source.allocateList(),
      noteShrinkable: (key) => void this.layer.shrinkable.add(key),
    };
  }

  get dictionary(): AttributeDictionary {
    return this.#committed.dictionary;
  }

  /** For maintenance of posting lists. */
  get postings(): PostingStorage {
    return this.#postings;
  }

  /** After this, writing is a fault of the program. */
  end(): void {
    this.#ended = true;
  }

  idOf(ndn: string): number | undefined {
    for (const layer of this.#layers) {
      const id = layer.names.get(ndn);
      if (id !== undefined) return id === 0 ? undefined : id;
    }
    return this.#committed.idOf(ndn);
  }

  entry(id: number): EntryRecord | undefined {
    for (const layer of this.#layers) {
      const record = layer.records.get(id);
      if (record !== undefined) return record ?? undefined;
    }
    return this.#committed.entry(id);
  }

  entryByNdn(ndn: string): EntryRecord | undefined {
    const id = this.idOf(ndn);
    return id === undefined ? undefined : this.entry(id);
  }

  childCount(id: number): number {
    return this.#counters(id).children;
  }

  descendantCount(id: number): number {
    return this.#counters(id).descendants;
  }

  idsOf(key: PostingKey): readonly number[] {
    return readIds(this.#postings, key, this.#source.lastId);
  }

  noteStamp({ csn, microseconds }: { readonly csn: string; readonly microseconds: number }): void {
    this.#csn = csn;
    this.#source.noteTime(microseconds);
  }

  noteContext(csn: string): void {
    this.#assertOpen();
    this.layer.context = this.layer.context.with(csn);
    this.#source.noteTime(csnMicroseconds(csn) ?? 0);
  }

  replaceContext(): void {
    this.resetLog();
    this.layer.context = CsnSet.empty;
    this.layer.replacesContext = true;
  }

  leaveOutOfLog(): void {
    this.#logs = false;
  }

  resetLog(): void {
    this.#assertOpen();
    this.layer.resetsLog = true;
    this.layer.changes.length = 0;
  }

  /** Changes go into the log in the order of their CSNs, which is that of their stamps and not always of their writes. */
  #log(kind: LoggedKind, before: EntryRecord | undefined, after: EntryRecord | undefined): void {
    const { loggedCsn, isJournaled } = this.#source;
    if (!loggedCsn) return;
    const csn = kind === 'along' ? this.#renameCsn : (after?.values(loggedCsn)[0]?.toString('latin1') ?? this.#csn);
    if (kind === 'rename') this.#renameCsn = csn;
    if (isJournaled) this.layer.journaled.push({ kind, csn, before, after });
    if (this.layer.resetsLog || !this.#logs) return;
    const { changes } = this.layer;
    let place = changes.length;
    while (place > 0 && changes[place - 1]!.csn > csn) place--;
    if (place === changes.length) changes.push({ kind, csn, before, after });
    else changes.splice(place, 0, { kind, csn, before, after });
  }

  note(change: unknown): void {
    this.#assertOpen();
    this.notes.push(change);
  }

  insert(entry: SealedEntry, parentId: number, flags: number): EntryRecord {
    this.#assertOpen();
    const ndn = entry.dn.normalized;
    if (this.idOf(ndn) !== undefined) throw new Error(`an entry named ${ndn} exists`);
    if (parentId !== 0 && !this.entry(parentId)) throw new Error(`there is no entry ${parentId} to be the parent`);
    const record = this.#encode(entry, this.#source.allocateId(), parentId, flags);
    this.layer.records.set(record.id, record);
    this.layer.names.set(ndn, record.id);
    this.layer.entries++;
    this.#attach(record.id, parentId, 1);
    for (const term of this.#source.terms.of(record)) addId(this.#postings, term, record.id);
    this.#log('add', undefined, record);
    return record;
  }

  replace(old: EntryRecord, entry: SealedEntry, flags: number): EntryRecord {
    this.#assertOpen();
    if (entry.dn.normalized !== old.ndn) throw new Error(`${old.dn} is renamed, not replaced`);
    const record = this.#exchange(old, this.#encode(entry, old.id, old.parentId, flags));
    this.#log('modify', old, record);
    return record;
  }

  remove(old: EntryRecord): void {
    this.#assertOpen();
    this.#assertCurrent(old);
    if (this.childCount(old.id) > 0) throw new Error(`${old.dn} has entries below it`);
    this.layer.records.set(old.id, null);
    this.layer.names.set(old.ndn, 0);
    this.layer.entries--;
    this.#detach(old.id, old.parentId, 1);
    for (const term of this.#source.terms.of(old)) removeId(this.#postings, term, old.id);
    this.#log('delete', old, undefined);
  }

  relocate(old: EntryRecord, entry: SealedEntry, parentId: number, flags: number): EntryRecord {
    const record = this.#move(old, entry, parentId, flags);
    this.#log('rename', old, record);
    return record;
  }

  carry(old: EntryRecord, entry: SealedEntry): EntryRecord {
    const record = this.#move(old, entry, old.parentId, old.flags);
    this.#log('along', old, record);
    return record;
  }

  #move(old: EntryRecord, entry: SealedEntry, parentId: number, flags: number): EntryRecord {
    this.#assertOpen();
    const ndn = entry.dn.normalized;
    const holder = this.idOf(ndn);
    if (holder !== undefined && holder !== old.id) throw new Error(`an entry named ${ndn} exists`);
    const record = this.#exchange(old, this.#encode(entry, old.id, parentId, flags));
    if (ndn !== old.ndn) {
      if (this.idOf(old.ndn) === old.id) this.layer.names.set(old.ndn, 0);
      this.layer.names.set(ndn, old.id);
    }
    if (parentId !== old.parentId) {
      const moved = 1 + this.descendantCount(old.id);
      this.#detach(old.id, old.parentId, moved);
      this.#attach(old.id, parentId, moved);
    }
    return record;
  }

  #encode(entry: SealedEntry, id: number, parentId: number, flags: number): EntryRecord {
    const numberOf = (description: AttributeDescription): number => this.#source.numberOf(description);
    return EntryRecord.encode(entry, { id, parentId, flags }, this.dictionary, numberOf);
  }

  #exchange(old: EntryRecord, record: EntryRecord): EntryRecord {
    this.#assertCurrent(old);
    const { removed, added } = this.#source.terms.difference(old, record);
    this.layer.records.set(record.id, record);
    for (const term of removed) removeId(this.#postings, term, record.id);
    for (const term of added) addId(this.#postings, term, record.id);
    return record;
  }

  #attach(id: number, parentId: number, entries: number): void {
    addId(this.#postings, childrenKey(parentId), id);
    this.#count(parentId, 1, entries);
  }

  #detach(id: number, parentId: number, entries: number): void {
    removeId(this.#postings, childrenKey(parentId), id);
    this.#count(parentId, -1, -entries);
  }

  /** Adds to the parent's children and to the descendants of it and all above. */
  #count(parentId: number, children: number, descendants: number): void {
    for (let id = parentId, own = children; id !== 0; own = 0) {
      const old = this.#counters(id);
      this.layer.counters.set(id, { children: old.children + own, descendants: old.descendants + descendants });
      id = this.entry(id)?.parentId ?? 0;
    }
  }

  #counters(id: number): Counters {
    for (const layer of this.#layers) {
      const counters = layer.counters.get(id);
      if (counters) return counters;
    }
    return this.#committed.counters(id);
  }

  #head(key: string): Buffer | undefined {
    for (const layer of this.#layers) {
      const head = layer.heads.get(key);
      if (head !== undefined) return head ?? undefined;
    }
    return this.#committed.postingBytes(key);
  }

  #container(key: string): Buffer | undefined {
    for (const layer of this.#layers) {
      const container = layer.containers.get(key);
      if (container !== undefined) return container ?? undefined;
    }
    return this.#committed.postingBytes(key);
  }

  #assertOpen(): void {
    if (this.#ended) throw new Error('the transaction has ended');
  }

  /** Terms are taken off by what the old record says: it must be the one that put them there. */
  #assertCurrent(old: EntryRecord): void {
    const current = this.entry(old.id);
    if (current === old) return;
    if (!current?.buffer.equals(old.buffer)) throw new Error(`the record of ${old.dn} is not the current one`);
  }
}
