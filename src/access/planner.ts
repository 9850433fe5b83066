/** Makes and caches plans for one kind of subject, by target. */
import type { AccessTarget } from './model.js';
import { concerning, makePlan, type Plan, type SubjectKind } from './plan.js';
import type { AccessRule } from './rule.js';

/** Descriptions come from clients (`cn;lang-x1`, `cn;lang-x2`, ...): a bounded number of them is remembered. */
const targetsMax = 2_000;

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
