/**
 * Exposes the figures as Prometheus metrics. prom-client stores nothing: each metric reads its value when scraped, so counting
 * costs no more than the plain increments where things happen.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { serverVersion } from '../directory/version.js';
import { resultCodeName, ResultCode } from '../ldap/result.js';
import { durationBounds } from '../server/operation-times.js';
import type { AuditFigures } from './audit-log.js';
import type { ClusterFigures } from '../directory/cluster/figures.js';
import type { DatabaseFigures } from '../directory/figures.js';
import type { ReplicaFigures } from '../directory/replica/figures.js';
import { clusterMetrics } from './cluster-metrics.js';
import { replicaMetrics } from './replica-metrics.js';
import type { OperationCount } from '../server/statistics.js';
import type { Figures, Sources } from './figures.js';
import { ReadCounter, ReadGauge, ReadHistogram, type Sample } from './read-metrics.js';

const knownCodes = new Set<number>(Object.values(ResultCode));

/** Of prom-client's own: those that list everything the process has open, only to count it. */
const unwantedDefaults = /^nodejs_active_/;

/** `read` is called again for each answer. */
export function createMetrics(read: () => Sources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) {
    if (unwantedDefaults.test(name)) registry.removeSingleMetric(name);
  }
  new Metrics(registry, read).define();
  return registry;
}

