/**
 * A list of rules reduced to one kind of subject and one target: without the rules that cannot concern the target and
 * the clauses that can never hold for the subject. If every path through the rest grants the same privileges, the plan
 * knows them without looking at an entry.
 */
import type { AccessTarget } from './model.js';
import { applyGrant, readLevel, type Grant } from './privileges.js';
import type { AccessRule, AttributeSelector, Control, Who } from './rule.js';

/** What can be told about a subject before any entry is seen. */
export interface SubjectKind {
  readonly anonymous: boolean;
  readonly realAnonymous: boolean;
}

export interface PlannedClause {
  /** The conditions that have to be asked; none: the clause always holds. */
  readonly who: readonly Who[];
  readonly grant: Grant;
  readonly control: Control;
  /** The clause's place in its rule; undefined: the `by * none stop` that ends every rule. */
  readonly place: number | undefined;
}

export interface Step {
  readonly rule: AccessRule;
  /** The rule's place in the policy. */
  readonly index: number;
  /** True where the <what> holds for every entry and value. */
  readonly unconditional: boolean;
  /** Ends with a clause that always holds and stops or breaks. */
  readonly clauses: readonly PlannedClause[];
}

export interface Plan {
  /** The privileges, where they do not depend on entry or value. */
  readonly constant: number | undefined;
  readonly steps: readonly Step[];
  /** Some rule left speaks of single values. */
  readonly dependsOnValues: boolean;
}

const noneStop: PlannedClause = {
  who: [],
  grant: { operator: '=', privileges: 0, valueIs: undefined, isLevel: false },
  control: 'stop',
  place: undefined,
};

/** The places of the rules whose attributes include the target. */
export function concerning(rules: readonly AccessRule[], target: AccessTarget): number[] {
  return rules.flatMap((rule, index) => (concerns(rule, target) ? [index] : []));
}

/** A plan for all targets that just the rules at `places` concern. */
export function makePlan(rules: readonly AccessRule[], places: readonly number[], subject: SubjectKind): Plan {
  if (rules.length === 0) return { constant: readLevel, steps: [], dependsOnValues: false };
  const steps = places.map((place) => makeStep(rules[place]!, place, subject));
  const last = steps.findIndex(
    ({ unconditional, clauses }) => unconditional && clauses.every(({ control }) => control !== 'break'),
  );
  const reachable = last < 0 ? steps : steps.slice(0, last + 1);
  return {
    constant: constantOutcome(reachable),
    steps: reachable,
    dependsOnValues: reachable.some(
      ({ rule, clauses }) => rule.what.value !== undefined || clauses.some(({ grant }) => grant.valueIs !== undefined),
    ),
  };
}

function concerns(rule: AccessRule, target: AccessTarget): boolean {
  return rule.what.attributes?.some((selector) => selects(selector, target)) ?? true;
}

function selects(selector: AttributeSelector, target: AccessTarget): boolean {
  switch (selector.kind) {
    case 'entry':
    case 'children':
      return selector.kind === target;
    case 'description':
      return (
        typeof target === 'object' &&
        target.type.lineage.includes(selector.description.type) &&
        selector.description.options.every((option) => hasOption(target.options, option))
      );
    case 'class':
      return isExtensible(selector) || classHolds(selector, target);
    case 'notClass':
      return !isExtensible(selector) && !classHolds(selector, target);
  }
}

/** `lang-en-` stands for `lang-en` and all that starts with it. */
function hasOption(options: readonly string[], wanted: string): boolean {
  if (!wanted.endsWith('-')) return options.includes(wanted);
  return options.some((option) => option.startsWith(wanted) || option === wanted.slice(0, -1));
}

type ClassSelector = Extract<AttributeSelector, { kind: 'class' | 'notClass' }>;

function isExtensible({ objectClass }: ClassSelector): boolean {
  return objectClass.oid === '1.3.6.1.4.1.1466.101.120.111';
}

function classHolds({ objectClass }: ClassSelector, target: AccessTarget): boolean {
  if (typeof target !== 'object') return false;
  return target.type.lineage.some((type) => objectClass.must.has(type) || objectClass.may.has(type));
}

function makeStep(rule: AccessRule, index: number, subject: SubjectKind): Step {
  const { name, value, filter } = rule.what;
  return {
    rule,
    index,
    unconditional: name.kind === 'any' && value === undefined && filter === undefined,
    clauses: simplify(rule, subject),
  };
}

function simplify(rule: AccessRule, subject: SubjectKind): readonly PlannedClause[] {
  const clauses: PlannedClause[] = [];
  for (const [place, { who, grant, control }] of rule.by.entries()) {
    const truths = who.map((condition) => staticTruth(condition, subject));
    if (truths.includes(false) || !canBeSelf(grant, subject)) continue;
    const open = who.filter((_, index) => truths[index] === undefined);
    clauses.push({ who: open, grant, control, place });
    if (open.length === 0 && grant.valueIs === undefined && control !== 'continue') return clauses;
  }
  return [...clauses, noneStop];
}

function canBeSelf(grant: Grant, subject: SubjectKind): boolean {
  if (grant.valueIs === undefined) return true;
  return grant.valueIs === 'self' ? !subject.anonymous : !subject.realAnonymous;
}

/** Undefined: it has to be asked. */
function staticTruth(who: Who, subject: SubjectKind): boolean | undefined {
  switch (who.kind) {
    case 'anyone':
      return true;
    case 'anonymous':
      return isAnonymous(who, subject);
    case 'users':
      return !isAnonymous(who, subject);
    case 'self':
    case 'name':
    case 'nameExpand':
    case 'nameAttribute':
      return isAnonymous(who, subject) ? false : undefined;
    case 'group':
      return subject.anonymous ? false : undefined;
    case 'nameRegex':
      return isAnonymous(who, subject) ? who.regex.test('') : undefined;
    case 'nameExpandRegex':
    case 'set':
    case 'ssf':
      return undefined;
    case 'peername':
    case 'sockname':
    case 'sockurl':
      return who.test.kind === 'any' ? true : undefined;
  }
}

function isAnonymous(who: { readonly real: boolean }, subject: SubjectKind): boolean {
  return who.real ? subject.realAnonymous : subject.anonymous;
}

/** Goes through the steps from the last to the first, for every set of privileges a step may be reached with. */
function constantOutcome(steps: readonly Step[]): number | undefined {
  const known = new Map<number, number | undefined>();
  const from = (place: number, gathered: number): number | undefined => {
    const step = steps[place];
    // The implicit `access to * by * none` at the end.
    if (!step) return 0;
    const key = place * 256 + gathered;
    if (known.has(key)) return known.get(key);
    const outcome = outcomeOf(step, place, gathered, from);
    known.set(key, outcome);
    return outcome;
  };
  return from(0, 0);
}

function outcomeOf(
  step: Step,
  place: number,
  gathered: number,
  from: (place: number, gathered: number) => number | undefined,
): number | undefined {
  const applied = applyConstant(step, gathered);
  if (applied === undefined) return undefined;
  const matched = applied.control === 'break' ? from(place + 1, applied.gathered) : applied.gathered;
  if (step.unconditional) return matched;
  const unmatched = from(place + 1, gathered);
  return matched === unmatched ? matched : undefined;
}

function applyConstant(step: Step, gathered: number): { gathered: number; control: Control } | undefined {
  let privileges = gathered;
  for (const { who, grant, control } of step.clauses) {
    if (who.length > 0 || grant.valueIs !== undefined) return undefined;
    privileges = applyGrant(privileges, grant);
    if (control !== 'continue') return { gathered: privileges, control };
  }
  return undefined;
}
