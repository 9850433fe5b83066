/** What `jammd status` shows: everything about a running server that may be seen from outside. None of it is secret. */
import type { Directory } from '../directory/directory.js';
import type { DatabaseFigures } from '../directory/figures.js';
import { serverVersion } from '../directory/version.js';
import { readFigures, type Figures } from '../observe/figures.js';
import type { OperationUnderWay, ServerFigures } from '../server/model.js';
import type { OperationCount, OperationName } from '../server/statistics.js';
import type { EventLoopDelay, RecentFigures } from './recent.js';

/** Of the operations under way so many are told, those that take the longest. */
const operationsToldMax = 100;

/** An export or a backup that is being made. */
export interface LongWork {
  readonly kind: 'export' | 'backup';
  /** Its first suffix. */
  readonly database: string;
  readonly since: Date;
  /** An export: written so far. A backup: in the whole database. */
  entries: number;
  /** Sent so far. */
  readonly bytes: number;
  readonly waitsForReader: boolean;
}

export interface OperationFigures extends OperationCount {
  /** Completed, over the last seconds. */
  readonly perSecond: number;
}

export interface ServerStatus {
  readonly version: string;
  readonly pid: number;
  readonly started: Date;
  readonly uptimeSeconds: number;
  readonly listeners: readonly string[];
  readonly connections: {
    readonly now: number;
    readonly most: number;
    readonly total: number;
    readonly refused: number;
    /** Whose clients have not read all of their answers. */
    readonly waitingForClient: number;
  };
  /** Over how long `perSecond` and the event loop's delay are measured. */
  readonly recentSeconds: number;
  readonly operations: Readonly<Record<OperationName, OperationFigures>>;
  readonly bindFailures: number;
  /** Passwords that take a worker's time to check or make: at work or waiting, begun, refused for want of room. */
  readonly slowHashes: Figures['slowHashes'];
  readonly sent: { readonly entries: number; readonly bytes: number };
  readonly received: { readonly bytes: number };
  readonly databases: readonly DatabaseFigures[];
  readonly longSearches: Figures['longSearches'];
  readonly memory: { readonly residentBytes: number; readonly heapBytes: number; readonly bufferBytes: number };
  readonly eventLoopDelay: EventLoopDelay;
  readonly underWay: {
    /** Operations, longest first. */
    readonly operations: readonly OperationUnderWay[];
    /** How many there are, also those that are not told. */
    readonly operationCount: number;
    readonly works: readonly LongWork[];
  };
}

export function readStatus(
  directory: Directory,
  server: ServerFigures,
  recent: RecentFigures,
  works: Iterable<LongWork>,
): ServerStatus {
  const { longSearches, slowHashes, databases } = readFigures(server, directory);
  const { operationsPerSecond } = recent;
  const memory = process.memoryUsage();
  const operations = [...server.operationsUnderWay].sort((a, b) => b.milliseconds - a.milliseconds);
  return {
    version: serverVersion,
    pid: process.pid,
    started: server.started,
    uptimeSeconds: (Date.now() - server.started.getTime()) / 1_000,
    listeners: server.listeners.map(({ url }) => url),
    connections: {
      now: server.connectionsCurrent,
      most: server.connectionsMax,
      total: server.connectionsTotal,
      refused: server.connectionsRefused,
      waitingForClient: server.writeWaiters,
    },
    recentSeconds: recent.seconds,
    operations: Object.fromEntries(
      Object.entries(server.operations).map(([name, { initiated, completed }]) => [
        name,
        { initiated, completed, perSecond: operationsPerSecond[name as OperationName] },
      ]),
    ) as Record<OperationName, OperationFigures>,
    bindFailures: server.bindFailures,
    slowHashes,
    sent: { entries: server.entriesSent, bytes: server.bytesSent },
    received: { bytes: server.bytesReceived },
    databases,
    longSearches,
    memory: {
      residentBytes: memory.rss,
      heapBytes: memory.heapUsed,
      bufferBytes: memory.external,
    },
    eventLoopDelay: recent.eventLoopDelay,
    underWay: {
      operations: operations.slice(0, operationsToldMax),
      operationCount: operations.length,
      works: [...works].map((work) => ({ ...work })),
    },
  };
}
