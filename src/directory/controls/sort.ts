/**
 * Server-side sorting (RFC 2891): what the keys of an entry are, and the entries that come first of all that were found.
 * Never more is kept than an answer can need: entries beyond that are dropped while others are still being found.
 */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Control, SortKey } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, AttributeType, MatchingRule, Schema } from '../../ldap/schema.js';
import { sortedCharactersMax, sortedEntriesMax, sortKeysMax } from '../limits.js';
import { computedValuesOf, type ComputedAttribute } from '../search/computed.js';

/** Why entries cannot be sorted. A search whose sort control is not critical goes on without order and reports this. */
export class SortError extends LdapError {
  constructor(
    code: ResultCode,
    diagnostic: string,
    /** The key that caused it, where one did. */
    readonly attribute?: string,
  ) {
    super(code, diagnostic);
  }
}

/** There are more entries than jammd sorts, or their keys are too long. */
export class SortOverflow extends SortError {
  constructor() {
    super(ResultCode.adminLimitExceeded, `cannot sort more than ${sortedEntriesMax} entries, or keys this long`);
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

  /** Throws SortError with 16, 18 or 53 if entries cannot be sorted by these keys. */
  constructor(control: Extract<Control, { type: 'serverSideSort' }>, schema: Schema) {
    if (control.keys.length > sortKeysMax) {
      throw new SortError(ResultCode.unwillingToPerform, `more than ${sortKeysMax} sort keys`);
    }
    this.#keys = control.keys.map((key) => plannedKey(key, schema, control.critical));
  }

  /** Of an attribute's values, the one that sorts first counts; values that may not be read do not. */
  keysOf(record: EntryRecord, access: AccessEvaluator, computed: readonly ComputedAttribute[]): readonly (string | undefined)[] {
    return this.#keys.map(({ description, rule }) => {
      if (!access.dependsOnValues && !access.allows(record, description, Privilege.read)) return undefined;
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

/**
 * Equality rules whose normalised values have an order nobody would dispute. Most attributes of the standard schemas have
 * no ordering rule, and clients that list accounts ask for `cn` or `mail` all the same.
 */
const ordersByEquality: ReadonlySet<string> = new Set([
  'caseIgnoreMatch',
  'caseExactMatch',
  'caseIgnoreIA5Match',
  'caseExactIA5Match',
  'numericStringMatch',
  'integerMatch',
  'octetStringMatch',
  'telephoneNumberMatch',
  'generalizedTimeMatch',
]);

/** A critical control gets slapd's strictness: the attribute has an ordering rule, or the key names one. */
function plannedKey({ attribute, orderingRule, reverse }: SortKey, schema: Schema, critical: boolean): PlannedKey {
  const description = schema.attributeDescription(attribute);
  if (!description) {
    const diagnostic = `serverSort control: ${attribute}: attribute type undefined`;
    throw new SortError(ResultCode.noSuchAttribute, diagnostic, attribute);
  }
  // go-ldap sends an empty rule where it means none.
  const rule = orderingRule ? schema.matchingRule(orderingRule) : orderOf(description.type, critical);
  if (!rule || rule.kind === 'substring') {
    const reason = orderingRule ? `no such rule ${orderingRule}` : 'no ordering rule';
    throw new SortError(ResultCode.inappropriateMatching, `serverSort control: ${attribute}: ${reason}`, attribute);
  }
  return { description, rule, reverse };
}

function orderOf({ ordering, equality }: AttributeType, critical: boolean): MatchingRule | undefined {
  if (ordering || critical) return ordering;
  return equality && ordersByEquality.has(equality.name) ? equality : undefined;
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
