/**
 * The environment of operations: the configuration, the databases, the server's own entries, and what all operations
 * share. It imports no operation.
 */
import { randomBytes } from 'node:crypto';
import { AccessPolicy, grantEverything } from '../access/policy.js';
import type { AccessEvaluator, Subject } from '../access/model.js';
import { BytesMemory } from '../ber/bytes-memory.js';
import type { Config } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import type { EntryRecord } from '../entry/record.js';
import type { SearchScope } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Schema } from '../ldap/schema.js';
import { VerifiedPasswords } from '../password/verified-passwords.js';
import type { Database } from './database.js';
import { LoginThrottle } from './logins/login-throttle.js';
import { scramMechanismsFor } from './logins/scram-mechanisms.js';
import type { Peer } from './model.js';
import { TransactionMemory } from './open-transaction.js';
import { ChangeSequence, generalizedTime, type ChangeStamp } from './rules/operational.js';
import { virtualComputedAttributes, type ComputedAttribute } from './search/computed.js';
import { LongSearches } from './search/long-searches.js';
import { PersistentSearches } from './sync/persistent-searches.js';
import { monitorDN, MonitorTree, type MonitorSource } from './server-entries/monitor.js';
import { rootDse, subschemaEntry, type RootDseExtra } from './server-entries/root-dse.js';
import { singleEntry, virtualEntry, type VirtualTree } from './server-entries/virtual-entry.js';
import { type ConfigTree, configNdn, type ConfigurationChanges } from './server-config/config-tree.js';
import { serverVersion } from './version.js';

/** Remembers names that come again and again, as search bases do. */
const keptNames = 1_024;
const keptNameBytesMax = 512;

const monitorNdn = 'cn=monitor';

/** Called for records that are not what was written; searches leave them out. */
export type DamageListener = (database: Database, id: number, error: Error) => void;

/** What only the front end knows, for the root DSE. */
export interface FrontEndFacts {
  readonly startTls: boolean;
}

/** A database that is glued to another one, and where a search continues in it. */
export interface GluedBase {
  readonly database: Database;
  readonly base: DN;
  readonly scope: SearchScope;
}

/** What the environment is made of; a change of the configuration exchanges it. */
export interface EnvironmentParts {
  readonly config: Config;
  readonly databases: readonly Database[];
  readonly rootDseExtra: RootDseExtra;
  readonly configTree: ConfigTree | undefined;
}

/** The server's own entries that follow from the configuration, and who may see its entries. */
interface OwnEntries {
  readonly root: EntryRecord;
  readonly subschema: EntryRecord;
  readonly policy: AccessPolicy;
  readonly monitorPolicy: AccessPolicy | undefined;
  readonly configPolicy: AccessPolicy | undefined;
}

function ownEntries({ schema, access, databases, configDatabase }: Config): OwnEntries {
  const monitor = databases.find((database) => database.type === 'monitor');
  return {
    root: virtualEntry('', { objectClass: ['top', 'OpenLDAProotDSE'] }, schema),
    subschema: subschemaEntry(schema, generalizedTime(new Date())),
    policy: new AccessPolicy(access, schema),
    monitorPolicy: monitor && new AccessPolicy(monitor.access, schema),
    configPolicy: configDatabase && new AccessPolicy(configDatabase.access, schema),
  };
}

export class DirectoryEnvironment {
  readonly schema: Schema;
  readonly verifiedPasswords = new VerifiedPasswords();
  readonly longSearches = new LongSearches();
  readonly persistentSearches = new PersistentSearches();
  readonly transactionMemory = new TransactionMemory();
  /** Slows down those who guess passwords, whichever operation and front end they use. */
  readonly logins: LoginThrottle;
  readonly monitorDN: DN;
  readonly virtualComputed: readonly ComputedAttribute[];
  readonly #changes: ChangeSequence;
  #names = new BytesMemory<DN>(keptNames, keptNameBytesMax);
  #parts: EnvironmentParts;
  #own: OwnEntries;
  /** Lets cn=config be written to, where that is possible. */
  configuration: ConfigurationChanges | undefined;
  /** Where there is no database. */
  readonly #secret = randomBytes(32);
  #frontEnd: FrontEndFacts = { startTls: false };
  #monitorSource: MonitorSource | undefined;
  /** By the SASL mechanisms that a connection offers. */
  readonly #rootDse = new Map<string, EntryRecord>();

  constructor(
    parts: EnvironmentParts,
    private readonly onDamage: DamageListener | undefined,
  ) {
    const { config, databases } = parts;
    this.schema = config.schema;
    this.logins = new LoginThrottle(config.schema);
    this.#changes = new ChangeSequence(config.serverId);
    for (const { store } of databases) this.#changes.resumeAfter(store.latestTime);
    this.monitorDN = DN.parse(monitorDN, this.schema);
    this.virtualComputed = virtualComputedAttributes(this.schema);
    this.#parts = parts;
    this.#own = ownEntries(config);
  }

  get config(): Config {
    return this.#parts.config;
  }

  get databases(): readonly Database[] {
    return this.#parts.databases;
  }

  get configTree(): ConfigTree | undefined {
    return this.#parts.configTree;
  }

  /** The root DSE as an entry that access rules can be asked about. */
  get rootEntry(): EntryRecord {
    return this.#own.root;
  }

