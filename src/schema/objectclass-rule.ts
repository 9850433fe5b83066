/**
 * Equality of objectClass: names and OIDs of one class are equal, and a value satisfies an assertion of any class it
 * derives from (RFC 4512 section 3.3). Nearly every search asks this of nearly every candidate, so classes are found
 * by a hash of the stored bytes, without making strings of them.
 */
import type { ObjectClass, Schema } from '../ldap/schema.js';
import type { KnownRule } from './rules.js';
import type { KnownSyntax } from './syntaxes.js';

interface KnownName {
  /** A name in lower case, or the OID. */
  readonly name: string;
  readonly satisfied: ReadonlySet<string>;
}

/** FNV-1a over the bytes, ASCII letters in lower case. */
function hashOctets(buffer: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let position = start; position < end; position++) {
    hash = Math.imul(hash ^ foldOctet(buffer[position]!), 0x01000193);
  }
  return hash;
}

function foldOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function equalsFolded(buffer: Buffer, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let position = start, index = 0; position < end; position++, index++) {
    if (foldOctet(buffer[position]!) !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** The normalised form of a class: its first name in lower case. */
function keyOf(objectClass: ObjectClass): string {
  return objectClass.name.toLowerCase();
}

class ClassNames {
  readonly #byHash = new Map<number, KnownName[]>();
  readonly #schema: Schema;
  /** The definitions it was filled from. */
  #epoch: Schema['epoch'] | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  find(buffer: Buffer, start: number, end: number): KnownName | undefined {
    if (this.#epoch !== this.#schema.epoch) this.#fill();
    const candidates = this.#byHash.get(hashOctets(buffer, start, end));
    if (!candidates) return undefined;
    for (const candidate of candidates) if (equalsFolded(buffer, start, end, candidate.name)) return candidate;
    return undefined;
  }

  /** At the first question: the schema is complete by then. */
  #fill(): void {
    this.#byHash.clear();
    for (const objectClass of this.#schema.objectClasses) {
      const satisfied = new Set(objectClass.lineage.map(keyOf));
      for (const spelling of [objectClass.oid, ...objectClass.names]) {
        const name = spelling.toLowerCase();
        const octets = Buffer.from(name, 'latin1');
        const hash = hashOctets(octets, 0, octets.length);
        this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), { name, satisfied }]);
      }
    }
    this.#epoch = this.#schema.epoch;
  }
}

/** The equality rule of objectClass and structuralObjectClass. */
export function createObjectClassRule(base: KnownRule, syntax: KnownSyntax, schema: Schema): KnownRule {
  const names = new ClassNames(schema);
  return {
    ...base,
    syntax,
    normalize: (value) => {
      const found = schema.objectClass(value.toString('latin1'));
      return found && keyOf(found);
    },
    matches: (buffer, start, end, normalized) =>
      equalsFolded(buffer, start, end, normalized) || names.find(buffer, start, end)?.satisfied.has(normalized) === true,
    satisfied: (value) => [...(names.find(value, 0, value.length)?.satisfied ?? [])],
  };
}
