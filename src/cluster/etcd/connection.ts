/**
 * Requests to etcd's JSON gateway, over connections that stay open. Where there are several endpoints, one is used until it
 * fails. A request is tried until its time is over; what is known then about whether it took effect is in the error.
 */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../errors.js';

export interface EtcdTls {
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly ca: Buffer | undefined;
}

export interface EtcdOptions {
  /** Not empty. */
  readonly endpoints: readonly URL[];
  readonly tls: EtcdTls | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds that one member may take to answer before another is asked. */
  readonly attemptMs: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Before the same request is sent again. */
const pauseMs = 60;
/** What no answer of ours comes near: entries are read in bounded amounts. */
const answerBytesMax = 64 << 20;
const socketsMax = 16;
const authenticationMs = 10_000;

/** Nothing was sent, or nothing could be understood of what was. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE']);

export class EtcdConnection {
  readonly #options: EtcdOptions;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };
  #current = 0;
  #token: string | undefined;
  #authenticating: Promise<void> | undefined;
  #closed = false;

  constructor(options: EtcdOptions) {
    this.#options = options;
    const shared = { keepAlive: true, maxSockets: socketsMax };
    const { cert, key, ca } = options.tls ?? {};
    this.#agents = {
      http: new http.Agent(shared),
      https: new https.Agent({ ...shared, ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) }),
    };
  }

  get endpoint(): string {
    return this.#options.endpoints[this.#current]!.origin;
  }

  close(): void {
    this.#closed = true;
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** From now on another member is asked first. */
  leaveEndpoint(): void {
    this.#current = (this.#current + 1) % this.#options.endpoints.length;
  }

