/** Compares with what an entry that is a list would hold, expanded (overlays dynlist and dyngroup). */
import { Privilege } from '../../access/model.js';
import type { DyngroupSettings } from '../../config/overlays/settings.js';
import type { EntryRecord } from '../../entry/record.js';
import { AttributeDictionary } from '../../entry/dictionary.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Filter } from '../../ldap/filter.js';
import type { Database } from '../database.js';
import { listStepsAtOnceMax } from '../limits.js';
import type { MaybePromise } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import { SearchPart } from '../search/part.js';
import { Slice } from '../search/slice.js';
import { addAttributes, EntryInTheMaking, namesMapping } from './expansion.js';
import { expandingOperation } from './identity.js';
import { listUrl, type ListUrl } from './list-url.js';
import { Budget, ListKind, type List } from './list.js';
import { isInRange } from './memberships.js';
import { searchRange } from './range-search.js';
import { dynlistOf } from './view.js';
import { Work, type Steps } from './work.js';

export interface ListComparison {
  readonly database: Database;
  readonly record: EntryRecord;
  readonly description: AttributeDescription;
  readonly asserted: Buffer;
  /** The entry has values of the attribute, none of them the asserted one. */
  readonly isStored: boolean;
}

const anything: Filter = { kind: 'present', attribute: 'objectClass' };

/** Undefined: the entry is as it is stored. As in slapd, lists in lists are not followed. */
export function compareOnList(operation: OperationContext, comparison: ListComparison): MaybePromise<boolean | undefined> {
  const { database } = comparison;
  const dynlist = dynlistOf(database);
  const dyngroup = database.config.overlays.find((settings) => settings.kind === 'dyngroup');
  if (!dynlist && !dyngroup) return undefined;
  let outcome: boolean | undefined;
  const steps = function* (): Steps {
    if (dynlist) {
      const kinds = dynlist.rules.map((rule) => new ListKind(rule, database, false));
      const kind = kinds.find((one) => one.isOfClass(comparison.record));
      const urls = kind?.urlsOf(operation, comparison.record) ?? [];
      if (kind && urls.length > 0) outcome = yield* ofList(operation, comparison, { record: comparison.record, kind, urls });
    }
    if (outcome === undefined && dyngroup) outcome = yield* ofGroup(operation, comparison, dyngroup);
  };
  const work = new Work(steps());
  return work.atOnce(listStepsAtOnceMax) ? outcome : inSlices(operation, work).then(() => outcome);
}

async function inSlices({ directory, peer }: OperationContext, work: Work): Promise<void> {
  try {
    const turn = await directory.longSearches.enter(peer.address, 0);
    const slice = new Slice();
    try {
      await work.finish(async () => {
        if (slice.isOver()) await slice.next();
        return true;
      });
    } finally {
      turn.leave();
    }
  } finally {
    work.abandon();
  }
}

function* ofList(operation: OperationContext, comparison: ListComparison, list: List): Steps<boolean | undefined> {
  const { database, record, description, asserted } = comparison;
  const { rule, defaultFilter } = list.kind;
  const mapping = namesMapping(rule);
  if (mapping) {
    if (mapping.member !== description) return undefined;
    // As slapd: where groups hold their members themselves, a name that no entry has is looked for among those.
    const { directory } = operation;
    const ndn = directory.parseDN(asserted).normalized;
    if (mapping.staticClass && directory.databaseOf(ndn)?.store.idOf(ndn) === undefined) return undefined;
    const expanding = expandingOperation(operation, database, record);
    return expanding ? yield* findsName(expanding, list.urls, asserted, defaultFilter) : undefined;
  }
  const isMapped = rule.mappings.some(({ mapped, member }) => (mapped ?? member) === description);
  if (rule.mappings.length > 0 && !isMapped) return undefined;
  const dn = operation.directory.parseDN(record.dn);
  const part = new SearchPart(operation, database, dn, 'base', {
    op: 'search',
    base: Buffer.from(record.dn),
    scope: 'base',
    derefAliases: 0,
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter: anything,
    attributes: [],
  });
  const entry = new EntryInTheMaking(record);
  const wants = (one: AttributeDescription): boolean => operation.schema.isSubtypeOf(one, description);
  yield* addAttributes(operation, part, list, entry, { wants, privilege: Privilege.compare }, new Budget());
  const expanded = entry.finish(operation, new AttributeDictionary(operation.schema));
  const equality = description.type.equality!;
  const key = (equality.normalizeAssertion ?? equality.normalize)(asserted);
  let isPresent = false;
  const isFound = expanded.someSelected(description, (index) => {
    isPresent = true;
    return expanded.valuesAt(index).some((value) => equality.normalize(value) === key);
  });
  return isPresent ? isFound : undefined;
}

/** As slapd: an entry's own members decide where it has any, and what is no group has none. */
function* ofGroup(
  operation: OperationContext,
  { record, description, asserted, isStored }: ListComparison,
  { pairs }: DyngroupSettings,
): Steps<boolean | undefined> {
  const pair = isStored ? undefined : pairs.find(({ member }) => member === description);
  if (!pair) return undefined;
  const urls = record.values(pair.url).flatMap((value) => listUrl(value, operation.directory) ?? []);
  return yield* findsName(operation, urls, asserted, anything);
}

/** Would one of the URLs find the entry of this name? */
function* findsName(operation: OperationContext, urls: readonly ListUrl[], name: Buffer, defaultFilter: Filter): Steps<boolean> {
  const base = operation.directory.parseDN(name);
  let isFound = false;
  for (const url of urls) {
    if (url.attributes || !isInRange(base.normalized, url)) continue;
    const itself: ListUrl = { ...url, base, scope: 'base' };
    yield* searchRange(operation, itself, url.filter ?? defaultFilter, () => void (isFound = true));
    if (isFound) return true;
  }
  return false;
}
