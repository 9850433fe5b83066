/** The membership of one database in its cluster, from the first contact until the server stops. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { EtcdClient } from '../../cluster/etcd/client.js';
import { EngineError, ForeignDataError, LogEntryError } from '../../cluster/errors.js';
import { decodeSeed } from '../../cluster/log-entry.js';
import { SharedLog, type PlacedEntry } from '../../cluster/shared-log.js';
import type { ClusterSettings } from '../../config/cluster-settings.js';
import type { Config, DatabaseConfig } from '../../config/model.js';
import { StoreRefusedError } from '../../store/errors.js';
import type { ExclusiveTransaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { agreementText, describeDisagreement } from './agreement.js';
import type { ClusterFigures } from './figures.js';
import { ClusterNode } from './node.js';
import { ClusterUpkeep } from './upkeep.js';

/** A database that has never been in the cluster cannot enter it, or not now. One that has been is served whatever happens. */
export class ClusterJoinError extends Error {
  override readonly name = 'ClusterJoinError';
}

const seedTriesMax = 3;
/** Of the time for a write, what one member may take to answer. */
const attemptShare = 5;
const attemptMsMin = 400;

/** Throws ClusterJoinError where a TLS file cannot be read. */
export function openEtcd(settings: ClusterSettings): EtcdClient {
  const read = (file: string | undefined): Buffer | undefined => {
    try {
      return file === undefined ? undefined : readFileSync(file);
    } catch (error) {
      throw new ClusterJoinError(`cannot read ${file}: ${(error as Error).message}`);
    }
  };
  const { certificateFile, certificateKeyFile, caCertificateFile, user, password, timeoutMs } = settings;
  return new EtcdClient({
    endpoints: settings.endpoints.map((endpoint) => new URL(endpoint)),
    tls: { cert: read(certificateFile), key: read(certificateKeyFile), ca: read(caCertificateFile) },
    user,
    password,
    attemptMs: Math.max(attemptMsMin, timeoutMs / attemptShare),
  });
}

export class ClusterMember {
  readonly node: ClusterNode;
  readonly #client: EtcdClient;
  readonly #log: SharedLog;
  readonly #upkeep: ClusterUpkeep;
  readonly #agreement: string;
  readonly #settings: ClusterSettings;

  private constructor(config: Config, database: DatabaseConfig, settings: ClusterSettings, tell: (message: string) => void) {
    this.#settings = settings;
    this.#client = openEtcd(settings);
    this.#log = new SharedLog(this.#client, settings.prefix);
    this.#agreement = agreementText(config, database);
    this.node = new ClusterNode(this.#log, this.#agreement, settings.timeoutMs, tell);
    this.#upkeep = new ClusterUpkeep(this.node, this.#log, this.#client, settings, tell);
  }

  /** Undefined where the database is in no cluster. `tell`: for the log, a line each. */
  static of(config: Config, database: DatabaseConfig, tell: (message: string) => void): ClusterMember | undefined {
    return database.cluster && new ClusterMember(config, database, database.cluster, tell);
  }

  /** Throws ClusterJoinError. */
  async join(directory: DirectoryEnvironment, database: Database): Promise<void> {
    const { node } = this;
    node.attach({ directory, database });
    if (node.applied) await this.#comeBack(database);
    else await this.#enter(directory, database);
    this.#upkeep.start();
  }

  /** The database has been in the cluster: it is served, and catches up as soon as it can. */
  async #comeBack({ store }: Database): Promise<void> {
    const { node } = this;
    const [known] = store.log.context.values();
    if (store.log.isKept && !store.log.base && known !== undefined) {
      // The change log begins here, in the context that the cluster's log has led to.
      node.enterAt(node.applied!, (tx) => {
        tx.resetLog();
        for (const csn of store.log.context.values()) tx.noteContext(csn);
      });
    }
    try {
      await node.compareHead(performance.now() + this.#settings.timeoutMs);
      node.follow();
    } catch (error) {
      if (error instanceof EngineError) node.lose(error);
      else if (error instanceof ForeignDataError) node.stop(error.message);
      else if (!(error instanceof StoreRefusedError)) throw error;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.#settings.timeoutMs)));
    await Promise.race([node.current(), patience]);
    clearTimeout(timer);
  }

  /** The database has not been in the cluster: it must be empty, and the log must begin with nothing. */
  async #enter(directory: DirectoryEnvironment, { store }: Database): Promise<void> {
    const { prefix } = this.#settings;
    if (store.entryCount > 0) {
      throw new ClusterJoinError(
        `the database in ${store.folder} holds entries and is in no cluster: "jammd cluster seed" begins one with them; ` +
          'to join one, use "jammd cluster join"',
      );
    }
    try {
      const seed = await this.#seedOf(directory);
      const body = seed.entry.kind === 'seed' ? decodeSeed(await this.#log.body(seed, this.#until())) : undefined;
      if (!body || body.entries > 0) {
        throw new ClusterJoinError(
          `the log of the cluster "${prefix}" does not reach back to an empty database: fetch what another node has (jammd cluster join)`,
        );
      }
      this.node.enterAt(seed.position, (tx) => {
        if (store.log.isKept) enterEmpty(tx, body.context);
      });
    } catch (error) {
      if (error instanceof EngineError) throw new ClusterJoinError(`cannot reach the cluster to join it: ${error.message}`);
      if (error instanceof ForeignDataError || error instanceof LogEntryError) throw new ClusterJoinError(error.message);
      throw error;
    }
    // Half a directory answers that somebody is not there.
    await this.node.current();
    if (this.node.state !== 'following') throw new ClusterJoinError(`cannot join the cluster: ${this.node.reason}`);
  }

  #until(): number {
    return performance.now() + this.#settings.timeoutMs;
  }

  /** The oldest entry of the log. Where there is no log, one is made that begins with nothing. */
  async #seedOf(directory: DirectoryEnvironment): Promise<PlacedEntry> {
    for (let tries = 0; tries < seedTriesMax; tries++) {
      const { meta } = await this.#log.inspect(this.#until());
      if (meta === undefined) {
        const context = [directory.changeStamp(undefined).csn];
        await this.#log.seed(this.#agreement, { entries: 0, context }, undefined, this.#until());
        continue;
      }
      if (meta !== this.#agreement) {
        throw new ClusterJoinError(`cannot join the cluster: ${describeDisagreement(meta, this.#agreement)}`);
      }
      const oldest = await this.#log.oldest(this.#until());
      if (oldest) return oldest;
    }
    throw new ClusterJoinError('the cluster has no log');
  }

  get figures(): ClusterFigures {
    const { node } = this;
    const { engine } = this.#upkeep;
    const hasLeader = engine !== undefined && engine.leader !== '0' && node.state !== 'unreachable';
    return {
      node: this.#settings.node,
      state: node.state,
      reason: node.reason,
      endpoint: this.#client.endpoint,
      engineVersion: engine?.version ?? '',
      leader: hasLeader ? engine.leader : '',
      engineBytes: engine?.databaseBytes ?? 0,
      applied: node.applied?.index ?? 0,
      head: node.head?.index ?? 0,
      lag: node.lag,
      lastError: node.lastError,
      appended: node.appended,
      conflicts: node.conflicts,
      foreignEntries: node.foreignEntries,
    };
  }

  /** When the store is closed. */
  async close(): Promise<void> {
    const stopped = this.#upkeep.stop();
    this.#client.close();
    await stopped;
  }
}

function enterEmpty(tx: ExclusiveTransaction, context: readonly string[]): void {
  tx.resetLog();
  for (const csn of context) tx.noteContext(csn);
}
