/** Distinguished names (RFC 4514): parsed, compared in normalised form, printed as slapd prints them. */
import type { AttributeType, Schema } from '../ldap/schema.js';
import { ndnIsWithin } from './normalized.js';
import { rememberedCharactersMax, RememberedNames } from './remembered-names.js';
import { dnText, DnScanner, escapeValue, invalidDN, type ScannedAva } from './scan.js';

export interface Ava {
  readonly type: AttributeType;
  /** As an attribute of the entry would hold it. */
  readonly value: Buffer;
}

/** A relative distinguished name. Immutable. */
export class Rdn {
  /** Sorted as slapd sorts multi-valued RDNs: by the attributes' names. */
  readonly avas: readonly Ava[];
  readonly normalized: string;
  readonly #text: string;

  private constructor(avas: readonly Ava[], normalized: string, text: string) {
    this.avas = avas;
    this.normalized = normalized;
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Reads exactly one RDN. Throws LdapError 34. */
  static parse(name: string | Buffer, schema: Schema): Rdn {
    const scanner = new DnScanner(dnText(name));
    if (scanner.atEnd) throw invalidDN('an RDN may not be empty');
    const scanned = scanner.rdn();
    if (!scanner.atEnd) throw invalidDN('more than one RDN where one is wanted');
    return Rdn.fromScan(scanned, schema);
  }

  /** Resolves and checks what the scanner read. Throws LdapError 34. */
  static fromScan(scanned: readonly ScannedAva[], schema: Schema): Rdn {
    const resolved = scanned.map((ava) => resolveAva(ava, schema));
    if (resolved.length === 1) {
      const only = resolved[0]!;
      return new Rdn([only.ava], only.normalized, only.text);
    }
    resolved.sort((a, b) => (a.ava.type.name < b.ava.type.name ? -1 : 1));
    for (let index = 1; index < resolved.length; index++) {
      const { type } = resolved[index]!.ava;
      // RFC 4512 section 2.3: no two AVAs of one RDN are of the same type.
      if (type === resolved[index - 1]!.ava.type) throw invalidDN(`${type.name} twice in one RDN`);
    }
    return new Rdn(
      resolved.map(({ ava }) => ava),
      resolved.map(({ normalized }) => normalized).join('+'),
      resolved.map(({ text }) => text).join('+'),
    );
  }
}

interface ResolvedAva {
  readonly ava: Ava;
  readonly normalized: string;
  readonly text: string;
}

function resolveAva(scanned: ScannedAva, schema: Schema): ResolvedAva {
  const type = schema.attributeType(scanned.type);
  if (!type) throw invalidDN(`unknown attribute type ${scanned.type}`);
  if (type.orderedValues) throw invalidDN(`values of ${scanned.type} are numbered: it cannot name entries`);
  const sent = Buffer.from(scanned.value);
  const value = type.syntax.validate(sent) ? (type.syntax.pretty ? type.syntax.pretty(sent) : sent) : undefined;
  if (!value) throw invalidDN(`value of ${scanned.type} does not fit its syntax`);
  const text = value === sent ? scanned.value : value.toString();
  const normalized = type.equality ? type.equality.normalize(value) : text;
  // slapd's rule for DNs: `mail=\20` normalises to nothing and is no name.
  if (normalized === undefined || normalized === '') throw invalidDN(`value of ${scanned.type} does not fit its matching rule`);
  const escaped = escapeValue(text);
  return {
    ava: { type, value },
    normalized: `${lowerCase(type.name)}=${normalized === text ? escaped : escapeValue(normalized)}`,
    text: `${type.name}=${escaped}`,
  };
}

/** Of attributes' names, which are few. */
const lowerCaseNames = new Map<string, string>();

function lowerCase(name: string): string {
  let lower = lowerCaseNames.get(name);
  if (lower === undefined) lowerCaseNames.set(name, (lower = name.toLowerCase()));
  return lower;
}

/** A distinguished name. Immutable; names below one parent share it. */
export class DN {
  static readonly empty = new DN(undefined, undefined);

  readonly #leaf: Rdn | undefined;
  readonly #parent: DN | undefined;
  /** How many RDNs it has. */
  readonly depth: number;
  #rdns: readonly Rdn[] | undefined;
  #normalized: string | undefined;
  #text: string | undefined;

  private constructor(leaf: Rdn | undefined, parent: DN | undefined) {
    this.#leaf = leaf;
    this.#parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
  }

