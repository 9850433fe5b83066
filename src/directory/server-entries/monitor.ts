/** cn=Monitor: what the server is doing, laid out as in slapd-monitor(5) as far as it applies. */
import type { DatabaseConfig } from '../../config/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Schema } from '../../ldap/schema.js';
import { generalizedTime } from '../rules/operational.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import { virtualEntry, type VirtualTree } from './virtual-entry.js';

export const monitorDN = 'cn=Monitor';

export type MonitoredOperation =
  'bind' | 'unbind' | 'search' | 'compare' | 'modify' | 'modifyDN' | 'add' | 'delete' | 'abandon' | 'extended';

export interface MonitoredConnection {
  readonly number: number;
  readonly peerName: string;
  readonly localName: string;
  readonly listener: string;
  readonly identity: string | undefined;
  readonly received: number;
  readonly executing: number;
  readonly pending: number;
  readonly completed: number;
  /** How often data arrived. */
  readonly reads: number;
  /** How often the peer made room for answers that had to wait. */
  readonly writes: number;
  /** The peer has not read all of its answers. */
  readonly waitsForWrite: boolean;
  readonly started: Date;
  readonly active: Date;
}

/** The figures that only the front end has. Counts are since the start. */
export interface MonitorSource {
  readonly started: Date;
  readonly listeners: readonly { readonly url: string; readonly localName: string }[];
  readonly connections: Iterable<MonitoredConnection>;
  readonly connectionsTotal: number;
  readonly connectionsCurrent: number;
  readonly connectionsMax: number;
  readonly operations: Readonly<Record<MonitoredOperation, { readonly initiated: number; readonly completed: number }>>;
  readonly bytesSent: number;
  readonly messagesSent: number;
  readonly entriesSent: number;
  readonly referralsSent: number;
  readonly writeWaiters: number;
}

const operationNames: readonly (readonly [string, MonitoredOperation])[] = [
  ['Bind', 'bind'],
  ['Unbind', 'unbind'],
  ['Search', 'search'],
  ['Compare', 'compare'],
  ['Modify', 'modify'],
  ['Modrdn', 'modifyDN'],
  ['Add', 'add'],
  ['Delete', 'delete'],
  ['Abandon', 'abandon'],
  ['Extended', 'extended'],
];

type Attributes = Record<string, readonly string[]>;

const connectionName = /^cn=connection (\d+),cn=connections,cn=monitor$/;

/** The whole tree as it is now. Connections may be many: their entries are made one by one. */
export class MonitorTree implements VirtualTree {
  readonly isSingle = false;
  readonly #inner: EntryRecord[] = [];
  /** How many of `#inner` come before the connections. */
  #beforeConnections = 0;
  readonly #started: string;
  readonly #dictionary: AttributeDictionary;

  constructor(
    private readonly source: MonitorSource | undefined,
    databases: readonly DatabaseConfig[],
    version: string,
    private readonly schema: Schema,
  ) {
    this.#started = generalizedTime(source?.started ?? new Date());
    this.#dictionary = new AttributeDictionary(schema);
    this.#build(source, databases, version);
  }

  get inner(): readonly EntryRecord[] {
    return this.#inner;
  }

  entry(ndn: string): EntryRecord | undefined {
    const number = connectionName.exec(ndn)?.[1];
    if (number === undefined) return this.#inner.find((entry) => entry.ndn === ndn);
    for (const connection of this.source?.connections ?? []) {
      if (String(connection.number) === number) return this.#connection(connection);
    }
    return undefined;
  }

  *entries(): Iterable<EntryRecord> {
    yield* this.#inner.slice(0, this.#beforeConnections);
    for (const connection of this.source?.connections ?? []) yield this.#connection(connection);
    yield* this.#inner.slice(this.#beforeConnections);
  }

