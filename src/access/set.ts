/**
 * `set=` conditions: expressions over sets of names and values, true where the result is not empty. `this` is the
 * entry, `user` the subject, `[text]` itself; `/attr` follows an attribute (`*` again and again), `/-1` goes to the
 * parent, `/-*` to all ancestors; `|`, `&` and `+` (concatenation) join from left to right without precedence.
 */
import type { EntryRecord } from '../entry/record.js';
import { DN } from '../dn/dn.js';
import { ndnAncestor, ndnParent } from '../dn/normalized.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import type { AccessEnvironment } from './model.js';
import { expandTemplate, parseTemplate, type Captures, type Template } from './template.js';
import { normalizedValue } from './values.js';

export type SetExpression =
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'this' | 'user' }
  | {
      readonly kind: 'join';
      readonly operator: '|' | '&' | '+';
      readonly left: SetExpression;
      readonly right: SetExpression;
    }
  | {
      readonly kind: 'attribute';
      readonly of: SetExpression;
      readonly description: AttributeDescription;
      readonly closure: boolean;
    }
  | { readonly kind: 'ancestor'; readonly of: SetExpression; readonly levels: number | 'all' };

export class SetSyntaxError extends Error {
  override readonly name = 'SetSyntaxError';
}

/** slapd's stack has 64 places. */
const depthMax = 64;
const operationsMax = 256;
/** A set that grows beyond these is treated as one that does not match. */
const membersMax = 10_000;
const lookupsMax = 1_000;

const attributeName = /[A-Za-z0-9](?:[A-Za-z0-9.;]|-(?=[A-Za-z0-9.;-]))*/y;

/** `expands`: `$1` in `[text]` stands for what the <what> clause matched. Throws SetSyntaxError. */
export function parseSet(text: string, schema: Schema, expands: boolean): SetExpression {
  return new SetParser(text, schema, expands).parse();
}

class SetParser {
  readonly #text: string;
  readonly #schema: Schema;
  readonly #expands: boolean;
  #position = 0;
  #operations = 0;

  constructor(text: string, schema: Schema, expands: boolean) {
    this.#text = text;
    this.#schema = schema;
    this.#expands = expands;
  }

  parse(): SetExpression {
    const expression = this.#expression(0);
    if (this.#peek() !== undefined) throw this.#error('unexpected');
    return expression;
  }

  #error(problem: string): SetSyntaxError {
    const rest = this.#text.slice(this.#position);
    return new SetSyntaxError(rest === '' ? `set ends too early` : `${problem} "${rest}" in set`);
  }

