/** The metrics of databases that follow a provider. */
import type { ReplicaFigures, ReplicaLinkFigures } from '../directory/replica/figures.js';
import type { Sample } from './read-metrics.js';

interface ReplicaMetric {
  readonly kind: 'gauge' | 'counter';
  readonly name: string;
  readonly help: string;
  readonly samples: (database: string, figures: ReplicaFigures) => readonly Sample[];
}

const ofLinks =
  (value: (link: ReplicaLinkFigures) => number): ReplicaMetric['samples'] =>
  (database, { links }) =>
    links.map((link) => ({ labels: { database, rid: String(link.rid), provider: link.provider }, value: value(link) }));

export const replicaMetrics: readonly ReplicaMetric[] = [
  {
    kind: 'gauge',
    name: 'jammd_replica_lag_seconds',
    help: 'Seconds since this replica was last known to have everything. Missing until it first has.',
    samples: (database, { lagSeconds }) => (lagSeconds === undefined ? [] : [{ labels: { database }, value: lagSeconds }]),
  },
  {
    kind: 'gauge',
    name: 'jammd_replica_connected',
    help: '1 while a provider is followed, or has been fetched from and is waited for until the next time.',
    samples: ofLinks(({ state }) => (state === 'following' || state === 'resting' ? 1 : 0)),
  },
  {
    kind: 'gauge',
    name: 'jammd_replica_waiting_changes',
    help: 'Changes that have come from a provider and are not applied yet.',
    samples: ofLinks((link) => link.waitingChanges),
  },
  {
    kind: 'counter',
    name: 'jammd_replica_changes_total',
    help: 'Entries written because of a provider.',
    samples: ofLinks((link) => link.changes),
  },
];