  #build(source: MonitorSource | undefined, databases: readonly DatabaseConfig[], version: string): void {
    this.#entry('monitorServer', [], 'Monitor', {
      description: [
        'This subtree contains monitoring/managing objects.',
        'This object contains information about this server.',
        'Most of the information is held in operational attributes, which must be explicitly requested.',
      ],
      monitoredInfo: [version],
    });
    this.#databases(databases);
    if (source) {
      this.#connections(source);
      this.#listeners(source);
      this.#operations(source);
      this.#statistics(source);
      this.#waiters(source);
    }
    this.#time();
  }

  #databases(databases: readonly DatabaseConfig[]): void {
    this.#container('Databases', 'This subsystem contains information about configured databases.', {
      namingContexts: databases.flatMap(namingContexts),
      readOnly: ['FALSE'],
      monitorContext: [monitorDN],
    });
    databases.forEach((database, index) => {
      this.#entry('monitoredObject', ['Databases'], `Database ${index + 1}`, {
        monitoredInfo: [database.type],
        monitorIsShadow: [database.syncrepls.length > 0 ? 'TRUE' : 'FALSE'],
        monitorUpdateRef: database.updateRefs,
        namingContexts: namingContexts(database),
        readOnly: [database.restricted.has('modify') ? 'TRUE' : 'FALSE'],
      });
    });
  }

  #connections(source: MonitorSource): void {
    this.#container('Connections', 'This subsystem contains information about connections.');
    this.#beforeConnections = this.#inner.length;
    this.#counter('Connections', 'Max File Descriptors', source.connectionsMax);
    this.#counter('Connections', 'Total', source.connectionsTotal);
    this.#counter('Connections', 'Current', source.connectionsCurrent);
  }

  #connection(connection: MonitoredConnection): EntryRecord {
    return this.#make('monitorConnection', ['Connections'], `Connection ${connection.number}`, {
      monitorConnectionNumber: [String(connection.number)],
      monitorConnectionProtocol: ['3'],
      monitorConnectionOpsReceived: [String(connection.received)],
      monitorConnectionOpsExecuting: [String(connection.executing)],
      monitorConnectionOpsPending: [String(connection.pending)],
      monitorConnectionOpsCompleted: [String(connection.completed)],
      monitorConnectionOpsAsync: ['0'],
      monitorConnectionGet: [String(connection.reads + connection.writes)],
      monitorConnectionRead: [String(connection.reads)],
      monitorConnectionWrite: [String(connection.writes)],
      monitorConnectionMask: [connectionMask(connection)],
      monitorConnectionAuthzDN: connection.identity === undefined ? [] : [connection.identity],
      monitorConnectionListener: [connection.listener],
      monitorConnectionPeerDomain: ['unknown'],
      monitorConnectionPeerAddress: [connection.peerName],
      monitorConnectionLocalAddress: [connection.localName],
      monitorConnectionStartTime: [generalizedTime(connection.started)],
      monitorConnectionActivityTime: [generalizedTime(connection.active)],
    });
  }

  #listeners(source: MonitorSource): void {
    this.#container('Listeners', 'This subsystem contains information about active listeners.');
    source.listeners.forEach(({ url, localName }, index) => {
      this.#entry('monitoredObject', ['Listeners'], `Listener ${index}`, {
        monitorConnectionLocalAddress: [localName],
        labeledURI: [url],
      });
    });
  }

  #operations(source: MonitorSource): void {
    const counts = operationNames.map(([, operation]) => source.operations[operation]);
    const sum = (numbers: number[]): string => String(numbers.reduce((total, number) => total + number, 0));
    this.#container('Operations', 'This subsystem contains information about performed operations.', {
      monitorOpInitiated: [sum(counts.map(({ initiated }) => initiated))],
      monitorOpCompleted: [sum(counts.map(({ completed }) => completed))],
    });
    for (const [name, operation] of operationNames) {
      const { initiated, completed } = source.operations[operation];
      this.#entry('monitorOperation', ['Operations'], name, {
        monitorOpInitiated: [String(initiated)],
        monitorOpCompleted: [String(completed)],
      });
    }
  }

  #statistics(source: MonitorSource): void {
    this.#container('Statistics', 'This subsystem contains statistics.');
    this.#counter('Statistics', 'Bytes', source.bytesSent);
    this.#counter('Statistics', 'PDU', source.messagesSent);
    this.#counter('Statistics', 'Entries', source.entriesSent);
    this.#counter('Statistics', 'Referrals', source.referralsSent);
  }

  #waiters(source: MonitorSource): void {
    this.#container('Waiters', 'This subsystem contains information about read/write waiters.');
    this.#counter('Waiters', 'Read', source.connectionsCurrent);
    this.#counter('Waiters', 'Write', source.writeWaiters);
  }

  #time(): void {
    const now = new Date();
    this.#container('Time', 'This subsystem contains information about time.');
    this.#entry('monitoredObject', ['Time'], 'Start', { monitorTimestamp: [this.#started] });
    this.#entry('monitoredObject', ['Time'], 'Current', { monitorTimestamp: [generalizedTime(now)] });
    this.#entry('monitoredObject', ['Time'], 'Uptime', { monitoredInfo: [String(Math.floor(process.uptime()))] });
  }

  #container(name: string, description: string, more: Attributes = {}): void {
    this.#entry('monitorContainer', [], name, { description: [description], ...more });
  }

  #counter(container: string, name: string, count: number): void {
    this.#entry('monitorCounterObject', [container], name, { monitorCounter: [String(count)] });
  }

  #entry(objectClass: string, above: readonly string[], name: string, attributes: Attributes): void {
    this.#inner.push(this.#make(objectClass, above, name, attributes));
  }

  #make(objectClass: string, above: readonly string[], name: string, attributes: Attributes): EntryRecord {
    const dn = name === 'Monitor' ? monitorDN : [name, ...above].map((cn) => `cn=${cn},`).join('') + monitorDN;
    const server = {
      objectClass: [objectClass],
      structuralObjectClass: [objectClass],
      cn: [name],
      creatorsName: [''],
      modifiersName: [''],
      createTimestamp: [this.#started],
      modifyTimestamp: [this.#started],
    };
    return virtualEntry(dn, { ...server, ...attributes }, this.schema, this.#dictionary);
  }
}

/** slapd's letters: r reading, w waiting for the peer to read, x executing operations. */
function connectionMask({ waitsForWrite, executing }: MonitoredConnection): string {
  return `r${waitsForWrite ? 'w' : ''}${executing > 0 ? 'x' : ''}`;
}

function namingContexts(database: DatabaseConfig): string[] {
  if (database.type === 'monitor') return [];
  return database.suffixes.map((suffix) => suffix.toString());
}
