/**
 * The directory: all databases of one configuration, and the entries that the server itself provides. Front ends open
 * sessions on it; operations find here what is common to all of them.
 */
import { AccessPolicy } from '../access/policy.js';
import type { AccessEvaluator, Subject } from '../access/model.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import type { EntryDraft } from '../entry/draft.js';
import type { EntryRecord } from '../entry/record.js';
import { VerifiedPasswords } from '../password/verified-passwords.js';
import type { SearchScope } from '../ldap/request.js';
import { BytesMemory } from '../ber/bytes-memory.js';
import type { Schema } from '../ldap/schema.js';
import { memoryLocation } from '../store/level/folder.js';
import { Store, type ConfiguredIndex } from '../store/store.js';
import type { Transaction } from '../store/model.js';
import { virtualComputedAttributes, type ComputedAttribute } from './search/computed.js';
import { checkUnique, cleanReferences, requireIndexes } from './rules/constraints.js';
import type { Change, ChangeListener } from './changes.js';
import { Database } from './database.js';
import { monitorDN, monitorEntries, type MonitorSource } from './server-entries/monitor.js';
import { serverVersion } from './version.js';
import { LongSearches } from './search/long-searches.js';
import type { Peer } from './model.js';
import { ChangeSequence, generalizedTime, type ChangeStamp } from './rules/operational.js';
import { rootDse, subschemaEntry, type RootDseExtra } from './server-entries/root-dse.js';
import { readRootDseFiles } from './server-entries/root-dse-file.js';
import { DirectorySession } from './session.js';
import { virtualEntry } from './server-entries/virtual-entry.js';

/** Of names that come again and again, as search bases do. */
const keptNames = 1_024;
const keptNameBytesMax = 512;

const monitorNdn = 'cn=monitor';

export interface DirectoryOptions {
  /** Keep the databases in temporary folders that go when the directory closes, whatever the configuration says. */
  readonly inMemory?: boolean;
  /** Told about records that are not what was written; they are left out of answers. */
  readonly onDamage?: (database: Database, id: number, error: Error) => void;
  /** Told, in a line each, of damaged parts of a database's files that were found when it was opened. */
  readonly onDamagedFile?: (database: DatabaseConfig, description: string) => void;
  /** Told about indexes that are configured but not built yet. */
  readonly onPendingIndexes?: (database: Database, pending: readonly ConfiguredIndex[]) => void;
}

/** What only the front end knows, for the root DSE. */
export interface FrontEndFacts {
  readonly startTls: boolean;
}

/** A database that is glued to another one, and where a search goes on in it. */
export interface GluedBase {
  readonly database: Database;
  readonly base: DN;
  readonly scope: SearchScope;
}

export class Directory {
  readonly schema: Schema;
  readonly verifiedPasswords = new VerifiedPasswords();
  readonly longSearches = new LongSearches();
  /** The root DSE as an entry that access rules can be asked about. */
  readonly rootEntry: EntryRecord;
  readonly virtualComputed: readonly ComputedAttribute[];
  readonly monitorDN: DN;
  readonly #virtualPolicy: AccessPolicy;
  readonly #monitorPolicy: AccessPolicy | undefined;
  readonly #subschema: readonly EntryRecord[];
  readonly #changes: ChangeSequence;
  readonly #names = new BytesMemory<DN>(keptNames, keptNameBytesMax);
  readonly #hasGlue: boolean;
  #frontEnd: FrontEndFacts = { startTls: false };
  #monitorSource: MonitorSource | undefined;
  /** By whether SASL EXTERNAL is to be had. */
  readonly #rootDse = new Map<boolean, readonly EntryRecord[]>();

  private constructor(
    readonly config: Config,
    readonly databases: readonly Database[],
    private readonly rootDseExtra: RootDseExtra,
    private readonly options: DirectoryOptions,
  ) {
    this.schema = config.schema;
    this.#hasGlue = databases.some((database) => database.config.subordinate);
    this.#changes = new ChangeSequence(config.serverId);
    this.rootEntry = virtualEntry('', { objectClass: ['top', 'OpenLDAProotDSE'] }, this.schema);
    this.#virtualPolicy = new AccessPolicy(config.access, this.schema);
    const monitor = config.databases.find((database) => database.type === 'monitor');
    this.#monitorPolicy = monitor && new AccessPolicy(monitor.access, this.schema);
    this.#subschema = [subschemaEntry(this.schema, generalizedTime(new Date()))];
    this.monitorDN = DN.parse(monitorDN, this.schema);
    this.virtualComputed = virtualComputedAttributes(this.schema);
  }

  /**
   * Opens every database. Rejects with what the store says where one cannot be opened, or with RootDseFileError; none
   * stays open then.
   */
  static async open(config: Config, options: DirectoryOptions = {}): Promise<Directory> {
    const rootDseExtra = await readRootDseFiles(config.rootDseFiles, config.schema);
    const databases: Database[] = [];
    try {
      for (const database of config.databases) {
        if (database.type === 'monitor') continue;
        const store = await Store.open({
          location: options.inMemory ? memoryLocation : database.directory,
          schema: config.schema,
          indexes: database.indexes,
          onDamagedFile: (description) => options.onDamagedFile?.(database, description),
        });
        const opened = new Database(database, store, config.schema);
        databases.push(opened);
        requireIndexes(opened);
      }
    } catch (error) {
      await Promise.all(databases.map((database) => database.store.close()));
      throw error;
    }
    const directory = new Directory(config, databases, rootDseExtra, options);
    for (const database of databases) {
      const pending = database.store.pendingIndexes;
      if (pending.length > 0) options.onPendingIndexes?.(database, pending);
    }
    return directory;
  }

