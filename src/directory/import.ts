/**
 * Loads LDIF into a database as slapadd does: no access rules, every rule of the schema, operational attributes kept
 * as they are given. Entries may come in any order: one that comes before its parent waits for it.
 */
import type { Config, DatabaseConfig } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import { EntryDraft } from '../entry/draft.js';
import type { PartialAttribute } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { LdifError } from '../ldif/errors.js';
import { readLdif } from '../ldif/reader.js';
import type { LdifRecord } from '../ldif/record.js';
import type { BulkLoader } from '../store/bulk-load.js';
import type { Store } from '../store/store.js';
import { describeAttribute } from './attribute-values.js';
import { addNamingValues, newEntry } from './new-entry.js';
import { ChangeSequence, stampNew, type ChangeStamp } from './operational.js';
import { checkEntry, objectClassesOf, wellKnownOf } from './schema-check.js';
import { recordFlags } from './schema-flags.js';

/** Bytes of values that may wait for parents that have not come yet. */
const waitingBytesMax = 512 * 1_024 * 1_024;

/** Why one record is not loaded. */
export interface ImportFailure {
  /** Where the record, or what is wrong in it, starts. */
  readonly line: number;
  /** As written; undefined where the record cannot be read that far. */
  readonly dn: string | undefined;
  readonly error: LdapError | LdifError;
}

export interface ImportOptions {
  /** Go on after a failure; else the first one ends the import. What was loaded before it stays either way. */
  readonly continueOnError?: boolean;
  /** Trust values to fit their syntax and to be there once, as in what an export wrote. */
  readonly quick?: boolean;
  /** Check everything and store nothing. */
  readonly dryRun?: boolean;
  readonly onFailure: (failure: ImportFailure) => void;
  readonly onEntry?: (dn: DN, id: number) => void;
}

export interface ImportReport {
  readonly entries: number;
  readonly failures: number;
}

export interface ImportTarget {
  readonly config: Config;
  readonly database: DatabaseConfig;
  readonly store: Store;
}

/** Rejects only where the source cannot be read or the store not be written. */
export async function importLdif(
  source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  target: ImportTarget,
  options: ImportOptions,
): Promise<ImportReport> {
  const load = (loader: BulkLoader): Promise<ImportReport> =>
    new Import(target, loader, options).run(source);
  return options.dryRun ? load(new DryLoader(target.store)) : target.store.bulkLoad(load);
}

interface WaitingEntry {
  readonly entry: EntryDraft;
  readonly line: number;
  readonly name: string;
  readonly bytes: number;
}

/** Ends the reading after a failure that has been told. */
class StopImport extends Error {}

class Import {
  readonly #config: Config;
  readonly #database: DatabaseConfig;
  readonly #store: Store;
  readonly #loader: BulkLoader;
  readonly #options: ImportOptions;
  readonly #changes = new ChangeSequence();
  readonly #waiting = new Map<string, WaitingEntry[]>();
  readonly #computed: ReadonlySet<string>;
  /** Names of this import's entries that are not spelled as they are normalised, for the entries below them. */
  readonly #spellings = new Map<string, DN>();
  #waitingBytes = 0;
  #entries = 0;
  #failures = 0;

  constructor({ config, database, store }: ImportTarget, loader: BulkLoader, options: ImportOptions) {
    this.#config = config;
    this.#database = database;
    this.#store = store;
    this.#loader = loader;
    this.#options = options;
    const known = wellKnownOf(config.schema);
    this.#computed = new Set([known.entryDN.key, known.hasSubordinates.key, known.subschemaSubentry.key]);
  }

  async run(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>): Promise<ImportReport> {
    try {
      await this.#read(source);
      this.#reportOrphans();
    } catch (error) {
      if (!(error instanceof StopImport)) throw error;
    }
    return { entries: this.#entries, failures: this.#failures };
  }

  async #read(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>): Promise<void> {
    try {
      const onError = (error: LdifError, dn: Buffer | undefined): void => this.#fail(error.line, dn?.toString(), error);
      for await (const record of readLdif(source, { onError })) await this.#take(record);
    } catch (error) {
      // A record beyond the reader's limits: what follows it cannot be found.
      if (!(error instanceof LdifError)) throw error;
      this.#fail(error.line, undefined, error);
    }
  }

  async #take(record: LdifRecord): Promise<void> {
    let waiting: WaitingEntry;
    try {
      const entry = this.#entryOf(record);
      const bytes = sizeOf(entry);
      waiting = { entry, line: record.line, name: record.dn.toString(), bytes };
      if (!this.#mayInsert(entry.dn)) return this.#wait(waiting);
    } catch (error) {
      if (!(error instanceof LdapError)) throw error;
      return this.#fail(record.line, record.dn.toString(), error);
    }
    await this.#insertWithWaiting(waiting);
  }

