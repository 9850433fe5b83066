/**
 * A list of access rules, prepared for questions. Whatever can be computed without an entry (plans, see plan.ts) is
 * computed once per policy; `evaluator` is cheap enough to call for every operation.
 */
import type { Schema } from '../ldap/schema.js';
import type { ExplainingEvaluator } from './decision.js';
import { RuleEvaluator } from './evaluator.js';
import { FilterTests } from './filter-tests.js';
import { Groups } from './groups.js';
import type { AccessEnvironment, AccessEvaluator, Subject } from './model.js';
import { Planner } from './planner.js';
import type { AccessRule } from './rule.js';

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
  evaluator(subject: Subject, environment: AccessEnvironment): ExplainingEvaluator {
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
