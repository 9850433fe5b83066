/**
 * What a search makes of lists (overlay dynlist): entries that are lists are answered with what their URLs find, entries that are
 * on lists name them, and the filter is put to both as they are answered. A list is expanded where the client would see it.
 */
import { Privilege } from '../../access/model.js';
import type { DynlistSettings, ListMapping } from '../../config/overlays/settings.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import type { EntryRecord } from '../../entry/record.js';
import { candidatesFor } from '../../filter/candidates.js';
import { compileFilter, type CompiledFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { Filter } from '../../ldap/filter.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Candidates } from '../../store/model.js';
import type { Database } from '../database.js';
import type { OperationContext } from '../operations/operation.js';
import { isInRoot } from '../search/alias-scope.js';
import { selectionOf, type EntryView, type SearchPart } from '../search/part.js';
import type { Selection } from '../search/selection.js';
import { addAttributes, addNames, EntryInTheMaking, namesMapping } from './expansion.js';
import { looksAt, termsOf, withoutTerms, type FilterTerm } from './filter-terms.js';
import type { ListUrl } from './list-url.js';
import { hasIdentity } from './identity.js';
import { Budget, FoundLists, ListKind, type List } from './list.js';
import { isInRange, Memberships } from './memberships.js';
import { Work, type Steps } from './work.js';

export function dynlistOf(database: Database): DynlistSettings | undefined {
  for (const settings of database.config.overlays) if (settings.kind === 'dynlist') return settings;
  return undefined;
}

/** The work that comes before the search of this part; undefined where lists have no part in it. */
export function listsFor(operation: OperationContext, part: SearchPart, request: SearchRequest): Work | undefined {
  const settings = dynlistOf(part.database);
  if (!settings) return undefined;
  const view = new ListView(operation, part, request, settings);
  return view.isConcerned ? new Work(view.prepare()) : undefined;
}

interface Membership {
  readonly kind: ListKind;
  readonly mapping: ListMapping;
  readonly memberOf: AttributeDescription;
}

class ListView implements EntryView {
  readonly selection: Selection;
  ids: readonly number[] | undefined;
  readonly #terms: readonly FilterTerm[];
  readonly #dictionary: AttributeDictionary;
  readonly #filter: CompiledFilter;
  readonly #kinds: readonly ListKind[];
  /** Under which entries are to name their lists. */
  readonly #memberships: readonly Membership[];
  readonly #filtersMemberships: boolean;
  readonly #budget = new Budget();
  readonly #expanded = new Map<number, EntryRecord>();
  readonly #holding = new Map<FilterTerm, Map<ListKind, ReadonlySet<number>>>();
  #members: Memberships | undefined;
  /** Some list satisfies the filter, or might, that does not as it is stored. */
  #findsLists = false;

  constructor(
    private readonly operation: OperationContext,
    private readonly part: SearchPart,
    private readonly request: SearchRequest,
    private readonly settings: DynlistSettings,
  ) {
    const { database } = part;
    this.#terms = termsOf(request.filter);
    this.#dictionary = new AttributeDictionary(database.schema);
    this.#filter = compileFilter(request.filter, database.schema, this.#dictionary);
    this.selection = selectionOf(operation, database, request, part.environment, true);
    const kinds = settings.rules.map((rule) => new ListKind(rule, database, !settings.simple));
    this.#memberships = settings.simple ? [] : kinds.flatMap((kind) => this.#wantedOf(kind));
    this.#filtersMemberships = this.#memberships.some(({ memberOf }) => this.#isFiltered(memberOf));
    this.#kinds = kinds.filter((kind) => this.#isWanted(kind));
  }

  get isConcerned(): boolean {
    return this.#kinds.length > 0;
  }

  get candidates(): Candidates {
    const { schema, store } = this.part.database;
    const { indexes, dictionary } = store;
    const isOpen = (term: FilterTerm): boolean => this.#memberships.some(({ memberOf }) => looksAt(term, memberOf, schema));
    const filter = this.#filtersMemberships ? withoutTerms(this.request.filter, isOpen) : this.request.filter;
    const byFilter = candidatesFor(compileFilter(filter, schema, dictionary), indexes);
    if (byFilter === 'all' || !this.#findsLists) return byFilter;
    const ofLists = this.#kinds.flatMap((kind) => (kind.isNested ? [kind.candidates, kind.staticCandidates] : [kind.candidates]));
    return ofLists.includes('all') ? 'all' : { op: 'or', terms: [byFilter, ...ofLists] };
  }

  /** Lists are expanded, and what a filter by memberOf asks for is looked up. */
  *prepare(): Steps {
    const { operation, part } = this;
    const byMembership = this.#memberships.length > 0;
    const found = new FoundLists(operation, part);
    const isInScope = (record: EntryRecord): boolean => this.#isInScope(record);
    for (const kind of this.#kinds) {
      const { isNested } = kind;
      yield* found.find(kind, kind.candidates, byMembership || isNested ? () => true : isInScope);
      if (isNested) yield* found.find(kind, this.#inScope(kind.staticCandidates), isInScope);
    }
    const lists = found.byId;
    if (lists.size === 0 && !byMembership) return;
    this.#members = new Memberships(operation, part, this.#kinds, lists, this.#budget);
    if (this.#filtersMemberships) {
      const ids = yield* this.#idsSatisfying(this.request.filter);
      if (ids) this.ids = [...ids].sort((a, b) => a - b);
    }
    for (const list of lists.values()) {
      yield;
      if (!this.#isInScope(list.record)) continue;
      const isFound = this.#filtersMemberships || part.selects(list.record);
      if (isFound ? !this.#isAsked(list) : this.settings.simple || !this.#mayMatch(list)) continue;
      const expanded = yield* this.#expand(list);
      this.#expanded.set(list.record.id, expanded);
      if (!isFound && this.#satisfies(expanded)) this.#findsLists = true;
    }
    // Lists that satisfy it once they are expanded, whatever they are on.
    if (this.ids && this.#expanded.size > 0) {
      this.ids = [...new Set([...this.ids, ...this.#expanded.keys()])].sort((a, b) => a - b);
    }
    if (byMembership || this.#expanded.size > 0) part.view = this;
  }

  shown(record: EntryRecord): EntryRecord | undefined {
    const expanded = this.#expanded.get(record.id);
    const isFound = !this.#filtersMemberships && this.part.selects(record);
    if (expanded) return isFound || this.#satisfies(expanded) ? expanded : undefined;
    if (!isFound && !this.#filtersMemberships) return undefined;
    if (this.#memberships.length === 0) return record;
    const entry = new EntryInTheMaking(record);
    if (!this.#addMemberships(entry, record)) return isFound || this.part.selects(record) ? record : undefined;
    const shown = entry.finish(this.operation, this.#dictionary);
    return isFound || this.#satisfies(shown) ? shown : undefined;
  }

  #satisfies(record: EntryRecord): boolean {
    const { environment, access } = this.part;
    return evaluateFilter(this.#filter, record, environment) === true && access.allows(record, 'entry', Privilege.read);
  }

  #inScope(candidates: Candidates): Candidates {
    const { scope, baseId, database, followsAliases } = this.part;
    if (scope !== 'one' || followsAliases) return candidates;
    const children: Candidates = { op: 'posting', key: database.store.childrenOf(baseId) };
    return candidates === 'all' ? children : { op: 'and', terms: [candidates, children] };
  }

  #isInScope(record: EntryRecord): boolean {
    return this.part.followsAliases || isInRoot(record, this.part.root!);
  }

  #isFiltered(description: AttributeDescription): boolean {
    return this.#terms.some((term) => looksAt(term, description, this.part.database.schema));
  }

  #isWantedAttribute(description: AttributeDescription): boolean {
    return this.selection.asksFor(description) || this.#isFiltered(description);
  }

  #wantedOf(kind: ListKind): Membership[] {
    return kind.rule.mappings.flatMap((mapping) =>
      mapping.memberOf && this.#isWantedAttribute(mapping.memberOf) ? [{ kind, mapping, memberOf: mapping.memberOf }] : [],
    );
  }

  /** Not where the client neither asks for what such lists would hold nor filters by it. */
  #isWanted(kind: ListKind): boolean {
    const { mappings } = kind.rule;
    if (mappings.length === 0 || this.#memberships.some((one) => one.kind === kind)) return true;
    return mappings.some(({ mapped, member }) => this.#isWantedAttribute(mapped ?? member));
  }

  /** Does the client ask for what the list would be expanded to? */
  #isAsked({ kind: { rule }, urls }: List): boolean {
    const { mappings } = rule;
    if (this.#memberships.length > 0 && this.#memberships.some(({ kind }) => kind.rule === rule)) return true;
    if (mappings.length > 0) return mappings.some(({ mapped, member }) => this.#isWantedAttribute(mapped ?? member));
    const { schema } = this.part.database;
    return urls.some(({ attributes }) => {
      if (!attributes || attributes.some((name) => /^[*+@]/.test(name))) return true;
      return attributes.some((name) => {
        const description = schema.attributeDescription(name);
        return description !== undefined && this.#isWantedAttribute(description);
      });
    });
  }

  *#expand(list: List): Steps<EntryRecord> {
    const { operation, part } = this;
    const entry = new EntryInTheMaking(list.record);
    const mapping = namesMapping(list.kind.rule);
    const wants = (description: AttributeDescription): boolean => this.#isWantedAttribute(description);
    if (!mapping) yield* addAttributes(operation, part, list, entry, { wants, privilege: Privilege.read }, this.#budget);
    else if (wants(mapping.member)) addNames(entry, mapping, yield* this.#members!.membersOf(list, mapping, true));
    this.#addMemberships(entry, list.record);
    return entry.finish(operation, this.#dictionary);
  }

  /** False where there is nothing to say of the entry. */
  #addMemberships(entry: EntryInTheMaking, record: EntryRecord): boolean {
    const names = new Map<AttributeDescription, Map<string, Buffer>>();
    for (const { kind, mapping, memberOf } of this.#memberships) {
      const lists = this.#listsWith(record, kind, mapping);
      if (lists.length === 0) continue;
      const known = names.get(memberOf) ?? new Map<string, Buffer>();
      names.set(memberOf, known);
      for (const list of lists) known.set(list.ndn, Buffer.from(list.dn));
    }
    let changes = false;
    for (const { memberOf } of this.#memberships) {
      const values = [...(names.get(memberOf)?.values() ?? [])];
      // What is stored under that name is not to be seen: it would be what somebody once found out.
      if (values.length === 0 && record.values(memberOf).length === 0) continue;
      entry.replace(memberOf, values);
      changes = true;
    }
    return changes;
  }

  /** As slapd: a list names those it is on only where lists are looked for in lists. */
  #listsWith(record: EntryRecord, kind: ListKind, mapping: ListMapping): readonly EntryRecord[] {
    const members = this.#members!;
    if (!mapping.isNested && members.listOf(record)) return [];
    return members.listsWith(record.ndn, record, kind, mapping);
  }

  /** The ids of the entries that may satisfy the filter because they are on a list; undefined: any may. */
  *#idsSatisfying(filter: Filter): Steps<Set<number> | undefined> {
    switch (filter.kind) {
      case 'and': {
        let fewest: Set<number> | undefined;
        for (const inner of filter.filters) {
          const ids = yield* this.#idsSatisfying(inner);
          if (ids && (!fewest || ids.size < fewest.size)) fewest = ids;
        }
        return fewest;
      }
      case 'or': {
        const all = new Set<number>();
        for (const inner of filter.filters) {
          const ids = yield* this.#idsSatisfying(inner);
          if (!ids) return undefined;
          for (const id of ids) all.add(id);
        }
        return all;
      }
      case 'equality':
        return yield* this.#idsOnList(filter.attribute, filter.value);
      default:
        return undefined;
    }
  }

  *#idsOnList(attribute: string, name: Buffer): Steps<Set<number> | undefined> {
    const { schema, store } = this.part.database;
    const description = schema.attributeDescription(attribute);
    const memberships = this.#memberships.filter(({ memberOf }) => memberOf === description);
    const ndn = description?.type.equality?.normalize(name);
    if (memberships.length === 0 || ndn === undefined) return undefined;
    const ids = new Set<number>();
    const record = store.entryByNdn(ndn);
    const list = record && this.#members!.listOf(record);
    if (!list) return ids;
    for (const { kind, mapping } of memberships) {
      if (list.kind !== kind) continue;
      for (const member of (yield* this.#members!.membersOf(list, mapping, false)).keys()) {
        const id = store.idOf(member);
        if (id !== undefined) ids.add(id);
        yield;
      }
    }
    return ids;
  }

  /** Can some term of the filter become true by what the list is expanded to? */
  #mayMatch(list: List): boolean {
    return this.#terms.some((term) => this.#mayBecomeTrue(term, list));
  }

  #mayBecomeTrue(term: FilterTerm, list: List): boolean {
    const { schema } = this.part.database;
    const { rule } = list.kind;
    const mapping = namesMapping(rule);
    if (mapping) return looksAt(term, mapping.member, schema) && this.#mayHold(term, list, mapping);
    const wanted = term.attribute === undefined ? undefined : schema.attributeDescription(term.attribute);
    if (!wanted) return term.attribute === undefined;
    return list.urls.some((url) => this.#mayFind(url, term, wanted, list));
  }

  #mayHold(term: FilterTerm, list: List, mapping: ListMapping): boolean {
    const ndn = term.kind === 'equality' ? mapping.member.type.equality?.normalize(term.value) : undefined;
    if (ndn === undefined) return true;
    const isElsewhere = this.operation.directory.databaseOf(ndn) !== this.part.database;
    if (isElsewhere) return mapping.isNested || list.urls.some((url) => isInRange(ndn, url));
    // With other rights, the list may find more than the client would.
    if (hasIdentity(list.record, this.operation)) return true;
    return this.#listsHolding(term, ndn, list.kind, mapping).has(list.record.id);
  }

  #listsHolding(term: FilterTerm, ndn: string, kind: ListKind, mapping: ListMapping): ReadonlySet<number> {
    let ofTerm = this.#holding.get(term);
    if (!ofTerm) this.#holding.set(term, (ofTerm = new Map<ListKind, ReadonlySet<number>>()));
    let ids = ofTerm.get(kind);
    if (!ids) {
      const lists = this.#members!.listsWith(ndn, this.part.database.store.entryByNdn(ndn), kind, mapping);
      ofTerm.set(kind, (ids = new Set(lists.map(({ id }) => id))));
    }
    return ids;
  }

  /** Would the URL find a value that makes the term true? Where an index tells that there is none, the list need not be expanded. */
  #mayFind(url: ListUrl, term: FilterTerm, wanted: AttributeDescription, { kind: { rule } }: List): boolean {
    const { schema } = this.part.database;
    const descriptions = url.attributes?.flatMap((name) => schema.attributeDescription(name) ?? []);
    const isOpen = url.attributes?.some((name) => /^[*+@]/.test(name)) ?? true;
    const called = (source: AttributeDescription): AttributeDescription =>
      rule.mappings.find(({ member }) => member === source)?.mapped ?? source;
    const isTouched = (target: AttributeDescription): boolean =>
      schema.isSubtypeOf(target, wanted) || schema.isSubtypeOf(wanted, target);
    if (!isOpen && !descriptions?.some((source) => isTouched(called(source)))) return false;
    const isPlain = !isOpen && descriptions?.every((source) => !isTouched(called(source)) || source === wanted);
    if (!isPlain || term.kind !== 'equality') return true;
    const database = this.operation.directory.databaseOf(url.base.normalized);
    if (!database) return false;
    if (this.operation.directory.glued(database, url.base, url.scope).length > 0) return true;
    const { store } = database;
    const few = store.fewCandidates(candidatesFor(compileFilter(term, schema, store.dictionary), store.indexes));
    return few?.some((id) => isInRange(store.entry(id)?.ndn ?? '', url)) ?? true;
  }
}
