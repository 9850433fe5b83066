/** What a server tells of itself, as lines for a person. */
import type { StatusAnswer } from '../control/client.js';
import { countOf, sizeOf } from './progress.js';

const labelColumns = 13;
const nameColumns = 12;
const numberColumns = 13;

type DatabaseStatus = StatusAnswer['databases'][number];
type OperationStatus = StatusAnswer['underWay']['operations'][number];
type WorkStatus = StatusAnswer['underWay']['works'][number];

/** Names and filters come from clients: nothing in them may steer the terminal. */
export function statusLines(status: StatusAnswer): string[] {
  const lines = [
    ...serverLines(status),
    ...status.databases.flatMap((database) => ['', ...databaseLines(database)]),
    '',
    ...underWayLines(status),
  ];
  // eslint-disable-next-line no-control-regex
  return lines.map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?'));
}

function serverLines(status: StatusAnswer): string[] {
  const { connections, memory, eventLoopDelay, sent, received } = status;
  const operations = Object.entries(status.operations).filter(([, { initiated }]) => initiated > 0);
  const recent = `last ${Math.max(1, Math.round(status.recentSeconds))} s`;
  return [
    `${status.version}, process ${status.pid}, up ${duration(status.uptimeSeconds)}`,
    ...status.listeners.map((url, index) => row(index === 0 ? 'listening' : '', url)),
    row(
      'connections',
      `${count(connections.now)} now, ${count(connections.most)} at most, ${count(connections.total)} in all, ` +
        `${count(connections.refused)} refused` +
        (connections.waitingForClient > 0 ? `; ${count(connections.waitingForClient)} wait for their clients to read` : ''),
    ),
    row('operations', `${''.padEnd(nameColumns)}${`/s (${recent})`.padStart(numberColumns)}${'in all'.padStart(numberColumns)}`),
    ...operations.map(([name, { perSecond, initiated }]) =>
      row('', name.padEnd(nameColumns) + rate(perSecond).padStart(numberColumns) + count(initiated).padStart(numberColumns)),
    ),
    row('logins', `${count(status.bindFailures)} failed${slowHashes(status)}`),
    row(
      'traffic',
      `${countOf(sent.entries, 'entry', 'entries')} and ${sizeOf(sent.bytes)} sent, ${sizeOf(received.bytes)} received`,
    ),
    row(
      'memory',
      `${sizeOf(memory.residentBytes)} resident, ${sizeOf(memory.heapBytes)} heap, ${sizeOf(memory.bufferBytes)} buffers`,
    ),
    row(
      'event loop',
      `${milliseconds(eventLoopDelay.meanMilliseconds)} late on average, ` +
        `${milliseconds(eventLoopDelay.mostMilliseconds)} at most (${recent})`,
    ),
  ];
}

/** Where there have been any. */
function slowHashes({ slowHashes: { pending, started, refused } }: StatusAnswer): string {
  return started === 0
    ? ''
    : `; slow hashes: ${count(pending)} at work or waiting, ${count(started)} in all, ${count(refused)} refused`;
}

function databaseLines(database: DatabaseStatus): string[] {
  const { indexes, recordCache, postingCache, batches, batchedWrites, syncMilliseconds } = database;
  const { building } = indexes;
  const sync = batches === 0 ? '' : `, ${milliseconds(syncMilliseconds / batches)} a sync`;
  return [
    `${database.suffixes.join(', ')} in ${database.folder}`,
    row('entries', count(database.entries)),
    ...(database.failure === undefined ? [] : [row('FAILURE', database.failure)]),
    ...clusterLines(database),
    row('indexes', names(indexes.built)),
    ...(building
      ? [
          row(
            '',
            `being built for ${duration(secondsSince(building.since))}: ` +
              `${count(building.done)} of ${countOf(building.total, 'entry', 'entries')}`,
          ),
        ]
      : []),
    ...(!building && indexes.pending.length > 0 ? [row('', `not built: ${names(indexes.pending)} (jammd reindex)`)] : []),
    row('memory', inMemory(database.memory)),
    row('caches', `records ${cache(recordCache)}; postings ${cache(postingCache)}`),
    row('writes', `${count(batchedWrites)} in ${countOf(batches, 'batch', 'batches')}${sync}`),
    ...(database.replica ? replicaLines(database.replica) : []),
  ];
}

