/** `index {<attributes>|default} [<kinds>]` (slapd-mdb(5)). */
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import { attributeDescription, ConfigError, requireWords, type Directive } from './directive.js';
import type { IndexKind, IndexPolicy } from '../ldap/index-policy.js';

/** slapd's finer kinds of substring index are one here: it serves all three. */
const kindWords: ReadonlyMap<string, IndexKind> = new Map<string, IndexKind>([
  ['pres', 'pres'],
  ['eq', 'eq'],
  ['approx', 'approx'],
  ['sub', 'sub'],
  ['substr', 'sub'],
  ['subinitial', 'sub'],
  ['subany', 'sub'],
  ['subfinal', 'sub'],
]);

/** An index here covers subtypes and language tags at no cost; being told not to makes no difference to answers. */
const exclusions: ReadonlySet<string> = new Set(['nolang', 'notags', 'nosubtypes']);

/** Worked out when it is asked for; there is nothing to index. */
const notStored: ReadonlySet<string> = new Set(['entrydn']);

export class IndexPolicyReader {
  readonly #schema: Schema;
  readonly #policies = new Map<string, IndexPolicy>();
  #defaultKinds: ReadonlySet<IndexKind> | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  get policies(): IndexPolicy[] {
    return [...this.#policies.values()];
  }

  read(directive: Directive, warn: (message: string) => void): void {
    requireWords(directive, 1, 2);
    const [names, kindList] = directive.words as [string, string | undefined];
    const given = kindList === undefined ? undefined : readKinds(kindList, warn);
    for (const name of names.split(',').filter((part) => part !== '')) {
      if (name.toLowerCase() === 'default') {
        if (!given) throw new ConfigError('"index default" needs the kinds of index');
        this.#defaultKinds = given;
        continue;
      }
      this.#add(name, given ?? this.#defaultKinds);
    }
  }

  /** Sees to an index that serves `description`. Answers whether one had to be added. */
  require(kind: 'eq' | 'pres', description: AttributeDescription): boolean {
    const serves = ({ description: indexed, kinds }: IndexPolicy): boolean =>
      kinds.has(kind) &&
      this.#schema.isSubtypeOf(description, indexed) &&
      (kind === 'pres' || indexed.type.equality?.oid === description.type.equality?.oid);
    if (this.policies.some(serves)) return false;
    const kinds = new Set([...(this.#policies.get(description.key)?.kinds ?? []), kind]);
    this.#policies.set(description.key, { description, kinds });
    return true;
  }

  #add(name: string, kinds: ReadonlySet<IndexKind> | undefined): void {
    if (!kinds) throw new ConfigError(`no kinds of index for "${name}", and no "index default" before it`);
    const description = attributeDescription(name, 'index', this.#schema);
    if (description.options.includes('binary') || notStored.has(description.key)) {
      throw new ConfigError(`index of attribute "${name}" disallowed`);
    }
    if (this.#policies.has(description.key)) throw new ConfigError(`duplicate index definition for "${name}"`);
    for (const kind of kinds) requireRule(description, kind);
    if (kinds.size > 0) this.#policies.set(description.key, { description, kinds });
  }
}

function readKinds(list: string, warn: (message: string) => void): ReadonlySet<IndexKind> {
  const kinds = new Set<IndexKind>();
  for (const word of list.split(',').filter((part) => part !== '')) {
    const lower = word.toLowerCase();
    if (exclusions.has(lower)) {
      warn(`index kind "${word}" has no effect: subtypes and language tags are always indexed`);
      continue;
    }
    const kind = kindWords.get(lower);
    if (!kind) throw new ConfigError(`index type "${word}" undefined (known: ${[...kindWords.keys()].join(', ')})`);
    kinds.add(kind);
  }
  if (kinds.size === 0 && !list.split(',').some((word) => exclusions.has(word.toLowerCase()))) {
    throw new ConfigError(`no kind of index in "${list}"`);
  }
  return kinds;
}

function requireRule({ type, text }: AttributeDescription, kind: IndexKind): void {
  if (kind === 'pres') return;
  // Where equality stands in for the approximate rule, there is nothing else to index by.
  const approximate = type.approximate?.oid === type.equality?.oid ? undefined : type.approximate;
  const rule = { eq: type.equality, sub: type.substring, approx: approximate }[kind];
  if (rule) return;
  const names: Readonly<Record<typeof kind, string>> = { eq: 'equality', sub: 'substring', approx: 'approximate' };
  throw new ConfigError(`${kind} index of attribute "${text}" disallowed: it has no ${names[kind]} matching rule`);
}
