/**
 * Patterns of <who> clauses that insert parts of what the <what> clause matched: `$1`, `${2}`, `${d2}` from the entry's
 * DN, `${v1}` from the value (slapd.access(5), "expand").
 */

/** What a <what> clause matched. */
export interface Captures {
  /** Part `index` of the name's match; undefined where the clause has no such part. */
  name(index: number): string | undefined;
  /** Part `index` of the value's match. */
  value(index: number): string | undefined;
}

export type TemplatePart = string | { readonly from: 'name' | 'value'; readonly index: number };

export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

/** A `${...}` that is not closed or holds no number. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError';
}

const expansion = /\$(?:(\$)|(\d)|\{([dv]?)(\d{1,3})\}|(\{))/g;

export function hasExpansion(text: string): boolean {
  return /\$(?:\d|\{)/.test(text);
}

/** `$$` is a dollar; so is a `$` that starts no expansion, such as a regular expression's anchor. */
export function parseTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let literal = '';
  let position = 0;
  for (const found of text.matchAll(expansion)) {
    const [whole, dollar, digit, source, number, brace] = found;
    if (brace !== undefined) throw new TemplateSyntaxError(`bad expansion "${text.slice(found.index)}"`);
    literal += text.slice(position, found.index);
    position = found.index + whole.length;
    if (dollar !== undefined) {
      literal += '$';
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ from: source === 'v' ? 'value' : 'name', index: Number(digit ?? number) });
  }
  literal += text.slice(position);
  if (literal !== '') parts.push(literal);
  return { text, parts };
}

/** Undefined where the <what> clause has no part that the template asks for. */
export function expandTemplate(
  template: Template,
  captures: Captures,
  quote: (part: string) => string = (part) => part,
): string | undefined {
  let text = '';
  for (const part of template.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const captured = part.from === 'name' ? captures.name(part.index) : captures.value(part.index);
    if (captured === undefined) return undefined;
    text += quote(captured);
  }
  return text;
}
