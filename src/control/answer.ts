/** Sends an answer to the client in frames, no faster than it reads. */
import type { Socket } from 'node:net';
import { ControlError } from './errors.js';
import { answerBytesMax, frameHead, jsonFrame } from './frame.js';

/** Why no more can be sent: the client is gone, or the server stops. */
export class AnswerEndedError extends ControlError {
  override readonly name = 'AnswerEndedError';
}

export class Answer {
  readonly #socket: Socket;
  #ended: AnswerEndedError | undefined;
  #wake: (() => void) | undefined;
  /** Bytes of `data` sent so far. */
  bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#wake?.());
    socket.on('close', () => this.stop('the client has disconnected'));
  }

  /** The client does not read as fast as it is written to. */
  get waits(): boolean {
    return this.#wake !== undefined;
  }

  /** Throws AnswerEndedError if nobody wants the rest. */
  assertWanted(): void {
    if (this.#ended) throw this.#ended;
  }

  /** Resolves when the client may be sent more. Rejects with AnswerEndedError. */
  async data(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += answerBytesMax) {
      this.assertWanted();
      const piece = bytes.subarray(at, at + answerBytesMax);
      this.bytes += piece.length;
      this.#socket.cork();
      this.#socket.write(frameHead('data', piece.length));
      const hasRoom = this.#socket.write(piece);
      this.#socket.uncork();
      if (!hasRoom) await this.#drained();
    }
  }

  /** For what is seldom and small. */
  note(value: object): void {
    if (!this.#ended) this.#socket.write(jsonFrame('note', value));
  }

  end(value: object): void {
    this.assertWanted();
    this.#socket.end(jsonFrame('end', value));
  }

  fail(reason: string): void {
    if (!this.#socket.destroyed) this.#socket.end(jsonFrame('failure', { reason }));
  }

  /** Ends the work on the answer at its next step. */
  stop(reason: string): void {
    this.#ended ??= new AnswerEndedError(reason);
    this.#wake?.();
  }

  async #drained(): Promise<void> {
    if (this.#socket.writableNeedDrain) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    this.assertWanted();
  }
}