  /** Waits for queued writes, then closes the databases. */
  async close(): Promise<void> {
    await Promise.all(this.databases.map((database) => database.store.close()));
  }

  /**
   * Calls `listener` with every change once it is on disk, in the order of commits of its database. Returns what ends
   * that. Imports tell nothing here: they bypass the operations.
   */
  onChange(listener: ChangeListener): () => void {
    const told = (notes: readonly unknown[]): void => {
      for (const note of notes) listener(note as Change);
    };
    const ends = this.databases.map((database) => database.store.onCommit(told));
    return () => ends.forEach((end) => end());
  }

  openSession(peer: Peer): DirectorySession {
    return new DirectorySession(this, peer);
  }

  /** The front end says what it offers; the root DSE tells the world. */
  describeFrontEnd(facts: FrontEndFacts, monitor?: MonitorSource): void {
    this.#frontEnd = facts;
    this.#monitorSource = monitor;
    this.#rootDse.clear();
  }

  /** Throws 34. */
  parseDN(name: Buffer | string): DN {
    if (typeof name === 'string') return DN.parse(name, this.schema);
    const known = this.#names.find(name, 0, name.length);
    if (known) return known;
    const dn = DN.parse(name, this.schema);
    this.#names.note(name, 0, name.length, () => dn);
    return dn;
  }

  /** The database that holds this normalised DN: the one with the longest suffix. */
  databaseOf(ndn: string): Database | undefined {
    let found: Database | undefined;
    let longest = -1;
    for (const database of this.databases) {
      if (database.config.hidden) continue;
      const depth = database.depthOfSuffix(ndn);
      if (depth > longest) {
        longest = depth;
        found = database;
      }
    }
    return found;
  }

  /**
   * What `subordinate` databases add to a search of this base: those whose tree hangs, through such databases alone,
   * below `database` and within the base.
   */
  glued(database: Database, base: DN, scope: SearchScope): GluedBase[] {
    if (scope === 'base' || !this.#hasGlue) return [];
    return this.databases.flatMap((candidate): GluedBase[] => {
      const [suffix] = candidate.config.suffixes;
      if (!suffix || candidate === database || !suffix.isWithin(base) || !this.#hangsBelow(candidate, database)) return [];
      if (scope !== 'one') return [{ database: candidate, base: suffix, scope: 'sub' }];
      return suffix.parent?.normalized === base.normalized ? [{ database: candidate, base: suffix, scope: 'base' }] : [];
    });
  }

  #hangsBelow(database: Database, superior: Database): boolean {
    for (let at: Database | undefined = database; at?.config.subordinate;) {
      const above: DN | undefined = at.config.suffixes[0]?.parent;
      at = above && this.databaseOf(above.normalized);
      if (at === superior) return true;
    }
    return false;
  }

  /** The server's own entry of this name. */
  virtualEntry(ndn: string, peer?: Peer): EntryRecord | undefined {
    return this.virtualTree(ndn, peer)?.find((entry) => entry.ndn === ndn);
  }

  /** The tree of the server's own entries that this normalised DN would belong to, parents first. */
  virtualTree(ndn: string, peer?: Peer): readonly EntryRecord[] | undefined {
    if (ndn === '') {
      // SASL EXTERNAL is offered where the connection itself says who is there (RFC 4513 section 5.2.3); through a local
      // socket that is found out when somebody binds.
      const external = peer !== undefined && (peer.externalIdentity !== undefined || peer.listener.startsWith('ldapi:'));
      const known = this.#rootDse.get(external) ?? [this.#makeRootDse(external ? ['EXTERNAL'] : [])];
      this.#rootDse.set(external, known);
      return known;
    }
    if (ndn === this.#subschema[0]!.ndn) return this.#subschema;
    if (this.#monitorPolicy && ndnIsWithin(ndn, monitorNdn)) {
      return monitorEntries(this.#monitorSource, this.config.databases, serverVersion, this.schema);
    }
    return undefined;
  }

  /** Access to the server's own entries: the global rules; for cn=Monitor those of its `database monitor` section. */
  virtualEvaluator(subject: Subject, ndn: string): AccessEvaluator {
    const policy = this.#monitorPolicy && ndnIsWithin(ndn, monitorNdn) ? this.#monitorPolicy : this.#virtualPolicy;
    return policy.evaluator(subject, {
      entryByNdn: (name) => this.databaseOf(name)?.store.entryByNdn(name),
    });
  }

  changeStamp(author: DN | undefined): ChangeStamp {
    return { author, time: new Date(), csn: this.#changes.next() };
  }

  /** Throws 19 where `unique` forbids the entry. */
  checkUnique(database: Database, tx: Transaction, entry: EntryDraft, old: EntryRecord | undefined): void {
    checkUnique(database, tx, entry, old);
  }

  /** Lets the attributes that `refint` names follow an entry's new name, or its deletion. */
  cleanReferences(database: Database, tx: Transaction, from: DN, to: DN | undefined): void {
    cleanReferences(this, database, tx, from, to);
  }

  reportDamage(database: Database, id: number, error: Error): void {
    database.damagedReads++;
    this.options.onDamage?.(database, id, error);
  }

  #makeRootDse(saslMechanisms: readonly string[]): EntryRecord {
    const visible = this.databases.filter(
      ({ config: { hidden, subordinate, advertise } }) => !hidden && (!subordinate || advertise),
    );
    return rootDse(
      {
        namingContexts: visible.flatMap((database) => database.config.suffixes.map((suffix) => suffix.toString())),
        monitorContext: this.#monitorPolicy && monitorDN,
        startTls: this.#frontEnd.startTls,
        saslMechanisms,
        referrals: this.config.referrals,
        extra: this.rootDseExtra,
      },
      this.schema,
    );
  }
}
