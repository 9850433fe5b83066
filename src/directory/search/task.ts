/**
 * One search on its way through its candidates, database after database. Few candidates are visited at once, without a
 * promise; many in slices, in step with the receiver.
 */
import { Privilege } from '../../access/model.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { Response } from '../../ldap/response.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Candidates } from '../../store/model.js';
import type { Sorter, SortPosition } from '../controls/sort.js';
import { listStepsAtOnceMax, sortedAtOnceMax, visitedAtOnceMax, walkedPart } from '../limits.js';
import { listsFor } from '../lists/view.js';
import type { Work } from '../lists/work.js';
import type { MaybePromise, OperationSignal } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import type { OperationTrace, SearchMethod } from '../trace.js';
import { AliasScope, type ScopeRoot } from './alias-scope.js';
import type { SearchAnswer } from './answer.js';
import { readEntry } from './entry-reader.js';
import { SearchPace } from './pace.js';
import type { SearchPart } from './part.js';
import { Slice } from './slice.js';

export class SearchTask {
  readonly #manageDsaIT: boolean;
  /** RFC 3672: true: subentries alone; false: none; undefined, without the control: only where one is the base itself. */
  readonly #subentries: boolean | undefined;
  readonly #trace: OperationTrace | undefined;
  /** Which of the parts is being searched. */
  #place = 0;
  #part: SearchPart;
  #pace: SearchPace | undefined;

  constructor(
    private readonly operation: OperationContext,
    private readonly request: SearchRequest,
    private readonly parts: readonly SearchPart[],
    private readonly answer: SearchAnswer,
    private readonly signal: OperationSignal,
  ) {
    this.#part = parts[0]!;
    this.#manageDsaIT = operation.controls.has('manageDsaIT');
    this.#subentries = operation.controls.get('subentries')?.visible;
    this.#trace = operation.trace;
  }

  run(): MaybePromise<Response> {
    const { operation, answer } = this;
    const part = this.#part;
    const base = this.#baseOf(part);
    if (!base) throw operation.absent(part.base, part.database.store, part.access, this.request.scope);
    operation.refer(base, part.base, this.request.scope);
    if (!part.access.allows(base, 'entry', Privilege.search)) {
      const known = part.access.allows(base, 'entry', Privilege.disclose);
      throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
    }
    part.checkAssertion(operation, base);
    if (answer.page?.size === 0) return answer.finish();
    const { firstPlace } = answer;
    if (firstPlace === 0) return this.#visitPart(base);
    this.#place = firstPlace - 1;
    return this.#nextPart();
  }