function replicaLines({ position, lagSeconds, links }: NonNullable<DatabaseStatus['replica']>): string[] {
  const behind = lagSeconds === undefined ? 'never in step yet' : lagSeconds === 0 ? 'in step' : `${duration(lagSeconds)} behind`;
  return [
    row('replica', `${behind}; contextCSN ${position.join(' ') || 'none'}`),
    ...links.map(({ provider, rid, state, since, waitingChanges, lastError }) => {
      const waiting = waitingChanges > 0 ? `, ${countOf(waitingChanges, 'change')} to apply` : '';
      const error = lastError === undefined ? '' : `: ${lastError}`;
      return row('', `rid ${rid} of ${provider}: ${state} for ${duration(secondsSince(since))}${waiting}${error}`);
    }),
  ];
}

function clusterLines({ cluster }: DatabaseStatus): string[] {
  if (!cluster) return [];
  const { node, state, reason, applied, head, lag, lastError, endpoint, leader, engineVersion } = cluster;
  const behind = lag > 0 ? `, ${countOf(lag, 'entry', 'entries')} behind` : '';
  const etcd = engineVersion === '' ? 'not seen yet' : `${engineVersion}, ${leader === '' ? 'no leader' : `leader ${leader}`}`;
  return [
    row('cluster', `node ${node}: ${state}${reason === '' ? '' : ` (${reason})`}`),
    row('', `entry ${count(applied)} of ${count(head)}${behind}`),
    row('', `etcd at ${endpoint}: ${etcd}`),
    ...(lastError === '' || lastError === reason ? [] : [row('', `last error: ${lastError}`)]),
  ];
}

function underWayLines({ underWay, longSearches }: StatusAnswer): string[] {
  const { operations, operationCount, works } = underWay;
  const nothing = operationCount === 0 && works.length === 0;
  const searches = `long searches: ${count(longSearches.working)} at work, ${count(longSearches.waiting)} waiting`;
  const more = operationCount - operations.length;
  return [
    row('under way', nothing ? 'nothing' : `${countOf(operationCount, 'operation')}; ${searches}`),
    ...works.map(workLine),
    ...operations.map(operationLine),
    ...(more > 0 ? [`  and ${countOf(more, 'more operation')}`] : []),
  ];
}

function workLine({ kind, database, since, entries, bytes, waitsForReader }: WorkStatus): string {
  const far = kind === 'export' ? `${countOf(entries, 'entry', 'entries')}, ${sizeOf(bytes)} sent` : `${sizeOf(bytes)} sent`;
  return `  ${kind} of ${database}, for ${duration(secondsSince(since))}: ${far}${waitsForReader ? ', waits for its reader' : ''}`;
}

function operationLine(operation: OperationStatus): string {
  const { connection, operation: number, identity, entriesSent } = operation;
  const who = `${identity ?? 'anonymous'} from ${operation.peer}`;
  const far = entriesSent > 0 ? `, ${countOf(entriesSent, 'entry', 'entries')} sent` : '';
  return `  conn=${connection} op=${number} for ${duration(operation.milliseconds / 1_000)}${far}: ${operation.what}; ${who}`;
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(labelColumns)}${text}`;
}

/** `mail eq sub, cn eq` */
function names(indexes: DatabaseStatus['indexes']['built']): string {
  const kinds = new Map<string, string[]>();
  for (const { attribute, kind } of indexes) kinds.set(attribute, [...(kinds.get(attribute) ?? []), kind]);
  return [...kinds].map(([attribute, list]) => `${attribute} ${list.join(' ')}`).join(', ') || 'none';
}

function inMemory({ bytes, bytesMax, records, terms, termsComplete }: DatabaseStatus['memory']): string {
  const far = termsComplete ? 'all' : 'some';
  const what = `${countOf(records, 'entry', 'entries')}, ${far} names and equality terms (${count(terms)})`;
  return `${sizeOf(bytes)} of ${sizeOf(bytesMax)} for all databases: ${what}`;
}

function cache({ hits, misses, bytes }: DatabaseStatus['recordCache']): string {
  const asked = hits + misses;
  return `${asked === 0 ? 'unused' : `${((100 * hits) / asked).toFixed(1)}% hits`}, ${sizeOf(bytes)}`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function rate(perSecond: number): string {
  return perSecond.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function secondsSince(time: string): number {
  return Math.max(0, (Date.now() - Date.parse(time)) / 1_000);
}

/** `3 d 4 h`, `12 min 5 s`, `0.4 s` */
function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
