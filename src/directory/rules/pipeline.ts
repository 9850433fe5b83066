/**
 * The one way from a draft to a stored entry. Every write takes the same steps in the same order: overlays that edit it,
 * schema, stamp, size, overlays that check it, flags, store, note to listeners, and what overlays write because of it.
 * Arguments name the steps that do not apply to some write.
 */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { sealEntry, type SealedEntry } from '../../entry/sealed-entry.js';
import { LdapError } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import { noteChange, type UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { FollowUp, GivenChange, Write, WritePeer } from '../overlays/overlay.js';
import { Slice } from '../search/slice.js';
import { checkEntrySize } from './entry-size.js';
import { stampAuthor, stampChanged, stampModified, stampNew, type ChangeStamp } from './operational.js';
import { checkEntry, objectClassesOf, structuralClassOf, wellKnownOf } from './schema-check.js';
import { recordFlags } from './schema-flags.js';

/** Whose write it is. Stamped with `dn`; undefined: nobody's. */
export interface WriteOrigin {
  readonly dn: DN | undefined;
  /** The server itself follows up on a client's write: neither limits of size nor overlays stop it. */
  readonly isServer: boolean;
  /** The Relax control came with it. */
  readonly isRelaxed?: boolean;
  readonly mayManage?: (entry: EntryRecord) => boolean;
  readonly peer?: WritePeer;
}

export interface PrepareOptions {
  /** Relax control: what is obsolete may be used. */
  readonly mayBeObsolete?: boolean;
  /** Relax control: the structural class may change. */
  readonly mayChangeClass?: boolean;
  /** The changes of a modify request: the stamp leaves what they set alone (Relax control). */
  readonly given?: readonly GivenChange[];
  /** The time and number of the last change stay; modifiersName alone tells. */
  readonly keepsTime?: boolean;
  /** Not stamped at all: of no concern to other servers. */
  readonly unstamped?: boolean;
}

/** A draft that obeys the schema and is stamped. */
export class PreparedEntry<Old extends EntryRecord | undefined = undefined> {
  /** @internal Made by the pipeline alone. */
  constructor(
    readonly draft: EntryDraft,
    readonly old: Old,
    readonly given: readonly GivenChange[] | undefined,
  ) {}
}

/** So many entries are written in one turn because of one write; more are written in slices, while other writes wait. */
const followedAtOnceMax = 100;

/** More is to be written because of a write than can be done in one turn: an exclusive transaction is needed. */
export class ManyFollowUps extends Error {
  override readonly name = 'ManyFollowUps';
}

export class WritePipeline {
  readonly #schema: Schema;
  readonly #write: Write;
  /** Whose consequences have not been written yet. */
  #changes: { readonly change: UnsignedChange; readonly given: readonly GivenChange[] | undefined }[] = [];

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly database: Database,
    readonly tx: Transaction,
    private readonly origin: WriteOrigin,
  ) {
    this.#schema = directory.schema;
    const { dn: author, isRelaxed = false, mayManage = () => false, peer } = origin;
    this.#write = { tx, author, isRoot: database.isRoot(author), isRelaxed, mayManage, peer };
  }

  /** Throws LdapError where the schema forbids the entry. */
  prepareNew(draft: EntryDraft, options: PrepareOptions = {}): PreparedEntry {
    for (const overlay of this.database.overlays) overlay.beforeAdd?.(this.#write, draft);
    const structural = checkEntry(draft, this.#schema, options);
    stampNew(draft, structural, this.#stamp(), this.#schema, this.database.config.lastmod);
    return new PreparedEntry(draft, undefined, undefined);
  }

  /** `draft`: what is to become of `old`. Throws LdapError where the schema forbids it. */
  prepareChanged(draft: EntryDraft, old: EntryRecord, options: PrepareOptions = {}): PreparedEntry<EntryRecord> {
    for (const overlay of this.database.overlays) overlay.beforeChange?.(this.#write, draft, old, options.given);
    const formerStructural = structuralClassOf(objectClassesOf(old, this.#schema));
    const structural = checkEntry(draft, this.#schema, { ...options, formerStructural });
    draft.set(wellKnownOf(this.#schema).structuralObjectClass, [Buffer.from(structural.name)]);
    if (this.database.config.lastmod && !options.unstamped) {
      if (options.keepsTime) stampAuthor(draft, this.origin.dn, this.#schema);
      else if (options.given) stampModified(draft, options.given, this.#stamp(), this.#schema);
      else stampChanged(draft, this.#stamp(), this.#schema);
    }
    return new PreparedEntry(draft, old, options.given);
  }

  /** The same, undefined where the schema forbids it: what overlays want is done as far as the entry allows it. */
  prepareIfAllowed(draft: EntryDraft, old: EntryRecord, options: PrepareOptions = {}): PreparedEntry<EntryRecord> | undefined {
    try {
      return this.prepareChanged(draft, old, options);
    } catch (error) {
      if (error instanceof LdapError) return undefined;
      throw error;
    }
  }

  /** Throws 11 or 19. */
  insert(prepared: PreparedEntry, parentId: number): EntryRecord {
    const { entry, flags } = this.#admit(prepared);
    const after = this.tx.insert(entry, parentId, flags);
    return this.#stored(after, flags, { kind: 'add', after });
  }

  /** Throws 11 or 19. */
  replace(prepared: PreparedEntry<EntryRecord>): EntryRecord {
    const { old } = prepared;
    const { entry, flags } = this.#admit(prepared);
    const after = this.tx.replace(old, entry, flags);
    return this.#stored(after, flags, { kind: 'modify', before: old, after }, prepared.given);
  }

  /** Under its new name and parent. Entries below are the caller's to move. Throws 11 or 19. */
  relocate(prepared: PreparedEntry<EntryRecord>, parentId: number): EntryRecord {
    const { old } = prepared;
    const { entry, flags } = this.#admit(prepared);
    const after = this.tx.relocate(old, entry, parentId, flags);
    return this.#stored(after, flags, { kind: 'rename', before: old, after });
  }

  /** An entry below one that was relocated has its new name. */
  noteMoved(before: EntryRecord, after: EntryRecord): void {
    this.#follow({ kind: 'rename', before, after });
  }

  remove(old: EntryRecord): void {
    for (const overlay of this.database.overlays) overlay.beforeDelete?.(this.#write, old);
    this.#stamp();
    this.tx.remove(old);
    const change = { kind: 'delete', before: old } as const;
    noteChange(this.tx, { ...change, author: this.#author });
    this.#follow(change);
  }

  /** Writes what overlays want because of the writes so far. Throws ManyFollowUps. */
  followUp(): void {
    let count = 0;
    for (const followUp of this.#followUps()) {
      if (++count > followedAtOnceMax) throw new ManyFollowUps();
      followUp();
    }
  }

  /** The same in slices. */
  async followUpInSlices(): Promise<void> {
    const slice = new Slice();
    for (const followUp of this.#followUps()) {
      followUp();
      if (slice.isOver()) await slice.next();
    }
  }

  /** The same after the rename of an entry that has others below it: all other changes have been followed. */
  async followSubtree(tx: ExclusiveTransaction, from: DN, to: DN): Promise<void> {
    const changes = this.#changes.map(({ change }) => change);
    this.#changes = [];
    const renames = changes.filter((change) => change.kind === 'rename');
    const slice = new Slice();
    for (const overlay of this.database.overlays) {
      if (overlay.followSubtree) {
        await overlay.followSubtree(tx, { from, to, renames });
        continue;
      }
      for (const change of changes) {
        for (const followUp of overlay.followUps?.(tx, change) ?? []) {
          followUp();
          if (slice.isOver()) await slice.next();
        }
      }
    }
  }

  *#followUps(): Iterable<FollowUp> {
    const changes = this.#changes;
    this.#changes = [];
    for (const { change, given } of changes) {
      for (const overlay of this.database.overlays) yield* overlay.followUps?.(this.tx, change, given) ?? [];
    }
  }

  /** Follow-ups have none of their own: what they write is what overlays want. */
  #follow(change: UnsignedChange, given?: readonly GivenChange[]): void {
    if (!this.origin.isServer && this.database.overlays.length > 0) this.#changes.push({ change, given });
  }

  get #author(): string {
    return this.origin.isServer ? '' : (this.origin.dn?.toString() ?? '');
  }

  #stamp(): ChangeStamp {
    const stamp = this.directory.changeStamp(this.origin.dn);
    this.tx.noteStamp(stamp);
    return stamp;
  }

  #admit({ draft, old, given }: PreparedEntry<EntryRecord | undefined>): { readonly entry: SealedEntry; readonly flags: number } {
    if (!this.origin.isServer) {
      checkEntrySize(this.directory, this.database, this.origin.dn, draft, old);
      for (const overlay of this.database.overlays) overlay.check?.(this.#write, draft, old, given);
    }
    return { entry: sealEntry(draft), flags: recordFlags(objectClassesOf(draft, this.#schema), this.#schema) };
  }

  #stored(record: EntryRecord, flags: number, change: UnsignedChange, given?: readonly GivenChange[]): EntryRecord {
    this.database.noteFlags(flags);
    noteChange(this.tx, { ...change, author: this.#author });
    this.#follow(change, given);
    return record;
  }
}
