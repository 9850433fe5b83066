/** Reports a mounted connection's faults to the program, and nothing else. */
import type { ProtocolError } from '../protocol/errors.js';
import type { Operation } from '../server/operation.js';
import type { RequestReport } from '../server/request-runner.js';

export class MountReport implements RequestReport {
  readonly #onError: (error: unknown) => void;
  #received = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  begun(): number {
    return this.#received++;
  }

  timed(operation: Operation): Operation {
    return operation;
  }

  malformed(error: ProtocolError): void {
    this.#onError(error);
  }

  fault(error: unknown): void {
    this.#onError(error);
  }

  // The mount neither counts nor logs these.
  beginTurn(): void {}
  arrived(): void {}
  done(): void {}
  refused(): void {}
  ended(): void {}
  passwordDelayed(): void {}
  passwordWrong(): void {}
  bindFailed(): void {}
}
