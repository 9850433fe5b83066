/** The current figures of a database, gathered in one place for the status and the metrics. */
import type { StoreStatistics } from '../store/model.js';
import type { ConfiguredIndex, Reindexing } from '../store/store.js';
import type { ClusterFigures } from './cluster/figures.js';
import type { Database } from './database.js';
import type { ReplicaFigures } from './replica/figures.js';

export interface DatabaseFigures extends StoreStatistics {
  readonly suffixes: readonly string[];
  readonly folder: string;
  /** Why nothing can be written just now; undefined when all is well. */
  readonly failure: string | undefined;
  /** Where it is shared with other nodes. */
  readonly cluster: ClusterFigures | undefined;
  /** How often a search came upon a record that is not what was written. */
  readonly damagedReads: number;
  /** How it stands with its providers; undefined where it follows none. */
  readonly replica: ReplicaFigures | undefined;
  readonly indexes: {
    readonly built: readonly ConfiguredIndex[];
    /** Configured and not built: searches do without them. */
    readonly pending: readonly ConfiguredIndex[];
    /** Building them is under way. */
    readonly building: Reindexing | undefined;
  };
}

export function databaseFigures({ config, store, damagedReads, replica, cluster }: Database): DatabaseFigures {
  return {
    ...store.statistics,
    suffixes: config.suffixes.map(String),
    folder: store.folder,
    failure: store.failure?.message,
    cluster: cluster?.figures,
    damagedReads,
    replica,
    indexes: { built: store.builtIndexes, pending: store.pendingIndexes, building: store.reindexing },
  };
}
