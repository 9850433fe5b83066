/** One directive, and readers for its arguments. They throw ConfigError, which is reported with file and line. */
import { resolve } from 'node:path';
import { DN } from '../dn/dn.js';
import { LdapError } from '../ldap/result.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import type { Place } from './model.js';

/** What is wrong with a directive: one line that names the offending word. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Directive extends Place {
  /** In lower case. */
  readonly name: string;
  readonly words: readonly string[];
  /** All that follows the name, as written: schema definitions do their own quoting. */
  readonly argument: string;
}

export function requireWords(directive: Directive, least: number, most = Infinity): void {
  const { name, words } = directive;
  if (words.length < least) throw new ConfigError(`missing argument of "${name}"`);
  if (words.length > most) throw new ConfigError(`extra argument "${words[most]}" of "${name}"`);
}

export function onlyWord(directive: Directive): string {
  requireWords(directive, 1, 1);
  return directive.words[0]!;
}

export function onOff(directive: Directive): boolean {
  const word = onlyWord(directive).toLowerCase();
  if (['on', 'true', 'yes'].includes(word)) return true;
  if (['off', 'false', 'no'].includes(word)) return false;
  throw new ConfigError(`"${directive.name}" is on or off, not "${directive.words[0]}"`);
}

/** A whole number in decimal, or in hexadecimal after `0x`. */
export function wholeNumber(text: string, what: string, least = 0, most = 0x7fffffff): number {
  const value = /^(?:\d{1,15}|0x[0-9a-f]{1,12})$/i.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new ConfigError(`"${text}" is not a number for "${what}"`);
  if (value >= least && value <= most) return value;
  throw new ConfigError(`"${text}" is out of range for "${what}" (${least} to ${most})`);
}

export function onlyNumber(directive: Directive, least = 0, most = 0x7fffffff): number {
  return wholeNumber(onlyWord(directive), directive.name, least, most);
}

export function onlyPath(directive: Directive, cwd: string): string {
  return resolve(cwd, onlyWord(directive));
}

export function distinguishedName(text: string, what: string, schema: Schema): DN {
  try {
    return DN.parse(text, schema);
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
    throw new ConfigError(`"${text}" of "${what}" is not a DN: ${error.diagnostic}`);
  }
}

export function attributeDescription(text: string, what: string, schema: Schema): AttributeDescription {
  const description = schema.attributeDescription(text);
  if (!description) throw new ConfigError(`attribute "${text}" of "${what}" is not defined`);
  return description;
}

/** One of `known`, in any case. */
export function oneOf<Value>(text: string, what: string, known: ReadonlyMap<string, Value>): Value {
  const value = known.get(text.toLowerCase());
  if (value !== undefined) return value;
  throw new ConfigError(`unknown "${text}" in "${what}" (known: ${[...known.keys()].join(', ')})`);
}