  /** A database of suffix "" has no entry of that name: the root of all trees stands in. */
  #baseOf({ database, base }: SearchPart): EntryRecord | undefined {
    if (base.isEmpty && database.isSuffix(base)) return this.operation.directory.rootEntry;
    return database.store.entryByNdn(base.normalized);
  }

  #visitPart(base: EntryRecord): MaybePromise<Response> {
    const part = this.#part;
    const root = part.enter(base);
    if (this.#trace) this.#noteStep(this.#trace);
    const lists = this.#manageDsaIT ? undefined : listsFor(this.operation, part, this.request);
    if (!lists || lists.atOnce(listStepsAtOnceMax)) return this.#visitEntered(base, root);
    return this.#expandLists(lists, () => this.#visitEntered(base, root));
  }

  /** Long lists are expanded in slices, as one of the long searches. */
  async #expandLists(lists: Work, visit: () => MaybePromise<Response>): Promise<Response> {
    const pace = this.#paced;
    const isOuter = !pace.isLong;
    try {
      if (isOuter) await pace.enter();
      pace.restartable = false;
      const slice = pace.slice();
      const done = !pace.mustStop() && (await lists.finish(() => !slice.isOver() || pace.next(slice)));
      return await (done ? visit() : this.answer.finish());
    } finally {
      lists.abandon();
      if (isOuter) pace.leave();
    }
  }

  #visitEntered(base: EntryRecord, root: ScopeRoot): MaybePromise<Response> {
    const part = this.#part;
    if (part.scope === 'base') return this.#visitFew([base.id]);
    if (part.followsAliases) return this.#visitThroughAliases(root);
    const candidates = part.candidates(this.answer.tellsReferrals);
    const { mayHaveReferrals, store } = part.database;
    const known = this.answer.tellsReferrals && mayHaveReferrals ? undefined : part.view?.ids;
    const few = known ?? store.fewCandidates(candidates);
    if (!few) return this.#visitMany(candidates);
    if (this.#trace) this.#noteMethod('candidates', few.length);
    return few.length <= visitedAtOnceMax ? this.#visitFew(few) : this.#visitMany(candidates, few);
  }

  #noteStep(trace: OperationTrace): void {
    const { database, filter, scope } = this.#part;
    trace.steps.push({ database, filter, scope, method: 'base', candidates: undefined });
  }

  #noteMethod(method: SearchMethod, candidates?: number): void {
    const step = this.#trace?.step;
    if (!step) return;
    step.method = method;
    step.candidates = candidates;
  }

  /** Goes on in the next database that can be searched; ends after the last. */
  #nextPart(): MaybePromise<Response> {
    const { answer } = this;
    while (answer.stop === undefined && ++this.#place < this.parts.length) {
      const part = (this.#part = this.parts[this.#place]!);
      const base = part.database.store.entryByNdn(part.base.normalized);
      if (base && part.access.allows(base, 'entry', Privilege.search)) return this.#visitPart(base);
    }
    return answer.sorter && answer.stop === undefined ? this.#sendSorted(answer.sorter) : answer.finish();
  }

  /** To be made before anything is waited for: its clock runs from then. What never waits is over long before its limit. */
  get #paced(): SearchPace {
    return (this.#pace ??= new SearchPace(this.operation, this.request, this.answer, this.signal));
  }

  /** All at once, unless the receiver asks to wait. */
  #visitFew(ids: readonly number[]): MaybePromise<Response> {
    this.#examine(ids.length);
    for (let index = 0; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) break;
      if (this.answer.waiting) return this.#visitRest(ids, index + 1);
    }
    return this.#nextPart();
  }

  async #visitRest(ids: readonly number[], from: number): Promise<Response> {
    const pace = this.#paced;
    pace.restartable = false;
    await this.#visitIds(pace, ids, from);
    return this.#nextPart();
  }

  #visitThroughAliases(root: ScopeRoot): Promise<Response> {
    const part = this.#part;
    return this.#takingTurns(async (pace) => {
      const slice = pace.slice();
      const proceed = (): boolean | Promise<boolean> => !slice.isOver() || pace.next(slice);
      part.aliased = await AliasScope.find(this.operation, part.database, root, proceed);
      if (!pace.mustStop()) await this.#visitInOrder(pace, part.filterCandidates(this.answer.tellsReferrals));
    });
  }

  #visitMany(candidates: Candidates, known?: readonly number[]): Promise<Response> {
    return this.#takingTurns(async (pace) => {
      const { store } = this.#part.database;
      const ids = known ?? (await store.candidateIds(candidates));
      const { descendantCount, baseId } = this.#part;
      this.#examine(ids ? ids.length : descendantCount);
      const walks = !ids && !this.answer.page && baseId !== 0 && descendantCount < store.entryCount * walkedPart;
      if (!walks || this.operation.directory.longSearches.crowded) return this.#visitInOrder(pace, candidates, ids);
      pace.restartable = false;
      this.#noteMethod('subtree');
      await this.#visitChunks(pace, store.walk(baseId));
    });
  }

  /** Does work that is long as one of the long searches, then what is left of the search. */
  async #takingTurns(work: (pace: SearchPace) => Promise<void>): Promise<Response> {
    const pace = this.#paced;
    if (pace.isLong) {
      await work(pace);
      return this.#nextPart();
    }
    await pace.enter();
    try {
      if (!pace.mustStop()) await work(pace);
      return await this.#nextPart();
    } finally {
      pace.leave();
    }
  }

  /**
   * Visits candidates in the order of their ids. Where another search takes this one's place meanwhile, everything that
   * was read is let go, and read anew from the same id later.
   */
  async #visitInOrder(pace: SearchPace, candidates: Candidates, known?: readonly number[]): Promise<void> {
    const { store } = this.#part.database;
    const { page } = this.answer;
    pace.restartable = true;
    let ids = known;
    for (let after: number | undefined = this.answer.afterId(this.#place); after !== undefined; ids = undefined) {
      ids ??= await store.candidateIds(candidates);
      this.#noteMethod(ids ? 'candidates' : 'everything', ids?.length);
      after = ids
        ? await this.#visitIds(pace, ids, firstAbove(ids, after))
        : await this.#visitChunks(pace, page ? store.scanPage(after + 1, page.size) : store.scan({ fromId: after + 1 }));
      if (after !== undefined && !(await pace.comeBack())) return;
    }
  }

  /** Answers the id after which to go on, where the search has lost its place; undefined: it is through. */
  async #visitChunks(pace: SearchPace, chunks: AsyncIterable<EntryRecord[]>): Promise<number | undefined> {
    const slice = pace.slice();
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (!this.#visit(record)) return undefined;
        if (this.answer.waiting && !(await pace.drained())) return undefined;
        if (pace.hasLostPlace) return record.id;
        if (slice.isOver() && !(await pace.next(slice))) return undefined;
      }
      if (pace.mustStop()) return undefined;
    }
    return undefined;
  }

  /** As `#visitChunks`, for the ids from this index on. */
  async #visitIds(pace: SearchPace, ids: readonly number[], from: number): Promise<number | undefined> {
    if (this.answer.waiting && !(await pace.drained())) return undefined;
    const slice = pace.slice();
    for (let index = from; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) return undefined;
      if (this.answer.waiting && !(await pace.drained())) return undefined;
      if (pace.hasLostPlace) return ids[index];
      if (slice.isOver() && !(await pace.next(slice))) return undefined;
    }
    return undefined;
  }

  /** Throws 11 where so many candidates may not be looked at (`size.unchecked`). */
  #examine(candidates: number): void {
    if (candidates > this.answer.limits.sizeUnchecked) throw new LdapError(ResultCode.adminLimitExceeded);
  }

  #visitId(id: number): boolean {
    if (this.answer.page && id <= this.answer.afterId(this.#place)) return true;
    const record = readEntry(this.operation, this.#part.database, id);
    return record ? this.#visit(record) : true;
  }

  /** False when the search must stop. */
  #visit(record: EntryRecord): boolean {
    const part = this.#part;
    if (this.#trace) this.#trace.examined++;
    if (!part.covers(record)) return true;
    const { flags } = record;
    if (flags !== 0) {
      if (flags & RecordFlag.glue && !this.#manageDsaIT) return true;
      if (flags & RecordFlag.referral && !this.#manageDsaIT) {
        this.answer.refer(part, record);
        return true;
      }
      if (flags & RecordFlag.alias && part.followsAliases && record.id !== part.baseId) return true;
      if (flags & RecordFlag.subentry ? !this.#showsSubentry(part) : this.#subentries) return true;
    } else if (this.#subentries) {
      return true;
    }
    const shown = part.shown(record);
    return !shown || this.answer.take(part, this.#place, shown);
  }

  #showsSubentry({ scope }: SearchPart): boolean {
    return this.#subentries ?? scope === 'base';
  }

  /** What has been found, in its order; an entry that has changed meanwhile is looked at again. */
  #sendSorted(sorter: Sorter): MaybePromise<Response> {
    if (this.#pace) this.#pace.restartable = false;
    if (sorter.count > sortedAtOnceMax) return this.#sortInSlices(sorter);
    const { answer } = this;
    const positions = answer.partOf(sorter.sorted());
    for (let index = 0; index < positions.length; index++) {
      if (!answer.sendAt(positions[index]!)) break;
      if (answer.waiting) return this.#sendSortedFrom(positions, index + 1);
    }
    return answer.finish();
  }

  async #sortInSlices(sorter: Sorter): Promise<Response> {
    const pace = this.#paced;
    const slice = new Slice();
    const positions = await sorter.sortedInSteps(() => !slice.isOver() || pace.next(slice));
    return positions ? this.#sendSortedFrom(this.answer.partOf(positions), 0) : this.answer.finish();
  }

  async #sendSortedFrom(positions: readonly SortPosition[], from: number): Promise<Response> {
    const pace = this.#paced;
    const { answer } = this;
    const slice = pace.slice();
    for (let index = from; index < positions.length; index++) {
      if (answer.waiting && !(await pace.drained())) break;
      if (!answer.sendAt(positions[index]!)) break;
      if (slice.isOver() && !(await pace.next(slice))) break;
    }
    if (answer.waiting) await pace.drained();
    return answer.finish();
  }
}

/** The first index whose id is above `after`. */
function firstAbove(ids: readonly number[], after: number): number {
  let low = 0;
  for (let high = ids.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
