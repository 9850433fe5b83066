/** The metrics of databases that belong to a cluster. */
import type { ClusterFigures } from '../directory/cluster/figures.js';

interface ClusterMetric {
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly value: (figures: ClusterFigures) => number;
}

export const clusterMetrics: readonly ClusterMetric[] = [
  {
    kind: 'gauge',
    name: 'jammd_cluster_following',
    help: '1 while this node of a cluster follows its log and takes writes.',
    value: ({ state }) => (state === 'following' ? 1 : 0),
  },
  {
    kind: 'gauge',
    name: 'jammd_cluster_applied',
    help: "The last entry of the cluster's log applied here.",
    value: (f) => f.applied,
  },
  {
    kind: 'gauge',
    name: 'jammd_cluster_lag',
    help: "Entries of the cluster's log known to be missing here.",
    value: (f) => f.lag,
  },
  {
    kind: 'gauge',
    name: 'jammd_cluster_has_leader',
    help: '1 if etcd had a leader when it was last asked.',
    value: ({ leader }) => (leader === '' ? 0 : 1),
  },
  {
    kind: 'gauge',
    name: 'jammd_cluster_engine_bytes',
    help: "Size of etcd's database, which its quota limits.",
    value: (f) => f.engineBytes,
  },
  { kind: 'counter', name: 'jammd_cluster_appended_total', help: 'Batches of this node in the log.', value: (f) => f.appended },
  {
    kind: 'counter',
    name: 'jammd_cluster_conflicts_total',
    help: 'Batches run again because another node was faster.',
    value: (f) => f.conflicts,
  },
  {
    kind: 'counter',
    name: 'jammd_cluster_foreign_entries_total',
    help: 'Entries of the log read from other nodes.',
    value: (f) => f.foreignEntries,
  },
];
