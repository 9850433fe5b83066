/** One request under way: where its answers go, and how it is stopped. */
import type { OperationIO, OperationSignal, PasswordWatcher, SearchSink } from '../directory/model.js';
import type { ExtendedResponse, Response } from '../ldap/response.js';
import type { ResultEntry } from '../entry/result-entry.js';
import type { OperationTrace } from '../directory/trace.js';
import type { DN } from '../dn/dn.js';
import type { Control } from '../ldap/control.js';
import type { AnsweredMessage, AnsweredRequest } from '../ldap/request.js';
import type { ConnectionOutput, Waiter } from './output.js';
import type { ServerStatistics } from './statistics.js';

/** How things stood when an operation began. */
export interface OperationCircumstances {
  readonly controls: readonly Control[];
  /** Whose session it was. */
  readonly asker: DN | undefined;
  readonly trace: OperationTrace | undefined;
  /** How long a bind must wait because others had failed. */
  throttledMs: number;
}

/** Hears of the passwords that are tried in an operation. */
export interface PasswordReport {
  /** A password waits because earlier ones were wrong. `name`: whose it is, if it is a DN. */
  passwordDelayed(operation: Operation, name: DN | Buffer, milliseconds: number): void;
  /** Outside a bind. */
  passwordWrong(operation: Operation, name: DN): void;
}

export class Operation implements OperationIO, SearchSink, OperationSignal, PasswordWatcher, Waiter {
  readonly messageId: number;
  readonly request: AnsweredRequest;
  /** Entries sent. */
  entries = 0;
  /** When it began, by performance.now; 0 where nobody wants to know. */
  startedMs = 0;
  /** How long it had been there before it began, where that is logged. */
  queuedMs = 0;
  /** When it was found that it cannot be answered at once, by performance.now: about when it began. */
  waitingSinceMs = 0;
  /** What observers will want to know; set where there are any. */
  circumstances: OperationCircumstances | undefined;
  /** Told that this operation has ended, by a Cancel that waits for it: with the operation's result code. */
  onEnded: ((code: number) => void) | undefined;
  /** Told what was answered, where somebody wants to know. */
  onAnswered: ((response: Response) => void) | undefined;
  /** Whose password was tried last, except in a simple bind. */
  triedName: DN | undefined;
  /** It goes on until somebody ends it. */
  persistent = false;
  readonly #output: ConnectionOutput;
  readonly #report: PasswordReport;
  readonly #statistics: ServerStatistics;
  #stopped: OperationSignal['stopped'];
  #whenStopped: (() => void) | undefined;
  #waiting: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(
    message: AnsweredMessage,
    /** Counts a connection's operations from 0. */
    readonly number: number,
    output: ConnectionOutput,
    statistics: ServerStatistics,
    report: PasswordReport,
  ) {
    this.messageId = message.messageId;
    this.request = message.request;
    this.#output = output;
    this.#statistics = statistics;
    this.#report = report;
  }

  // One object is all of an operation's IO: a lookup should make no other.
  get sink(): SearchSink {
    return this;
  }

  get signal(): OperationSignal {
    return this;
  }

  get passwords(): PasswordWatcher {
    return this;
  }

  get trace(): OperationTrace | undefined {
    return this.circumstances?.trace;
  }

  get stopped(): OperationSignal['stopped'] {
    return this.#stopped;
  }

  /** Abandoned stays abandoned: nobody waits for that answer. */
  stop(how: 'abandoned' | 'canceled'): void {
    if (this.#stopped !== 'abandoned') this.#stopped = how;
    this.#output.release(this);
    this.#whenStopped?.();
  }

  whenStopped(listener: () => void): void {
    this.#whenStopped = listener;
  }

  persists(): void {
    this.persistent = true;
  }

  entry(entry: ResultEntry): boolean {
    if (this.#stopped === 'abandoned') return true;
    this.#output.writer.entry(this.messageId, entry);
    this.entries++;
    this.#statistics.entriesSent++;
    this.#statistics.messagesSent++;
    return this.#output.entryWritten(this.entries);
  }

  reference(urls: readonly string[]): boolean {
    if (this.#stopped === 'abandoned') return true;
    this.#output.writer.reference(this.messageId, urls);
    this.#statistics.referralsSent += urls.length;
    this.#statistics.messagesSent++;
    return this.#output.entryWritten();
  }

  passwordTried(dn: DN): void {
    this.triedName = dn;
  }

  passwordDelayed(milliseconds: number): void {
    if (this.triedName) this.#report.passwordDelayed(this, this.triedName, milliseconds);
  }

  passwordWrong(): void {
    if (this.triedName && this.request.op !== 'bind') this.#report.passwordWrong(this, this.triedName);
  }

  intermediate(name: string, value: Buffer): boolean {
    if (this.#stopped === 'abandoned') return true;
    this.#output.writer.intermediate(this.messageId, name, value);
    this.#statistics.messagesSent++;
    return this.#output.entryWritten();
  }

  notify(notification: ExtendedResponse): void {
    this.#output.writer.extendedResult(0, notification);
    this.#statistics.messagesSent++;
    this.#output.flushSoon();
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#output.wait(this);
    });
  }

  proceed(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
