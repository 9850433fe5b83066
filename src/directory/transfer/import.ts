/**
 * Loads LDIF into a database as slapadd does: without access rules, with every rule of the schema, keeping operational
 * attributes. Entries may come in any order: one that comes before its parent waits for it.
 */
import type { Config, DatabaseConfig } from '../../config/model.js';
import { leadsReplicas } from '../../config/replication.js';
import { DN } from '../../dn/dn.js';
import { EntryDraft } from '../../entry/draft.js';
import type { RecordTemplate } from '../../entry/template.js';
import { csnMicroseconds } from '../../ldap/csn.js';
import type { PartialAttribute } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { LdifError } from '../../ldif/errors.js';
import type { LogicalLine } from '../../ldif/lines.js';
import { cutLdif, LdifParser } from '../../ldif/reader.js';
import { skipBlanks, type LdifRecord } from '../../ldif/record.js';
import type { BulkLoader } from '../../store/transfer/bulk-load.js';
import { NameTakenError } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import { describeAttribute } from '../operations/attribute-values.js';
import { DryLoader } from './dry-loader.js';
import { ImportParents, spelledBelow } from './import-parents.js';
import { ImportShapes, nameLineStart } from './import-shapes.js';
import { includeDepthMax, includedFile, isIncludeLine, piecesOfFile } from './include-lines.js';
import { isAboutValues, lenientEntry, missingOverlayOf } from './lenient-entry.js';
import { WaitingEntries, type ReadEntry } from './import-waiting.js';
import { UnverifiablePasswordCount, type UnverifiablePasswords } from './unverifiable-passwords.js';
import { addNamingValues, newEntry } from '../operations/new-entry.js';
import { ChangeSequence, stampNew, type ChangeStamp } from '../rules/operational.js';
import { checkEntry, objectClassesOf, wellKnownOf } from '../rules/schema-check.js';
import { recordFlags } from '../rules/schema-flags.js';

/** Why one record is not loaded. */
export interface ImportFailure {
  /** Where the record, or what is wrong in it, starts. */
  readonly line: number;
  /** As written; undefined where the record cannot be read that far. */
  readonly dn: string | undefined;
  readonly error: LdapError | LdifError;
  /** The file that the line is in, where that was included. */
  readonly file?: string;
}

export interface ImportWarning {
  readonly line: number;
  /** The file that the line is in, where that was included. */
  readonly file?: string;
  readonly dn: string;
  readonly message: string;
}

export interface ImportOptions {
  /** Go on after a failure; else the first one ends the import. What was loaded before it stays either way. */
  readonly continueOnError?: boolean;
  /** Trust values to fit their syntax and to be there once, as in what an export wrote. */
  readonly quick?: boolean;
  /** What the LDIF has before this line, counted from 1, is skipped. */
  readonly firstLine?: number;
  /** Of the change sequence numbers that are made: the configuration's unless another one is given. */
  readonly serverId?: number;
  /** Check everything and store nothing. */
  readonly dryRun?: boolean;
  /**
   * What is loaded holds all changes up to the highest CSN of its entries (slapadd -w). Without it, entries that replicas
   * are to follow get new CSNs: a replica ignores an entry whose CSN is not above that of its copy.
   */
  readonly writeContext?: boolean;
  /** Take what slapadd takes, with a warning: see lenient-entry.ts. Default: no. */
  readonly lenient?: boolean;
  /** May the LDIF name files, by `attribute:< file:///...` and `include: file:///...`? Default: no. */
  readonly files?: boolean;
  /** Entries that are left to another import of the same LDIF, into another database. */
  readonly isElsewhere?: (dn: DN) => boolean;
  readonly onFailure: (failure: ImportFailure) => void;
  /** Told what is loaded otherwise than it is written, or would be refused by an add. */
  readonly onWarning?: (warning: ImportWarning) => void;
  readonly onEntry?: (dn: DN, id: number) => void;
}