  #peek(): string | undefined {
    while (/\s/.test(this.#text[this.#position] ?? '')) this.#position++;
    return this.#text[this.#position];
  }

  #expression(depth: number): SetExpression {
    if (depth > depthMax) throw new SetSyntaxError(`set is nested deeper than ${depthMax}`);
    let left = this.#operand(depth);
    for (;;) {
      const operator = this.#peek();
      if (operator !== '|' && operator !== '&' && operator !== '+') return left;
      this.#position++;
      this.#count();
      left = { kind: 'join', operator, left, right: this.#operand(depth) };
    }
  }

  #count(): void {
    if (++this.#operations > operationsMax) throw new SetSyntaxError(`set has more than ${operationsMax} operations`);
  }

  #operand(depth: number): SetExpression {
    let set = this.#primary(depth);
    for (;;) {
      const next = this.#peek();
      if (next === '/') this.#position++;
      else if (next === '-' && this.#text[this.#position + 1] === '>') this.#position += 2;
      else return set;
      this.#count();
      set = this.#step(set);
    }
  }

  #step(of: SetExpression): SetExpression {
    this.#peek();
    const up = /-(?:(\*)|(\d{1,4}))/y;
    up.lastIndex = this.#position;
    const found = up.exec(this.#text);
    if (found) {
      this.#position = up.lastIndex;
      return { kind: 'ancestor', of, levels: found[1] === '*' ? 'all' : Number(found[2]) };
    }
    const name = this.#word();
    if (name === undefined) throw this.#error('no attribute at');
    const description = this.#schema.attributeDescription(name);
    if (!description) throw new SetSyntaxError(`unknown attribute "${name}" in set`);
    const closure = this.#text[this.#position] === '*';
    if (closure) this.#position++;
    return { kind: 'attribute', of, description, closure };
  }

  #word(): string | undefined {
    attributeName.lastIndex = this.#position;
    const found = attributeName.exec(this.#text);
    if (found) this.#position = attributeName.lastIndex;
    return found?.[0];
  }

  #primary(depth: number): SetExpression {
    const char = this.#peek();
    if (char === '(') {
      this.#position++;
      const inner = this.#expression(depth + 1);
      if (this.#peek() !== ')') throw this.#error('no ) at');
      this.#position++;
      return inner;
    }
    if (char === '[') {
      const end = this.#text.indexOf(']', this.#position);
      if (end < 0) throw this.#error('no ] after');
      const text = this.#text.slice(this.#position + 1, end);
      if (/^ldap:\/\//i.test(text)) {
        throw new SetSyntaxError(`"[${text}]": searches in sets are not supported; list the entries, or use group=`);
      }
      this.#position = end + 1;
      return { kind: 'text', template: this.#expands ? parseTemplate(text) : { text, parts: [text] } };
    }
    const start = this.#position;
    const word = this.#word();
    if (word === 'this' || word === 'user') return { kind: word };
    this.#position = start;
    throw this.#error('expected this, user, [text] or ( at');
  }
}

export interface SetContext {
  readonly schema: Schema;
  readonly environment: AccessEnvironment;
  readonly entry: EntryRecord;
  /** The subject's normalised DN; undefined: anonymous. */
  readonly user: string | undefined;
  readonly captures: Captures;
}

/** Is the set not empty? False too where it cannot be worked out: an anonymous `user`, a set that grows too large. */
export function setMatches(expression: SetExpression, context: SetContext): boolean {
  const result = new SetEvaluation(context).members(expression);
  return result !== undefined && result.size > 0;
}

type Members = Set<string>;

class SetEvaluation {
  readonly #context: SetContext;
  #lookups = 0;

  constructor(context: SetContext) {
    this.#context = context;
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

  #follow(names: Members, description: AttributeDescription, closure: boolean): Members | undefined {
    const found: Members = new Set();
    for (const name of names) if (!this.#gather(name, description, found)) return undefined;
    // A set yields what is added to it while it is gone through: each name is followed once.
    if (closure) for (const name of found) if (!this.#gather(name, description, found)) return undefined;
    return found;
  }

  /** Adds the attribute's values in the entry `name`; false where a bound is reached. */
  #gather(name: string, description: AttributeDescription, found: Members): boolean {
    const { schema, entry, environment } = this.#context;
    let ndn: string;
    try {
      ndn = DN.parse(name, schema).normalized;
    } catch {
      return true;
    }
    if (description.key === 'entrydn') {
      found.add(ndn);
      return true;
    }
    if (++this.#lookups > lookupsMax) return false;
    const from = ndn === entry.ndn ? entry : environment.entryByNdn(ndn);
    for (const value of from?.values(description) ?? []) found.add(normalizedValue(value, description, schema));
    return found.size <= membersMax;
  }
}

function bounded(members: Members | undefined): Members | undefined {
  return members && members.size <= membersMax ? members : undefined;
}

function join(operator: '|' | '&' | '+', left: Members, right: Members): Members | undefined {
  switch (operator) {
    case '|':
      return new Set([...left, ...right]);
    case '&':
      return new Set([...left].filter((member) => right.has(member)));
    case '+': {
      if (left.size * right.size > membersMax) return undefined;
      return new Set([...left].flatMap((head) => [...right].map((tail) => head + tail)));
    }
  }
}

function ancestors(names: Members, levels: number | 'all'): Members {
  const found: Members = new Set();
  for (const start of names) {
    if (levels !== 'all') {
      found.add(ndnAncestor(start, levels) ?? '');
      continue;
    }
    for (let name: string | undefined = start; name !== undefined; name = ndnParent(name)) found.add(name);
  }
  return found;
}