class Metrics {
  /** One reading serves all metrics of one answer. */
  #sources: Sources | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly read: () => Sources,
  ) {}

  define(): void {
    this.#gauge('jammd_build_info', 'Always 1; the labels say what is running.', () => [
      { labels: { version: serverVersion.replace(/^jammd /, ''), node: process.version }, value: 1 },
    ]);
    this.#defineConnections();
    this.#defineOperations();
    this.#defineTraffic();
    this.#defineDatabases();
    this.#defineAudit();
  }

  #defineConnections(): void {
    const { figures } = this.#readers();
    this.#gauge(
      'jammd_connections',
      'Client connections that are open.',
      figures((f) => f.server.connectionsCurrent),
    );
    this.#gauge(
      'jammd_connections_peak',
      'The most client connections at one time.',
      figures((f) => f.server.connectionsMax),
    );
    this.#gauge(
      'jammd_connections_limit',
      'Client connections that may be open (conn_max).',
      figures((f) => f.connectionsLimit),
    );
    this.#gauge(
      'jammd_connections_write_waiting',
      'Connections whose client has not read all of its answers.',
      figures((f) => f.server.writeWaiters),
    );
    this.#counter(
      'jammd_connections_total',
      'Client connections accepted.',
      figures((f) => f.server.connectionsTotal),
    );
    this.#counter(
      'jammd_connections_refused_total',
      'Client connections refused because a limit was reached.',
      figures((f) => f.server.connectionsRefused),
    );
  }

  #defineOperations(): void {
    const { operations } = this.#readers();
    this.#counter(
      'jammd_operations_initiated_total',
      'Requests received, by operation.',
      operations((operation, { initiated }) => [{ labels: { operation }, value: initiated }]),
    );
    this.#gauge(
      'jammd_operations_in_progress',
      'Requests received that have not ended, by operation.',
      operations((operation, { initiated, completed }) => [{ labels: { operation }, value: initiated - completed }]),
    );
    this.#counter(
      'jammd_operations_total',
      'Operations that have ended, by operation and LDAP result code.',
      operations(resultSamples),
    );
    this.#histogram('jammd_operation_duration_seconds', 'How long operations took.', operations(durationSamples));
  }

  #defineTraffic(): void {
    const { figures } = this.#readers();
    this.#counter(
      'jammd_bind_failures_total',
      'Binds that failed.',
      figures((f) => f.server.bindFailures),
    );
    this.#counter(
      'jammd_binds_throttled_total',
      'Binds that were made to wait because others had failed.',
      figures((f) => f.server.bindsThrottled),
    );
    this.#counter(
      'jammd_received_bytes_total',
      'Bytes received from clients.',
      figures((f) => f.server.bytesReceived),
    );
    this.#counter(
      'jammd_sent_bytes_total',
      'Bytes sent to clients.',
      figures((f) => f.server.bytesSent),
    );
    this.#counter(
      'jammd_messages_sent_total',
      'LDAP messages sent.',
      figures((f) => f.server.messagesSent),
    );
    this.#counter(
      'jammd_entries_sent_total',
      'Entries sent.',
      figures((f) => f.server.entriesSent),
    );
    this.#counter(
      'jammd_referrals_sent_total',
      'Referrals sent.',
      figures((f) => f.server.referralsSent),
    );
    this.#gauge(
      'jammd_long_searches',
      'Long searches at work.',
      figures((f) => f.longSearches.working),
    );
    this.#gauge(
      'jammd_long_searches_waiting',
      'Long searches that wait for their turn.',
      figures((f) => f.longSearches.waiting),
    );
    this.#gauge(
      'jammd_slow_hashes_pending',
      'Slow password hashes at work or waiting.',
      figures((f) => f.slowHashes.pending),
    );
    this.#counter(
      'jammd_slow_hashes_total',
      'Slow password hashes begun.',
      figures((f) => f.slowHashes.started),
    );
    this.#counter(
      'jammd_slow_hashes_refused_total',
      'Slow password hashes refused (busy) because too many waited.',
      figures((f) => f.slowHashes.refused),
    );
  }

  #defineDatabases(): void {
    const { databases, caches, clusters, replicas } = this.#readers();
    this.#gauge(
      'jammd_entries',
      'Entries in the database.',
      databases((d) => d.entries),
    );
    this.#gauge(
      'jammd_database_failed',
      '1 while the database cannot be written to.',
      databases((d) => (d.failure ? 1 : 0)),
    );
    this.#gauge(
      'jammd_pending_indexes',
      'Indexes that are configured and not built.',
      databases((d) => d.indexes.pending.length),
    );
    this.#counter(
      'jammd_damaged_reads_total',
      'Times a search met a damaged record.',
      databases((d) => d.damagedReads),
    );
    this.#counter(
      'jammd_cache_hits_total',
      'Reads that a cache answered.',
      caches((c) => c.hits),
    );
    this.#counter(
      'jammd_cache_misses_total',
      'Reads that went to the database files.',
      caches((c) => c.misses),
    );
    this.#gauge(
      'jammd_cache_bytes',
      'Memory that a cache takes.',
      caches((c) => c.bytes),
    );
    this.#gauge(
      'jammd_writes_waiting',
      'Updates that wait to reach the disk.',
      databases((d) => d.waitingWrites),
    );
    this.#counter(
      'jammd_write_batches_total',
      'Batches of updates written.',
      databases((d) => d.batches),
    );
    this.#counter(
      'jammd_batched_writes_total',
      'Updates written in batches.',
      databases((d) => d.batchedWrites),
    );
    this.#counter(
      'jammd_write_sync_seconds_total',
      'Time spent waiting for the disk to take batches.',
      databases((d) => d.syncMilliseconds / 1_000),
    );
    const define = { gauge: this.#gauge.bind(this), counter: this.#counter.bind(this) };
    for (const { kind, name, help, value } of clusterMetrics) define[kind](name, help, clusters(value));
    for (const { kind, name, help, samples } of replicaMetrics) define[kind](name, help, replicas(samples));
  }

  #defineAudit(): void {
    const audit = (value: (audit: AuditFigures) => number) => () => {
      const figures = this.#current().audit;
      return figures ? [{ labels: {}, value: value(figures) }] : [];
    };
    this.#counter(
      'jammd_audit_lines_total',
      'Lines written to the audit log.',
      audit((a) => a.written),
    );
    this.#counter(
      'jammd_audit_lines_lost_total',
      'Lines that the audit log could not take.',
      audit((a) => a.lost),
    );
    this.#gauge(
      'jammd_audit_log_failed',
      '1 while the audit log cannot be written.',
      audit((a) => (a.failing ? 1 : 0)),
    );
  }

  /** Ways to make samples of the figures. Before the server is there, there are none. */
  #readers() {
    const each = (samples: (figures: Figures) => readonly Sample[]) => (): readonly Sample[] => {
      const { figures } = this.#current();
      return figures ? samples(figures) : [];
    };
    const figures = (value: (figures: Figures) => number) => each((read) => [{ labels: {}, value: value(read) }]);
    const operations = (samples: (operation: string, count: OperationCount) => readonly Sample[]) =>
      each((read) => Object.entries(read.server.operations).flatMap(([operation, count]) => samples(operation, count)));
    const databases = (value: (database: DatabaseFigures) => number) =>
      each((read) => read.databases.map((one) => ({ labels: { database: nameOf(one) }, value: value(one) })));
    const caches = (value: (cache: DatabaseFigures['recordCache']) => number) =>
      each((read) =>
        read.databases.flatMap((one) => [
          { labels: { database: nameOf(one), cache: 'record' }, value: value(one.recordCache) },
          { labels: { database: nameOf(one), cache: 'posting' }, value: value(one.postingCache) },
        ]),
      );
    const clusters = (value: (cluster: ClusterFigures) => number) =>
      each((read) =>
        read.databases.flatMap((one) => (one.cluster ? [{ labels: { database: nameOf(one) }, value: value(one.cluster) }] : [])),
      );
    const replicas = (samples: (database: string, replica: ReplicaFigures) => readonly Sample[]) =>
      each((read) => read.databases.flatMap((one) => (one.replica ? samples(nameOf(one), one.replica) : [])));
    return { figures, operations, databases, caches, clusters, replicas };
  }

  /** All metrics of one answer are asked in one turn of the event loop. */
  #current(): Sources {
    if (!this.#sources) {
      this.#sources = this.read();
      setImmediate(() => (this.#sources = undefined));
    }
    return this.#sources;
  }

  #counter(name: string, help: string, read: () => readonly Sample[]): void {
    new ReadCounter({ name, help, registers: [this.registry] }, read);
  }

  #gauge(name: string, help: string, read: () => readonly Sample[]): void {
    new ReadGauge({ name, help, registers: [this.registry] }, read);
  }

  #histogram(name: string, help: string, read: () => readonly Sample[]): void {
    new ReadHistogram({ name, help, registers: [this.registry] }, read);
  }
}

