/** One request of a mounted connection: its answers, byte for byte as jammd's own server sends them, and its end. */
import type { Socket } from 'node:net';
import type { OperationIO, OperationSignal, SearchSink } from '../directory/model.js';
import type { ExtendedResponse, Response } from '../ldap/response.js';
import type { ResultEntry } from '../entry/result-entry.js';
import type { AnsweredMessage, AnsweredOperation, AnsweredRequest } from '../ldap/request.js';
import type { BufferPool } from '../protocol/buffer-pool.js';
import { ResponseWriter } from '../protocol/response-writer.js';

/** Answers that gather before they are handed to the socket, in bytes. */
const flushBytes = 64 * 1_024;

export class MountedOperation implements OperationIO, SearchSink, OperationSignal {
  readonly messageId: number;
  readonly request: AnsweredRequest;
  /** Told that this operation has ended, by a Cancel that waits for it. */
  onEnded: ((code: number) => void) | undefined;
  readonly #socket: Socket;
  readonly #writer: ResponseWriter;
  #stopped: OperationSignal['stopped'];
  #proceed: (() => void) | undefined;

  constructor({ messageId, request }: AnsweredMessage, socket: Socket, pool: BufferPool) {
    this.messageId = messageId;
    this.request = request;
    this.#socket = socket;
    this.#writer = new ResponseWriter(pool);
  }

  get operation(): AnsweredOperation {
    return this.request.op;
  }

  get sink(): SearchSink {
    return this;
  }

  get signal(): OperationSignal {
    return this;
  }

  get stopped(): OperationSignal['stopped'] {
    return this.#stopped;
  }

  /** Abandoned stays abandoned: nobody waits for that answer. */
  stop(how: 'abandoned' | 'canceled'): void {
    if (this.#stopped !== 'abandoned') this.#stopped = how;
    this.proceed();
  }

  entry(entry: ResultEntry): boolean {
    if (this.#stopped === 'abandoned') return true;
    this.#writer.entry(this.messageId, entry);
    return this.#writer.length < flushBytes || this.#flush();
  }

  reference(urls: readonly string[]): boolean {
    if (this.#stopped === 'abandoned') return true;
    this.#writer.reference(this.messageId, urls);
    return this.#writer.length < flushBytes || this.#flush();
  }

  drained(): Promise<void> {
    if (this.#stopped || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => (this.#proceed = resolve));
  }

  /** The socket has room again. */
  proceed(): void {
    this.#proceed?.();
    this.#proceed = undefined;
  }

  /** Sends what has gathered and the response. */
  end(response: Response | ExtendedResponse): void {
    if (this.#stopped !== 'abandoned') {
      if (this.operation === 'bind') this.#writer.bindResult(this.messageId, response);
      else if (this.operation === 'extended') this.#writer.extendedResult(this.messageId, response);
      else this.#writer.result(this.messageId, this.operation, response);
    }
    this.#flush();
    this.onEnded?.(response.code);
  }

  /** False: the socket has enough for now. */
  #flush(): boolean {
    if (this.#writer.length === 0) return true;
    if (this.#stopped === 'abandoned' || !this.#socket.writable) {
      this.#writer.releaseBuffer();
      return true;
    }
    // The socket may still read it when this returns.
    const more = this.#socket.write(this.#writer.bytes());
    this.#writer.abandonBuffer();
    return more;
  }
}
