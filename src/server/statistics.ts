/** What the server has done since it started, counted where it happens and read by cn=Monitor and the metrics. */
import type { Request } from '../ldap/request.js';
import { OperationTimes } from './operation-times.js';

export type OperationName = Request['op'];

export interface OperationCount {
  initiated: number;
  completed: number;
  /** Of those that are answered, where somebody wants to know. */
  times: OperationTimes | undefined;
}

export class ServerStatistics {
  readonly started = new Date();
  connectionsTotal = 0;
  connectionsRefused = 0;
  bindFailures = 0;
  /** Binds that were made to wait because others had failed. */
  bindsThrottled = 0;
  bytesReceived = 0;
  bytesSent = 0;
  /** LDAPMessages sent. */
  messagesSent = 0;
  entriesSent = 0;
  referralsSent = 0;
  readonly operations: Readonly<Record<OperationName, OperationCount>> = {
    bind: newCount(),
    unbind: newCount(),
    search: newCount(),
    compare: newCount(),
    modify: newCount(),
    modifyDN: newCount(),
    add: newCount(),
    delete: newCount(),
    abandon: newCount(),
    extended: newCount(),
  };

  /** From here on it is counted how operations end and how long they take. */
  measureOperations(): void {
    for (const [operation, count] of Object.entries(this.operations)) {
      if (operation !== 'unbind' && operation !== 'abandon') count.times ??= new OperationTimes();
    }
  }
}

function newCount(): OperationCount {
  return { initiated: 0, completed: 0, times: undefined };
}
