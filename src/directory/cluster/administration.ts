/** What an operator does to a cluster while the server of this database is stopped. */
import { performance } from 'node:perf_hooks';
import { EngineError, ForeignDataError, LogEntryError } from '../../cluster/errors.js';
import { positionText, type Position } from '../../cluster/position.js';
import { SharedLog, type LogState } from '../../cluster/shared-log.js';
import type { ClusterSettings } from '../../config/cluster-settings.js';
import type { Config, DatabaseConfig } from '../../config/model.js';
import type { Store } from '../../store/store.js';
import { agreementText, describeDisagreement, differInSchemaAlone } from './agreement.js';
import { ClusterJoinError, openEtcd } from './member.js';
import { disagreement } from './refusals.js';

/** What is to be administered: a database, and its line "cluster". */
export interface ClusterTask {
  readonly config: Config;
  readonly database: DatabaseConfig;
  readonly settings: ClusterSettings;
}

/** Rejects with ClusterJoinError, whose message is for the operator. */
async function withLog<T>({ settings }: ClusterTask, work: (log: SharedLog, until: () => number) => Promise<T>): Promise<T> {
  const client = openEtcd(settings);
  try {
    return await work(new SharedLog(client, settings.prefix), () => performance.now() + settings.timeoutMs);
  } catch (error) {
    const isOfLog = error instanceof EngineError || error instanceof ForeignDataError || error instanceof LogEntryError;
    if (isOfLog) throw new ClusterJoinError(error.message);
    throw error;
  } finally {
    client.close();
  }
}

/**
 * Begins a cluster, or a generation of one, with what the store holds. `replaces`: whatever cluster there is; its nodes take
 * no writes until they have a backup of this database. Answers how many entries there are.
 */
export function seedCluster(task: ClusterTask, store: Store, { replaces }: { readonly replaces: boolean }): Promise<number> {
  return withLog(task, async (log, until) => {
    const { head }: LogState = await log.inspect(until());
    if (head && !replaces) {
      throw new ClusterJoinError(
        `there is a cluster below "${task.settings.prefix}" already, whose log has ${head.index} entries: to put this database in ` +
          `its place, say --replace ${task.settings.prefix}`,
      );
    }
    const seed = { entries: store.entryCount, context: store.log.context.values() };
    const position = await log.seed(agreementText(task.config, task.database), seed, head, until());
    if (!position) throw new ClusterJoinError('somebody wrote to the cluster at the same moment; nothing was changed');
    await store.setClusterPosition(Buffer.from(positionText(position)));
    return store.entryCount;
  });
}

/** Rejects with ClusterJoinError where a database of this place could not read on. */
export function assertContinued(task: ClusterTask, at: Position): Promise<void> {
  return withLog(task, async (log, until) => {
    const { meta, head } = await log.inspect(until());
    const reason = disagreement(at, head, meta, agreementText(task.config, task.database));
    if (reason !== undefined) throw new ClusterJoinError(`the other node does not go with the cluster: ${reason}`);
    if (!head!.generation.equals(at.generation)) {
      throw new ClusterJoinError('the other node does not go with the cluster, which has begun anew since');
    }
    if ((await log.read(at, until())) === 'trimmed') {
      throw new ClusterJoinError('the other node is itself further behind than the log reaches back');
    }
  });
}

/** From now on nodes with this configuration's schema take writes, and others do not. False: they did before. */
export function adoptSchema(task: ClusterTask): Promise<boolean> {
  return withLog(task, async (log, until) => {
    const { meta } = await log.inspect(until());
    const ours = agreementText(task.config, task.database);
    if (meta === undefined) throw new ClusterJoinError(`there is no cluster below "${task.settings.prefix}"`);
    if (meta === ours) return false;
    if (!differInSchemaAlone(meta, ours)) {
      throw new ClusterJoinError(`this is not the configuration of the cluster's nodes: ${describeDisagreement(meta, ours)}`);
    }
    if (!(await log.changeMeta(meta, ours, until())))
      throw new ClusterJoinError('somebody else has changed it at the same moment');
    return true;
  });
}
