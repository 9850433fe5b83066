/** The Schema: lookups by name, attribute descriptions, and what cn=Subschema shows. */
import {
  printAttributeType,
  printDitContentRule,
  printMatchingRule,
  printMatchingRuleUse,
  printObjectClass,
  printSyntax,
  type AttributeTypeDefinition,
  type DitContentRuleDefinition,
  type ObjectClassDefinition,
} from './definition.js';
import { AttributeDescriptions, satisfiesOptions, type AttributeOptions } from './description.js';
import type {
  AttributeDescription,
  AttributeType,
  DitContentRule,
  MatchingRule,
  ObjectClass,
  Schema,
  Syntax,
} from '../ldap/schema.js';
import type { KnownRule } from './rules.js';
import type { KnownSyntax } from './syntaxes.js';

/** A schema element with the definition it came from, OID macros expanded. */
export interface Defined<Element, Definition> {
  readonly element: Element;
  readonly definition: Definition;
  /** Not shown in cn=Subschema. */
  readonly hidden: boolean;
}

/** What a schema holds. Filled by SchemaBuilder; maps are keyed by lower-case name and by OID. */
export interface SchemaTables {
  readonly attributeTypes: Map<string, Defined<AttributeType, AttributeTypeDefinition>>;
  readonly objectClasses: Map<string, Defined<ObjectClass, ObjectClassDefinition>>;
  readonly contentRules: Map<ObjectClass, Defined<DitContentRule, DitContentRuleDefinition>>;
  readonly matchingRules: Map<string, KnownRule>;
  readonly syntaxes: Map<string, KnownSyntax>;
  options: AttributeOptions;
}

type Published = Parameters<Schema['published']>[0];

export class LdapSchema implements Schema {
  readonly #tables: SchemaTables;
  readonly #descriptions: AttributeDescriptions;
  readonly #published = new Map<Published, readonly string[]>();
  #epoch: object = {};

  constructor(tables: SchemaTables) {
    this.#tables = tables;
    this.#descriptions = new AttributeDescriptions(
      (name) => this.attributeType(name),
      () => tables.options,
    );
  }

  get epoch(): object {
    return this.#epoch;
  }

  /** To be told that definitions which were there have changed or gone. */
  forgetDerived(): void {
    this.#epoch = {};
    this.#published.clear();
    this.#descriptions.forgetReplaced();
  }

  attributeType(name: string): AttributeType | undefined {
    return this.#tables.attributeTypes.get(name.toLowerCase())?.element;
  }

  objectClass(name: string): ObjectClass | undefined {
    return this.#tables.objectClasses.get(name.toLowerCase())?.element;
  }

  matchingRule(name: string): MatchingRule | undefined {
    return this.#tables.matchingRules.get(name.toLowerCase());
  }

  syntax(oid: string): Syntax | undefined {
    return this.#tables.syntaxes.get(oid);
  }

  contentRule(structural: ObjectClass): DitContentRule | undefined {
    return this.#tables.contentRules.get(structural)?.element;
  }

  attributeDescription(text: string): AttributeDescription | undefined {
    return this.#descriptions.read(text);
  }

  isSubtypeOf(candidate: AttributeDescription, wanted: AttributeDescription): boolean {
    return (
      candidate === wanted ||
      (candidate.type.lineage.includes(wanted.type) && satisfiesOptions(candidate.options, wanted.options))
    );
  }

  get attributeTypes(): Iterable<AttributeType> {
    return this.#attributeTypes().map(({ element }) => element);
  }

  get objectClasses(): Iterable<ObjectClass> {
    return this.#objectClasses().map(({ element }) => element);
  }

  get matchingRules(): Iterable<MatchingRule> {
    return new Set(this.#tables.matchingRules.values());
  }

  get syntaxes(): Iterable<Syntax> {
    return this.#tables.syntaxes.values();
  }

  get contentRules(): Iterable<DitContentRule> {
    return [...this.#tables.contentRules.values()].map(({ element }) => element);
  }

  published(attribute: Published): readonly string[] {
    let values = this.#published.get(attribute);
    if (!values) {
      values = Object.freeze(this.#print(attribute));
      this.#published.set(attribute, values);
    }
    return values;
  }

  #print(attribute: Published): string[] {
    switch (attribute) {
      case 'ldapSyntaxes':
        return [...this.#tables.syntaxes.values()]
          .filter(({ published }) => published)
          .map(({ definition }) => printSyntax(definition));
      case 'matchingRules':
        return this.#rules()
          .filter(({ implemented }) => implemented)
          .map(printMatchingRule);
      case 'matchingRuleUse':
        return this.#rules().flatMap((rule) => this.#printUse(rule));
      case 'attributeTypes':
        return visible(this.#attributeTypes()).map(({ definition }) => printAttributeType(definition));
      case 'objectClasses':
        return visible(this.#objectClasses()).map(({ definition }) => printObjectClass(definition));
      case 'dITContentRules':
        return [...this.#tables.contentRules.values()].map(({ definition }) => printDitContentRule(definition));
    }
  }

  /** Published rules, the last defined first, as slapd lists them. */
  #rules(): KnownRule[] {
    return [...new Set(this.#tables.matchingRules.values())].filter(({ hidden }) => !hidden).reverse();
  }

  #printUse(rule: KnownRule): string[] {
    const applies = visible(this.#attributeTypes())
      .filter(({ element }) => rule.isListedFor(element))
      .map(({ element }) => element.name);
    return applies.length > 0 ? [printMatchingRuleUse(rule, applies)] : [];
  }

  #attributeTypes(): Defined<AttributeType, AttributeTypeDefinition>[] {
    return [...new Set(this.#tables.attributeTypes.values())];
  }

  #objectClasses(): Defined<ObjectClass, ObjectClassDefinition>[] {
    return [...new Set(this.#tables.objectClasses.values())];
  }
}

function visible<Row extends { readonly hidden: boolean }>(rows: readonly Row[]): Row[] {
  return rows.filter(({ hidden }) => !hidden);
}