  /** Goes by another configuration from now on, which has the same schema object. */
  reconfigure(parts: EnvironmentParts): void {
    this.#parts = parts;
    this.#own = ownEntries(parts.config);
    this.#changes.serverId = parts.config.serverId;
    for (const { store } of parts.databases) this.#changes.resumeAfter(store.latestTime);
    this.#names = new BytesMemory<DN>(keptNames, keptNameBytesMax);
    this.#rootDse.clear();
  }

  /** The front end says what it offers, so that the root DSE can publish it. */
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

  /** For what is derived from names, whether they exist or not, and must be the same after a restart. */
  secretFor(ndn: string): Buffer {
    return (this.databaseOf(ndn) ?? this.databases[0])?.store.secret ?? this.#secret;
  }

  /**
   * What `subordinate` databases add to a search of this base: those whose tree hangs, through such databases alone,
   * below `database` and within the base.
   */
  glued(database: Database, base: DN, scope: SearchScope): GluedBase[] {
    if (scope === 'base' || !this.#parts.databases.some((one) => one.config.subordinate)) return [];
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
    return this.virtualTree(ndn, peer)?.entry(ndn);
  }

  /** The tree of the server's own entries that this normalised DN would belong to. */
  virtualTree(ndn: string, peer?: Peer): VirtualTree | undefined {
    if (ndn === '') {
      const mechanisms = this.#saslMechanisms(peer);
      const key = mechanisms.join(' ');
      const known = this.#rootDse.get(key) ?? this.#makeRootDse(mechanisms);
      this.#rootDse.set(key, known);
      return singleEntry(known);
    }
    if (ndn === this.#own.subschema.ndn) return singleEntry(this.#own.subschema);
    if (this.#own.monitorPolicy && ndnIsWithin(ndn, monitorNdn)) {
      return new MonitorTree(this.#monitorSource, this.config.databases, serverVersion, this.schema);
    }
    if (ndnIsWithin(ndn, configNdn)) return this.configTree;
    return undefined;
  }

  /** Why a server's own entry is not written. */
  virtualRefusal(ndn: string, otherwise: string): LdapError {
    const why = ndnIsWithin(ndn, configNdn) ? 'this entry of cn=config cannot be changed so' : otherwise;
    return new LdapError(ResultCode.unwillingToPerform, why);
  }

  /** The rootdn of cn=config, if this is its name, and its password. */
  configRoot(name: DN | undefined): { readonly rootPassword: Buffer | undefined } | undefined {
    const database = this.config.configDatabase;
    return name && database?.rootDN?.normalized === name.normalized ? database : undefined;
  }

  /**
   * Access to the server's own entries: the global rules; for cn=Monitor and cn=config those of the sections `database monitor`
   * and `database config`.
   */
  virtualEvaluator(subject: Subject, ndn: string): AccessEvaluator {
    const isConfig = this.#own.configPolicy !== undefined && ndnIsWithin(ndn, configNdn);
    if (isConfig && this.configRoot(subject.dn)) return grantEverything;
    const own = isConfig ? this.#own.configPolicy : ndnIsWithin(ndn, monitorNdn) ? this.#own.monitorPolicy : undefined;
    const policy = own ?? this.#own.policy;
    return policy.evaluator(subject, {
      entryByNdn: (name) => this.databaseOf(name)?.store.entryByNdn(name),
    });
  }

  changeStamp(author: DN | undefined): ChangeStamp {
    const csn = this.#changes.next();
    return { author, time: new Date(), csn, microseconds: this.#changes.latestTime };
  }

  /** Another node of a cluster has stamped a change with this time: later ones of this server are above it. */
  noteForeignStamp(microseconds: number): void {
    this.#changes.resumeAfter(microseconds);
  }

  reportDamage(database: Database, id: number, error: Error): void {
    database.damagedReads++;
    this.onDamage?.(database, id, error);
  }

  #saslMechanisms(peer: Peer | undefined): string[] {
    const offered: string[] = [];
    // Users of SASL have entries only where `authz-regexp` leads to them.
    if (this.config.authzRegexps.length > 0) offered.push(...scramMechanismsFor(peer));
    // SASL EXTERNAL is offered where the connection itself says who is there (RFC 4513 section 5.2.3); through a local
    // socket that is found out when somebody binds.
    if (peer && (peer.externalIdentity !== undefined || peer.listener.startsWith('ldapi:'))) offered.push('EXTERNAL');
    return offered;
  }

  #makeRootDse(saslMechanisms: readonly string[]): EntryRecord {
    const visible = this.databases.filter(
      ({ config: { hidden, subordinate, advertise } }) => !hidden && (!subordinate || advertise),
    );
    return rootDse(
      {
        namingContexts: visible.flatMap((database) => database.config.suffixes.map((suffix) => suffix.toString())),
        monitorContext: this.#own.monitorPolicy && monitorDN,
        configContext: this.configTree && configNdn,
        startTls: this.#frontEnd.startTls,
        passwordPolicy: this.databases.some((database) => database.passwordPolicy !== undefined),
        saslMechanisms,
        referrals: this.config.referrals,
        extra: this.#parts.rootDseExtra,
        dereference: this.databases.some((database) => database.honours('dereference')),
        sync: this.databases.some(({ store }) => store.log.isKept),
      },
      this.schema,
    );
  }
}
