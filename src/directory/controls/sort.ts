/**
 * Server-side sorting (RFC 2891): what the keys of an entry are, and the entries that come first of all that were found.
 * Never more is kept than an answer can need: entries beyond that are dropped while others are still being found.
 */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Control, SortKey } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, MatchingRule, Schema } from '../../ldap/schema.js';
import { computedValuesOf, type ComputedAttribute } from '../search/computed.js';

/** slapd's overlay allows five. */
const sortKeysMax = 5;
/** What one search may keep for sorting: entries, and characters of their keys. */
const sortedEntriesMax = 100_000;
const sortedCharactersMax = 32 * 1_024 * 1_024;

/** More than can be sorted: whoever can do without order searches again without. */
export class SortOverflow extends LdapError {
  constructor() {
    super(ResultCode.adminLimitExceeded, `more than ${sortedEntriesMax} entries, or too long keys, to be sorted`);
  }
}

/** Where an entry stands in a sorted answer. Undefined keys come after all others. */
export interface SortPosition {
  readonly keys: readonly (string | undefined)[];
  /** Which of the search's databases it is from. */
  readonly part: number;
  readonly id: number;
}

interface PlannedKey {
  readonly description: AttributeDescription;
  readonly rule: MatchingRule;
  readonly reverse: boolean;
}

export class SortPlan {
  readonly #keys: readonly PlannedKey[];

  /** Throws 11, 16 or 18 where entries cannot be sorted so; as in slapd, whether or not the control is critical. */
  constructor(control: Extract<Control, { type: 'serverSideSort' }>, schema: Schema) {
    if (control.keys.length > sortKeysMax) {
      throw new LdapError(ResultCode.adminLimitExceeded, `more than ${sortKeysMax} sort keys`);
    }
    this.#keys = control.keys.map((key) => plannedKey(key, schema));
  }

  /** Of an attribute's values, the one that sorts first counts; values that may not be read do not. */
  keysOf(record: EntryRecord, access: AccessEvaluator, computed: readonly ComputedAttribute[]): readonly (string | undefined)[] {
    return this.#keys.map(({ description, rule }) => {
      if (!access.allows(record, description, Privilege.read)) return undefined;
      let first: string | undefined;
      for (const value of computedValuesOf(computed, record, description.type) ?? record.values(description)) {
        const key = rule.normalize(value);
        if (key === undefined || (first !== undefined && rule.compare(key, first) >= 0)) continue;
        if (!access.dependsOnValues || access.allows(record, description, Privilege.read, value)) first = key;
      }
      return first;
    });
  }

  compare(a: SortPosition, b: SortPosition): number {
    for (let index = 0; index < this.#keys.length; index++) {
      const order = this.#compareKeys(index, a.keys[index], b.keys[index]);
      if (order !== 0) return order;
    }
    return a.part - b.part || a.id - b.id;
  }

  #compareKeys(index: number, a: string | undefined, b: string | undefined): number {
    const { rule, reverse } = this.#keys[index]!;
    const order = a === undefined || b === undefined ? Number(a === undefined) - Number(b === undefined) : rule.compare(a, b);
    return reverse ? -order : order;
  }
}

function plannedKey({ attribute, orderingRule, reverse }: SortKey, schema: Schema): PlannedKey {
  const description = schema.attributeDescription(attribute);
  if (!description) {
    throw new LdapError(ResultCode.noSuchAttribute, `serverSort control: ${attribute}: attribute type undefined`);
  }
  const rule = orderingRule === undefined ? description.type.ordering : schema.matchingRule(orderingRule);
  if (!rule || rule.kind === 'substring') {
    throw new LdapError(
      ResultCode.inappropriateMatching,
      `serverSort control: ${attribute}: ${orderingRule === undefined ? 'no ordering rule' : `no such rule ${orderingRule}`}`,
    );
  }
  return { description, rule, reverse };
}

/** Collects what is found and keeps the `wanted` first ones after a position. */
export class Sorter {
  readonly #found: SortPosition[] = [];
  #characters = 0;

  constructor(
    readonly plan: SortPlan,
    /** Infinity: all, as far as they can be kept. */
    private readonly wanted: number,
    private readonly after: SortPosition | undefined,
  ) {}

  /** Throws SortOverflow. */
  add(position: SortPosition): void {
    if (this.after && this.plan.compare(position, this.after) <= 0) return;
    this.#found.push(position);
    this.#characters += charactersOf(position);
    if (this.#found.length >= 2 * this.wanted + 64) this.#drop();
    if (this.#found.length > sortedEntriesMax || this.#characters > sortedCharactersMax) {
      this.#drop();
      if (this.#found.length > sortedEntriesMax || this.#characters > sortedCharactersMax) throw new SortOverflow();
    }
  }

  /** In order. */
  sorted(): readonly SortPosition[] {
    this.#drop();
    return this.#found;
  }

  #drop(): void {
    this.#found.sort((a, b) => this.plan.compare(a, b));
    if (this.#found.length <= this.wanted) return;
    this.#found.length = this.wanted;
    this.#characters = this.#found.reduce((sum, position) => sum + charactersOf(position), 0);
  }
}

function charactersOf({ keys }: SortPosition): number {
  return keys.reduce((sum, key) => sum + (key?.length ?? 0), 0);
}
