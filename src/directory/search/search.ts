/**
 * The search operation (RFC 4511 section 4.5). A lookup — a filter whose indexes name a few candidates — is answered at
 * once, without a promise; anything larger streams, a slice of work at a time, in step with the receiver.
 */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { SearchLimits } from '../../config/model.js';
import type { DN } from '../../dn/dn.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import { candidatesFor } from '../../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../../filter/evaluate.js';
import { type FilterWeight, filterWeight } from '../../filter/weight.js';
import type { Control, ResponseControl } from '../../ldap/control.js';
import type { Schema } from '../../ldap/schema.js';
import type { SearchRequest, SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { Candidates } from '../../store/model.js';
import { AliasScope, isInRoot, type ScopeRoot } from './alias-scope.js';
import { dereferenceBase, followsAliases } from './aliases.js';
import { readEntry } from './entry-reader.js';
import { bytesPerAttribute, visitedAtOnceMax, walkedPart } from '../limits.js';
import { sortResponse } from '../../protocol/response-controls.js';
import type { Database } from '../database.js';
import { limitsFor, sizeLimit, timeLimit } from './search-limits.js';
import type { LongSearch } from './long-searches.js';
import { filterEnvironment } from './matching.js';
import type { MaybePromise, OperationSignal, SearchSink } from '../model.js';
import type { Response } from '../../ldap/response.js';
import type { OperationContext } from '../operations/operation.js';
import { referralUrls } from '../operations/referral.js';
import { Selection } from './selection.js';
import { valueFilterOf } from '../controls/matched-values.js';
import { beginPage, type Page } from '../controls/paged-results.js';
import { SortError, Sorter, SortPlan, type SortPosition } from '../controls/sort.js';
import { Slice } from './slice.js';
import { searchVirtual } from './virtual-search.js';
import type { OperationTrace, SearchMethod } from '../trace.js';

export function search(
  operation: OperationContext,
  request: SearchRequest,
  sink: SearchSink,
  signal: OperationSignal,
): MaybePromise<Response> {
  const { directory, controls } = operation;
  const sort = controls.get('serverSideSort');
  const plan = sort && sortPlan(sort, directory.schema);
  const named = directory.parseDN(request.base);
  const virtual = directory.virtualTree(named.normalized, operation.peer);
  // Root DSE and cn=Subschema are for base searches only, as in slapd; cn=Monitor is a tree.
  if (virtual && (request.scope === 'base' || virtual.length > 1)) {
    if (sort?.critical) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, "the server's own entries are not sorted");
    }
    return searchVirtual(operation, virtual, named, request, sink);
  }
  const base = named.isEmpty ? (directory.config.defaultSearchBase ?? named) : named;
  const database = operation.databaseOf(base, ResultCode.noSuchObject, request.scope);
  if (!plan) return begin(operation, database, base, request, sink, signal, undefined);
  const unsorted = (error: unknown): MaybePromise<Response> => {
    if (!(error instanceof SortError) || sort?.critical) throw error;
    return withSortResult(begin(operation, database, base, request, sink, signal, undefined), error);
  };
  if (plan instanceof SortError) return unsorted(plan);
  try {
    const answer = begin(operation, database, base, request, sink, signal, plan);
    return answer instanceof Promise ? answer.catch(unsorted) : answer;
  } catch (error) {
    return unsorted(error);
  }
}

function begin(
  operation: OperationContext,
  database: Database,
  base: DN,
  request: SearchRequest,
  sink: SearchSink,
  signal: OperationSignal,
  plan: SortPlan | undefined,
): MaybePromise<Response> {
  const found = dereferenceBase(operation, database, base, request.derefAliases);
  return new Search(operation, database, found, request, sink, signal, plan).run();
}

/** RFC 2891 section 2: a control that is not critical never fails the search; its response says why there is no order. */
function sortPlan(control: Extract<Control, { type: 'serverSideSort' }>, schema: Schema): SortPlan | SortError {
  try {
    return new SortPlan(control, schema);
  } catch (error) {
    if (!(error instanceof SortError) || control.critical) throw error;
    return error;
  }
}

