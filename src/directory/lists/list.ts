/** Which entries are lists (overlay dynlist), for one client: those whose class it may search by. */
import { grantEverything } from '../../access/policy.js';
import type { ListMapping, ListRule } from '../../config/overlays/settings.js';
import type { EntryRecord } from '../../entry/record.js';
import { candidatesFor } from '../../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { Filter } from '../../ldap/filter.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { ObjectClass } from '../../ldap/schema.js';
import type { Candidates } from '../../store/model.js';
import type { Database } from '../database.js';
import { listsMax, listValuesMax } from '../limits.js';
import type { OperationContext } from '../operations/operation.js';
import { EntryRangeTest } from '../overlays/entry-range.js';
import { readEntry } from '../search/entry-reader.js';
import { filterEnvironment } from '../search/matching.js';
import type { SearchPart } from '../search/part.js';
import { listUrl, type ListUrl } from './list-url.js';
import { eachOf, type Steps } from './work.js';

/** An entry that is a list. */
export interface List {
  readonly record: EntryRecord;
  readonly kind: ListKind;
  readonly urls: readonly ListUrl[];
}

/** What the lists of one search may still hold. */
export class Budget {
  #left = listValuesMax;

  /** Throws 11. */
  take(values: number): void {
    this.#left -= values;
    if (this.#left < 0) {
      throw new LdapError(ResultCode.adminLimitExceeded, `the lists of one search hold more than ${listValuesMax} values`);
    }
  }
}

/** The lists of one `dynlist-attrset`. */
export class ListKind {
  readonly #classes: CompiledFilter;
  readonly #statics: readonly { readonly mapping: ListMapping; readonly filter: CompiledFilter }[];
  readonly #within: EntryRangeTest | undefined;
  readonly #followsLists: boolean;
  /** What a URL without a filter finds: no other list, so that none is on itself. */
  readonly defaultFilter: Filter;

  /** `statics`: groups that hold their members themselves count as well. */
  constructor(
    readonly rule: ListRule,
    private readonly database: Database,
    statics: boolean,
  ) {
    const { within, objectClass, mappings } = rule;
    this.#followsLists = statics && mappings.some(({ isNested }) => isNested);
    const compiled = (filter: Filter): CompiledFilter => compileFilter(filter, database.schema, database.store.dictionary);
    this.#classes = compiled(isOfClass(objectClass));
    this.#statics = rule.mappings.flatMap((mapping) =>
      statics && mapping.staticClass ? [{ mapping, filter: compiled(isOfClass(mapping.staticClass)) }] : [],
    );
    this.#within = within && new EntryRangeTest(database, within);
    this.defaultFilter = { kind: 'not', filter: isOfClass(objectClass) };
  }

  /** Lists are looked for in lists. */
  get isNested(): boolean {
    return this.#followsLists;
  }

  get candidates(): Candidates {
    return candidatesFor(this.#classes, this.database.store.indexes);
  }

  /** Those of groups that hold their members themselves. */
  get staticCandidates(): Candidates {
    const terms = this.#statics.map(({ filter }) => candidatesFor(filter, this.database.store.indexes));
    return terms.includes('all') ? 'all' : { op: 'or', terms };
  }

  /** The entry as a list; undefined where it is none, or the client may not know. */
  listOf(operation: OperationContext, part: SearchPart, record: EntryRecord): List | undefined {
    const urls = this.urlsOf(operation, record);
    if (urls.length > 0 && this.#satisfies(this.#classes, part, record) && this.#within?.selects(record) !== false) {
      return { record, kind: this, urls };
    }
    return this.#statics.some(({ mapping }) => this.isStatic(part, record, mapping))
      ? { record, kind: this, urls: [] }
      : undefined;
  }

  urlsOf({ directory }: OperationContext, record: EntryRecord): readonly ListUrl[] {
    return record.values(this.rule.url).flatMap((value) => listUrl(value, directory) ?? []);
  }

  /** Is it of the class, whoever asks? */
  isOfClass(record: EntryRecord): boolean {
    const environment = filterEnvironment(grantEverything, this.database.computed);
    return evaluateFilter(this.#classes, record, environment) === true && this.#within?.selects(record) !== false;
  }

  isStatic(part: SearchPart, record: EntryRecord, mapping: ListMapping): boolean {
    const known = this.#statics.find((one) => one.mapping === mapping);
    return known !== undefined && record.values(mapping.member).length > 0 && this.#satisfies(known.filter, part, record);
  }

  #satisfies(filter: CompiledFilter, part: SearchPart, record: EntryRecord): boolean {
    return evaluateFilter(filter, record, part.environment) === true;
  }
}

function isOfClass({ name, oid }: ObjectClass): Filter {
  return { kind: 'equality', attribute: 'objectClass', value: Buffer.from(name || oid) };
}

/** Some of the database's lists. An entry is a list by the first rule that makes it one. */
export class FoundLists {
  readonly byId = new Map<number, List>();

  constructor(
    private readonly operation: OperationContext,
    private readonly part: SearchPart,
  ) {}

  /** All of this kind among the candidates that `covers` lets through. */
  *find(kind: ListKind, candidates: Candidates, covers: (record: EntryRecord) => boolean): Steps {
    const { database } = this.part;
    const { store } = database;
    const ids = store.fewCandidates(candidates) ?? ((yield store.candidateIds(candidates)) as readonly number[] | undefined);
    if (ids) {
      for (const id of ids) {
        const record = readEntry(this.operation, database, id);
        if (record && covers(record)) this.#note(record, kind);
        yield;
      }
      return;
    }
    // They are a large part of all entries.
    yield* eachOf(store.scan(), (record) => covers(record) && this.#note(record, kind));
  }

  /** Throws 11. */
  #note(record: EntryRecord, kind: ListKind): void {
    const list = this.byId.has(record.id) ? undefined : kind.listOf(this.operation, this.part, record);
    if (!list) return;
    if (this.byId.size === listsMax) throw new LdapError(ResultCode.adminLimitExceeded, `more than ${listsMax} lists`);
    this.byId.set(record.id, list);
  }
}
