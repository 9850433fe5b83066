/** A directory that answers what a test tells it to. */
import { pino } from 'pino';
import type { Config, ServerLimits } from '../../src/config/model.js';
import type { MaybePromise, OperationIO, OperationSignal, Peer, SearchSink, Session } from '../../src/directory/model.js';
import type { Control } from '../../src/ldap/control.js';
import type { BindResponse, ExtendedResponse, Response } from '../../src/ldap/response.js';
import { LoginThrottle } from '../../src/directory/logins/login-throttle.js';
import type { DN } from '../../src/dn/dn.js';
import type { AnsweredMessage, BindRequest, ExtendedRequest, Request, SearchRequest } from '../../src/ldap/request.js';
import { LdapError, ResultCode, success } from '../../src/ldap/result.js';
import { defaultSchema } from '../../src/schema/default.js';
import { createServer, type LdapServer } from '../../src/server/server.js';
import type { ServerOptions } from '../../src/server/model.js';
import { makeRecord, resultEntry } from '../protocol/records.js';

export const record = makeRecord('mail=jd@d.example,o=hosting', { mail: ['jd@d.example'], mailbox: ['d/jd'] });
export const found = resultEntry(record);

/** Behaviour by operation; what is not given succeeds with nothing. */
export interface Behaviour {
  search?(request: SearchRequest, sink: SearchSink, signal: OperationSignal, session: FakeSession): MaybePromise<Response>;
  bind?(request: BindRequest, session: FakeSession): MaybePromise<BindResponse>;
  extended?(request: ExtendedRequest): MaybePromise<ExtendedResponse>;
  update?(request: Request): Promise<Response>;
}

export class FakeSession implements Session {
  identity: DN | undefined;
  readonly seen: Request[] = [];
  /** Of the latest request. */
  controls: readonly Control[] = [];

  constructor(
    readonly peer: Peer,
    private readonly behaviour: Behaviour,
  ) {}

  perform({ request, controls }: Omit<AnsweredMessage, 'messageId'>, { sink, signal }: OperationIO): MaybePromise<Response> {
    this.seen.push(request);
    this.controls = controls;
    switch (request.op) {
      case 'bind':
        return this.#bind(request);
      case 'search':
        if (this.behaviour.search) return this.behaviour.search(request, sink, signal, this);
        sink.entry(found);
        return success;
      case 'compare':
        return { code: ResultCode.compareTrue, matchedDN: '', diagnostic: '' };
      case 'extended':
        if (this.behaviour.extended) return this.behaviour.extended(request);
        throw new LdapError(ResultCode.protocolError, 'unsupported extended operation');
      default:
        return this.behaviour.update?.(request) ?? Promise.resolve(success);
    }
  }

  #bind(request: BindRequest): MaybePromise<BindResponse> {
    this.identity = undefined;
    if (this.behaviour.bind) return this.behaviour.bind(request, this);
    const { authentication } = request;
    if (authentication.method !== 'simple') throw new LdapError(ResultCode.authMethodNotSupported);
    if (request.name.length === 0 && authentication.password.length === 0) return success;
    if (authentication.password.toString() !== 'secret') throw new LdapError(ResultCode.invalidCredentials);
    this.become(request.name.toString());
    return success;
  }

  become(name: string): void {
    this.identity = { toString: () => name, normalized: name } as DN;
  }

  reset(): void {
    this.identity = undefined;
  }
}

/** Notes how long binds would have to wait, and lets them go on at once. */
export class ClocklessThrottle extends LoginThrottle {
  readonly waits: number[] = [];

  override wait(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds);
    return Promise.resolve();
  }
}

export class FakeDirectory {
  readonly logins = new ClocklessThrottle(defaultSchema());
  readonly sessions: FakeSession[] = [];

  constructor(private readonly behaviour: Behaviour = {}) {}

  openSession(peer: Peer): FakeSession {
    const session = new FakeSession(peer, this.behaviour);
    this.sessions.push(session);
    return session;
  }
}

export const limits: ServerLimits = {
  pduBytesAnonymous: 262_143,
  pduBytesAuthenticated: 4_194_303,
  pendingAnonymous: 100,
  pendingAuthenticated: 1_000,
  filterDepth: 1_000,
  filterTerms: 10_000,
  idleTimeout: 0,
  writeTimeout: 0,
  connections: 1_000,
  connectionsPerAddress: 1_000,
  unreadBytes: 1_048_576,
  entryValues: 20_000,
  memoryBytes: 0,
  entryBytes: 8_388_608,
};

const features: Config['features'] = {
  bindV2: false,
  bindAnonymousWithCredentials: false,
  bindUnauthenticated: false,
  bindAnonymous: true,
  bindSimple: true,
  startTls: true,
  startTlsAuthenticated: true,
  startTlsToAnonymous: true,
  updateAnonymous: false,
  proxyAuthzNonCritical: true,
  proxyAuthzAnonymous: false,
};

export interface TestServerOptions extends Partial<Omit<ServerOptions, 'directory' | 'config'>> {
  readonly behaviour?: Behaviour;
  readonly limits?: Partial<ServerLimits>;
  readonly tls?: Config['tls'];
  readonly features?: Partial<Config['features']>;
}

export interface TestServer {
  readonly server: LdapServer;
  readonly directory: FakeDirectory;
  readonly url: string;
  readonly port: number;
}

const running = new Set<LdapServer>();

/** A server on a free port of 127.0.0.1, or elsewhere. */
export async function startServer(options: TestServerOptions = {}, listen = 'ldap://127.0.0.1:0/'): Promise<TestServer> {
  const directory = new FakeDirectory(options.behaviour);
  const server = createServer({
    ...options,
    directory,
    logger: options.logger ?? pino({ level: 'silent' }),
    config: {
      limits: { ...limits, ...options.limits },
      tls: options.tls,
      features: { ...features, ...options.features },
      restricted: new Set(),
      localSsf: 71,
      schema: defaultSchema(),
    },
  });
  running.add(server);
  const [url] = await server.listen(listen);
  return { server, directory, url: url!, port: Number(/:(\d+)\/$/.exec(url!)?.[1]) };
}

/** For afterEach. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.close()));
  running.clear();
}
