/** What the LDAP server needs from the house, and what it tells about itself. */
import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import type { Peer, Session } from '../directory/model.js';
import type { MonitorSource } from '../directory/monitor.js';
import type { DN } from '../dn/dn.js';
import type { Request } from '../ldap/request.js';
import type { ConnectionTuning } from './limits.js';

/** The directory, as far as the server knows it: something that opens sessions. */
export interface SessionFactory {
  openSession(peer: Peer): Session;
}

/** An operation that has ended, for metrics, slow-operation logs and audits. Valid during the call only. */
export interface CompletedOperation {
  readonly connection: number;
  readonly operation: number;
  readonly peer: Peer;
  /** Who asked; for a bind, who it made the session. */
  readonly identity: DN | undefined;
  readonly request: Request;
  readonly code: number;
  /** True when the client did not want the answer any more. */
  readonly abandoned: boolean;
  /** Entries sent. */
  readonly entries: number;
  readonly milliseconds: number;
}

export interface OperationObserver {
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
  readonly bindFailures: number;
  readonly bytesReceived: number;
  readonly operationsUnderWay: Iterable<OperationUnderWay>;
}

export interface ServerOptions {
  readonly directory: SessionFactory;
  readonly config: Pick<Config, 'limits' | 'tls' | 'features' | 'restricted' | 'schema' | 'localSsf'>;
  readonly logger: Logger;
  readonly observer?: OperationObserver;
  readonly tuning?: Partial<ConnectionTuning>;
}
