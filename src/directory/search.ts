/**
 * The search operation (RFC 4511 section 4.5). A lookup — a filter whose indexes name a few candidates — is answered at
 * once, without a promise; anything larger streams, a slice of work at a time, in step with the receiver.
 */
import { Privilege, type AccessEvaluator } from '../access/model.js';
import type { SearchLimits } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { RecordDamagedError, RecordFlag, type EntryRecord } from '../entry/record.js';
import { candidatesFor } from '../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../filter/evaluate.js';
import type { SearchRequest } from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { Candidates } from '../store/model.js';
import { dereferenceBase, followsAliases, isInRoot, searchRoots, type ScopeRoot } from './aliases.js';
import type { Database } from './database.js';
import { limitsFor, sizeLimit, timeLimit } from './limits.js';
import { filterEnvironment } from './matching.js';
import type { MaybePromise, OperationSignal, Response, SearchSink } from './model.js';
import type { OperationContext } from './operation.js';
import { referralUrls } from './referral.js';
import { Selection } from './selection.js';
import { valueFilterOf } from './matched-values.js';
import { beginPage, type Page } from './paged-results.js';
import { Slice } from './slice.js';
import { searchVirtual } from './virtual-search.js';
import type { DirectorySession } from './session.js';

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
  // Root DSE and cn=Subschema are for base searches only, as in slapd; cn=Monitor is a tree.
  if (virtual && (request.scope === 'base' || virtual.length > 1)) {
    return searchVirtual(operation, virtual, base, request, sink);
  }
  const database = operation.databaseOf(base);
  const found = dereferenceBase(directory, database, base, request.derefAliases);
  return new Search(operation, session, database, found, request, sink, signal).run();
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
  readonly #followsAliases: boolean;
  /** The parts of the tree that this search covers; one, unless aliases lead to others. */
  #roots: readonly ScopeRoot[] = [];
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
    const matchedValues = controls.get('matchedValues');
    this.#selection = matchedValues
      ? new Selection(
          request.attributes,
          request.typesOnly,
          schema,
          database.computed,
          valueFilterOf(matchedValues, database, this.#environment),
        )
      : database.selection(request.attributes, request.typesOnly);
    const seconds = timeLimit(request.timeLimit, this.#limits);
    this.#deadline = seconds === Infinity ? Infinity : performance.now() + seconds * 1_000;
    const paging = controls.get('pagedResults');
    this.#page = paging && beginPage(session, paging, request, base, this.#limits);
    this.#sizeLimit = this.#page?.limit ?? sizeLimit(request.sizeLimit, this.#limits);
    this.#manageDsaIT = controls.has('manageDsaIT');
    this.#followsAliases = followsAliases(database, request.scope, request.derefAliases);
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
    const root: ScopeRoot = { id: base.id, ndn: base.ndn, scope: this.request.scope };
    this.#roots = [root];
    if (this.#page?.size === 0) return this.#finish();
    if (this.request.scope === 'base') return this.#visitFew([base.id]);
    if (this.#followsAliases) return this.#visitThroughAliases(root);
    const candidates = this.#candidates();
    const few = store.fewCandidates(candidates);
    return few ? this.#visitFew(few) : this.#visitMany(candidates);
  }

  async #visitThroughAliases(root: ScopeRoot): Promise<Response> {
    const { store } = this.database;
    this.#roots = await searchRoots(this.operation.directory, this.database, root);
    const candidates = this.#filterCandidates();
    const ids = await store.candidateIds(candidates);
    return ids ? this.#visitIds(ids, 0) : this.#visitChunks(store.scan({ fromId: (this.#page?.afterId ?? 0) + 1 }));
  }

  #checkAssertion(base: EntryRecord): void {
    const assertion = this.operation.controls.get('assertion');
    if (!assertion) return;
    const compiled = compileFilter(assertion.filter, this.database.schema, base.dictionary);
    if (evaluateFilter(compiled, base, this.#environment) !== true) throw new LdapError(ResultCode.assertionFailed);
  }

  /** What the indexes know of the filter and, where the search looks one level down, of the scope. */
  #candidates(): Candidates {
    const byFilter = this.#filterCandidates();
    if (this.request.scope !== 'one') return byFilter;
    const byScope: Candidates = { op: 'posting', key: this.database.store.childrenOf(this.#roots[0]!.id) };
    return byFilter === 'all' ? byScope : { op: 'and', terms: [byFilter, byScope] };
  }

  /** A search that reports referral objects cannot leave them out, whatever its filter says. */
  #filterCandidates(): Candidates {
    const { database } = this;
    const byFilter = candidatesFor(this.#filter, database.store.indexes);
    if (byFilter === 'all' || this.#manageDsaIT || !database.mayHaveReferrals) return byFilter;
    const referrals = database.classCandidates('referral');
    return referrals === 'all' ? 'all' : { op: 'or', terms: [byFilter, referrals] };
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
    const baseId = this.#roots[0]!.id;
    if (!this.#mayExamine(store.descendantCount(baseId))) throw new LdapError(ResultCode.adminLimitExceeded);
    const walks = !this.#page && store.descendantCount(baseId) < store.entryCount * walkedPart;
    return this.#visitChunks(walks ? store.walk(baseId) : store.scan({ fromId: (this.#page?.afterId ?? 0) + 1 }));
  }

  async #visitChunks(chunks: AsyncIterable<EntryRecord[]>): Promise<Response> {
    const slice = new Slice();
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (!this.#visit(record)) return this.#finish();
        if (this.#waiting && !(await this.#drained())) return this.#finish();
        if (slice.isOver()) await slice.next();
      }
      if (this.#mustStop()) break;
    }
    return this.#finish();
  }

  async #visitIds(ids: readonly number[], from: number): Promise<Response> {
    if (!this.#mayExamine(ids.length)) throw new LdapError(ResultCode.adminLimitExceeded);
    if (this.#waiting && !(await this.#drained())) return this.#finish();
    const slice = new Slice();
    for (let index = from; index < ids.length; index++) {
      if (!this.#visitId(ids[index]!)) break;
      if (this.#waiting && !(await this.#drained())) break;
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

  /** Waits for the receiver; false when the search must stop. */
  async #drained(): Promise<boolean> {
    this.#waiting = false;
    await this.sink.drained();
    return !this.#mustStop();
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
      if (flags & RecordFlag.alias && this.#followsAliases) return true;
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
    for (const root of this.#roots) if (isInRoot(record, root)) return true;
    return false;
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
