/** What the server has done since it started, counted where it happens and read by cn=Monitor and the metrics. */
import type { Request } from '../ldap/request.js';

export type OperationName = Request['op'];

export interface OperationCount {
  initiated: number;
  completed: number;
}

export class ServerStatistics {
  readonly started = new Date();
  connectionsTotal = 0;
  connectionsRefused = 0;
  bindFailures = 0;
  bytesReceived = 0;
  bytesSent = 0;
  /** LDAPMessages sent. */
  messagesSent = 0;
  entriesSent = 0;
  referralsSent = 0;
  readonly operations: Readonly<Record<OperationName, OperationCount>> = {
    bind: { initiated: 0, completed: 0 },
    unbind: { initiated: 0, completed: 0 },
    search: { initiated: 0, completed: 0 },
    compare: { initiated: 0, completed: 0 },
    modify: { initiated: 0, completed: 0 },
    modifyDN: { initiated: 0, completed: 0 },
    add: { initiated: 0, completed: 0 },
    delete: { initiated: 0, completed: 0 },
    abandon: { initiated: 0, completed: 0 },
    extended: { initiated: 0, completed: 0 },
  };
}
