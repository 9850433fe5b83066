/**
 * A connection to a provider: connects, starts TLS, binds, searches. Messages wait for whoever reads them, in bounded
 * memory; a provider that does not answer for too long is given up.
 */
import net, { type Socket } from 'node:net';
import { BerError } from '../ber/ber.js';
import type { TlsConfig } from '../config/model.js';
import type { SyncreplSettings } from '../config/syncrepl-settings.js';
import { parseFilter } from '../filter/text.js';
import { ProtocolError } from '../protocol/errors.js';
import { PduFramer } from '../protocol/framing.js';
import { ProviderError, ReplicaStopped } from './errors.js';
import { startTls } from './provider-tls.js';
import {
  encodeBind,
  encodeSearch,
  encodeStartTls,
  encodeUnbind,
  type ReplicaSearch,
  type RequestControl,
} from './request-encoder.js';
import { decodeResponse, type ProviderMessage, type ProviderResponse } from './response-decoder.js';

/** Bytes of one message. */
const messageBytesMax = 64 << 20;
/** Bytes of messages that may wait before nothing more is read. */
const waitingBytesMax = 4 << 20;
const anyEntry = parseFilter('(objectClass=*)');

interface Waiting {
  readonly message: ProviderMessage;
  readonly bytes: number;
}

export class ProviderConnection {
  readonly #settings: SyncreplSettings;
  #socket: Socket;
  #framer = new PduFramer(messageBytesMax);
  #messageId = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  /** The search that asks whether the provider is still there. */
  #probeId: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** When something came last, and when the probe was sent. */
  #heardMs = performance.now();
  #probedMs = 0;
  readonly #onProbe: ((csns: readonly string[]) => void) | undefined;
  #probeCsns: readonly string[] = [];

  private constructor(socket: Socket, settings: SyncreplSettings, onProbe?: (csns: readonly string[]) => void) {
    this.#socket = socket;
    this.#settings = settings;
    this.#onProbe = onProbe;
  }

  /** Rejects with ProviderError, or ReplicaStopped. `onProbe` hears the provider's contextCSN now and then. */
  static async open(
    settings: SyncreplSettings,
    ownTls: TlsConfig | undefined,
    signal: AbortSignal,
    onProbe?: (csns: readonly string[]) => void,
  ): Promise<ProviderConnection> {
    const socket = await connect(settings, signal);
    const connection = new ProviderConnection(socket, settings, onProbe);
    const onAbort = (): void => connection.#fail(new ReplicaStopped('stopped'));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', onAbort));
    try {
      const { address } = settings;
      const host = address.kind === 'tcp' ? address.host : 'localhost';
      if (address.kind === 'tcp' && address.tls) await connection.#secure(host, ownTls);
      else connection.#listen();
      if (settings.startTls !== 'no' && !(address.kind === 'tcp' && address.tls)) await connection.#startTls(host, ownTls);
      if (settings.bind) await connection.#bind(settings.bind);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** When something came last, by `performance.now`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Messages that have come and have not been read. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get #nextId(): number {
    return ++this.#messageId;
  }

  async #secure(host: string, ownTls: TlsConfig | undefined): Promise<void> {
    this.#socket.removeAllListeners('data');
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', () => undefined);
    const { connectSeconds } = this.#settings;
    const plain = this.#socket;
    const timer = setTimeout(() => plain.destroy(new Error('the handshake takes too long')), connectSeconds * 1_000);
    try {
      this.#socket = await startTls(plain, host, this.#settings.tls, ownTls);
    } finally {
      clearTimeout(timer);
    }
    this.#framer = new PduFramer(messageBytesMax);
    this.#listen();
  }

  async #startTls(host: string, ownTls: TlsConfig | undefined): Promise<void> {
    const id = this.#nextId;
    this.#socket.write(encodeStartTls(id));
    const { response } = await this.#answerTo(id);
    const code = 'code' in response ? response.code : undefined;
    if (code === 0) return this.#secure(host, ownTls);
    if (this.#settings.startTls === 'critical') throw refusal('StartTLS', response);
  }