function withSortResult(answer: MaybePromise<Response>, { code, attribute }: SortError): MaybePromise<Response> {
  const told = (response: Response): Response => ({
    ...response,
    controls: [...(response.controls ?? []), sortResponse(code, attribute)],
  });
  return answer instanceof Promise ? answer.then(told) : told(answer);
}

/** Why a search stops before its candidates end. */
type Stop = 'sizeLimit' | 'pageEnd' | 'timeLimit' | 'abandoned' | 'canceled';

/** What a search does in one database: the base's own, or one that is glued in below it. */
class SearchPart {
  readonly access: AccessEvaluator;
  readonly filter: CompiledFilter;
  readonly environment: FilterEnvironment;
  readonly selection: Selection;
  readonly followsAliases: boolean;
  /** The part of the tree below the base. */
  root: ScopeRoot | undefined;
  /** The parts that aliases lead to. */
  aliased: AliasScope | undefined;
  baseId = 0;

  constructor(
    operation: OperationContext,
    readonly database: Database,
    readonly base: DN,
    readonly scope: SearchScope,
    request: SearchRequest,
  ) {
    const { store, schema } = database;
    this.access = operation.evaluator(database, store);
    this.environment = filterEnvironment(this.access, database.computed);
    this.filter = compileFilter(request.filter, schema, store.dictionary);
    const matchedValues = operation.controls.get('matchedValues');
    this.selection = matchedValues
      ? new Selection(
          request.attributes,
          request.typesOnly,
          schema,
          database.computed,
          valueFilterOf(matchedValues, schema, this.environment),
        )
      : database.selection(request.attributes, request.typesOnly);
    this.followsAliases = followsAliases(database, scope, request.derefAliases);
  }

  enter(base: EntryRecord): ScopeRoot {
    const root: ScopeRoot = { id: base.id, ndn: base.ndn, scope: this.scope };
    this.baseId = base.id;
    this.root = root;
    return root;
  }

  /** All entries below the base; the root of all trees has no count of its own. */
  get descendantCount(): number {
    const { store } = this.database;
    return this.baseId === 0 ? store.entryCount : store.descendantCount(this.baseId);
  }
}

class Search {
  readonly #limits: SearchLimits;
  readonly #sizeLimit: number;
  readonly #seconds: number;
  /** By performance.now; set when the search turns out to be one that waits. */
  #deadlineMs = Infinity;
  readonly #page: Page | undefined;
  readonly #sorter: Sorter | undefined;
  readonly #manageDsaIT: boolean;
  readonly #tellsReferrals: boolean;
  /** RFC 3672: true: subentries alone; false: none; undefined, without the control: only where one is the base itself. */
  readonly #subentries: boolean | undefined;
  /** The databases that are still to be searched after the present one. */
  readonly #parts: readonly SearchPart[];
  #place = 0;
  #part: SearchPart;
  #sent = 0;
  #waiting = false;
  /** The search's part among the long ones, once it is one. */
  #turn: LongSearch | undefined;
  /** It could let go of what it has read, and read on from the entry it is at. */
  #restartable = false;
  /** Another search has its place; resolves when the receiver can take more. */
  #lost: Promise<void> | undefined;
  #stop: Stop | undefined;
  readonly #trace: OperationTrace | undefined;
  /** Of its filter, where somebody has asked. */
  #knownWeight: FilterWeight | undefined;

