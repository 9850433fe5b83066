/**
 * A list of access rules, made ready to be asked. What can be worked out without an entry (plans, see plan.ts) is
 * worked out once per policy and kept; `evaluator` is cheap enough to be called for every operation.
 */
import type { EntryRecord } from '../entry/record.js';
import { compileFilter, type CompiledFilter } from '../filter/compile.js';
import { evaluateFilter, type FilterEnvironment } from '../filter/evaluate.js';
import type { Filter } from '../ldap/filter.js';
import type { Schema } from '../ldap/schema.js';
import { Groups } from './groups.js';
import { RuleEvaluator } from './evaluator.js';
import type { AccessEnvironment, AccessEvaluator, AccessTarget, Subject } from './model.js';
import { concerning, makePlan, type Plan, type SubjectKind } from './plan.js';
import type { AccessRule } from './rule.js';

/** Descriptions come from clients (`cn;lang-x1`, `cn;lang-x2`, ...): a bounded number of them is remembered. */
const targetsMax = 2_000;

/** The `filter=` of rules, asked of entries without any access check. */
export class FilterTests {
  readonly #schema: Schema;
  readonly #compiled = new Map<Filter, CompiledFilter>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  matches(filter: Filter, entry: EntryRecord): boolean {
    let compiled = this.#compiled.get(filter);
    if (!compiled) {
      compiled = compileFilter(filter, this.#schema, entry.dictionary);
      this.#compiled.set(filter, compiled);
    }
    return evaluateFilter(compiled, entry, unchecked) === true;
  }
}

/** Rules see what is stored: attributes that are worked out for an answer are no part of an entry here. */
const unchecked: FilterEnvironment = { mayTest: () => true, computedValues: () => undefined };

/** The plans for subjects of one kind. */
export class Planner {
  readonly #rules: readonly AccessRule[];
  readonly #subject: SubjectKind;
  readonly #plans = new Map<AccessTarget, Plan>();
  /** By the places of their rules: targets that the same rules concern share a plan, and so what it decides. */
  readonly #byPlaces = new Map<string, Plan>();
  /** Some clause that can hold for such a subject speaks of single values. */
  readonly dependsOnValues: boolean;

  constructor(rules: readonly AccessRule[], subject: SubjectKind) {
    this.#rules = rules;
    this.#subject = subject;
    this.dependsOnValues = rules.some((_, place) => makePlan(rules, [place], subject).dependsOnValues);
  }

  plan(target: AccessTarget): Plan {
    return this.#plans.get(target) ?? this.#make(target);
  }

  #make(target: AccessTarget): Plan {
    const places = concerning(this.#rules, target);
    const key = places.join();
    let plan = this.#byPlaces.get(key);
    if (!plan) this.#byPlaces.set(key, (plan = makePlan(this.#rules, places, this.#subject)));
    if (this.#plans.size >= targetsMax) this.#plans.clear();
    this.#plans.set(target, plan);
    return plan;
  }
}

export class AccessPolicy {
  readonly #planners: readonly Planner[];
  readonly #schema: Schema;
  readonly #filters: FilterTests;
  readonly #groups: Groups;

  /** `rules` in order: a database's own, then the global ones. None: everybody may read, nobody write. */
  constructor(rules: readonly AccessRule[], schema: Schema) {
    this.#schema = schema;
    this.#filters = new FilterTests(schema);
    this.#groups = new Groups(schema);
    this.#planners = [false, true].flatMap((realAnonymous) =>
      [false, true].map((anonymous) => new Planner(rules, { anonymous, realAnonymous })),
    );
  }

  /** For one operation of one subject. */
  evaluator(subject: Subject, environment: AccessEnvironment): AccessEvaluator {
    const dn = subject.dn === undefined || subject.dn.isEmpty ? undefined : subject.dn;
    const real = subject.realDn ?? subject.dn;
    const realDn = real === undefined || real.isEmpty ? undefined : real;
    const planner = this.#planners[(dn ? 0 : 1) + (realDn ? 0 : 2)]!;
    return new RuleEvaluator(planner, subject, dn, realDn, environment, this.#schema, this.#filters, this.#groups);
  }
}

/** For the rootdn, and for the server's own doings. */
export const grantEverything: AccessEvaluator = Object.freeze({
  allows: () => true,
  dependsOnValues: false,
});
