/** A client that sends whatever bytes it is given and keeps what comes back. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { decodeMessages, type ReceivedMessage } from '../protocol/client-messages.js';

const patienceMs = 10_000;

export class RawClient {
  readonly messages: ReceivedMessage[] = [];
  /** Sizes of the chunks that came. */
  readonly chunks: number[] = [];
  closed = false;
  #rest = Buffer.alloc(0);
  #watchers: (() => void)[] = [];

  constructor(readonly socket: Duplex) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk.length);
      const { messages, rest } = decodeMessages(Buffer.concat([this.#rest, chunk]));
      this.#rest = Buffer.from(rest);
      this.messages.push(...messages);
      this.#notify();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#notify();
    });
  }

  static connect(to: number | string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : { path: to });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RawClient(socket)));
    });
  }

  send(...bytes: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(bytes));
    return this;
  }

  /** Resolves when `done` holds, which is asked after everything that comes. */
  async until(done: (client: this) => boolean, what = 'what was expected'): Promise<this> {
    if (!done(this)) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${what} did not come: ${this.summary().join('; ')}`)), patienceMs);
        this.#watchers.push(() => {
          if (!done(this)) return;
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this;
  }

  /** The first `count` messages. */
  async receive(count: number): Promise<ReceivedMessage[]> {
    await this.until(() => this.messages.length >= count || this.closed, `${count} messages`);
    return this.messages.slice(0, count);
  }

  async untilClosed(): Promise<this> {
    return this.until(() => this.closed, 'the end');
  }

  /** `7 search 0`, `7 entry`. */
  summary(): string[] {
    return this.messages.map((message) =>
      'code' in message ? `${message.messageId} ${message.type} ${message.code}` : `${message.messageId} ${message.type}`,
    );
  }

  end(): void {
    this.socket.destroy();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
