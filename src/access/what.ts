/** Parses the <what> of an access directive: which entries, attributes and values it applies to. */
import type { Filter } from '../ldap/filter.js';
import { FilterSyntaxError, parseFilter } from '../filter/text.js';
import type { MatchingRule, Schema } from '../ldap/schema.js';
import type { AttributeSelector, What, WhatName, WhatValue } from './rule.js';
import type { NameScope } from './names.js';
import {
  AccessSyntaxError,
  anyNamePatterns,
  looksLikeRegex,
  namePattern,
  normalizeName,
  requireName,
  requireRegex,
  splitWord,
  type Word,
} from './syntax.js';
import { distinguishedNameSyntax } from './values.js';

export interface WhatSource {
  readonly schema: Schema;
  readonly warn: (message: string) => void;
}

export function parseWhat(words: readonly string[], source: WhatSource): What {
  if (words.length === 0) throw new AccessSyntaxError('expecting <what> after "to"');
  const reader = new WhatReader(source);
  for (const word of words) reader.read(splitWord(word));
  return reader.what();
}

const scopes: Readonly<Record<string, NameScope>> = {
  exact: 'base',
  base: 'base',
  baseobject: 'base',
  one: 'one',
  onelevel: 'one',
  sub: 'subtree',
  subtree: 'subtree',
  children: 'children',
};

export function scopeOfStyle(style: string): NameScope | undefined {
  return Object.hasOwn(scopes, style) ? scopes[style] : undefined;
}

class WhatReader {
  readonly #source: WhatSource;
  #name: WhatName | undefined;
  #attributes: AttributeSelector[] | undefined;
  #value: WhatValue | undefined;
  #filter: Filter | undefined;

  constructor(source: WhatSource) {
    this.#source = source;
  }

  what(): What {
    return {
      name: this.#name ?? { kind: 'any' },
      attributes: this.#attributes,
      value: this.#value,
      filter: this.#filter,
    };
  }

  read(word: Word): void {
    if (word.text === '*') return this.#setName({ kind: 'any' });
    if (word.right === undefined) throw new AccessSyntaxError(`missing "=" in "${word.text}" in to clause`);
    const matchingRule = /^val(?:\/(.*))?$/.exec(word.left);
    if (word.left === 'dn') return this.#setName(this.#readName(word, word.right));
    if (word.left === 'filter') return this.#readFilter(word.right);
    if (word.left === 'attr' || word.left === 'attrs') return this.#readAttributes(word.right);
    if (matchingRule) return this.#readValue(word, word.right, matchingRule[1]);
    throw new AccessSyntaxError(`expecting <what> got "${word.text}"`);
  }

  #setName(name: WhatName): void {
    if (this.#name) throw new AccessSyntaxError('dn pattern already specified in to clause');
    this.#name = name;
  }

  #readName(word: Word, text: string): WhatName {
    if (text === '*') return { kind: 'any' };
    if (word.style === undefined) return this.#readPlainName(word, text);
    if (word.style === 'regex') return this.#readRegexName(word, text);
    const scope = scopeOfStyle(word.style);
    if (!scope) throw new AccessSyntaxError(`unknown dn style "${word.style}" in to clause`);
    const name = requireName(text, word, this.#source.schema);
    return scope === 'subtree' && name === '' ? { kind: 'any' } : { kind: 'scope', scope, name };
  }

  #readRegexName(word: Word, text: string): WhatName {
    // An empty pattern means the entry with the empty name, not every name.
    if (text === '') return { kind: 'scope', scope: 'base', name: '' };
    if (anyNamePatterns.has(text)) return { kind: 'any' };
    const { warn } = this.#source;
    return { kind: 'regex', regex: requireRegex(namePattern(text, warn), word, warn) };
  }

  /** `dn=`: one exact name to slapd today, a regular expression to OpenLDAP 2.0. */
  #readPlainName(word: Word, text: string): WhatName {
    const { schema, warn } = this.#source;
    const name = normalizeName(text, schema);
    if (name === undefined) {
      const found = this.#readRegexName(word, text);
      warn(`"${word.text}": not a DN, read as OpenLDAP 2.0 did; write dn.regex=`);
      return found;
    }
    if (looksLikeRegex(text)) warn(`"${word.text}" names one entry exactly; write dn.regex= if it is a pattern`);
    return { kind: 'scope', scope: 'base', name };
  }

  #readFilter(text: string): void {
    if (this.#filter) throw new AccessSyntaxError('filter already specified in to clause');
    try {
      this.#filter = parseFilter(text);
    } catch (error) {
      if (!(error instanceof FilterSyntaxError)) throw error;
      throw new AccessSyntaxError(`bad filter "${text}" in to clause: ${error.message}`);
    }
  }

  #readAttributes(list: string): void {
    const selectors = list
      .split(',')
      .filter((name) => name !== '')
      .map((name) => this.#readAttribute(name));
    if (selectors.length === 0) throw new AccessSyntaxError('no attribute in attrs= in to clause');
    this.#attributes = [...(this.#attributes ?? []), ...selectors];
  }

  #readAttribute(name: string): AttributeSelector {
    const { schema } = this.#source;
    const lower = name.toLowerCase();
    if (lower === 'entry' || lower === 'children') return { kind: lower };
    const description = schema.attributeDescription(name);
    if (description) return { kind: 'description', description };
    const mark = /^[@!]/.exec(name)?.[0];
    const objectClass = schema.objectClass(mark ? name.slice(1) : name);
    if (!objectClass) throw new AccessSyntaxError(`unknown attr "${name}" in to clause`);
    return { kind: mark === '!' ? 'notClass' : 'class', objectClass };
  }

  #readValue(word: Word, text: string, ruleName: string | undefined): void {
    if (this.#value) throw new AccessSyntaxError('attr val already specified in to clause');
    const selector = this.#attributes?.[0];
    if (selector?.kind !== 'description' || this.#attributes!.length > 1) {
      throw new AccessSyntaxError(`"${word.text}": attr val requires a single attribute, named before it`);
    }
    const { type } = selector.description;
    const { schema, warn } = this.#source;
    const isName = type.syntax.oid === distinguishedNameSyntax;
    const style = word.style ?? 'exact';
    if (style === 'regex') {
      this.#value = { kind: 'regex', regex: requireRegex(text, word, warn) };
      return;
    }
    const scope = scopeOfStyle(style);
    if (!scope || (!isName && scope !== 'base')) {
      throw new AccessSyntaxError(`unknown val.<style> "${style}" for attributeType "${type.name}"`);
    }
    if (isName && ruleName === undefined) {
      this.#value = { kind: 'name', scope, name: requireName(text, word, schema) };
      return;
    }
    this.#value = equalTo(text, ruleName === undefined ? type.equality : requireRule(ruleName, schema), type.name);
  }
}

function requireRule(name: string, schema: Schema): MatchingRule {
  const rule = schema.matchingRule(name);
  if (!rule || rule.kind !== 'equality') throw new AccessSyntaxError(`invalid matching rule "${name}"`);
  return rule;
}

function equalTo(text: string, rule: MatchingRule | undefined, attribute: string): WhatValue {
  if (!rule) throw new AccessSyntaxError(`attr "${attribute}" does not have an EQUALITY matching rule`);
  const normalized = rule.normalize(Buffer.from(text));
  if (normalized === undefined) {
    throw new AccessSyntaxError(`"${text}" is not a valid ${rule.syntax.description} (attr "${attribute}")`);
  }
  return { kind: 'equals', rule, normalized };
}