  /** Throws LdapError. */
  #entryOf(record: LdifRecord): EntryDraft {
    if (record.kind !== 'content' && record.kind !== 'add') {
      throw new LdapError(ResultCode.unwillingToPerform, `an import takes entries, not a change of type ${record.kind}`);
    }
    if (record.kind === 'add' && record.controls.some((control) => control.critical)) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, 'an import knows no controls');
    }
    const { schema } = this.#config;
    const dn = DN.parse(record.dn, schema);
    this.#checkDatabase(dn);
    const entry = this.#options.quick
      ? trustedEntry(dn, record.attributes, this.#config)
      : newEntry(dn, record.attributes, schema);
    for (const key of this.#computed) entry.attributes.delete(key);
    stampNew(entry, checkEntry(entry, schema), this.#stamp(), schema, this.#database.lastmod);
    return entry;
  }

  #stamp(): ChangeStamp {
    return { author: this.#database.rootDN, time: new Date(), csn: this.#changes.next() };
  }

  /** Throws 53 where another database, or none, holds this name. */
  #checkDatabase(dn: DN): void {
    const depth = depthOfSuffix(this.#database, dn);
    const other = this.#config.databases.find(
      (database) => database !== this.#database && depthOfSuffix(database, dn) > depth,
    );
    if (depth >= 0 && !other) return;
    const holder = other ? `; that is the database of ${other.suffixes[0]!.toString()}` : '';
    const suffixes = this.#database.suffixes.map((suffix) => suffix.toString()).join(', ');
    throw new LdapError(ResultCode.unwillingToPerform, `the database of ${suffixes} does not hold this name${holder}`);
  }

  #isSuffix(dn: DN): boolean {
    return this.#database.suffixes.some((suffix) => suffix.normalized === dn.normalized);
  }

  #parentNdn(dn: DN): string {
    return dn.parent?.normalized ?? '';
  }

  #mayInsert(dn: DN): boolean {
    return this.#isSuffix(dn) || this.#loader.idOf(this.#parentNdn(dn)) !== undefined;
  }

  #wait(waiting: WaitingEntry): void {
    this.#waitingBytes += waiting.bytes;
    if (this.#waitingBytes > waitingBytesMax) {
      throw new LdapError(
        ResultCode.adminLimitExceeded,
        'too many entries come before their parents; put parents first in the LDIF',
      );
    }
    const parent = this.#parentNdn(waiting.entry.dn);
    const siblings = this.#waiting.get(parent);
    if (siblings) siblings.push(waiting);
    else this.#waiting.set(parent, [waiting]);
  }

  /** Inserts an entry, and all that has waited for it. */
  async #insertWithWaiting(first: WaitingEntry): Promise<void> {
    const ready = [first];
    for (let next = ready.pop(); next; next = ready.pop()) {
      if (this.#loader.full) await this.#loader.drain();
      if (!this.#insert(next)) continue;
      if (this.#waiting.size === 0) continue;
      const ndn = next.entry.dn.normalized;
      const children = this.#waiting.get(ndn);
      if (!children) continue;
      this.#waiting.delete(ndn);
      for (const child of children) {
        this.#waitingBytes -= child.bytes;
        ready.push(child);
      }
    }
  }

  #insert({ entry, line, name }: WaitingEntry): boolean {
    const { schema } = this.#config;
    const { dn } = entry;
    if (this.#loader.idOf(dn.normalized) !== undefined) {
      this.#fail(line, name, new LdapError(ResultCode.entryAlreadyExists, 'there is an entry of this name already'));
      return false;
    }
    const parentId = this.#isSuffix(dn) ? 0 : this.#loader.idOf(this.#parentNdn(dn))!;
    if (parentId !== 0) entry.dn = this.#spelledAsParent(dn);
    if (entry.dn.toString() !== dn.normalized) this.#spellings.set(dn.normalized, entry.dn);
    const id = this.#loader.insert(entry, parentId, recordFlags(objectClassesOf(entry, schema), schema));
    this.#entries++;
    this.#options.onEntry?.(dn, id);
    return true;
  }

  /** As slapd: the parent's part of a name is spelled as the parent is, however the LDIF spells it here. */
  #spelledAsParent(dn: DN): DN {
    const ndn = this.#parentNdn(dn);
    const known = this.#spellings.get(ndn);
    if (known) return known.toString() === dn.parent?.toString() ? dn : known.child(dn.rdn!);
    const spelled = this.#store.entryByNdn(ndn)?.dn ?? ndn;
    return spelled === dn.parent?.toString() ? dn : DN.parse(spelled, this.#config.schema).child(dn.rdn!);
  }

  #reportOrphans(): void {
    const orphans = [...this.#waiting.values()].flat().sort((a, b) => a.line - b.line);
    for (const { entry, line, name } of orphans) {
      const parent = entry.dn.parent?.toString() ?? '';
      this.#fail(line, name, new LdapError(ResultCode.noSuchObject, `its parent ${parent} is neither here nor in the LDIF`));
    }
  }

  #fail(line: number, dn: string | undefined, error: LdapError | LdifError): void {
    this.#failures++;
    this.#options.onFailure({ line, dn, error });
    if (!this.#options.continueOnError) throw new StopImport();
  }
}

function depthOfSuffix(database: DatabaseConfig, dn: DN): number {
  let depth = -1;
  for (const suffix of database.suffixes) {
    if (suffix.rdns.length > depth && ndnIsWithin(dn.normalized, suffix.normalized)) depth = suffix.rdns.length;
  }
  return depth;
}

/** Throws 17 for an unknown attribute; values are taken as they are. */
function trustedEntry(dn: DN, attributes: readonly PartialAttribute[], { schema }: Config): EntryDraft {
  const entry = new EntryDraft(dn);
  for (const { type, values } of attributes) {
    const description = describeAttribute(type, schema);
    entry.set(description, [...entry.values(description), ...values]);
  }
  addNamingValues(entry, schema);
  return entry;
}

function sizeOf(entry: EntryDraft): number {
  let bytes = entry.dn.normalized.length;
  for (const { values } of entry.attributes.values()) for (const value of values) bytes += value.length;
  return bytes;
}

/** Stands in for the store's loader and stores nothing. */
class DryLoader implements BulkLoader {
  readonly #store: Store;
  readonly #added = new Map<string, number>();
  readonly full = false;

  constructor(store: Store) {
    this.#store = store;
  }

  idOf(ndn: string): number | undefined {
    return this.#added.get(ndn) ?? this.#store.idOf(ndn);
  }

  insert(entry: EntryDraft): number {
    const id = this.#store.entryCount + this.#added.size + 1;
    this.#added.set(entry.dn.normalized, id);
    return id;
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }
}