  /** Leaf first; empty for the root DSE's name. */
  get rdns(): readonly Rdn[] {
    if (!this.#rdns) {
      const rdns: Rdn[] = [];
      if (this.#leaf) rdns.push(this.#leaf);
      for (let name = this.#parent; name && name.#leaf; name = name.#parent) rdns.push(name.#leaf);
      this.#rdns = rdns;
    }
    return this.#rdns;
  }

  /** The first RDN; undefined for the empty name. */
  get rdn(): Rdn | undefined {
    return this.#leaf;
  }

  /** Identity: equal names have equal strings. Attribute names in lower case, values normalised, `,` between RDNs. */
  get normalized(): string {
    this.#normalized ??= this.#joined(this.#parent && this.#parent.#normalized, (rdn) => rdn.normalized);
    return this.#normalized;
  }

  toString(): string {
    this.#text ??= this.#joined(this.#parent && this.#parent.#text, (rdn) => rdn.toString());
    return this.#text;
  }

  /** Undefined for the empty name; the empty name for a name of one RDN. */
  get parent(): DN | undefined {
    return this.#parent;
  }

  get isEmpty(): boolean {
    return this.#leaf === undefined;
  }

  child(rdn: Rdn): DN {
    return new DN(rdn, this);
  }

  equals(other: DN): boolean {
    return this === other || this.normalized === other.normalized;
  }

  /** Is this name `ancestor` itself or below it? */
  isWithin(ancestor: DN): boolean {
    return ndnIsWithin(this.normalized, ancestor.normalized);
  }

  /** The name `steps` levels up: 0 is this one; undefined above the empty name. */
  ancestor(steps: number): DN | undefined {
    if (steps <= 0) return this;
    let name = this.#parent;
    for (; steps > 1 && name; steps--) name = name.#parent;
    return name;
  }

  /** This name after its ancestor `from` (or this name itself) became `to`. Throws RangeError if it is not within `from`. */
  moved(from: DN, to: DN): DN {
    if (!this.isWithin(from)) throw new RangeError(`${this.toString()} is not within ${from.toString()}`);
    let name = to;
    for (let index = this.depth - from.depth - 1; index >= 0; index--) name = name.child(this.rdns[index]!);
    return name;
  }

  /** Leaf first, as `rdns` is. */
  static fromRdns(rdns: readonly Rdn[]): DN {
    return rdns.reduceRight((parent, rdn) => parent.child(rdn), DN.empty);
  }

  /** Throws LdapError 34. */
  static parse(name: string | Buffer, schema: Schema): DN {
    const text = dnText(name);
    if (text === '') return DN.empty;
    const scanner = new DnScanner(text);
    const leaf = Rdn.fromScan(scanner.rdn(), schema);
    if (scanner.atEnd) return DN.empty.child(leaf);
    return parentNamed(scanner, schema).child(leaf);
  }

  /** All RDNs joined by commas; cheap where the parent's text is known already. */
  #joined(parentText: string | undefined, textOf: (rdn: Rdn) => string): string {
    if (!this.#leaf) return '';
    if (parentText === undefined) return this.rdns.map(textOf).join(',');
    return parentText === '' ? textOf(this.#leaf) : `${textOf(this.#leaf)},${parentText}`;
  }
}

const namesByEpoch = new WeakMap<object, RememberedNames<DN>>();

/** The name that is left to read. Throws LdapError 34. */
function parentNamed(scanner: DnScanner, schema: Schema): DN {
  let remembered = namesByEpoch.get(schema.epoch);
  if (!remembered) namesByEpoch.set(schema.epoch, (remembered = new RememberedNames()));
  if (scanner.restIs(remembered.lastText)) return remembered.last!;
  return readName(scanner, schema, remembered);
}

/** Parsing a name costs one RDN where its siblings were seen before, and one more where its parent's siblings were. */
function readName(scanner: DnScanner, schema: Schema, remembered: RememberedNames<DN>): DN {
  // Of long names there are few, and many parts of one are not worth a look each.
  const skipped: Rdn[] = [];
  while (!scanner.atEnd && scanner.left > rememberedCharactersMax) skipped.push(Rdn.fromScan(scanner.rdn(), schema));
  let name = scanner.atEnd ? DN.empty : rememberedName(scanner, schema, remembered);
  for (let index = skipped.length - 1; index >= 0; index--) name = name.child(skipped[index]!);
  return name;
}

function rememberedName(scanner: DnScanner, schema: Schema, remembered: RememberedNames<DN>): DN {
  const text = scanner.rest;
  const known = remembered.get(text);
  if (known) return known;
  const leaf = Rdn.fromScan(scanner.rdn(), schema);
  const name = (scanner.atEnd ? DN.empty : rememberedName(scanner, schema, remembered)).child(leaf);
  // Computed now, because every name below wants them.
  void name.normalized;
  void name.toString();
  remembered.add(text, name);
  return name;
}
