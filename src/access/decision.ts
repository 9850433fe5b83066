/** An access decision, with the clauses that made it. */
import type { EntryRecord } from '../entry/record.js';
import type { AccessEvaluator, AccessTarget } from './model.js';
import type { AccessRule } from './rule.js';

export interface DecidingClause {
  readonly rule: AccessRule;
  /** Its place among the rule's; undefined: the `by * none` that ends every rule. */
  readonly place: number | undefined;
}

export interface AccessDecision {
  readonly privileges: number;
  /** Given as a level (`read`), rather than as single privileges (`=rscxd`). */
  readonly isLevel: boolean;
  /** Those that hold, in their order. None: there is no rule that concerns the target. */
  readonly clauses: readonly DecidingClause[];
}

/** Also says how it decides. */
export interface ExplainingEvaluator extends AccessEvaluator {
  explain(entry: EntryRecord, target: AccessTarget, value?: Buffer): AccessDecision;
}
