/**
 * How a search that cannot answer at once goes on beside others: its place among the long searches, its slices, its time
 * limit, and its waits for the receiver. A lookup never has one.
 */
import { type FilterWeight, filterWeight } from '../../filter/weight.js';
import type { SearchRequest } from '../../ldap/request.js';
import { bytesPerAttribute } from '../limits.js';
import type { OperationSignal } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import type { SearchAnswer } from './answer.js';
import type { LongSearch } from './long-searches.js';
import { timeLimit } from './search-limits.js';
import { Slice } from './slice.js';

export class SearchPace {
  /** The search could let go of what it has read, and read on from the entry it is at. */
  restartable = false;
  /** Where it is not: it holds so much that it must end where too many such searches wait for their receivers. */
  isHeavy = false;
  /** By performance.now: the time limit counts from when the search first had to wait, which is the turn it came in. */
  readonly #deadlineMs: number;
  readonly #weight: FilterWeight;
  /** The search's part among the long ones, once it is one. */
  #turn: LongSearch | undefined;
  /** Another search has its place; resolves when the receiver can take more. */
  #lost: Promise<void> | undefined;

  constructor(
    private readonly operation: OperationContext,
    private readonly request: SearchRequest,
    private readonly answer: SearchAnswer,
    private readonly signal: OperationSignal,
  ) {
    this.#deadlineMs = performance.now() + timeLimit(request.timeLimit, answer.limits) * 1_000;
    this.#weight = filterWeight(request.filter);
  }

  get isLong(): boolean {
    return this.#turn !== undefined;
  }

  /** True while the search cannot keep what it holds, because others need its place. */
  get hasLostPlace(): boolean {
    return this.#lost !== undefined;
  }

  /** Resolves when the search may work as one of the long ones. Rejects with 51 where there are too many. */
  async enter(): Promise<void> {
    const entered = this.operation.directory.longSearches.enter(this.operation.peer.address, this.#requestBytes);
    this.#turn = await this.#noteWait('queuedMs', entered);
  }

  leave(): void {
    this.#turn?.leave();
    this.#turn = undefined;
  }

  /** What is kept of the request while the search waits or works: roughly. */
  get #requestBytes(): number {
    const assertion = this.operation.controls.get('assertion')?.filter;
    const filters = this.#weight.bytes + (assertion ? filterWeight(assertion).bytes : 0);
    return filters + this.request.attributes.length * bytesPerAttribute;
  }

  /** For work that puts the filter to an entry in each step. */
  slice(): Slice {
    return new Slice(this.#weight.terms);
  }

  mustStop(): boolean {
    if (this.signal.stopped) this.answer.stop = this.signal.stopped;
    else if (performance.now() > this.#deadlineMs) this.answer.stop = 'timeLimit';
    return this.answer.stop !== undefined;
  }

  /** Waits for the next slice; false when the search must stop. */
  async next(slice: Slice): Promise<boolean> {
    await slice.next();
    return !this.mustStop();
  }

  /**
   * Waits for the receiver, or until the search has lost its place; false when the search must stop. Rejects with 51 where
   * the search is heavy, and others of its kind are waiting already.
   */
  async drained(): Promise<boolean> {
    this.answer.waiting = false;
    const drained = this.#noteWait('receiverMs', this.answer.sink.drained());
    if (!this.#turn) await drained;
    else if (!this.restartable) await this.#turn.waitKeeping(drained, this.isHeavy);
    else if (!(await this.#turn.waitFor(drained))) this.#lost = drained;
    return !this.mustStop();
  }

  /** Waits for the receiver and for a place; false when the search must stop. */
  async comeBack(): Promise<boolean> {
    await this.#lost;
    this.#lost = undefined;
    await this.#noteWait('queuedMs', this.#turn!.comeBack());
    return !this.mustStop();
  }

  /** Notes how long it takes, where somebody will want to know. */
  #noteWait<T>(what: 'queuedMs' | 'receiverMs', wait: Promise<T>): Promise<T> {
    const { trace } = this.operation;
    if (!trace) return wait;
    const sinceMs = performance.now();
    return wait.finally(() => (trace[what] += performance.now() - sinceMs));
  }
}