export interface ImportReport {
  readonly entries: number;
  readonly failures: number;
  /** Passwords that were loaded and cannot be used. */
  readonly unverifiable: readonly UnverifiablePasswords[];
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
  const load = (loader: BulkLoader): Promise<ImportReport> => new Import(target, loader, options).run(source);
  if (options.dryRun) return load(new DryLoader(target.store));
  return target.store.bulkLoad(load, { writeContext: options.writeContext === true });
}

/** Ends the reading after a failure that was reported. */
class StopImport extends Error {}

class Import {
  readonly #config: Config;
  readonly #database: DatabaseConfig;
  readonly #loader: BulkLoader;
  readonly #options: ImportOptions;
  readonly #changes: ChangeSequence;
  readonly #parents: ImportParents;
  readonly #waiting = new WaitingEntries();
  readonly #computed: ReadonlySet<string>;
  readonly #restamps: boolean;
  /** Only where values are trusted. */
  readonly #shapes: ImportShapes | undefined;
  /** The current one: entries are stamped in whole seconds. */
  #second = new Date(0);
  readonly #passwords = new UnverifiablePasswordCount();
  /** The included file that is being read. */
  #file: string | undefined;
  #depth = 0;
  #entries = 0;
  #failures = 0;

  constructor({ config, database, store }: ImportTarget, loader: BulkLoader, options: ImportOptions) {
    this.#config = config;
    this.#database = database;
    this.#loader = loader;
    this.#options = options;
    this.#changes = new ChangeSequence(options.serverId ?? config.serverId);
    this.#restamps = leadsReplicas(database) && !options.writeContext;
    if (this.#restamps) this.#changes.resumeAfter(store.latestTime);
    this.#parents = new ImportParents(config, database, store, loader);
    this.#shapes = options.quick ? new ImportShapes(config.schema, this.#restamps) : undefined;
    const known = wellKnownOf(config.schema);
    this.#computed = new Set([known.entryDN.key, known.hasSubordinates.key, known.subschemaSubentry.key, known.contextCSN.key]);
  }

  async run(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>): Promise<ImportReport> {
    try {
      await this.#read(source);
      this.#reportOrphans();
    } catch (error) {
      if (!(error instanceof StopImport)) throw error;
    }
    return { entries: this.#entries, failures: this.#failures, unverifiable: this.#passwords.all };
  }

  async #read(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>): Promise<void> {
    try {
      const onError = (error: LdifError, dn: Buffer | undefined): void => this.#fail(error.line, dn?.toString(), error);
      const parser = new LdifParser({ onError, fileUrls: this.#options.files ?? false });
      const { firstLine = 1 } = this.#options;
      for await (const records of cutLdif(source)) {
        for (const lines of records) {
          if (lines[0]!.line < firstLine && this.#file === undefined) continue;
          if (this.#options.files && isIncludeLine(lines[0]!)) {
            await this.#include(lines);
            continue;
          }
          if (this.#loader.full) await this.#loader.drain();
          const name = this.#insertAlike(lines) ?? this.#insertRecord(lines, parser);
          if (name !== undefined && !this.#waiting.isEmpty) await this.#insertWaiting(name);
        }
      }
    } catch (error) {
      // A record beyond the reader's limits: what follows it cannot be found.
      if (!(error instanceof LdifError)) throw error;
      this.#fail(error.line, undefined, error);
    }
  }

  /** Reads the file that an `include:` line names, as slapadd does. */
  async #include([line, ...rest]: readonly LogicalLine[]): Promise<void> {
    const outer = this.#file;
    this.#depth++;
    try {
      if (rest[0]) throw new LdifError('an empty line has to follow "include:"', rest[0].line);
      const path = includedFile(line!);
      if (this.#depth > includeDepthMax)
        throw new LdifError(`more than ${includeDepthMax} files include one another`, line!.line);
      this.#file = path;
      await this.#read(piecesOfFile(path, line!.line));
    } catch (error) {
      if (!(error instanceof LdifError)) throw error;
      this.#file = outer;
      this.#fail(error.line, undefined, error);
    } finally {
      this.#depth--;
      this.#file = outer;
    }
  }

  /**
   * Inserts an entry of a known shape and returns its normalised name. Undefined if that is not possible; the slow path then
   * finds out why.
   */
  #insertAlike(lines: readonly LogicalLine[]): string | undefined {
    const shape = this.#shapes?.find(lines);
    if (!shape) return undefined;
    const name = this.#plainName(lines[0]!);
    const parent = name && this.#parents.parentOf(name);
    if (!parent) return undefined;
    const dn = spelledBelow(parent, name);
    if (!shape.fill(lines, dn, this.#stamp())) return undefined;
    const id = this.#load(shape.template, parent.id, shape.flags);
    if (id === undefined) return undefined;
    this.#passwords.note(shape.passwords, () => dn.toString());
    this.#noteInserted(name, dn, id);
    return name.normalized;
  }

  /** The name in the first line of a record of a known shape; undefined if it is invalid or not this database's. */
  #plainName({ text, start, end }: LogicalLine): DN | undefined {
    try {
      const dn = DN.parse(text.subarray(skipBlanks(text, start + nameLineStart.length, end), end), this.#config.schema);
      // Its parent will be looked for in this database: only one that is set below it could claim the name.
      if (this.#config.databases.length > 1) this.#parents.checkDatabase(dn);
      return dn;
    } catch (error) {
      if (error instanceof LdapError) return undefined;
      throw error;
    }
  }

  /** Inserts any entry and returns its normalised name. Undefined if it fails or waits. */
  #insertRecord(lines: readonly LogicalLine[], parser: LdifParser): string | undefined {
    const record = parser.parse(lines);
    const read = record && this.#take(record);
    if (!read || !this.#insert(read)) return undefined;
    this.#shapes?.learn(lines, read.entry, read.flags);
    return read.entry.dn.normalized;
  }

  /** The record's entry if it can be inserted now; undefined if it fails or waits. */
  #take(record: LdifRecord): ReadEntry | undefined {
    try {
      if (this.#options.isElsewhere?.(DN.parse(record.dn, this.#config.schema))) return undefined;
      const entry = this.#entryOf(record);
      const { schema } = this.#config;
      const flags = recordFlags(objectClassesOf(entry, schema), schema);
      const read = { entry, flags, line: record.line, name: record.dn };
      if (this.#parents.parentOf(read.entry.dn)) return read;
      this.#waiting.add(read);
    } catch (error) {
      if (!(error instanceof LdapError)) throw error;
      this.#fail(record.line, record.dn.toString(), error);
    }
    return undefined;
  }

  /** Throws LdapError. */
  #entryOf(record: LdifRecord): EntryDraft {
    if (record.kind !== 'content' && record.kind !== 'add') {
      throw new LdapError(ResultCode.unwillingToPerform, `import accepts entries, not changes of type ${record.kind}`);
    }
    if (record.kind === 'add' && record.controls.some((control) => control.critical)) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, 'import supports no controls');
    }
    const { schema } = this.#config;
    const dn = DN.parse(record.dn, schema);
    this.#parents.checkDatabase(dn);
    const attributes = this.#knownAttributes(record);
    const entry = this.#options.quick ? trustedEntry(dn, attributes, this.#config) : this.#checkedEntry(dn, attributes, record);
    const { contextCSN, entryCSN } = wellKnownOf(schema);
    const contexts = entry.values(contextCSN).map((csn) => csn.toString('latin1'));
    for (const csn of contexts) this.#loader.noteContext(csn);
    for (const key of this.#computed) entry.attributes.delete(key);
    if (this.#restamps) {
      const own = entry.values(entryCSN).map((csn) => csn.toString('latin1'));
      for (const csn of [...contexts, ...own]) this.#changes.resumeAfter(csnMicroseconds(csn) ?? 0);
      entry.attributes.delete(entryCSN.key);
    }
    stampNew(entry, checkEntry(entry, schema), this.#stamp(), schema, this.#database.lastmod);
    return entry;
  }

  /** Without those of overlays that are not configured. */
  #knownAttributes({ line, dn, attributes }: LdifRecord & { kind: 'content' | 'add' }): readonly PartialAttribute[] {
    if (!this.#options.lenient) return attributes;
    return attributes.filter(({ type }) => {
      const overlay = missingOverlayOf(type, this.#config.schema);
      if (overlay === undefined) return true;
      this.#warn(line, dn, `${type} is left out: overlay ${overlay} is not configured`);
      return false;
    });
  }

  /** As an add would have it, or at least slapadd. Throws LdapError. */
  #checkedEntry(dn: DN, attributes: readonly PartialAttribute[], record: LdifRecord): EntryDraft {
    const { schema } = this.#config;
    try {
      return newEntry(dn, attributes, schema);
    } catch (error) {
      if (!this.#options.lenient || !(error instanceof LdapError) || !isAboutValues(error)) throw error;
      const entry = lenientEntry(dn, attributes, schema);
      if (!entry) throw error;
      this.#warn(record.line, record.dn, `${error.diagnostic}; loaded nevertheless, as slapadd does`);
      return entry;
    }
  }

  #warn(line: number, dn: Buffer, message: string): void {
    this.#options.onWarning?.({ line, dn: dn.toString(), message, ...(this.#file !== undefined && { file: this.#file }) });
  }

  #stamp(): ChangeStamp {
    const now = Date.now();
    const second = this.#second.getTime();
    if (now < second || now >= second + 1_000) this.#second = new Date(now - (now % 1_000));
    return {
      author: this.#database.rootDN,
      time: this.#second,
      csn: this.#changes.next(now),
      microseconds: this.#changes.latestTime,
    };
  }

  /** Inserts all that has waited for the entry named `ndn`, and for those: siblings in the order in which they came. */
  async #insertWaiting(ndn: string): Promise<void> {
    const ready = this.#waiting.release(ndn).reverse();
    for (let next = ready.pop(); next; next = ready.pop()) {
      if (this.#loader.full) await this.#loader.drain();
      if (this.#insert(next)) ready.push(...this.#waiting.release(next.entry.dn.normalized).reverse());
    }
  }

  /** False where it cannot be; its parent has come. */
  #insert({ entry, flags, line, name }: ReadEntry): boolean {
    const { dn } = entry;
    const parent = this.#parents.parentOf(dn)!;
    entry.dn = spelledBelow(parent, dn);
    const id = this.#load(entry, parent.id, flags);
    if (id === undefined) {
      const taken = new LdapError(ResultCode.entryAlreadyExists, 'an entry of this name exists already');
      this.#fail(line, name.toString(), taken);
      return false;
    }
    this.#passwords.note(entry.values(wellKnownOf(this.#config.schema).userPassword), () => entry.dn.toString());
    this.#noteInserted(dn, entry.dn, id);
    return true;
  }

  /** Undefined where there is an entry of this name. */
  #load(entry: EntryDraft | RecordTemplate, parentId: number, flags: number): number | undefined {
    try {
      return this.#loader.insert(entry, parentId, flags);
    } catch (error) {
      if (error instanceof NameTakenError) return undefined;
      throw error;
    }
  }

  /** `written`: the name as the LDIF spells it; `stored`: as the entry has it. */
  #noteInserted(written: DN, stored: DN, id: number): void {
    this.#parents.noteInserted(stored, id);
    this.#entries++;
    this.#options.onEntry?.(written, id);
  }

  #reportOrphans(): void {
    for (const { entry, line, name } of this.#waiting.orphans()) {
      const parent = entry.dn.parent?.toString() ?? '';
      this.#fail(
        line,
        name.toString(),
        new LdapError(ResultCode.noSuchObject, `its parent ${parent} is neither in the database nor in the LDIF`),
      );
    }
  }

  #fail(line: number, dn: string | undefined, error: LdapError | LdifError): void {
    this.#failures++;
    this.#options.onFailure({ line, dn, error, ...(this.#file !== undefined && { file: this.#file }) });
    if (!this.#options.continueOnError) throw new StopImport();
  }
}

/** Throws 17 for an unknown attribute; values are taken as they are. */
function trustedEntry(dn: DN, attributes: readonly PartialAttribute[], { schema }: Config): EntryDraft {
  const entry = new EntryDraft(dn);
  for (const { type, values } of attributes) {
    entry.append(describeAttribute(type, schema), values);
  }
  addNamingValues(entry, schema);
  return entry;
}
