/**
 * A raw LDAP client for tests: sends any operation (or any octets), and gives back everything the server said about
 * it, decoded but not interpreted.
 */
import { connect, type Socket } from 'node:net';
import { children, readElement, readInteger, type Element } from './ber.js';
import { encodeMessage, type Operation } from './operation.js';

export interface WireEntry {
  readonly dn: string;
  /** In the order they came; values as octets. */
  readonly attributes: readonly { readonly type: string; readonly values: readonly Buffer[] }[];
}

export interface WireResult {
  /** The final response's tag, e.g. 0x65 for SearchResultDone. */
  readonly tag: number;
  readonly code: number;
  readonly matchedDN: string;
  readonly diagnostic: string;
  readonly referrals: readonly string[];
  readonly entries: readonly WireEntry[];
  readonly references: readonly (readonly string[])[];
  /** Extended and bind responses: responseName, and the value or server credentials. */
  readonly responseName: string | undefined;
  readonly responseValue: Buffer | undefined;
  readonly controls: readonly WireResponseControl[];
  /** Controls that came with the entries, one list for each entry. */
  readonly entryControls: readonly (readonly WireResponseControl[])[];
}

export interface WireResponseControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

/** The connection was closed; `notice` is the Notice of Disconnection, when one came first. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
  constructor(readonly notice: WireResult | undefined) {
    super(notice === undefined ? 'connection closed' : `notice of disconnection, code ${notice.code}: ${notice.diagnostic}`);
  }
}

/** No final response came in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

interface Pending {
  readonly entries: WireEntry[];
  readonly entryControls: (readonly WireResponseControl[])[];
  readonly references: string[][];
  readonly resolve: (result: WireResult) => void;
  readonly reject: (error: Error) => void;
}

const searchResultEntry = 0x64;
const searchResultReference = 0x73;
const intermediateResponse = 0x79;

export class WireClient {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #received: Buffer = Buffer.alloc(0);
  #nextId = 1;
  #notice: WireResult | undefined;
  #isClosed = false;
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    this.closed = new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#isClosed = true;
        for (const pending of this.#pending.values()) pending.reject(new ConnectionClosed(this.#notice));
        this.#pending.clear();
        resolve();
      });
    });
  }

  static connect(port: number, host = '127.0.0.1'): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new WireClient(socket));
      });
    });
  }

  /** Over a socket that is connected: TLS, say. */
  static over(socket: Socket): WireClient {
    return new WireClient(socket);
  }

  /** Notice of Disconnection, when one has come. */
  get notice(): WireResult | undefined {
    return this.#notice;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends one operation and waits for its final response. Several may be under way at once. */
  request(operation: Operation, timeoutMs = 20_000): Promise<WireResult> {
    const id = this.#nextId++;
    return this.expect(id, timeoutMs, () => this.send(encodeMessage(id, operation)));
  }

  /** Waits for the final response to `messageId`, whoever sends the request. */
  expect(messageId: number, timeoutMs = 20_000, start: () => void = () => undefined): Promise<WireResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new ConnectionClosed(this.#notice));
        return;
      }
      const timer = setTimeout(() => {
        this.#pending.delete(messageId);
        reject(new NoAnswer(`no answer to message ${messageId} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(messageId, {
        entries: [],
        entryControls: [],
        references: [],
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      start();
    });
  }

  /** The message id that request() would use next. */
  takeMessageId(): number {
    return this.#nextId++;
  }

  /** Any octets at all. */
  send(octets: Buffer): void {
    this.#socket.write(octets);
  }

  /** Sends an unbind and closes. */
  async unbind(): Promise<void> {
    if (this.#isClosed) return;
    this.#socket.end(Buffer.from([0x30, 0x05, 0x02, 0x01, this.#nextId++ & 0x7f, 0x42, 0x00]));
    await this.closed;
  }

  /** Closes without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Stops or resumes reading, to be the client that never takes its answers. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let offset = 0;
    for (;;) {
      const message = readElement(this.#received, offset);
      if (message === undefined) break;
      offset += message.size;
      this.#dispatch(message);
    }
    this.#received = this.#received.subarray(offset);
  }

  #dispatch(message: Element): void {
    const [id, operation, controls] = children(message.contents);
    if (id === undefined || operation === undefined) throw new Error('a message without an operation');
    const messageId = readInteger(id.contents);
    const decodedControls = controls === undefined ? [] : children(controls.contents).map(decodeControl);
    const pending = this.#pending.get(messageId);
    if (messageId === 0 && pending === undefined) {
      this.#notice = decodeResult(operation, decodedControls, undefined);
      return;
    }
    if (pending === undefined) return;
    if (operation.tag === searchResultEntry) {
      pending.entries.push(decodeEntry(operation.contents));
      pending.entryControls.push(decodedControls);
    } else if (operation.tag === searchResultReference) {
      pending.references.push(children(operation.contents).map((uri) => uri.contents.toString('utf8')));
    } else if (operation.tag !== intermediateResponse) {
      this.#pending.delete(messageId);
      pending.resolve(decodeResult(operation, decodedControls, pending));
    }
  }
}

function decodeEntry(contents: Buffer): WireEntry {
  const [dn, attributes] = children(contents);
  return {
    dn: dn?.contents.toString('utf8') ?? '',
    attributes: children(attributes?.contents ?? Buffer.alloc(0)).map((attribute) => {
      const [type, values] = children(attribute.contents);
      return {
        type: type?.contents.toString('utf8') ?? '',
        // A copy: the received buffer is reused while entries are kept.
        values: children(values?.contents ?? Buffer.alloc(0)).map((value) => Buffer.from(value.contents)),
      };
    }),
  };
}

function decodeResult(operation: Element, controls: readonly WireResponseControl[], pending: Pending | undefined): WireResult {
  const [code, matchedDN, diagnostic, ...rest] = children(operation.contents);
  const tagged = (tag: number): Element | undefined => rest.find((part) => part.tag === tag);
  const value = tagged(0x87) ?? tagged(0x8b);
  return {
    tag: operation.tag,
    code: readInteger(code?.contents ?? Buffer.alloc(0)),
    matchedDN: matchedDN?.contents.toString('utf8') ?? '',
    diagnostic: diagnostic?.contents.toString('utf8') ?? '',
    referrals: children(tagged(0xa3)?.contents ?? Buffer.alloc(0)).map((uri) => uri.contents.toString('utf8')),
    entries: pending?.entries ?? [],
    references: pending?.references ?? [],
    responseName: tagged(0x8a)?.contents.toString('utf8'),
    responseValue: value === undefined ? undefined : Buffer.from(value.contents),
    controls,
    entryControls: pending?.entryControls ?? [],
  };
}

function decodeControl(control: Element): WireResponseControl {
  const [oid, ...rest] = children(control.contents);
  const critical = rest.find((part) => part.tag === 0x01);
  const value = rest.find((part) => part.tag === 0x04);
  return {
    oid: oid?.contents.toString('utf8') ?? '',
    critical: critical !== undefined && critical.contents[0] !== 0,
    value: value === undefined ? undefined : Buffer.from(value.contents),
  };
}