  /** Tries until `until` (of performance.now()), once at least. Throws EngineError. */
  async call(path: string, body: Json, until: number): Promise<Json> {
    let mayHaveHappened = false;
    for (;;) {
      try {
        return await this.#attempt(path, body, until);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        mayHaveHappened ||= error.mayHaveHappened;
        const isOver = performance.now() + pauseMs >= until;
        if (error.kind !== 'transient' || isOver || this.#closed)
          throw new EngineError(error.message, error.kind, mayHaveHappened);
        this.leaveEndpoint();
        await sleep(pauseMs);
      }
    }
  }

  async #attempt(path: string, body: Json, until: number): Promise<Json> {
    await this.#authenticate(until);
    const token = this.#token;
    try {
      return await this.#ask(path, body, this.#limitMs(until));
    } catch (error) {
      if (token === undefined || !(error instanceof StaleTokenError)) throw error;
      if (this.#token === token) this.#token = undefined;
      await this.#authenticate(until);
      return this.#ask(path, body, this.#limitMs(until));
    }
  }

  #limitMs(until: number): number {
    return Math.max(1, Math.min(this.#options.attemptMs, until - performance.now()));
  }

  async #authenticate(until: number): Promise<void> {
    const { user: name, password } = this.#options;
    if (name === undefined || this.#token !== undefined) return;
    // etcd takes its time over a password: whoever cannot wait gives up, and finds the token there when he comes again.
    const { endpoint } = this;
    this.#authenticating ??= this.#ask('/v3/auth/authenticate', { name, password: password ?? '' }, authenticationMs)
      .then(({ token }) => void (this.#token = typeof token === 'string' ? token : undefined))
      .finally(() => (this.#authenticating = undefined));
    const ended = new AbortController();
    const impatience = sleep(Math.max(1, until - performance.now()), undefined, { signal: ended.signal }).then(
      () => Promise.reject(new EngineError(`${endpoint} did not check the password in time`, 'transient', false)),
      () => undefined,
    );
    try {
      await Promise.race([this.#authenticating, impatience]);
    } finally {
      ended.abort();
    }
  }

  #ask(path: string, body: Json, limitMs: number): Promise<Json> {
    const { endpoint } = this;
    return new Promise((resolve, reject) => {
      const request = this.#send(path, body);
      let timer: NodeJS.Timeout | undefined = setTimeout(() => {
        fail(new EngineError(`${endpoint} did not answer in time`, 'transient', true));
        request.destroy();
      }, limitMs);
      const end = (): void => {
        clearTimeout(timer);
        timer = undefined;
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      request.on('error', (error: NodeJS.ErrnoException) => fail(connectionError(endpoint, error)));
      request.on('response', (response: IncomingMessage) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          pieces.push(piece);
          bytes += piece.length;
          if (bytes > answerBytesMax) request.destroy(new Error('the answer is too long'));
        });
        response.on('error', (error: NodeJS.ErrnoException) => fail(connectionError(endpoint, error)));
        response.on('aborted', () => fail(new EngineError(`${endpoint} closed the connection`, 'transient', true)));
        response.on('end', () => {
          end();
          try {
            resolve(readAnswer(endpoint, response.statusCode ?? 0, Buffer.concat(pieces).toString()));
          } catch (error) {
            reject(error);
          }
        });
      });
    });
  }

  /** A request that is on its way to the member that is asked at present. */
  #send(path: string, body: Json): ClientRequest {
    const url = new URL(path, this.#options.endpoints[this.#current]);
    const text = Buffer.from(JSON.stringify(body));
    const headers = {
      'content-type': 'application/json',
      'content-length': text.length,
      // A member that knows no leader says so at once, rather than keep the request until there is one.
      'grpc-metadata-hasleader': 'true',
      ...(this.#token !== undefined && { authorization: this.#token }),
    };
    const secure = url.protocol === 'https:';
    const options = { method: 'POST', headers, agent: secure ? this.#agents.https : this.#agents.http };
    const request = (secure ? https : http).request(url, options);
    request.end(text);
    return request;
  }

  /** An answer that does not end: each line of it goes to `onLine`. Rejects when it has ended; stop it by the signal. */
  async stream(path: string, body: Json, onLine: (line: Json) => void, signal: AbortSignal): Promise<void> {
    await this.#authenticate(performance.now() + authenticationMs);
    const { endpoint } = this;
    await new Promise<void>((_, reject) => {
      const request = this.#send(path, body);
      const stop = (): void => void request.destroy(new Error('stopped'));
      signal.addEventListener('abort', stop, { once: true });
      const fail = (error: NodeJS.ErrnoException): void => {
        signal.removeEventListener('abort', stop);
        reject(error instanceof EngineError ? error : connectionError(endpoint, error));
      };
      request.on('error', fail);
      request.on('response', (response: IncomingMessage) => {
        const lines = new LineCutter((line) => onLine(readAnswer(endpoint, response.statusCode ?? 0, line)));
        response.on('data', (piece: Buffer) => {
          try {
            lines.add(piece);
          } catch (error) {
            request.destroy(error as Error);
            fail(error as Error);
          }
        });
        response.on('error', fail);
        response.on('close', () => fail(new Error('closed the connection')));
      });
    });
  }
}

class LineCutter {
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly onLine: (line: string) => void) {}

  add(piece: Buffer): void {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      this.#pieces.push(piece.subarray(start, end));
      const line = Buffer.concat(this.#pieces).toString();
      this.#pieces = [];
      this.#bytes = 0;
      start = end + 1;
      if (line !== '') this.onLine(line);
    }
    if (start === piece.length) return;
    this.#pieces.push(piece.subarray(start));
    this.#bytes += piece.length - start;
    if (this.#bytes > answerBytesMax) throw new Error('sent a line that is too long');
  }
}

function connectionError(endpoint: string, error: NodeJS.ErrnoException): EngineError {
  const wasSent = !(
    error.code !== undefined &&
    (neverSent.has(error.code) || /CERT|TLS|SSL|SELF_SIGNED|VERIFY/.test(error.code))
  );
  const what = error.message === '' ? (error.code ?? 'no connection') : error.message;
  return new EngineError(`${endpoint}: ${what}`, 'transient', wasSent);
}

/** The token of a user is not known any more: etcd forgets it when a member restarts, or after some minutes. */
class StaleTokenError extends EngineError {}

/** Throws EngineError. */
function readAnswer(endpoint: string, status: number, text: string): Json {
  let answer: Json | undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) answer = parsed as Json;
  } catch {
    // Told below: whatever answers there, it is not etcd.
  }
  // Users are told apart by their passwords here, and etcd fears that a name in a certificate is meant for that.
  if (!answer && text.startsWith('CommonName of client')) {
    const message = `${endpoint} has users, and takes no client certificate with a CommonName then: tls_cert= needs one without`;
    throw new EngineError(message, 'refused', false);
  }
  if (!answer) throw new EngineError(`${endpoint} does not answer as etcd does (HTTP status ${status})`, 'transient', true);
  const { error } = answer;
  if (status === 200 && error === undefined) return answer;
  const nested = typeof error === 'object' && error !== null ? (error as Json).message : error;
  const said = [nested, answer.message].find((one): one is string => typeof one === 'string') ?? `HTTP status ${status}`;
  throw answerError(endpoint, said);
}

function answerError(endpoint: string, said: string): EngineError {
  const message = `${endpoint}: ${said}`;
  if (/invalid auth token|revision in auth store is old/.test(said)) return new StaleTokenError(message, 'transient', false);
  if (/authentication failed|permission denied|user name is empty|authentication is not enabled|not supported/.test(said)) {
    return new EngineError(message, 'refused', false);
  }
  if (/space exceeded/.test(said)) return new EngineError(message, 'full', false);
  if (/too large|too many operations|duplicate key/.test(said)) return new EngineError(message, 'refused', false);
  return new EngineError(message, 'transient', !/no leader/.test(said));
}
