/**
 * The search operation (RFC 4511 section 4.5). A lookup — a filter whose indexes name a few candidates — is answered at
 * once, without a promise; anything larger streams, a slice of work at a time, in step with the receiver.
 */
import { Privilege, type AccessEvaluator } from '../access/model.js';
import type { SearchLimits } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import { RecordDamagedError, RecordFlag, type EntryRecord } from '../entry/record.js';
import { candidatesFor } from '../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../filter/evaluate.js';
import type { SearchRequest } from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { Candidates } from '../store/model.js';
import type { Database } from './database.js';
import { limitsFor, sizeLimit, timeLimit } from './limits.js';
import { filterEnvironment } from './matching.js';
import type { MaybePromise, OperationSignal, Response, SearchSink } from './model.js';
import type { OperationContext } from './operation.js';
import { referralUrls } from './referral.js';
import { Selection } from './selection.js';
import { valueFilterOf } from './matched-values.js';
import { beginPage, type Page } from './paged-results.js';
import { searchVirtual } from './virtual-search.js';
import type { DirectorySession } from './session.js';

/** A long search lets others run after this much work. */
const sliceMilliseconds = 5;
/** A subtree smaller than this part of the database is read by walking down, a larger one by reading everything. */
const walkedPart = 1 / 4;

export function search(
  operation: OperationContext,
  session: DirectorySession,
  request: SearchRequest,
  sink: SearchSink,
  signal: OperationSignal,
): MaybePromise<Response> {
  const { directory } = operation;
  const base = directory.parseDN(request.base);
  const virtual = directory.virtualTree(base.normalized);
  if (virtual && !(base.isEmpty && request.scope !== 'base')) {
    return searchVirtual(operation, virtual, base, request, sink);
  }
  const database = operation.databaseOf(base);
  return new Search(operation, session, database, base, request, sink, signal).run();
}

/** Why a search stops before its candidates end. */
type Stop = 'sizeLimit' | 'pageEnd' | 'timeLimit' | 'abandoned' | 'canceled';

class Search {
  readonly #access: AccessEvaluator;
  readonly #limits: SearchLimits;
  readonly #filter: CompiledFilter;
  readonly #environment: FilterEnvironment;
  readonly #selection: Selection;
  readonly #sizeLimit: number;
  readonly #deadline: number;
  readonly #page: Page | undefined;
  readonly #manageDsaIT: boolean;
  readonly #subentries: boolean;
  #baseId = 0;
  #baseNdn = '';
  #sent = 0;
  #waiting = false;
  #stop: Stop | undefined;