  async #bind({ dn, password }: { readonly dn: string; readonly password: string }): Promise<void> {
    const id = this.#nextId;
    this.#socket.write(encodeBind(id, dn, password));
    const { response } = await this.#answerTo(id);
    if (response.kind !== 'bind' || response.code !== 0) throw refusal(`bind as "${dn}"`, response);
  }

  /** Within the time that an answer may take. */
  async #answerTo(id: number): Promise<ProviderMessage> {
    const { answerSeconds } = this.#settings;
    const timer = setTimeout(() => this.#fail(new ProviderError('the provider does not answer')), answerSeconds * 1_000);
    try {
      const message = await this.next();
      if (message.messageId !== id) throw new ProviderError('the provider answers something that was not asked');
      return message;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Its answers are what `next` gives from here on. Answers the search's message id. */
  search(search: ReplicaSearch, controls: readonly RequestControl[]): number {
    const id = this.#nextId;
    this.#socket.write(encodeSearch(id, search, controls));
    this.#heardMs = performance.now();
    const { idleSeconds } = this.#settings.keepalive;
    this.#watch ??= setInterval(() => this.#look(), Math.min(1_000 * idleSeconds, 1_000));
    this.#watch.unref();
    return id;
  }

  /** Is the provider still there? */
  #look(): void {
    const { idleSeconds, patienceSeconds } = this.#settings.keepalive;
    const now = performance.now();
    // Somebody is slow in reading what has come: nobody can tell.
    if (this.#socket.isPaused()) return;
    if (this.#probeId !== undefined) {
      if (now - this.#probedMs > patienceSeconds * 1_000 && now - this.#heardMs > patienceSeconds * 1_000) {
        this.#fail(new ProviderError(`the provider has been silent for ${Math.round((now - this.#heardMs) / 1_000)} s`));
      }
      return;
    }
    if (now - this.#heardMs < idleSeconds * 1_000) return;
    this.#probeId = this.#nextId;
    this.#probedMs = now;
    this.#probeCsns = [];
    const base = this.#settings.base.toString();
    const limits = { sizeLimit: 1, timeLimit: 0 };
    this.#socket.write(
      encodeSearch(this.#probeId, { base, scope: 'base', ...limits, filter: anyEntry, attributes: ['contextCSN'] }),
    );
  }

  /** The next message. Rejects with ProviderError or ReplicaStopped when there is none any more. */
  async next(): Promise<ProviderMessage> {
    while (this.#waiting.length === 0) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const { message, bytes } = this.#waiting.shift()!;
    this.#waitingBytes -= bytes;
    if (this.#socket.isPaused() && this.#waitingBytes < waitingBytesMax / 2) this.#socket.resume();
    return message;
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) =>
      this.#fail(new ProviderError(`connection lost: ${error.message}`, undefined, { cause: error })),
    );
    socket.on('close', () => this.#fail(new ProviderError('the provider has closed the connection')));
  }

  #take(chunk: Buffer): void {
    if (this.#failure) return;
    this.#heardMs = performance.now();
    try {
      this.#framer.push(chunk);
      while (this.#framer.next()) {
        const { buffer, start, end } = this.#framer;
        this.#receive(decodeResponse(buffer, start, end), end - start);
      }
    } catch (error) {
      if (!(error instanceof BerError) && !(error instanceof ProtocolError)) throw error;
      this.#fail(new ProviderError(`the provider's message cannot be read: ${error.message}`, undefined, { cause: error }));
    }
  }

  #receive(message: ProviderMessage, bytes: number): void {
    const { response } = message;
    if (response.kind === 'notice') return this.#fail(refusal('the provider ends the connection', response));
    if (message.messageId === this.#probeId) return this.#probed(response);
    this.#waiting.push({ message, bytes });
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > waitingBytesMax) this.#socket.pause();
    this.#tell();
  }

  /** Whatever it says: it is there. */
  #probed(response: ProviderResponse): void {
    if (response.kind === 'entry') {
      const found = response.attributes.find(({ type }) => type.toLowerCase() === 'contextcsn');
      this.#probeCsns = found?.values.map((value) => value.toString('latin1')) ?? [];
    } else if (response.kind === 'search') {
      this.#probeId = undefined;
      this.#onProbe?.(this.#probeCsns);
    }
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    // What has come is still to be read, unless nobody wants it any more.
    if (error instanceof ReplicaStopped) this.#waiting = [];
    clearInterval(this.#watch);
    this.#socket.destroy();
    this.#tell();
  }

  close(): void {
    if (!this.#failure && this.#socket.writable) this.#socket.write(encodeUnbind(this.#nextId));
    this.#failure ??= new ReplicaStopped('closed');
    clearInterval(this.#watch);
    this.#socket.destroySoon();
    this.#tell();
  }
}

function refusal(what: string, response: ProviderResponse): ProviderError {
  if (!('code' in response)) return new ProviderError(`${what}: an answer that was not asked for`);
  const { code, diagnostic } = response;
  return new ProviderError(`${what}: result ${code}${diagnostic === '' ? '' : ` (${diagnostic})`}`, code);
}

function connect({ address, connectSeconds, keepalive, url }: SyncreplSettings, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = address.kind === 'tcp' ? net.connect(address.port, address.host) : net.connect(address.path);
    const end = (error: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => end(new ReplicaStopped('stopped'));
    const timer = setTimeout(() => end(new ProviderError(`${url} does not answer`)), connectSeconds * 1_000);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) =>
      end(new ProviderError(`cannot connect to ${url}: ${error.message}`, undefined, { cause: error })),
    );
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      socket.setNoDelay(true);
      socket.setKeepAlive(true, keepalive.idleSeconds * 1_000);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
  });
}
