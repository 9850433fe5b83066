/**
 * Puts entries of a provider in their places, known by their UUIDs: new ones, changed ones, renamed ones with all below
 * them, in whatever order they come. Who is in the way steps aside until the provider says where it belongs.
 */
import { randomUUID } from 'node:crypto';
import { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import { sealEntry, sealRenamed } from '../../entry/sealed-entry.js';
import { csnMicroseconds } from '../../ldap/csn.js';
import type { ExclusiveTransaction } from '../../store/model.js';
import { noteChange, type UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';
import { holdersOf } from '../overlays/holders.js';
import { objectClassesOf, wellKnownOf, type WellKnown } from '../rules/schema-check.js';
import { recordFlags } from '../rules/schema-flags.js';
import { Slice } from '../search/slice.js';
import { glueEntry, isSame, uuidText } from './received.js';

/** Levels of glue that one entry may need. */
const glueDepthMax = 1_000;

export class Placement {
  readonly #known: WellKnown;
  readonly #slice = new Slice();
  /** Entries that were written. */
  count = 0;

  /** `aside`: ids of entries that have stepped aside. */
  constructor(
    private readonly database: Database,
    private readonly tx: ExclusiveTransaction,
    private readonly aside: Set<number>,
  ) {
    this.#known = wellKnownOf(database.schema);
  }

  idOf(uuid: Buffer): number | undefined {
    return this.#holder(uuid)?.id;
  }

  #holder(uuid: Buffer): EntryRecord | undefined {
    const { entryUUID } = this.#known;
    const key = valueKey(entryUUID, Buffer.from(uuidText(uuid)));
    for (const holder of holdersOf(this.database, this.tx, entryUUID, key)) return holder;
    return undefined;
  }

  /** `outranks`: also an entry whose own copy is newer is written. Answers the entry's id. */
  async put(uuid: Buffer, entry: EntryDraft, outranks: boolean): Promise<number> {
    const own = this.#holder(uuid);
    if (own && !outranks && this.#csnOf(own) > this.#csnOf(entry)) return own.id;
    if (own?.ndn === entry.dn.normalized) {
      if (!isSame(own, entry)) this.#replace(own, entry);
      return own.id;
    }
    const occupant = this.tx.entryByNdn(entry.dn.normalized);
    const isGlue = occupant !== undefined && (occupant.flags & RecordFlag.glue) !== 0;
    // The suffix has no other place to be, and glue was there for this entry.
    if (occupant && !own && (isGlue || this.database.isTop(entry.dn))) return this.#replace(occupant, entry).id;
    if (occupant) await this.#stepAside(occupant);
    const parentId = await this.#parentOf(entry.dn, own);
    // Making room may have moved it.
    const current = own && this.tx.entry(own.id);
    const id = current ? await this.#move(current, entry, parentId) : this.#insert(entry, parentId).id;
    if (isGlue) await this.#adopt(occupant.id, id);
    if (current) this.#dropGlue(current.parentId);
    return id;
  }

  #csnOf(entry: Pick<EntryRecord, 'values'> | Pick<EntryDraft, 'values'>): string {
    return entry.values(this.#known.entryCSN)[0]?.toString('latin1') ?? '';
  }

  /** An entry with others below it leaves glue behind. `csn`: of the deletion. */
  remove(id: number, csn: string | undefined): void {
    const old = this.tx.entry(id);
    if (!old || old.flags & RecordFlag.glue) return;
    this.aside.delete(id);
    if (csn !== undefined) this.tx.noteStamp({ csn, microseconds: csnMicroseconds(csn) ?? 0 });
    if (this.tx.childCount(id) > 0) {
      this.#replace(old, glueEntry(this.#nameOf(old), this.database.schema));
      return;
    }
    this.#removeLeaf(old);
    this.#dropGlue(old.parentId);
  }

  #removeLeaf(old: EntryRecord): void {
    this.tx.remove(old);
    this.#note({ kind: 'delete', before: old }, old);
  }

  /** What was only there for an entry below it goes with that one. */
  #dropGlue(parentId: number): void {
    let at = parentId === 0 ? undefined : this.tx.entry(parentId);
    while (at && at.flags & RecordFlag.glue && this.tx.childCount(at.id) === 0) {
      const { parentId: above } = at;
      this.#removeLeaf(at);
      at = above === 0 ? undefined : this.tx.entry(above);
    }
  }

  /** An entry that stepped aside and that the provider has not spoken of goes, and all below it. */
  async removeAside(id: number): Promise<void> {
    const below: number[] = [];
    for await (const each of this.tx.descendants(id)) below.push(each);
    for (const each of below.reverse()) {
      const old = this.tx.entry(each);
      if (old) this.#removeLeaf(old);
      await this.#rest();
    }
    const old = this.tx.entry(id);
    if (old) this.#removeLeaf(old);
    this.aside.delete(id);
  }

  async #rest(): Promise<void> {
    if (this.#slice.isOver()) await this.#slice.next();
  }

  async #stepAside(occupant: EntryRecord): Promise<void> {
    let top = occupant;
    while (top.parentId !== 0) top = this.tx.entry(top.parentId)!;
    const uuid = occupant.values(this.#known.entryUUID)[0]?.toString('latin1') ?? randomUUID();
    const name = DN.parse(`entryUUID=${uuid},${top.dn}`, this.database.schema);
    this.aside.add(occupant.id);
    const { parentId } = occupant;
    await this.#move(occupant, occupant.toDraft(name), top.id);
    this.#dropGlue(parentId);
  }

  /** The id of the entry above, which is glue where the provider has not sent one. `child` is going to be below it. */
  async #parentOf(dn: DN, child: EntryRecord | undefined, depth = 0): Promise<number> {
    if (this.database.isTop(dn) || !dn.parent) return 0;
    let parent = this.tx.entryByNdn(dn.parent.normalized);
    const current = child && this.tx.entry(child.id);
    // It is itself below the entry that is to go below it: it will be told where it belongs.
    if (parent && current && parent.id !== current.id && ndnIsWithin(parent.ndn, current.ndn)) {
      await this.#stepAside(parent);
      parent = undefined;
    }
    if (parent && parent.id !== current?.id) return parent.id;
    if (parent) throw new Error(`${parent.dn} cannot be placed below itself`);
    if (depth > glueDepthMax) throw new Error(`${dn.toString()} is too deep`);
    const above = await this.#parentOf(dn.parent, child, depth + 1);
    return this.#insert(glueEntry(dn.parent, this.database.schema), above).id;
  }

  #insert(entry: EntryDraft, parentId: number): EntryRecord {
    const flags = this.#flagsOf(entry);
    const after = this.tx.insert(sealEntry(entry), parentId, flags);
    this.#note({ kind: 'add', after }, after);
    return after;
  }

  #replace(old: EntryRecord, entry: EntryDraft): EntryRecord {
    const after = this.tx.replace(old, sealEntry(entry), this.#flagsOf(entry));
    this.#note({ kind: 'modify', before: old, after }, after);
    return after;
  }

  async #move(old: EntryRecord, entry: EntryDraft, parentId: number): Promise<number> {
    const from = this.#nameOf(old);
    const after = this.tx.relocate(old, sealEntry(entry), parentId, this.#flagsOf(entry));
    this.#note({ kind: 'rename', before: old, after }, after);
    if (!this.#isAsideName(entry)) this.aside.delete(old.id);
    if (this.tx.childCount(old.id) === 0) return old.id;
    for await (const id of this.tx.descendants(old.id)) {
      const below = this.tx.entry(id);
      if (!below) continue;
      this.tx.carry(below, sealRenamed(below, this.#nameOf(below).moved(from, entry.dn)));
      await this.#rest();
    }
    return old.id;
  }

  #isAsideName({ dn }: EntryDraft): boolean {
    return dn.rdn?.avas[0]?.type === this.#known.entryUUID.type;
  }

  /** What is below glue goes below the entry that has taken its place. */
  async #adopt(glueId: number, id: number): Promise<void> {
    const { dn } = this.tx.entry(id)!;
    for (const childId of [...this.tx.idsOf(this.database.store.childrenOf(glueId))]) {
      const child = this.tx.entry(childId)!;
      const name = DN.parse(dn, this.database.schema).child(this.#nameOf(child).rdn!);
      const occupant = this.tx.entryByNdn(name.normalized);
      if (occupant) await this.#stepAside(occupant);
      await this.#move(child, child.toDraft(name), id);
    }
    this.#removeLeaf(this.tx.entry(glueId)!);
    this.aside.delete(glueId);
  }

  #nameOf(record: EntryRecord): DN {
    return DN.parse(record.dn, this.database.schema);
  }

  #flagsOf(entry: EntryDraft): number {
    return recordFlags(objectClassesOf(entry, this.database.schema), this.database.schema);
  }

  #note(change: UnsignedChange, record: EntryRecord): void {
    this.count++;
    if (change.kind !== 'delete') this.database.noteFlags(record.flags);
    const author = record.values(this.#known.modifiersName)[0]?.toString() ?? '';
    noteChange(this.tx, { ...change, author });
  }
}
