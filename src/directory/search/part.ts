/** What a search does in one database: the base's own, or one that is glued in below it. */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ResultEntry } from '../../entry/result-entry.js';
import { candidatesFor } from '../../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../../filter/evaluate.js';
import type { SearchRequest, SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Candidates } from '../../store/model.js';
import { valueFilterOf } from '../controls/matched-values.js';
import type { Database } from '../database.js';
import type { OperationContext } from '../operations/operation.js';
import { isInRoot, type AliasScope, type ScopeRoot } from './alias-scope.js';
import { followsAliases } from './aliases.js';
import { filterEnvironment } from './matching.js';
import { Selection, type ValueFilter } from './selection.js';

/** How entries look to the client, where that is more than what is stored. */
export interface EntryView {
  /** Undefined where the entry does not belong to the answer. */
  shown(record: EntryRecord): EntryRecord | undefined;
  /** For the records that are not stored. */
  readonly selection: Selection;
  readonly candidates: Candidates;
  /** The ids, ascending, of all that may belong to the answer, where they were found without indexes. */
  readonly ids: readonly number[] | undefined;
}

export class SearchPart {
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
  /** Undefined: as they are stored. */
  view: EntryView | undefined;

  constructor(
    operation: OperationContext,
    readonly database: Database,
    readonly base: DN,
    readonly scope: SearchScope,
    request: SearchRequest,
  ) {
    const { store } = database;
    this.access = operation.evaluator(database, store);
    this.environment = filterEnvironment(this.access, database.computed);
    this.filter = compileFilter(request.filter, database.schema, store.dictionary);
    this.selection = selectionOf(operation, database, request, this.environment);
    this.followsAliases = followsAliases(database, scope, request.derefAliases);
  }

  /** From here on, entries are looked for below this one. */
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

  covers(record: EntryRecord): boolean {
    return isInRoot(record, this.root!) || this.aliased?.includes(record) === true;
  }

  /** Does the entry satisfy the filter, and may the asker see it? */
  selects(record: EntryRecord): boolean {
    return evaluateFilter(this.filter, record, this.environment) === true && this.access.allows(record, 'entry', Privilege.read);
  }

  /** The entry as it is answered; undefined where it does not satisfy the filter, or may not be seen. */
  shown(record: EntryRecord): EntryRecord | undefined {
    if (this.view) return this.view.shown(record);
    return this.selects(record) ? record : undefined;
  }

  answered(record: EntryRecord): ResultEntry {
    const stored = record.dictionary === this.database.store.dictionary;
    return (stored || !this.view ? this.selection : this.view.selection).apply(record, this.access);
  }

  /** Throws 122 where the Assertion control (RFC 4528) does not hold for the base. */
  checkAssertion({ controls }: OperationContext, base: EntryRecord): void {
    const assertion = controls.get('assertion');
    if (!assertion) return;
    const compiled = compileFilter(assertion.filter, this.database.schema, base.dictionary);
    if (evaluateFilter(compiled, base, this.environment) !== true) throw new LdapError(ResultCode.assertionFailed);
  }

  /** What the indexes know of the filter and, where the search looks one level down, of the scope. */
  candidates(withReferrals: boolean): Candidates {
    const byFilter = this.filterCandidates(withReferrals);
    if (this.scope !== 'one') return byFilter;
    const byScope: Candidates = { op: 'posting', key: this.database.store.childrenOf(this.baseId) };
    return byFilter === 'all' ? byScope : { op: 'and', terms: [byFilter, byScope] };
  }

  /** A search that reports referral objects cannot leave them out, whatever its filter says. */
  filterCandidates(withReferrals: boolean): Candidates {
    const { database, filter } = this;
    const byFilter = this.view?.candidates ?? candidatesFor(filter, database.store.indexes);
    if (byFilter === 'all' || !withReferrals || !database.mayHaveReferrals) return byFilter;
    const referrals = database.classCandidates('referral');
    return referrals === 'all' ? 'all' : { op: 'or', terms: [byFilter, referrals] };
  }
}

/** `own`: not one that other searches share, which is for the records of one dictionary. */
export function selectionOf(
  { controls }: OperationContext,
  database: Database,
  { attributes, typesOnly }: SearchRequest,
  environment: FilterEnvironment,
  own = false,
): Selection {
  const matchedValues = controls.get('matchedValues');
  const isRaw = controls.get('valueSort')?.raw === true;
  if (!matchedValues && !isRaw && !own) return database.selection(attributes, typesOnly);
  const { schema, computed } = database;
  const present = isRaw ? undefined : database.presentation;
  const matching = matchedValues && valueFilterOf(matchedValues, schema, environment);
  const filter: ValueFilter | undefined =
    matching && present
      ? (record, description, values) => present(record, description, matching(record, description, values))
      : (matching ?? present);
  return new Selection(attributes, typesOnly, schema, computed, filter);
}

/** The base's own database, then those that are glued in below the base. */
export function searchParts(
  operation: OperationContext,
  database: Database,
  base: DN,
  request: SearchRequest,
): readonly SearchPart[] {
  const glued = operation.directory.glued(database, base, request.scope);
  const own = new SearchPart(operation, database, base, request.scope, request);
  if (glued.length === 0) return [own];
  return [own, ...glued.map((one) => new SearchPart(operation, one.database, one.base, one.scope, request))];
}
