/** Distinguished names (RFC 4514): parsed, compared in normalised form, printed as slapd prints them. */
import type { AttributeType, Schema } from '../schema/model.js';

export interface Ava {
  readonly type: AttributeType;
  readonly value: Buffer;
}

export declare class Rdn {
  /** Sorted as slapd sorts multi-valued RDNs. */
  readonly avas: readonly Ava[];
  readonly normalized: string;
  toString(): string;
  static parse(text: string | Buffer, schema: Schema): Rdn;
}

export declare class DN {
  /** Leaf first; empty for the root DSE's name. */
  readonly rdns: readonly Rdn[];
  /** Identity: equal names have equal strings. Attribute names in lower case, values normalised, `,` between RDNs. */
  readonly normalized: string;
  toString(): string;
  readonly parent: DN | undefined;
  readonly isEmpty: boolean;
  child(rdn: Rdn): DN;
  /** Is this name `ancestor` itself or below it? */
  isWithin(ancestor: DN): boolean;
  static readonly empty: DN;
  /** Throws LdapError 34. */
  static parse(text: string | Buffer, schema: Schema): DN;
}
