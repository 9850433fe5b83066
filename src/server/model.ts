/** Types of the LDAP server: what it needs from other rooms, and what it reports about itself. */
import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import type { LoginThrottle } from '../directory/logins/login-throttle.js';
import type { Peer, Session } from '../directory/model.js';
import type { MonitorSource } from '../directory/server-entries/monitor.js';
import type { OperationTrace } from '../directory/trace.js';
import type { DN } from '../dn/dn.js';
import type { Control } from '../ldap/control.js';
import type { Request } from '../ldap/request.js';
import type { ConnectionTuning } from './limits.js';
import type { OperationCount } from './statistics.js';

/** The directory, as far as the server knows it: it opens sessions, and counts failed logins. */
export interface SessionFactory {
  readonly logins: LoginThrottle;
  openSession(peer: Peer): Session;
}

/** An operation that has ended, for slow-operation logs and audits. Valid during the call only. */
export interface CompletedOperation {
  readonly connection: number;
  readonly operation: number;
  readonly peer: Peer;
  /** Who asked; for a bind, who it made the session. */
  readonly identity: DN | undefined;
  readonly request: Request;
  readonly controls: readonly Control[];
  readonly code: number;
  /** True when the client did not want the answer any more. */
  readonly abandoned: boolean;
  /** Entries sent. */
  readonly entries: number;
  readonly milliseconds: number;
  /** How long a password waited because others had been wrong. */
  readonly throttledMs: number;
  /** Whose password was tried, other than in a simple bind. */
  readonly triedName: DN | undefined;
  /** Where an observer `traces`: what the directory has noted about it. */
  readonly trace: OperationTrace | undefined;
}

export interface OperationObserver {
  /** The directory is to note what it does for each operation. */
  readonly traces?: boolean;
  /** Asked first, of every operation that has ended: lookups that nobody wants to hear of cost no more than this. */
  wants(operation: Request['op'], code: number, milliseconds: number): boolean;
  completed(operation: CompletedOperation): void;
}

/** An operation that waits for something: a disk, a hash, its client, or its turn among the long searches. */
export interface OperationUnderWay {
  readonly connection: number;
  readonly operation: number;
  /** As logs name it. */
  readonly peer: string;
  readonly identity: string | undefined;
  /** The request in the words of the log, which has no secrets. */
  readonly what: string;
  readonly entriesSent: number;
  readonly milliseconds: number;
}

/** The figures of the server for whoever shows them: cn=Monitor, the status, the metrics. Counts are since the start. */
export interface ServerFigures extends MonitorSource {
  readonly connectionsRefused: number;
  readonly operations: Readonly<Record<Request['op'], OperationCount>>;
  readonly bindFailures: number;
  readonly bindsThrottled: number;
  readonly bytesReceived: number;
  readonly operationsUnderWay: Iterable<OperationUnderWay>;
}

export interface ServerOptions {
  readonly directory: SessionFactory;
  readonly config: Pick<Config, 'limits' | 'tls' | 'features' | 'restricted' | 'schema' | 'localSsf'>;
  readonly logger: Logger;
  readonly observers?: readonly OperationObserver[];
  /** Count how operations end and how long they take: see ServerStatistics. */
  readonly measureOperations?: boolean;
  readonly tuning?: Partial<ConnectionTuning>;
}
