/** Expands one list: its entry with all that its URLs find. */
import type { ListMapping } from '../../config/overlays/settings.js';
import type { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { valueKey } from '../operations/attribute-values.js';
import type { OperationContext } from '../operations/operation.js';
import { wellKnownOf } from '../rules/schema-check.js';
import type { SearchPart } from '../search/part.js';
import { Selection } from '../search/selection.js';
import { expandingOperation } from './identity.js';
import type { Budget, List } from './list.js';
import type { Names } from './memberships.js';
import { searchRange } from './range-search.js';
import type { Steps } from './work.js';

interface Gathered {
  readonly description: AttributeDescription;
  readonly values: Buffer[];
  readonly keys: Set<string>;
}

/** An entry with values added that it has not stored. Values that are there already are passed over. */
export class EntryInTheMaking {
  readonly #gathered = new Map<string, Gathered>();

  constructor(private readonly record: EntryRecord) {}

  has(description: AttributeDescription): boolean {
    return this.record.values(description).length > 0 || this.#gathered.has(description.key);
  }

  add(description: AttributeDescription, value: Buffer, key = valueKey(description, value)): boolean {
    const { values, keys } = this.#of(description);
    if (keys.has(key) || (description.type.singleValue && values.length > 0)) return false;
    keys.add(key);
    values.push(value);
    return true;
  }

  /** Takes the place of what is stored. */
  replace(description: AttributeDescription, values: Buffer[]): void {
    this.#gathered.set(description.key, { description, values, keys: new Set() });
  }

  /** In memory alone, in place of the stored record. */
  finish(operation: OperationContext, dictionary: AttributeDictionary): EntryRecord {
    const { record } = this;
    const draft = record.toDraft(operation.directory.parseDN(record.dn));
    for (const { description, values } of this.#gathered.values()) draft.set(description, values);
    return EntryRecord.encode(
      draft,
      { id: record.id, parentId: record.parentId, flags: record.flags },
      dictionary,
      (description) => dictionary.number(description) ?? dictionary.define(description),
    );
  }

  #of(description: AttributeDescription): Gathered {
    let known = this.#gathered.get(description.key);
    if (!known) {
      const values = [...this.record.values(description)];
      known = { description, values, keys: new Set(values.map((value) => valueKey(description, value))) };
      this.#gathered.set(description.key, known);
    }
    return known;
  }
}

/** What `dynlist-attrset` gives lists: the names of what is found, under this mapping. Undefined: attributes of it. */
export function namesMapping({ mappings: [first, ...others] }: List['kind']['rule']): ListMapping | undefined {
  return first && others.length === 0 && first.mapped === undefined ? first : undefined;
}

export function addNames(entry: EntryInTheMaking, { member }: ListMapping, names: Names): void {
  for (const [ndn, name] of names) entry.add(member, name, ndn);
}

/** What of the entries found belongs to a list. */
export interface Taken {
  /** Does the client ask for the attribute, or filter by it? */
  readonly wants: (description: AttributeDescription) => boolean;
  /** To read its values, or to compare them. */
  readonly privilege: number;
}

export function* addAttributes(
  operation: OperationContext,
  part: SearchPart,
  list: List,
  entry: EntryInTheMaking,
  { wants, privilege }: Taken,
  budget: Budget,
): Steps {
  const { rule, defaultFilter } = list.kind;
  if (rule.mappings.length > 0 && rule.mappings.every(({ mapped }) => mapped === undefined)) return;
  const expanding = expandingOperation(operation, part.database, list.record);
  if (!expanding) return;
  const { schema } = operation;
  const { objectClass } = wellKnownOf(schema);
  const sources = new Map(rule.mappings.map(({ member, mapped }) => [member.key, mapped ?? member]));
  for (const url of list.urls) {
    const named = url.attributes && new Selection(url.attributes, false, schema, []);
    const isTaken = (description: AttributeDescription): boolean =>
      named ? named.asksFor(description) && (sources.has(description.key) || wants(description)) : wants(description);
    const own = url.filter;
    // Lists are not expanded from lists.
    const filter = own && named ? { kind: 'and' as const, filters: [defaultFilter, own] } : (own ?? defaultFilter);
    yield* searchRange(expanding, url, filter, (record, { access }) => {
      for (let index = 0; index < record.attributeCount; index++) {
        const description = record.description(index);
        if (!isTaken(description) || (description.type.singleValue && entry.has(description))) continue;
        if (!access.dependsOnValues && !access.allows(record, description, privilege)) continue;
        for (const value of record.valuesAt(index)) {
          if (description === objectClass && isStructural(value, operation)) continue;
          if (access.dependsOnValues && !access.allows(record, description, privilege, value)) continue;
          if (entry.add(sources.get(description.key) ?? description, value)) budget.take(1);
        }
      }
    });
  }
}

function isStructural(value: Buffer, { schema }: OperationContext): boolean {
  return schema.objectClass(value.toString('latin1'))?.kind === 'structural';
}
