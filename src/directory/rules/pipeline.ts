/**
 * The one way from a draft to a stored entry. Every write takes the same steps in the same order: schema, stamp, size,
 * `unique`, flags, store, note to listeners. Arguments name the steps that do not apply to some write.
 *
 * A rule that changes drafts belongs at the start of `prepareNew` and `prepareChanged`, one that may refuse a write in
 * `#admit`, and one that follows up on a write in `#stored`.
 */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { sealEntry, type SealedEntry } from '../../entry/sealed-entry.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import { noteChange, type UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { checkUnique } from './constraints.js';
import { checkEntrySize } from './entry-size.js';
import { stampChanged, stampModified, stampNew, type ChangeStamp } from './operational.js';
import { checkEntry, objectClassesOf, structuralClassOf, wellKnownOf } from './schema-check.js';
import { recordFlags } from './schema-flags.js';

/** Whose write it is. Stamped with `dn`; undefined: nobody's. */
export interface WriteOrigin {
  readonly dn: DN | undefined;
  /** The server itself follows up on a client's write: neither limits of size nor `unique` stop it. */
  readonly isServer: boolean;
}

export interface PrepareOptions {
  /** Relax control: what is obsolete may be used. */
  readonly mayBeObsolete?: boolean;
  /** Relax control: the structural class may change. */
  readonly mayChangeClass?: boolean;
  /** Attributes that the request itself sets: the stamp leaves them alone (Relax control). */
  readonly given?: readonly { readonly description: AttributeDescription }[];
}

/** A draft that obeys the schema and is stamped. */
export class PreparedEntry<Old extends EntryRecord | undefined = undefined> {
  /** @internal Made by the pipeline alone. */
  constructor(
    readonly draft: EntryDraft,
    readonly old: Old,
  ) {}
}

export class WritePipeline {
  readonly #schema: Schema;

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly database: Database,
    private readonly tx: Transaction,
    private readonly origin: WriteOrigin,
  ) {
    this.#schema = directory.schema;
  }

  /** Throws LdapError where the schema forbids the entry. */
  prepareNew(draft: EntryDraft, options: PrepareOptions = {}): PreparedEntry {
    const structural = checkEntry(draft, this.#schema, options);
    stampNew(draft, structural, this.#stamp(), this.#schema, this.database.config.lastmod);
    return new PreparedEntry(draft, undefined);
  }

  /** `draft`: what is to become of `old`. Throws LdapError where the schema forbids it. */
  prepareChanged(draft: EntryDraft, old: EntryRecord, options: PrepareOptions = {}): PreparedEntry<EntryRecord> {
    const formerStructural = structuralClassOf(objectClassesOf(old, this.#schema));
    const structural = checkEntry(draft, this.#schema, { ...options, formerStructural });
    draft.set(wellKnownOf(this.#schema).structuralObjectClass, [Buffer.from(structural.name)]);
    if (this.database.config.lastmod) {
      if (options.given) stampModified(draft, options.given, this.#stamp(), this.#schema);
      else stampChanged(draft, this.#stamp(), this.#schema);
    }
    return new PreparedEntry(draft, old);
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
    return this.#stored(after, flags, { kind: 'modify', before: old, after });
  }

  /** Under its new name and parent. Entries below are the caller's to move. Throws 11 or 19. */
  relocate(prepared: PreparedEntry<EntryRecord>, parentId: number): EntryRecord {
    const { old } = prepared;
    const { entry, flags } = this.#admit(prepared);
    const after = this.tx.relocate(old, entry, parentId, flags);
    return this.#stored(after, flags, { kind: 'rename', before: old, after });
  }

  #stamp(): ChangeStamp {
    const stamp = this.directory.changeStamp(this.origin.dn);
    this.tx.noteTime(stamp.microseconds);
    return stamp;
  }

  #admit({ draft, old }: PreparedEntry<EntryRecord | undefined>): { readonly entry: SealedEntry; readonly flags: number } {
    if (!this.origin.isServer) {
      checkEntrySize(this.directory, this.database, this.origin.dn, draft, old);
      checkUnique(this.database, this.tx, draft, old);
    }
    return { entry: sealEntry(draft), flags: recordFlags(objectClassesOf(draft, this.#schema), this.#schema) };
  }

  #stored(record: EntryRecord, flags: number, change: UnsignedChange): EntryRecord {
    this.database.noteFlags(flags);
    const author = this.origin.isServer ? '' : (this.origin.dn?.toString() ?? '');
    noteChange(this.tx, { ...change, author });
    return record;
  }
}
