/**
 * Works out `set=` conditions. What does not depend on the entry (the members of a group that the rule names) is found out
 * once in an operation, and so are the values that entries are followed to.
 */
import { DN } from '../dn/dn.js';
import { ndnAncestor, ndnParent } from '../dn/normalized.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import type { AccessEnvironment } from './model.js';
import type { SetExpression } from './set.js';
import { expandTemplate, type Captures } from './template.js';
import { normalizedValue } from './values.js';

/** A set, or a part of one that does not depend on the entry, that grows beyond these is one that does not match. */
const membersMax = 10_000;
const lookupsMax = 1_000;
/** Members of sets, and names that were followed, that are remembered in one operation. */
const rememberedMax = 100_000;

export interface SetContext {
  readonly schema: Schema;
  readonly environment: AccessEnvironment;
  readonly entry: EntryRecord;
  /** The subject's normalised DN; undefined: anonymous. */
  readonly user: string | undefined;
  readonly captures: Captures;
  readonly memory: SetMemory;
}

/** Never changed once it is made: it may be remembered. */
type Members = ReadonlySet<string>;

/** What an expression that does not depend on the entry comes to. */
interface Finding {
  readonly members: Members | undefined;
  /** Whose entries were looked at. */
  readonly names: ReadonlySet<string>;
}

/** What one operation, on behalf of one subject, has found out about sets. */
export class SetMemory {
  readonly #findings = new Map<SetExpression, Finding>();
  readonly #values = new Map<AttributeDescription, Map<string, Members>>();
  #size = 0;

  finding(expression: SetExpression): Finding | undefined {
    return this.#findings.get(expression);
  }

  noteFinding(expression: SetExpression, finding: Finding): void {
    this.#makeRoom(finding.names.size + (finding.members?.size ?? 0));
    this.#findings.set(expression, finding);
  }

  values(description: AttributeDescription, ndn: string): Members | undefined {
    return this.#values.get(description)?.get(ndn);
  }

  noteValues(description: AttributeDescription, ndn: string, members: Members): void {
    this.#makeRoom(members.size + 1);
    let known = this.#values.get(description);
    if (!known) this.#values.set(description, (known = new Map<string, Members>()));
    known.set(ndn, members);
  }

  #makeRoom(size: number): void {
    this.#size += size;
    if (this.#size <= rememberedMax) return;
    this.#findings.clear();
    this.#values.clear();
    this.#size = size;
  }
}

/** Is the set not empty? False too where it cannot be worked out: an anonymous `user`, a set that grows too large. */
export function setMatches(expression: SetExpression, context: SetContext): boolean {
  const result = new SetEvaluation(context).members(expression);
  return result !== undefined && result.size > 0;
}

class SetEvaluation {
  readonly #context: SetContext;
  /** Within what does not depend on the entry: nothing in it is remembered by itself. */
  readonly #isIndependent: boolean;
  readonly #names = new Set<string>();
  #lookups = 0;

  constructor(context: SetContext, isIndependent = false) {
    this.#context = context;
    this.#isIndependent = isIndependent;
  }

