/**
 * One connection of an ldapjs server. It sits between the socket and ldapjs's parser, with the same request queue as a
 * connection of jammd's own server, and passes each request to ldapjs as one whole, well-formed message when its turn comes.
 * So ldapjs routes requests but never sees bytes it cannot handle, and the directory gets requests as they were sent, in
 * order, within the configured limits.
 */
import type { TLSSocket } from 'node:tls';
import ldapjs from 'ldapjs';
import type { Directory as Core } from '../directory/directory.js';
import type { Peer, Session } from '../directory/model.js';
import { DN } from '../dn/dn.js';
import { type AnsweredMessage, isAnswered, type RequestMessage } from '../ldap/request.js';
import { LdapError, type LdapResult } from '../ldap/result.js';
import type { OutputContext } from '../server/output.js';
import { ConnectionOutput, outputLimits } from '../server/output.js';
import { defaultTuning } from '../server/limits.js';
import { endpointName, peerOf, plainAddress, socketEndpoint } from '../server/peer.js';
import { type EncodedRequest, type QueueContext, type RequestFrontEnd, RequestQueue } from '../server/request-queue.js';
import { channelBinding } from '../server/channel-binding.js';
import { tlsStrength } from '../server/tls.js';
import type { LdapjsConnection, LdapjsParser, LdapjsRequest, LdapjsResponse } from './model.js';
import { MountOutlet } from './outlet.js';
import { MountReport } from './report.js';

/** What all connections of a mount share. */
export interface MountContext extends QueueContext, OutputContext {
  readonly core: Core;
  /** The socket file's path; undefined where the server listens on TCP. */
  readonly socketPath: () => string | undefined;
  /** Throws LdapError 52 once the directory is closed. */
  readonly assertOpen: () => void;
  readonly onError: (error: unknown) => void;
}

/** How ldapjs is told that a handler is done with a request. */
interface Completion {
  readonly response: LdapjsResponse;
  readonly next: () => void;
}

/** A message given to ldapjs, and its encoded size. */
interface HandedOver {
  readonly message: RequestMessage;
  readonly bytes: number;
}

export class MountedConnection implements RequestFrontEnd {
  readonly peer: Peer;
  readonly #core: Core;
  readonly #socket: LdapjsConnection;
  readonly #session: Session;
  readonly #output: ConnectionOutput;
  readonly #queue: RequestQueue;
  readonly #parse: (message: Buffer) => void;
  /** The messages that ldapjs made its requests of. */
  readonly #messages = new WeakMap<LdapjsRequest, HandedOver>();
  /** The message that ldapjs's parser is at, until it has made a request of it. */
  #parsing: HandedOver | undefined;
  /** Nothing more is read. */
  #ended = false;

