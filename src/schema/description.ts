/** Attribute descriptions (RFC 4512 section 2.5, RFC 3866): reading, interning, which options satisfy which. */
import { SchemaError } from './definition.js';
import type { AttributeDescription, AttributeType } from '../ldap/schema.js';

/** Tagging options beside `binary`: exact ones, and prefixes that end in `-` or `=`; all in lower case. */
export interface AttributeOptions {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

export const noOptions: AttributeOptions = { exact: new Set(), prefixes: [] };
export const defaultOptions: AttributeOptions = { exact: new Set(), prefixes: ['lang-'] };

const optionPattern = /^[A-Za-z][A-Za-z0-9-]*$/;
/** What slapd takes as soon as some option ends in `=` (`range=`, as Active Directory has it). */
const assigningPattern = /^[A-Za-z][A-Za-z0-9=-]*$/;

/** Adds the words of an `attributeoptions` directive. Throws SchemaError. */
export function addOptions(before: AttributeOptions, words: readonly string[]): AttributeOptions {
  const exact = new Set(before.exact);
  const prefixes = [...before.prefixes];
  for (const word of words) {
    const option = word.toLowerCase();
    if (!optionPattern.test(option.replace(/=$/, ''))) throw new SchemaError(`'${word}' is not an attribute option`);
    if (option === 'binary' || exact.has(option) || prefixes.includes(option)) {
      throw new SchemaError(`attribute option '${word}' is already defined`);
    }
    if (/[-=]$/.test(option)) prefixes.push(option);
    else exact.add(option);
  }
  return { exact, prefixes };
}

function isTag(option: string, { exact, prefixes }: AttributeOptions): boolean {
  return exact.has(option) || prefixes.some((prefix) => option.startsWith(prefix));
}

/** Does a description with the options `held` satisfy a request for all of `wanted`? Both are sorted and lower case. */
export function satisfiesOptions(held: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  if (held.length === 0) return false;
  return wanted.every((option) =>
    option.endsWith('-')
      ? held.some((candidate) => candidate.startsWith(option) || candidate === option.slice(0, -1))
      : held.includes(option),
  );
}

const spellingsRemembered = 10_000;
const descriptionCharactersMax = 1_024;

/**
 * Reads descriptions and hands out the same object for all spellings of one. Clients choose options and spellings, so
 * what is remembered of those is bounded; an object that is in use anywhere stays the one for its description.
 */
export class AttributeDescriptions {
  readonly #attributeType: (name: string) => AttributeType | undefined;
  readonly #options: () => AttributeOptions;
  readonly #bySpelling = new Map<string, AttributeDescription | undefined>();
  readonly #byKey = new Map<string, WeakRef<AttributeDescription>>();
  #sweepAt = spellingsRemembered;

  constructor(attributeType: (name: string) => AttributeType | undefined, options: () => AttributeOptions) {
    this.#attributeType = attributeType;
    this.#options = options;
  }

  read(text: string): AttributeDescription | undefined {
    const known = this.#bySpelling.get(text);
    if (known !== undefined || this.#bySpelling.has(text)) return known;
    if (text.length > descriptionCharactersMax) return undefined;
    const description = this.#parse(text);
    if (this.#bySpelling.size >= spellingsRemembered) this.#bySpelling.clear();
    this.#bySpelling.set(text, description);
    return description;
  }

  /** Types have been replaced, or are new: descriptions of the others stay the objects they are. */
  forgetReplaced(): void {
    this.#bySpelling.clear();
    for (const [key, reference] of this.#byKey) {
      const description = reference.deref();
      if (!description || this.#attributeType(description.type.oid) !== description.type) this.#byKey.delete(key);
    }
  }

  #parse(text: string): AttributeDescription | undefined {
    const [name, ...words] = text.split(';');
    const type = this.#attributeType(name!);
    if (!type) return undefined;
    const options = new Set<string>();
    const pattern = this.#options().prefixes.some((prefix) => prefix.endsWith('=')) ? assigningPattern : optionPattern;
    for (const word of words) {
      const option = word.toLowerCase();
      if (!pattern.test(option)) return undefined;
      if (option === 'binary') {
        if (!type.syntax.binaryTransfer || options.has('binary')) return undefined;
      } else if (!isTag(option, this.#options())) return undefined;
      options.add(option);
    }
    return this.#intern(type, [...options].sort());
  }

  #intern(type: AttributeType, options: readonly string[]): AttributeDescription {
    // As slapd prints it: the transfer option first, then the tags.
    const tags = options.filter((option) => option !== 'binary');
    const text = [type.name, ...(options.includes('binary') ? ['binary'] : []), ...tags].join(';');
    const key = text.toLowerCase();
    const known = this.#byKey.get(key)?.deref();
    if (known) return known;
    const description = Object.freeze({ type, options: Object.freeze(options), text, key });
    if (this.#byKey.size >= this.#sweepAt) this.#sweep();
    this.#byKey.set(key, new WeakRef(description));
    return description;
  }

  #sweep(): void {
    for (const [key, reference] of this.#byKey) if (!reference.deref()) this.#byKey.delete(key);
    this.#sweepAt = Math.max(spellingsRemembered, 2 * this.#byKey.size);
  }
}