  members(expression: SetExpression): Members | undefined {
    switch (expression.kind) {
      case 'this':
        return new Set([this.#context.entry.ndn]);
      case 'user':
        return this.#context.user === undefined ? undefined : new Set([this.#context.user]);
      case 'text': {
        const text = expandTemplate(expression.template, this.#context.captures);
        return text === undefined ? undefined : new Set([text]);
      }
      default:
        return !this.#isIndependent && isIndependent(expression) ? this.#remembered(expression) : this.#work(expression);
    }
  }

  #work(expression: Exclude<SetExpression, { kind: 'this' | 'user' | 'text' }>): Members | undefined {
    switch (expression.kind) {
      case 'join': {
        const left = this.members(expression.left);
        const right = this.members(expression.right);
        return left && right && bounded(join(expression.operator, left, right));
      }
      case 'ancestor': {
        const of = this.members(expression.of);
        return of && bounded(ancestors(of, expression.levels));
      }
      case 'attribute': {
        const of = this.members(expression.of);
        return of && this.#follow(of, expression.description, expression.closure);
      }
    }
  }

  /** With bounds of its own, so that it comes to the same whenever it is worked out. */
  #remembered(expression: Exclude<SetExpression, { kind: 'this' | 'user' | 'text' }>): Members | undefined {
    const { memory } = this.#context;
    const known = memory.finding(expression);
    if (known && this.#holds(known)) return known.members;
    const evaluation = new SetEvaluation(this.#context, true);
    const finding = { members: evaluation.members(expression), names: evaluation.#names };
    if (this.#holds(finding)) memory.noteFinding(expression, finding);
    return finding.members;
  }

  /** Not where the entry itself was looked at and is, in this operation, another one than the directory has. */
  #holds({ names }: Finding): boolean {
    const { entry, environment } = this.#context;
    return !names.has(entry.ndn) || environment.entryByNdn(entry.ndn)?.buffer.equals(entry.buffer) === true;
  }

  #follow(names: Members, description: AttributeDescription, closure: boolean): Members | undefined {
    const [only] = names;
    if (names.size === 1 && !closure) return this.#values(only!, description);
    const found = new Set<string>();
    for (const name of names) if (!this.#gather(name, description, found)) return undefined;
    // A set yields what is added to it while it is gone through: each name is followed once.
    if (closure) for (const name of found) if (!this.#gather(name, description, found)) return undefined;
    return found;
  }

  /** Adds the attribute's values in the entry `name`; false where a bound is reached. */
  #gather(name: string, description: AttributeDescription, found: Set<string>): boolean {
    const values = this.#values(name, description);
    if (!values) return false;
    for (const value of values) found.add(value);
    return found.size <= membersMax;
  }

  /** The attribute's values in the entry `name`, none where there is no such entry; undefined where a bound is reached. */
  #values(name: string, description: AttributeDescription): Members | undefined {
    const { schema, entry, environment, memory } = this.#context;
    let ndn: string;
    try {
      ndn = DN.parse(name, schema).normalized;
    } catch {
      return new Set();
    }
    if (description.key === 'entrydn') return new Set([ndn]);
    this.#names.add(ndn);
    if (++this.#lookups > lookupsMax) return undefined;
    const isEntry = ndn === entry.ndn;
    const known = isEntry ? undefined : memory.values(description, ndn);
    if (known) return known;
    const from = isEntry ? entry : environment.entryByNdn(ndn);
    const values = new Set((from?.values(description) ?? []).map((value) => normalizedValue(value, description, schema)));
    if (values.size > membersMax) return undefined;
    // What is worked out once is remembered as a whole.
    if (!isEntry && !this.#isIndependent) memory.noteValues(description, ndn, values);
    return values;
  }
}

const independence = new WeakMap<SetExpression, boolean>();

/** Neither the entry nor what the <what> clause matched is in it. */
function isIndependent(expression: SetExpression): boolean {
  let answer = independence.get(expression);
  if (answer === undefined) {
    answer = findIndependence(expression);
    independence.set(expression, answer);
  }
  return answer;
}

function findIndependence(expression: SetExpression): boolean {
  switch (expression.kind) {
    case 'this':
      return false;
    case 'user':
      return true;
    case 'text':
      return expression.template.parts.every((part) => typeof part === 'string');
    case 'join':
      return isIndependent(expression.left) && isIndependent(expression.right);
    default:
      return isIndependent(expression.of);
  }
}

function bounded(members: Members | undefined): Members | undefined {
  return members && members.size <= membersMax ? members : undefined;
}

function join(operator: '|' | '&' | '+', left: Members, right: Members): Members | undefined {
  switch (operator) {
    case '|':
      return new Set([...left, ...right]);
    case '&': {
      const [few, many] = left.size < right.size ? [left, right] : [right, left];
      return new Set([...few].filter((member) => many.has(member)));
    }
    case '+': {
      if (left.size * right.size > membersMax) return undefined;
      return new Set([...left].flatMap((head) => [...right].map((tail) => head + tail)));
    }
  }
}

function ancestors(names: Members, levels: number | 'all'): Members {
  const found = new Set<string>();
  for (const start of names) {
    if (levels !== 'all') {
      found.add(ndnAncestor(start, levels) ?? '');
      continue;
    }
    for (let name: string | undefined = start; name !== undefined; name = ndnParent(name)) found.add(name);
  }
  return found;
}