  constructor(
    private readonly operation: OperationContext,
    database: Database,
    base: DN,
    private readonly request: SearchRequest,
    private readonly sink: SearchSink,
    private readonly signal: OperationSignal,
    private readonly sort: SortPlan | undefined,
  ) {
    const { controls, subject, directory } = operation;
    const glued = directory.glued(database, base, request.scope);
    this.#part = new SearchPart(operation, database, base, request.scope, request);
    this.#parts =
      glued.length === 0
        ? [this.#part]
        : [this.#part, ...glued.map((one) => new SearchPart(operation, one.database, one.base, one.scope, request))];
    this.#limits = limitsFor(subject, base, database, operation.environment(database, database.store));
    this.#seconds = timeLimit(request.timeLimit, this.#limits);
    const paging = controls.get('pagedResults');
    this.#page = paging && beginPage(operation.session, paging, request, base, this.#limits);
    this.#sizeLimit = this.#page?.limit ?? sizeLimit(request.sizeLimit, this.#limits);
    if (sort) {
      const wanted = Math.min(this.#sizeLimit, this.#page?.size ?? Infinity) + 1;
      this.#sorter = new Sorter(sort, wanted, this.#page?.resumed ? this.#page.after : undefined);
    }
    this.#manageDsaIT = controls.has('manageDsaIT');
    this.#tellsReferrals = !this.#manageDsaIT && !controls.has('domainScope');
    this.#subentries = controls.get('subentries')?.visible;
    this.#trace = operation.trace;
  }

  run(): MaybePromise<Response> {
    const part = this.#part;
    const { store } = part.database;
    const base = this.#baseOf(part);
    if (!base) throw this.operation.absent(part.base, store, part.access, this.request.scope);
    this.operation.refer(base, part.base, this.request.scope);
    if (!part.access.allows(base, 'entry', Privilege.search)) {
      const known = part.access.allows(base, 'entry', Privilege.disclose);
      throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
    }
    this.#checkAssertion(base);
    if (this.#page?.size === 0) return this.#finish();
    const from = this.#sorter ? 0 : (this.#page?.after.part ?? 0);
    if (from === 0) return this.#visitPart(base);
    this.#place = from - 1;
    return this.#nextPart();
  }

  /** A database of suffix "" has no entry of that name: the root of all trees stands in. */
  #baseOf({ database, base }: SearchPart): EntryRecord | undefined {
    if (base.isEmpty && database.isSuffix(base)) return this.operation.directory.rootEntry;
    return database.store.entryByNdn(base.normalized);
  }

  #visitPart(base: EntryRecord): MaybePromise<Response> {
    const part = this.#part;
    const { store } = part.database;
    const root = part.enter(base);
    if (this.#trace) this.#noteStep(this.#trace);
    if (part.scope === 'base') return this.#visitFew([base.id]);
    if (part.followsAliases) return this.#visitThroughAliases(root);
    const candidates = this.#candidates();
    const few = store.fewCandidates(candidates);
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
    while (this.#stop === undefined && ++this.#place < this.#parts.length) {
      const part = (this.#part = this.#parts[this.#place]!);
      const base = part.database.store.entryByNdn(part.base.normalized);
      if (base && part.access.allows(base, 'entry', Privilege.search)) return this.#visitPart(base);
    }
    return this.#sorter ? this.#sendSorted(this.#sorter) : this.#finish();
  }

  #visitThroughAliases(root: ScopeRoot): Promise<Response> {
    const part = this.#part;
    return this.#takingTurns(async () => {
      const slice = new Slice();
      const next = async (): Promise<boolean> => {
        await slice.next();
        return !this.#mustStop();
      };
      part.aliased = await AliasScope.find(this.operation, part.database, root, () => !slice.isOver() || next());
      if (!this.#mustStop()) await this.#visitInOrder(this.#filterCandidates());
    });
  }

  #checkAssertion(base: EntryRecord): void {
    const assertion = this.operation.controls.get('assertion');
    if (!assertion) return;
    const compiled = compileFilter(assertion.filter, this.#part.database.schema, base.dictionary);
    if (evaluateFilter(compiled, base, this.#part.environment) !== true) throw new LdapError(ResultCode.assertionFailed);
  }

  /** What the indexes know of the filter and, where the search looks one level down, of the scope. */
  #candidates(): Candidates {
    const byFilter = this.#filterCandidates();
    if (this.#part.scope !== 'one') return byFilter;
    const byScope: Candidates = { op: 'posting', key: this.#part.database.store.childrenOf(this.#part.baseId) };
    return byFilter === 'all' ? byScope : { op: 'and', terms: [byFilter, byScope] };
  }

  /** A search that reports referral objects cannot leave them out, whatever its filter says. */
  #filterCandidates(): Candidates {
    const { database, filter } = this.#part;
    const byFilter = candidatesFor(filter, database.store.indexes);
    if (byFilter === 'all' || !this.#tellsReferrals || !database.mayHaveReferrals) return byFilter;
    const referrals = database.classCandidates('referral');
    return referrals === 'all' ? 'all' : { op: 'or', terms: [byFilter, referrals] };
  }

  /** Entries of the present database up to this id were on earlier pages. */
  get #afterId(): number {
    const after = this.#sorter ? undefined : this.#page?.after;
    return after?.part === this.#place ? after.id : 0;
  }

  /** All at once, unless the receiver asks to wait. */
  #visitFew(ids: readonly number[]): MaybePromise<Response> {
    this.#examine(ids.length);
    for (let index = 0; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) break;
      if (this.#waiting) return this.#visitRest(ids, index + 1);
    }
    return this.#nextPart();
  }

  async #visitRest(ids: readonly number[], from: number): Promise<Response> {
    this.#restartable = false;
    await this.#visitIds(ids, from);
    return this.#nextPart();
  }

  #visitMany(candidates: Candidates, known?: readonly number[]): Promise<Response> {
    return this.#takingTurns(async () => {
      const { store } = this.#part.database;
      const ids = known ?? (await store.candidateIds(candidates));
      const { descendantCount, baseId } = this.#part;
      this.#examine(ids ? ids.length : descendantCount);
      const walks = !ids && !this.#page && baseId !== 0 && descendantCount < store.entryCount * walkedPart;
      if (!walks || this.operation.directory.longSearches.crowded) return this.#visitInOrder(candidates, ids);
      this.#restartable = false;
      this.#noteMethod('subtree');
      await this.#visitChunks(store.walk(baseId));
    });
  }

  /** Does work that is long as one of the long searches, then what is left of the search. */
  async #takingTurns(work: () => Promise<void>): Promise<Response> {
    if (this.#turn) {
      await work();
      return this.#nextPart();
    }
    this.#startClock();
    const { longSearches } = this.operation.directory;
    const entered = longSearches.enter(this.operation.peer.address, this.#requestBytes);
    this.#turn = await this.#noteWait('queuedMs', entered);
    try {
      if (!this.#mustStop()) await work();
      return await this.#nextPart();
    } finally {
      this.#turn.leave();
      this.#turn = undefined;
    }
  }

  /** What is kept of the request while the search waits or works: roughly. */
  get #requestBytes(): number {
    const { request, operation } = this;
    const assertion = operation.controls.get('assertion')?.filter;
    const filters = this.#weight.bytes + (assertion ? filterWeight(assertion).bytes : 0);
    return filters + request.attributes.length * bytesPerAttribute;
  }

  get #weight(): FilterWeight {
    this.#knownWeight ??= filterWeight(this.request.filter);
    return this.#knownWeight;
  }

  /**
   * Visits candidates in the order of their ids. Where another search takes this one's place meanwhile, everything that
   * was read is let go, and read anew from the same id later.
   */
  async #visitInOrder(candidates: Candidates, known?: readonly number[]): Promise<void> {
    const { store } = this.#part.database;
    this.#restartable = true;
    let ids = known;
    for (let after: number | undefined = this.#afterId; after !== undefined; ids = undefined) {
      ids ??= await store.candidateIds(candidates);
      this.#noteMethod(ids ? 'candidates' : 'everything', ids?.length);
      after = ids
        ? await this.#visitIds(ids, firstAbove(ids, after))
        : await this.#visitChunks(this.#page ? store.scanPage(after + 1, this.#page.size) : store.scan({ fromId: after + 1 }));
      if (after !== undefined && !(await this.#comeBack())) return;
    }
  }

  /** Answers the id after which to go on, where the search has lost its place; undefined: it is through. */
  async #visitChunks(chunks: AsyncIterable<EntryRecord[]>): Promise<number | undefined> {
    const slice = new Slice(this.#weight.terms);
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (!this.#visit(record)) return undefined;
        if (this.#waiting && !(await this.#drained())) return undefined;
        if (this.#lost) return record.id;
        if (slice.isOver()) await slice.next();
      }
      if (this.#mustStop()) return undefined;
    }
    return undefined;
  }

  /** As `#visitChunks`, for the ids from this index on. */
  async #visitIds(ids: readonly number[], from: number): Promise<number | undefined> {
    if (this.#waiting && !(await this.#drained())) return undefined;
    const slice = new Slice(this.#weight.terms);
    for (let index = from; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) return undefined;
      if (this.#waiting && !(await this.#drained())) return undefined;
      if (this.#lost) return ids[index];
      if (slice.isOver()) {
        await slice.next();
        if (this.#mustStop()) return undefined;
      }
    }
    return undefined;
  }

  /** Throws 11 where so many candidates may not be looked at (`size.unchecked`). */
  #examine(candidates: number): void {
    if (candidates > this.#limits.sizeUnchecked) throw new LdapError(ResultCode.adminLimitExceeded);
  }

  /** Waits for the receiver, or until the search has lost its place; false when the search must stop. */
  async #drained(): Promise<boolean> {
    this.#startClock();
    this.#waiting = false;
    const drained = this.#noteWait('receiverMs', this.sink.drained());
    if (!this.#turn) await drained;
    else if (!this.#restartable) await this.#turn.waitKeeping(drained);
    else if (!(await this.#turn.waitFor(drained))) this.#lost = drained;
    return !this.#mustStop();
  }

  /** Waits for the receiver and for a place; false when the search must stop. */
  async #comeBack(): Promise<boolean> {
    await this.#lost;
    this.#lost = undefined;
    await this.#noteWait('queuedMs', this.#turn!.comeBack());
    return !this.#mustStop();
  }

  /** Notes how long it takes, where somebody will want to know. */
  #noteWait<T>(what: 'queuedMs' | 'receiverMs', wait: Promise<T>): Promise<T> {
    const trace = this.#trace;
    if (!trace) return wait;
    const sinceMs = performance.now();
    return wait.finally(() => (trace[what] += performance.now() - sinceMs));
  }

  #mustStop(): boolean {
    if (this.signal.stopped) this.#stop = this.signal.stopped;
    else if (performance.now() > this.#deadlineMs) this.#stop = 'timeLimit';
    return this.#stop !== undefined;
  }

  /** To be called before anything is waited for. What never waits is over long before its time limit. */
  #startClock(): void {
    if (this.#deadlineMs === Infinity) this.#deadlineMs = performance.now() + this.#seconds * 1_000;
  }

  #visitId(id: number): boolean {
    if (this.#page && id <= this.#afterId) return true;
    const record = readEntry(this.operation, this.#part.database, id);
    return record ? this.#visit(record) : true;
  }

  /** False when the search must stop. */
  #visit(record: EntryRecord): boolean {
    const part = this.#part;
    if (this.#trace) this.#trace.examined++;
    if (!this.#inScope(record)) return true;
    const { flags } = record;
    if (flags !== 0) {
      if (flags & RecordFlag.referral && !this.#manageDsaIT) return this.#refer(record);
      if (flags & RecordFlag.alias && part.followsAliases && record.id !== part.baseId) return true;
      if (flags & RecordFlag.subentry ? !this.#showsSubentry(part.scope) : this.#subentries) return true;
    } else if (this.#subentries) {
      return true;
    }
    if (!this.#isAnswer(part, record)) return true;
    const { sort } = this;
    if (!sort) return this.#send(part, record, this.#page && { keys: [], part: this.#place, id: record.id });
    const keys = sort.keysOf(record, part.access, part.database.computed);
    this.#sorter!.add({ keys, part: this.#place, id: record.id });
    return true;
  }

  #showsSubentry(scope: SearchScope): boolean {
    return this.#subentries ?? scope === 'base';
  }

  #isAnswer({ filter, environment, access }: SearchPart, record: EntryRecord): boolean {
    return evaluateFilter(filter, record, environment) === true && access.allows(record, 'entry', Privilege.read);
  }

  /** False when the answer is full. */
  #send(part: SearchPart, record: EntryRecord, position: SortPosition | undefined): boolean {
    if (this.#isFull()) return false;
    this.#sent++;
    if (this.#page && position) {
      this.#page.last = position;
      this.#page.sent++;
    }
    this.#waiting = !this.sink.entry(part.selection.apply(record, part.access));
    return true;
  }

  /** What has been found, in its order; an entry that has changed meanwhile is looked at again. */
  #sendSorted(sorter: Sorter): MaybePromise<Response> {
    if (this.#stop !== undefined) return this.#finish();
    this.#restartable = false;
    const positions = sorter.sorted();
    for (let index = 0; index < positions.length; index++) {
      if (!this.#sendAt(positions[index]!)) break;
      if (this.#waiting) return this.#sendSortedFrom(positions, index + 1);
    }
    return this.#finish();
  }

  async #sendSortedFrom(positions: readonly SortPosition[], from: number): Promise<Response> {
    for (let index = from; index < positions.length; index++) {
      if (this.#waiting && !(await this.#drained())) break;
      if (!this.#sendAt(positions[index]!)) break;
    }
    if (this.#waiting) await this.#drained();
    return this.#finish();
  }

  #sendAt(position: SortPosition): boolean {
    const part = this.#parts[position.part]!;
    const record = readEntry(this.operation, part.database, position.id);
    if (!record || !this.#isAnswer(part, record)) return true;
    return this.#send(part, record, position);
  }

  /** One more entry would be one too many. */
  #isFull(): boolean {
    if (this.#page && this.#sent >= this.#page.size) this.#stop = 'pageEnd';
    else if (this.#sent >= this.#sizeLimit) this.#stop = 'sizeLimit';
    return this.#stop !== undefined;
  }

  #inScope(record: EntryRecord): boolean {
    const { root, aliased } = this.#part;
    return isInRoot(record, root!) || aliased?.includes(record) === true;
  }

  #refer(record: EntryRecord): boolean {
    if (!this.#tellsReferrals || !this.#part.access.allows(record, 'entry', Privilege.read)) return true;
    const { directory } = this.operation;
    const scope = this.#part.scope === 'one' ? 'base' : 'sub';
    const urls = referralUrls(this.operation.directory, record, directory.parseDN(record.dn), scope);
    this.#waiting = !this.sink.reference(urls);
    return true;
  }

  #finish(): Response {
    switch (this.#stop) {
      case 'sizeLimit':
        return { code: ResultCode.sizeLimitExceeded, matchedDN: '', diagnostic: '' };
      case 'timeLimit':
        return { code: ResultCode.timeLimitExceeded, matchedDN: '', diagnostic: '' };
      case 'canceled':
        throw new LdapError(ResultCode.canceled);
      case 'abandoned':
        throw new LdapError(ResultCode.canceled, 'abandoned');
      case 'pageEnd':
      case undefined: {
        if (!this.#page && !this.#sorter) return success;
        const controls: ResponseControl[] = this.#page?.end(this.#stop === undefined) ?? [];
        return { ...success, controls: this.#sorter ? [...controls, sortResponse(0)] : controls };
      }
    }
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
