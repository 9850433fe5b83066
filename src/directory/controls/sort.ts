/**
 * Server-side sorting (RFC 2891): what the keys of an entry are, and the entries that come first of all that were found.
 * Never more is kept than an answer can need: entries beyond that are dropped while others are still being found.
 */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Control, SortKey } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, AttributeType, MatchingRule, Schema } from '../../ldap/schema.js';
import { sortedAtOnceMax, sortedCharactersMax, sortedEntriesMax, sortKeysMax } from '../limits.js';
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
  constructor(control: Extract<Control, { type: 'serverSideSort' }>, schema: Schema, keysMax = sortKeysMax) {
    if (control.keys.length > keysMax) throw new SortError(ResultCode.unwillingToPerform, `more than ${keysMax} sort keys`);
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

  /** A value as entries are sorted by it first; undefined where it does not fit. */
  firstKeyOf(value: Buffer): string | undefined {
    return this.#keys[0]!.rule.normalize(value);
  }

  isBeforeFirstKey(position: SortPosition, key: string): boolean {
    return this.#compareKeys(0, position.keys[0], key) < 0;
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

/** Asked after each step of long work: waits where others have to come first; false: stop. */
export type Proceed = () => boolean | Promise<boolean>;

/**
 * Collects what is found and keeps the `wanted` first ones after a position: in a heap with the last of them on top, so that
 * no step takes long, however many there are.
 */
export class Sorter {
  readonly #heap: SortPosition[] = [];
  #characters = 0;

  constructor(
    readonly plan: SortPlan,
    /** Infinity: all, as far as they can be kept. */
    private readonly wanted: number,
    private readonly after: SortPosition | undefined,
  ) {}

  get count(): number {
    return this.#heap.length;
  }

  /** Throws SortOverflow. */
  add(position: SortPosition): void {
    const { plan, after } = this;
    const heap = this.#heap;
    if (after && plan.compare(position, after) <= 0) return;
    if (heap.length < this.wanted) {
      heap.push(position);
      this.#rise(heap.length - 1);
    } else {
      const last = heap[0];
      if (!last || plan.compare(position, last) >= 0) return;
      this.#characters -= charactersOf(last);
      heap[0] = position;
      this.#sink();
    }
    this.#characters += charactersOf(position);
    if (heap.length > sortedEntriesMax || this.#characters > sortedCharactersMax) throw new SortOverflow();
  }

  /** In order; at one go, which is for few. The sorter is empty then. */
  sorted(): readonly SortPosition[] {
    return this.#heap.splice(0).sort((a, b) => this.plan.compare(a, b));
  }

  /** The same in steps: runs of a few are sorted, then merged one position at a time. Undefined: stopped. */
  async sortedInSteps(proceed: Proceed, run = sortedAtOnceMax): Promise<readonly SortPosition[] | undefined> {
    let sorted = this.#heap.splice(0);
    for (let start = 0; start < sorted.length; start += run) {
      const part = sorted.slice(start, start + run).sort((a, b) => this.plan.compare(a, b));
      for (let index = 0; index < part.length; index++) sorted[start + index] = part[index]!;
      if (!(await proceed())) return undefined;
    }
    for (let width = run; width < sorted.length; width *= 2) {
      const merged: SortPosition[] = [];
      for (let start = 0; start < sorted.length; start += 2 * width) {
        if (!(await this.#merge(sorted, start, width, merged, proceed))) return undefined;
      }
      sorted = merged;
    }
    return sorted;
  }

  /** Appends the two runs of `width` positions that begin at `start`. False: stopped. */
  async #merge(
    from: readonly SortPosition[],
    start: number,
    width: number,
    merged: SortPosition[],
    proceed: Proceed,
  ): Promise<boolean> {
    const middle = Math.min(start + width, from.length);
    const end = Math.min(middle + width, from.length);
    for (let left = start, right = middle; left < middle || right < end;) {
      const takesLeft = right >= end || (left < middle && this.plan.compare(from[left]!, from[right]!) <= 0);
      merged.push(from[takesLeft ? left++ : right++]!);
      const going = proceed();
      if (going !== true && !(await going)) return false;
    }
    return true;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const position = heap[from]!;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (this.plan.compare(heap[above]!, position) >= 0) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = position;
  }

  /** Lets the position on top down to where it belongs. */
  #sink(): void {
    const heap = this.#heap;
    const position = heap[0]!;
    let place = 0;
    for (let below = 1; below < heap.length; below = 2 * place + 1) {
      if (below + 1 < heap.length && this.plan.compare(heap[below + 1]!, heap[below]!) > 0) below++;
      if (this.plan.compare(heap[below]!, position) <= 0) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = position;
  }
}

function charactersOf({ keys }: SortPosition): number {
  return keys.reduce((sum, key) => sum + (key?.length ?? 0), 0);
}
