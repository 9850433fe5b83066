/**
 * The syntax of `set=` conditions: expressions over sets of names and values, true where the result is not empty. `this` is
 * the entry, `user` the subject, `[text]` itself; `/attr` follows an attribute (`*` again and again), `/-1` goes to the
 * parent, `/-*` to all ancestors; `|`, `&` and `+` (concatenation) join from left to right without precedence.
 */
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import { parseTemplate, type Template } from './template.js';

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
