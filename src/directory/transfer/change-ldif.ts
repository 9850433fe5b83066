/**
 * Makes the changes of an LDIF file, as slapmodify does: without access rules, with every rule of the schema, operational
 * attributes included. Indexes, change log and overlays that keep references follow; rules that overlays make for clients
 * (unique, constraint) are not asked.
 */
import { LdapError, ResultCode } from '../../ldap/result.js';
import { LdifError } from '../../ldif/errors.js';
import { cutLdif, LdifParser } from '../../ldif/reader.js';
import type { LdifRecord } from '../../ldif/record.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { applyModifications } from '../operations/modifications.js';
import { checkModification, checkShape } from '../operations/modify.js';
import { newEntry } from '../operations/new-entry.js';
import { ManyFollowUps, WritePipeline } from '../rules/pipeline.js';
import type { ImportFailure } from './import.js';

export type ChangeKind = 'add' | 'delete' | 'modify';

export interface ChangeOptions {
  /** Those whose entries may be changed. */
  readonly databases: readonly Database[];
  readonly continueOnError?: boolean;
  /** What the LDIF has before this line, counted from 1, is skipped. */
  readonly firstLine?: number;
  /** Make every change, and undo them all in the end. */
  readonly dryRun?: boolean;
  readonly onFailure: (failure: ImportFailure) => void;
  readonly onChange?: (kind: ChangeKind, dn: string, id: number) => void;
}

export interface ChangeReport {
  readonly changes: number;
  readonly failures: number;
}

/** Rejects only where the source cannot be read or the store not be written. */
export function changeLdif(
  source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  directory: DirectoryEnvironment,
  options: ChangeOptions,
): Promise<ChangeReport> {
  return new LdifChanges(directory, options).run(source);
}

/** Does what it is given as one transaction. */
type Transact = (database: Database, work: (pipeline: WritePipeline) => number) => Promise<number>;

/** Undoes a transaction that went well. */
class DryRun extends Error {}