  constructor(socket: LdapjsConnection, parser: LdapjsParser, context: MountContext) {
    const { limits } = context;
    this.#socket = socket;
    this.#core = context.core;
    this.peer = peerOfSocket(socket, context);
    this.#session = sessionWhileOpen(context.core.openSession(this.peer), context.assertOpen);
    const outlet = new MountOutlet(socket, limits);
    this.#output = new ConnectionOutput(outlet, context, outputLimits(defaultTuning, limits));
    this.#queue = new RequestQueue(context, this, this.#session, this.#output, new MountReport(context.onError));
    const parse = parser.write.bind(parser);
    this.#parse = (message) => void parse(message);
    parser.write = (chunk) => {
      if (!this.#ended) this.#queue.received(chunk);
      return true;
    };
    parser.prependListener('message', (request) => this.#parsed(request));
    // What ldapjs cannot read the directory may: ldapjs's own listener would end the connection.
    parser.removeAllListeners('error');
    parser.on('error', (error) => this.#unparsed(error));
    socket.setNoDelay(true);
    socket.on('drain', () => {
      outlet.drained();
      this.#queue.drained();
    });
    socket.once('close', () => this.#closed());
  }

  /** A request that ldapjs has routed here. `next` lets the program's own handlers see what became of it. */
  take(request: LdapjsRequest, response: LdapjsResponse, next: () => void): void {
    const found = this.#messages.get(request);
    if (found && isAnswered(found.message)) this.#run(found.message, found.bytes, { response, next });
    else next();
  }

  /** The client says good-bye. */
  end(): void {
    this.#queue.end('unbind');
  }

  // What the queue needs from a connection:

  get ended(): boolean {
    return this.#ended;
  }

  serve(message: AnsweredMessage, encoded: EncodedRequest): void {
    // Whatever becomes of a bind: until it has succeeded nobody is bound (RFC 4511 section 4.2.1). ldapjs keeps the old
    // identity, and answers anonymous binds without asking any handler.
    if (message.request.op === 'bind') {
      this.#session.reset();
      this.bindRefused();
    }
    // ldapjs refuses to read these, and would answer 34 whatever else is wrong with them.
    if (!isRoutable(message, this.#core)) this.#run(message, encoded.end - encoded.start);
    else this.#handOver(message, encoded);
  }

  unanswered(message: RequestMessage, encoded: EncodedRequest): void {
    this.#handOver(message, encoded);
  }

  bindRefused(): void {
    // What ldapjs, and handlers of the program's own, take the connection's identity to be.
    this.#socket.ldap.bindDN = ldapjs.parseDN('cn=anonymous');
  }

  identify(): undefined {
    return undefined;
  }

  setReading(reading: boolean): void {
    // An ended connection reads on, into nothing, so that its end is seen.
    if (!this.#ended && !reading) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  close(): void {
    this.#ended = true;
    this.#socket.resume();
    this.#socket.end(() => this.#socket.destroy());
  }

  /** Lets ldapjs find the handler for a message. */
  #handOver(message: RequestMessage, { buffer, start, end }: EncodedRequest): void {
    this.#parsing = { message, bytes: end - start };
    try {
      this.#parse(buffer.subarray(start, end));
    } catch (error) {
      this.#unparsed(error);
    }
    this.#parsing = undefined;
  }

  #parsed(request: LdapjsRequest): void {
    if (this.#parsing) this.#messages.set(request, this.#parsing);
    this.#parsing = undefined;
  }

  /** A message that ldapjs has no means to read (SASL, increment, an empty assertion value, ...) is done without it. */
  #unparsed(error: unknown): void {
    const found = this.#parsing;
    this.#parsing = undefined;
    if (found && isAnswered(found.message)) this.#run(found.message, found.bytes);
    else this.#queue.fail(error);
  }

  #run(message: AnsweredMessage, bytes: number, completion?: Completion): void {
    this.#queue.run(message, bytes, completion && ((result) => this.#tell(result, completion)));
  }

  #tell(result: LdapResult, { response, next }: Completion): void {
    // Send first: the program's own handlers may end the connection. Corking joins what is sent in this turn of the event loop.
    this.#socket.cork();
    this.#output.flush();
    process.nextTick(() => this.#socket.uncork());
    response.status = result.code;
    response.matchedDN = result.matchedDN;
    response.diagnosticMessage = result.diagnostic;
    next();
  }

  #closed(): void {
    this.#ended = true;
    this.#queue.closed();
    this.#session.reset();
  }
}

/** Answers 52 once the directory is closed, even though clients are still connected. */
function sessionWhileOpen(session: Session, assertOpen: () => void): Session {
  return {
    get identity() {
      return session.identity;
    },
    perform: (message, io) => {
      assertOpen();
      return session.perform(message, io);
    },
    reset: () => session.reset(),
  };
}

/** False for an update or compare of the empty name, as the root DSE has it, and for what is no DN: ldapjs routes by DNs. */
function isRoutable({ request }: AnsweredMessage, core: Core): boolean {
  switch (request.op) {
    case 'bind':
      return isDN(request.name, core);
    case 'search':
      return isDN(request.base, core);
    case 'modify':
      return request.object.length > 0 && isDN(request.object, core);
    case 'add':
    case 'delete':
    case 'modifyDN':
    case 'compare':
      return request.entry.length > 0 && isDN(request.entry, core);
    case 'extended':
      return true;
  }
}

function isDN(name: Buffer, { schema }: Core): boolean {
  try {
    DN.parse(name, schema);
    return true;
  } catch (error) {
    if (error instanceof LdapError) return false;
    throw error;
  }
}

function peerOfSocket(socket: LdapjsConnection, context: MountContext): Peer {
  const path = context.socketPath();
  const localName =
    path === undefined ? endpointName(plainAddress(socket.localAddress ?? ''), socket.localPort ?? 0) : `PATH=${path}`;
  const scheme = socket.encrypted ? 'ldaps' : 'ldap';
  const url = path === undefined ? `${scheme}://${localName.slice('IP='.length)}/` : `ldapi://${encodeURIComponent(path)}/`;
  const peer = peerOf(socket, socketEndpoint(socket, { path }), { url, path, localName }, context.core.config.localSsf);
  if (socket.encrypted) {
    const secured = socket as unknown as TLSSocket;
    peer.tlsSsf = tlsStrength(secured);
    peer.channelBinding = (type) => channelBinding(secured, type);
  }
  return peer;
}
