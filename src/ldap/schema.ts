/**
 * What a schema is made of, as the rest of the house sees it (RFC 4512 section 4.1). The definitions are parsed and
 * resolved in this room; nobody else reads definition text.
 */

export interface Syntax {
  readonly oid: string;
  readonly description: string;
  /** True when a value can be shown as text. */
  readonly humanReadable: boolean;
  /** True when values are asked for and sent with `;binary` (RFC 4522). */
  readonly binaryTransfer: boolean;
  validate(value: Buffer): boolean;
  /**
   * The form in which slapd keeps and answers a valid value, where that is not what was sent: distinguished names
   * without blanks, object classes in the schema's spelling, UUIDs in lower case. Undefined for a value that is not
   * valid.
   */
  pretty?(value: Buffer): Buffer | undefined;
}

/**
 * A matching rule. Values and assertion values are compared in a normalised form: a string (text rules: prepared
 * text; octet rules: one char per byte), which is also what index keys are made of.
 */
export interface MatchingRule {
  readonly oid: string;
  readonly name: string;
  readonly names: readonly string[];
  readonly description: string;
  /** 'extensible' rules occur in extensible filters only (integerBitAndMatch, dnSubtreeMatch). */
  readonly kind: 'equality' | 'ordering' | 'substring' | 'approximate' | 'extensible';
  /** The assertion syntax. */
  readonly syntax: Syntax;
  /** May an extensible filter put this rule to values of `type`? Where not, such a filter is Undefined. */
  appliesTo(type: AttributeType): boolean;
  /** The normalised form of a stored or asserted value; undefined where it does not fit the syntax. */
  readonly normalize: (value: Buffer) => string | undefined;
  /** Of an asserted value, where that is read otherwise than a stored one. */
  readonly normalizeAssertion?: (value: Buffer) => string | undefined;
  /**
   * Does the value at `buffer[start, end)` satisfy an already normalised assertion? Equality rules: is it equal (an
   * object class also where it is a subclass of the asserted one); ordering rules: is it less; approximate and
   * extensible rules: whatever they ask. Substring rules: never. Fast path of lookups.
   */
  matches(buffer: Buffer, start: number, end: number, normalized: string): boolean;
  /**
   * Equality rules under which a value satisfies more assertions than the one it normalises to: all of those, as an
   * index must list them (for an object class, itself and its superclasses).
   */
  satisfied?(value: Buffer): readonly string[];
  /** Ordering rules: the order of two normalised values, negative, 0 or positive. */
  compare(a: string, b: string): number;
  /**
   * Substring rules: one part of an assertion, normalised for its place; undefined where it cannot be one. The parts
   * are then looked for, in order, in what `normalize` makes of the stored value.
   */
  normalizePart(part: Buffer, place: 'initial' | 'any' | 'final'): string | undefined;
}

export type AttributeUsage = 'userApplications' | 'directoryOperation' | 'distributedOperation' | 'dSAOperation';

export interface AttributeType {
  readonly oid: string;
  /** All names, in the definition's spelling and order. */
  readonly names: readonly string[];
  /** The name that answers carry: the first one, or the OID where there is none. */
  readonly name: string;
  readonly description: string;
  readonly obsolete: boolean;
  readonly superior: AttributeType | undefined;
  /** This type and every type it derives from, itself first. */
  readonly lineage: readonly AttributeType[];
  readonly syntax: Syntax;
  readonly lengthBound: number | undefined;
  readonly equality: MatchingRule | undefined;
  readonly ordering: MatchingRule | undefined;
  readonly substring: MatchingRule | undefined;
  /** What `~=` asks; undefined: the equality rule. */
  readonly approximate: MatchingRule | undefined;
  readonly singleValue: boolean;
  /** `X-ORDERED 'VALUES'`: changes number the values, `{0}first`, `{1}second`. */
  readonly orderedValues: boolean;
  readonly collective: boolean;
  readonly noUserModification: boolean;
  readonly usage: AttributeUsage;
  /** usage is not userApplications */
  readonly operational: boolean;
}

export type ObjectClassKind = 'abstract' | 'structural' | 'auxiliary';

export interface ObjectClass {
  readonly oid: string;
  readonly names: readonly string[];
  readonly name: string;
  readonly description: string;
  readonly obsolete: boolean;
  readonly kind: ObjectClassKind;
  readonly superiors: readonly ObjectClass[];
  /** This class and every class it derives from, itself first. */
  readonly lineage: readonly ObjectClass[];
  /** MUST and MAY with all that is inherited. */
  readonly must: ReadonlySet<AttributeType>;
  readonly may: ReadonlySet<AttributeType>;
}

/** RFC 4512 section 4.1.6, as slapd's `ditcontentrule` writes it. */
export interface DitContentRule {
  readonly structuralClass: ObjectClass;
  readonly names: readonly string[];
  readonly obsolete: boolean;
  readonly auxiliary: ReadonlySet<ObjectClass>;
  readonly must: ReadonlySet<AttributeType>;
  readonly may: ReadonlySet<AttributeType>;
  readonly not: ReadonlySet<AttributeType>;
}

/** An attribute type with its options (RFC 4512 section 2.5). Two that mean the same are the same object. */
export interface AttributeDescription {
  readonly type: AttributeType;
  /** Tagging options in lower case, sorted; `binary` is among them. */
  readonly options: readonly string[];
  /** As answers carry it: the type's name and the options: `description;lang-en`. */
  readonly text: string;
  /** `text` in lower case: the identity of the description. */
  readonly key: string;
}

export interface Schema {
  /** By name in any case, or by numeric OID. */
  attributeType(name: string): AttributeType | undefined;
  objectClass(name: string): ObjectClass | undefined;
  matchingRule(name: string): MatchingRule | undefined;
  syntax(oid: string): Syntax | undefined;
  contentRule(structural: ObjectClass): DitContentRule | undefined;
  /**
   * Reads `type;option;option`. Undefined where the type is unknown, or an option is neither `binary` nor one that
   * the schema's tag prefixes allow (`lang-`). A trailing `-` range (`lang-en-`) is for filters and requests only and
   * is kept as an option that ends in `-`.
   */
  attributeDescription(text: string): AttributeDescription | undefined;
  /**
   * Does `candidate` satisfy a request for `wanted`: same type or a subtype, and all of wanted's options (RFC 4512
   * section 2.5.2)?
   */
  isSubtypeOf(candidate: AttributeDescription, wanted: AttributeDescription): boolean;
  /** Stands for the definitions as they are: another object once they have changed. Caches of what follows from them hang on it. */
  readonly epoch: object;
  readonly attributeTypes: Iterable<AttributeType>;
  readonly objectClasses: Iterable<ObjectClass>;
  readonly matchingRules: Iterable<MatchingRule>;
  readonly syntaxes: Iterable<Syntax>;
  readonly contentRules: Iterable<DitContentRule>;
  /** The values of cn=Subschema's attribute, in slapd's spelling. */
  published(
    attribute: 'ldapSyntaxes' | 'matchingRules' | 'matchingRuleUse' | 'attributeTypes' | 'objectClasses' | 'dITContentRules',
  ): readonly string[];
}