class LdifChanges {
  #changes = 0;
  #failures = 0;

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly options: ChangeOptions,
  ) {}

  async run(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>): Promise<ChangeReport> {
    if (this.options.dryRun) await this.#undone(this.options.databases, new Map(), (transact) => this.#read(source, transact));
    else await this.#read(source, (database, work) => this.#written(database, work));
    return { changes: this.#changes, failures: this.#failures };
  }

  async #written(database: Database, work: (pipeline: WritePipeline) => number): Promise<number> {
    try {
      return await database.store.write((tx) => {
        const pipeline = this.#pipeline(database, tx);
        const id = work(pipeline);
        pipeline.followUp();
        return id;
      });
    } catch (error) {
      if (!(error instanceof ManyFollowUps)) throw error;
    }
    return database.store.writeExclusive(async (tx) => {
      const pipeline = this.#pipeline(database, tx);
      const id = work(pipeline);
      await pipeline.followUpInSlices();
      return id;
    });
  }

  /** All databases in one transaction each, which is undone when everything has been tried: later changes build on earlier ones. */
  async #undone(
    databases: readonly Database[],
    transactions: Map<Database, Transaction>,
    work: (transact: Transact) => Promise<void>,
  ): Promise<void> {
    const [database, ...rest] = databases;
    if (!database) {
      return work(async (target, change) => {
        const pipeline = this.#pipeline(target, transactions.get(target)!);
        const id = change(pipeline);
        await pipeline.followUpInSlices();
        return id;
      });
    }
    const outcome = database.store.writeExclusive(async (tx) => {
      transactions.set(database, tx);
      await this.#undone(rest, transactions, work);
      throw new DryRun();
    });
    await outcome.catch((error: unknown) => {
      if (!(error instanceof DryRun)) throw error;
    });
  }

  #pipeline(database: Database, tx: Transaction): WritePipeline {
    const origin = { dn: database.config.rootDN, isServer: false, isRelaxed: true, mayManage: () => true };
    return new WritePipeline(this.directory, database, tx, origin);
  }

  async #read(source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>, transact: Transact): Promise<void> {
    const { firstLine = 1, continueOnError } = this.options;
    const onError = (error: LdifError, dn: Buffer | undefined): void => this.#fail(error.line, dn?.toString(), error);
    const parser = new LdifParser({ onError, fileUrls: true, modifications: true });
    try {
      for await (const records of cutLdif(source)) {
        for (const lines of records) {
          if (lines[0]!.line < firstLine) continue;
          const record = parser.parse(lines);
          if (record) await this.#apply(record, transact);
          if (this.#failures > 0 && !continueOnError) return;
        }
      }
    } catch (error) {
      // A record beyond the reader's limits: what follows it cannot be found.
      if (!(error instanceof LdifError)) throw error;
      this.#fail(error.line, undefined, error);
    }
  }

  async #apply(record: LdifRecord, transact: Transact): Promise<void> {
    const name = record.dn.toString();
    try {
      const { kind, work, database } = this.#change(record);
      const id = await transact(database, work);
      this.#changes++;
      this.options.onChange?.(kind, name, id);
    } catch (error) {
      if (!(error instanceof LdapError)) throw error;
      this.#fail(record.line, name, error);
    }
  }

  #fail(line: number, dn: string | undefined, error: LdapError | LdifError): void {
    this.#failures++;
    this.options.onFailure({ line, dn, error });
  }

  /** The work answers with the entry's id. Throws LdapError. */
  #change(record: LdifRecord): { kind: ChangeKind; database: Database; work: (pipeline: WritePipeline) => number } {
    if (record.kind === 'modrdn') {
      throw new LdapError(ResultCode.unwillingToPerform, 'entries are renamed while the server runs, with ldapmodrdn');
    }
    if (record.kind !== 'content' && record.controls.some((control) => control.critical)) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, 'no controls are supported here');
    }
    const dn = this.directory.parseDN(record.dn);
    const database = this.directory.databaseOf(dn.normalized);
    if (!database || !this.options.databases.includes(database)) {
      throw new LdapError(ResultCode.unwillingToPerform, 'this name belongs to another database, or to none');
    }
    switch (record.kind) {
      case 'delete':
        return { kind: 'delete', database, work: (pipeline) => this.#delete(pipeline, dn.normalized) };
      case 'modify':
        return { kind: 'modify', database, work: (pipeline) => this.#modify(pipeline, dn.normalized, record.changes) };
      default:
        return { kind: 'add', database, work: (pipeline) => this.#add(pipeline, database, record) };
    }
  }

  #add(pipeline: WritePipeline, database: Database, record: Extract<LdifRecord, { kind: 'add' | 'content' }>): number {
    const { schema } = this.directory;
    const { tx } = pipeline;
    const dn = this.directory.parseDN(record.dn);
    const prepared = pipeline.prepareNew(newEntry(dn, record.attributes, schema), { mayBeObsolete: true });
    if (tx.idOf(dn.normalized) !== undefined)
      throw new LdapError(ResultCode.entryAlreadyExists, 'there is such an entry already');
    const parent = database.isTop(dn) ? undefined : dn.parent && tx.entryByNdn(dn.parent.normalized);
    if (!parent && !database.isTop(dn)) throw new LdapError(ResultCode.noSuchObject, 'its parent does not exist');
    if (parent) prepared.draft.dn = this.directory.parseDN(parent.dn).child(dn.rdn!);
    return pipeline.insert(prepared, parent?.id ?? 0).id;
  }

  #delete(pipeline: WritePipeline, ndn: string): number {
    const { tx } = pipeline;
    const old = tx.entryByNdn(ndn);
    if (!old) throw new LdapError(ResultCode.noSuchObject, 'no such entry');
    if (tx.childCount(old.id) > 0) {
      throw new LdapError(ResultCode.notAllowedOnNonLeaf, 'subordinate objects must be deleted first');
    }
    pipeline.remove(old);
    return old.id;
  }

  #modify(pipeline: WritePipeline, ndn: string, changes: Extract<LdifRecord, { kind: 'modify' }>['changes']): number {
    const { schema } = this.directory;
    changes.forEach(checkShape);
    const given = changes.map((change) => checkModification(change, schema));
    const old = pipeline.tx.entryByNdn(ndn);
    if (!old) throw new LdapError(ResultCode.noSuchObject, 'no such entry');
    if (given.length === 0) return old.id;
    const draft = old.toDraft(this.directory.parseDN(old.dn));
    applyModifications(draft, given);
    pipeline.replace(pipeline.prepareChanged(draft, old, { mayChangeClass: true, mayBeObsolete: true, given }));
    return old.id;
  }
}
