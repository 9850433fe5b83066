/** A client of a control socket that sends whatever it is given, and reads when it is told to. */
import net, { type Socket } from 'node:net';
import { join } from 'node:path';
import { answerBytesMax, FrameReader, jsonFrame, jsonOf, type Frame } from '../../src/control/frame.js';

const patienceMs = 20_000;

export class ControlClient {
  readonly frames: Frame[] = [];
  closed = false;
  /** Called with each frame as it comes. */
  onFrame: (frame: Frame) => void = () => undefined;
  readonly #reader = new FrameReader(answerBytesMax);
  #watchers: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        this.frames.push(frame);
        this.onFrame(frame);
      }
      this.#notify();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#notify();
    });
  }

  /** To the database in this folder. */
  static connect(folder: string): Promise<ControlClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ path: join(folder, 'control.sock') });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new ControlClient(socket)));
    });
  }

  ask(request: string, parameters: Readonly<Record<string, unknown>> = {}): this {
    return this.send(jsonFrame('request', { control: 1, request, ...parameters }));
  }

  send(bytes: Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  count(kind: Frame['kind']): number {
    return this.frames.filter((frame) => frame.kind === kind).length;
  }

  /** The JSON of the first frame of this kind. */
  json(kind: Exclude<Frame['kind'], 'data'>): Record<string, unknown> | undefined {
    const found = this.frames.find((frame) => frame.kind === kind);
    return found && jsonOf(found);
  }

  async until(done: (client: this) => boolean, what: string): Promise<this> {
    if (!done(this)) {
      await new Promise<void>((resolve, reject) => {
        const kinds = (): string => this.frames.map(({ kind }) => kind).join(' ');
        const timer = setTimeout(() => reject(new Error(`${what} did not come: ${kinds()}`)), patienceMs);
        this.#watchers.push(() => {
          if (!done(this)) return;
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this;
  }

  untilClosed(): Promise<this> {
    return this.until(({ closed }) => closed, 'the end');
  }

  end(): void {
    this.socket.destroy();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