function nameOf({ suffixes }: DatabaseFigures): string {
  return suffixes[0] ?? '';
}

function resultSamples(operation: string, { completed, times }: OperationCount): readonly Sample[] {
  if (!times) return [sampleOf(operation, 'none', 'none', completed)];
  const samples: Sample[] = [];
  let unknown = 0;
  for (const [code, count] of times.results) {
    if (code !== undefined && knownCodes.has(code)) samples.push(sampleOf(operation, String(code), resultCodeName(code), count));
    else unknown += count;
  }
  if (unknown > 0) samples.push(sampleOf(operation, 'unknown', 'unknown', unknown));
  if (times.abandoned > 0) samples.push(sampleOf(operation, 'none', 'abandoned', times.abandoned));
  return samples;
}

function sampleOf(operation: string, code: string, result: string, value: number): Sample {
  return { labels: { operation, code, result }, value };
}

function durationSamples(operation: string, { times }: OperationCount): readonly Sample[] {
  if (!times) return [];
  const counts = times.cumulativeCounts;
  const name = 'jammd_operation_duration_seconds';
  return [
    ...counts.map((value, index) => {
      const le = index < durationBounds.length ? String(durationBounds[index]) : '+Inf';
      return { metricName: `${name}_bucket`, labels: { le, operation }, value };
    }),
    { metricName: `${name}_sum`, labels: { operation }, value: times.totalMs / 1_000 },
    { metricName: `${name}_count`, labels: { operation }, value: counts.at(-1)! },
  ];
}
