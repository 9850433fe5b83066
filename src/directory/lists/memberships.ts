/**
 * Who is on which list or in which group, and who is on the lists that are on it: for `member` and `memberOf`. Where groups are
 * in groups, each is looked at once, however they lead to each other.
 */
import { Privilege } from '../../access/model.js';
import { isInScope } from '../../access/names.js';
import type { ListMapping } from '../../config/overlays/settings.js';
import type { EntryRecord } from '../../entry/record.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';
import type { OperationContext } from '../operations/operation.js';
import { readEntry } from '../search/entry-reader.js';
import type { SearchPart } from '../search/part.js';
import { expandingOperation } from './identity.js';
import type { ListUrl } from './list-url.js';
import type { Budget, List, ListKind } from './list.js';
import { searchRange } from './range-search.js';
import type { Steps } from './work.js';

/** Names by their normalised form. */
export type Names = Map<string, Buffer>;

/** Is the name where the URL looks? */
export function isInRange(ndn: string, { base, scope }: ListUrl): boolean {
  return isInScope(ndn, scope === 'sub' ? 'subtree' : scope, base.normalized);
}

/** With the filters of URLs, compiled once for a search. */
export class Memberships {
  readonly #filters = new Map<ListUrl, CompiledFilter>();
  readonly #database: Database;

  constructor(
    private readonly operation: OperationContext,
    private readonly part: SearchPart,
    private readonly kinds: readonly ListKind[],
    /** All of the database, by id. */
    private readonly lists: ReadonlyMap<number, List>,
    private readonly budget: Budget,
  ) {
    this.#database = part.database;
  }

  /** The list that the entry is, if it is one. */
  listOf(record: EntryRecord): List | undefined {
    const known = this.lists.get(record.id);
    if (known) return known;
    for (const kind of this.kinds) {
      const list = kind.listOf(this.operation, this.part, record);
      if (list) return list;
    }
    return undefined;
  }

  /** The lists that the entry of this name is on. `record`: that entry, which a group may name although there is none. */
  listsWith(ndn: string, record: EntryRecord | undefined, kind: ListKind, mapping: ListMapping): EntryRecord[] {
    const found = record ? this.#urlListsWith(record, kind) : [];
    if (mapping.staticClass) found.push(...this.#groupsWith(ndn, kind, mapping));
    if (!mapping.isNested) return found;
    const seen = new Set(found.map(({ id }) => id));
    for (const list of found) {
      const above = [...this.#urlListsWith(list, kind), ...this.#groupsWith(list.ndn, kind, mapping)];
      for (const next of above) if (seen.size < seen.add(next.id).size) found.push(next);
    }
    return found;
  }

  #urlListsWith(record: EntryRecord, kind: ListKind): EntryRecord[] {
    const found: EntryRecord[] = [];
    for (const list of this.lists.values()) {
      if (list.kind === kind && list.urls.some((url) => this.#finds(url, record, kind))) found.push(list.record);
    }
    return found;
  }

  #groupsWith(ndn: string, kind: ListKind, mapping: ListMapping): EntryRecord[] {
    const { store } = this.#database;
    const { member } = mapping;
    const key = store.indexes.equality(member, ndn);
    if (!mapping.staticClass || key === undefined) return [];
    return store.idsOf(key).flatMap((id) => {
      const group = readEntry(this.operation, this.#database, id);
      if (!group || !kind.isStatic(this.part, group, mapping)) return [];
      return group.values(member).some((value) => valueKey(member, value) === ndn) ? [group] : [];
    });
  }

  #finds(url: ListUrl, record: EntryRecord, kind: ListKind): boolean {
    if (url.attributes || !isInRange(record.ndn, url)) return false;
    let filter = this.#filters.get(url);
    if (!filter) {
      const { schema, store } = this.#database;
      this.#filters.set(url, (filter = compileFilter(url.filter ?? kind.defaultFilter, schema, store.dictionary)));
    }
    return evaluateFilter(filter, record, this.part.environment) === true;
  }

  /**
   * The names of all that are on the list, and with `isNested` of those on the lists on it. `forClient`: as far as the client may
   * read the members of those.
   */
  *membersOf(list: List, { member, isNested }: ListMapping, forClient: boolean): Steps<Names> {
    const names: Names = new Map();
    const pending: List[] = [list];
    const seen = new Set([list.record.id]);
    for (let at = pending.pop(); at; at = pending.pop()) {
      const found = yield* this.#directMembers(at, member);
      for (const [ndn, { name, record }] of found) {
        if (!names.has(ndn)) names.set(ndn, name);
        if (!isNested) continue;
        yield;
        const inner = record ?? this.#database.store.entryByNdn(ndn);
        const next = inner && !seen.has(inner.id) ? this.listOf(inner) : undefined;
        if (!next || (forClient && !this.part.access.allows(next.record, member, Privilege.read))) continue;
        seen.add(next.record.id);
        pending.push(next);
      }
    }
    return names;
  }

  *#directMembers(
    { record: holder, urls, kind }: List,
    member: ListMapping['member'],
  ): Steps<Map<string, { readonly name: Buffer; readonly record?: EntryRecord }>> {
    const found = new Map<string, { readonly name: Buffer; readonly record?: EntryRecord }>();
    const values = holder.values(member);
    this.budget.take(values.length);
    for (const name of values) {
      found.set(valueKey(member, name), { name });
      yield;
    }
    const expanding = expandingOperation(this.operation, this.#database, holder);
    if (!expanding) return found;
    for (const url of urls) {
      if (url.attributes) continue;
      yield* searchRange(expanding, url, url.filter ?? kind.defaultFilter, (record, { database }) => {
        if (found.has(record.ndn)) return;
        this.budget.take(1);
        const isHere = database === this.#database;
        found.set(record.ndn, { name: Buffer.from(record.dn), ...(isHere ? { record } : {}) });
      });
    }
    return found;
  }
}