  constructor(
    private readonly operation: OperationContext,
    session: DirectorySession,
    private readonly database: Database,
    private readonly base: DN,
    private readonly request: SearchRequest,
    private readonly sink: SearchSink,
    private readonly signal: OperationSignal,
  ) {
    const { store, schema } = database;
    const { controls, subject } = operation;
    this.#access = operation.evaluator(database, store);
    this.#environment = filterEnvironment(this.#access, database.computed);
    this.#filter = compileFilter(request.filter, schema, store.dictionary);
    this.#limits = limitsFor(subject, database, operation.environment(database, store));
    this.#selection = new Selection(
      request.attributes,
      request.typesOnly,
      schema,
      database.computed,
      valueFilterOf(controls.get('matchedValues'), database, this.#environment),
    );
    const seconds = timeLimit(request.timeLimit, this.#limits);
    this.#deadline = seconds === Infinity ? Infinity : performance.now() + seconds * 1_000;
    const paging = controls.get('pagedResults');
    this.#page = paging && beginPage(session, paging, request, base, this.#limits);
    this.#sizeLimit = this.#page?.limit ?? sizeLimit(request.sizeLimit, this.#limits);
    this.#manageDsaIT = controls.has('manageDsaIT');
    this.#subentries = controls.get('subentries')?.visible ?? false;
  }

  run(): MaybePromise<Response> {
    const { store } = this.database;
    const base = store.entryByNdn(this.base.normalized);
    if (!base) throw this.operation.absent(this.base, store, this.#access, this.request.scope);
    this.operation.refer(base, this.base, this.request.scope);
    if (!this.#access.allows(base, 'entry', Privilege.search)) {
      const known = this.#access.allows(base, 'entry', Privilege.disclose);
      throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
    }
    this.#checkAssertion(base);
    this.#baseId = base.id;
    this.#baseNdn = base.ndn;
    if (this.#page?.size === 0) return this.#finish();
    if (this.request.scope === 'base') return this.#visitFew([base.id]);
    const candidates = this.#candidates();
    const few = store.fewCandidates(candidates);
    return few ? this.#visitFew(few) : this.#visitMany(candidates);
  }

  #checkAssertion(base: EntryRecord): void {
    const assertion = this.operation.controls.get('assertion');
    if (!assertion) return;
    const compiled = compileFilter(assertion.filter, this.database.schema, base.dictionary);
    if (evaluateFilter(compiled, base, this.#environment) !== true) throw new LdapError(ResultCode.assertionFailed);
  }

  /** What the indexes know; a search that must also report referral objects cannot leave them out. */
  #candidates(): Candidates {
    const { store } = this.database;
    const byFilter = candidatesFor(this.#filter, store.indexes);
    const byScope: Candidates =
      this.request.scope === 'one' ? { op: 'posting', key: store.childrenOf(this.#baseId) } : 'all';
    const both = byScope === 'all' ? byFilter : byFilter === 'all' ? byScope : andOf(byFilter, byScope);
    if (this.#manageDsaIT || !this.database.mayHaveReferrals) return both;
    const referrals = this.database.referralCandidates();
    return referrals === 'all' || both === 'all' ? byScope : { op: 'or', terms: [both, referrals] };
  }

  /** All at once, unless the receiver asks to wait. */
  #visitFew(ids: readonly number[]): MaybePromise<Response> {
    for (let index = 0; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) break;
      if (this.#waiting) return this.#visitIds(ids, index + 1);
    }
    return this.#finish();
  }

  async #visitMany(candidates: Candidates): Promise<Response> {
    const { store } = this.database;
    const ids = await store.candidateIds(candidates);
    if (ids) return this.#visitIds(ids, 0);
    if (!this.#mayExamine(store.descendantCount(this.#baseId))) throw new LdapError(ResultCode.adminLimitExceeded);
    const walks = !this.#page && store.descendantCount(this.#baseId) < store.entryCount * walkedPart;
    const chunks = walks ? store.walk(this.#baseId) : store.scan({ fromId: this.#page?.afterId ?? 0 });
    const slice = new Slice();
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (!this.#visit(record)) return this.#finish();
        if (this.#waiting) await this.#drained();
        if (slice.isOver()) await slice.next();
      }
      if (this.#mustStop()) break;
    }
    return this.#finish();
  }

  async #visitIds(ids: readonly number[], from: number): Promise<Response> {
    if (!this.#mayExamine(ids.length)) throw new LdapError(ResultCode.adminLimitExceeded);
    if (this.#waiting) await this.#drained();
    const slice = new Slice();
    for (let index = from; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) break;
      if (this.#waiting) await this.#drained();
      if (slice.isOver()) {
        await slice.next();
        if (this.#mustStop()) break;
      }
    }
    return this.#finish();
  }

  #mayExamine(candidates: number): boolean {
    return candidates <= this.#limits.sizeUnchecked;
  }

  async #drained(): Promise<void> {
    this.#waiting = false;
    await this.sink.drained();
  }

  #mustStop(): boolean {
    if (this.signal.stopped) this.#stop = this.signal.stopped;
    else if (performance.now() > this.#deadline) this.#stop = 'timeLimit';
    return this.#stop !== undefined;
  }

  #visitId(id: number): boolean {
    if (this.#page && id <= this.#page.afterId) return true;
    const record = this.#read(id);
    return record ? this.#visit(record) : true;
  }

  /** A damaged record is left out, and told to the operator; the rest of the directory goes on. */
  #read(id: number): EntryRecord | undefined {
    try {
      return this.database.store.entry(id);
    } catch (error) {
      if (!(error instanceof RecordDamagedError)) throw error;
      this.operation.directory.reportDamage(this.database, id, error);
      return undefined;
    }
  }

  /** False when the search must stop. */
  #visit(record: EntryRecord): boolean {
    if (!this.#inScope(record)) return true;
    const { flags } = record;
    if (flags !== 0) {
      if (flags & RecordFlag.referral && !this.#manageDsaIT) return this.#refer(record);
      if (((flags & RecordFlag.subentry) !== 0) !== this.#subentries && this.request.scope !== 'base') return true;
    } else if (this.#subentries) {
      return true;
    }
    if (evaluateFilter(this.#filter, record, this.#environment) !== true) return true;
    if (!this.#access.allows(record, 'entry', Privilege.read)) return true;
    if (this.#isFull()) return false;
    this.#sent++;
    if (this.#page) {
      this.#page.lastId = record.id;
      this.#page.sent++;
    }
    this.#waiting = !this.sink.entry(this.#selection.apply(record, this.#access));
    return true;
  }

  /** One more entry would be one too many. */
  #isFull(): boolean {
    if (this.#page && this.#sent >= this.#page.size) this.#stop = 'pageEnd';
    else if (this.#sent >= this.#sizeLimit) this.#stop = 'sizeLimit';
    return this.#stop !== undefined;
  }

  #inScope(record: EntryRecord): boolean {
    switch (this.request.scope) {
      case 'base':
        return record.id === this.#baseId;
      case 'one':
        return record.parentId === this.#baseId;
      case 'sub':
        return ndnIsWithin(record.ndn, this.#baseNdn);
      case 'children':
        return record.id !== this.#baseId && ndnIsWithin(record.ndn, this.#baseNdn);
    }
  }

  #refer(record: EntryRecord): boolean {
    if (!this.#access.allows(record, 'entry', Privilege.read)) return true;
    const { directory } = this.operation;
    const scope = this.request.scope === 'one' ? 'base' : 'sub';
    this.#waiting = !this.sink.reference(referralUrls(this.operation, record, directory.parseDN(record.dn), scope));
    return true;
  }

  #finish(): Response {
    switch (this.#stop) {
      case 'sizeLimit':
        return { code: ResultCode.sizeLimitExceeded, matchedDN: '', diagnostic: '', controls: this.#page?.end(true) };
      case 'timeLimit':
        return { code: ResultCode.timeLimitExceeded, matchedDN: '', diagnostic: '' };
      case 'canceled':
        throw new LdapError(ResultCode.canceled);
      case 'abandoned':
        throw new LdapError(ResultCode.canceled, 'abandoned');
      case 'pageEnd':
        return { ...success, controls: this.#page?.end(false) };
      case undefined:
        return this.#page ? { ...success, controls: this.#page.end(true) } : success;
    }
  }
}

function andOf(a: Candidates, b: Candidates): Candidates {
  return { op: 'and', terms: [a, b] };
}

/** Lets the event loop turn when a slice of work is done. */
class Slice {
  #started = performance.now();
  #count = 0;

  isOver(): boolean {
    // The clock is asked once in a while: it costs more than a look at an entry.
    return (++this.#count & 31) === 0 && performance.now() - this.#started > sliceMilliseconds;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#started = performance.now();
  }
}
