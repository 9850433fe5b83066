/**
 * Builds a Schema from definitions in the order of the files. Each is resolved at once: as in slapd, a definition may
 * refer only to earlier ones.
 */
import {
  isNumericOid,
  parseAttributeType,
  parseDitContentRule,
  parseObjectClass,
  parseSyntax,
  SchemaError,
  type AttributeTypeDefinition,
  type DitContentRuleDefinition,
  type ObjectClassDefinition,
} from './definition.js';
import { adoptTables } from './adoption.js';
import { attributeNameRule } from './attribute-names.js';
import { checkAttributeType, checkObjectClass } from './superiors.js';
import { builtinMacros } from './macros.js';
import { addOptions, defaultOptions, noOptions } from './description.js';
import type { AttributeType, ObjectClass, Schema } from '../ldap/schema.js';
import { createObjectClassRule } from './objectclass-rule.js';
import { approximateRuleOf, createDescriptionRule, createMatchingRules, substringRuleFor, type KnownRule } from './rules.js';
import { orderedRule, plainRule } from './ordered.js';
import { LdapSchema, type Defined, type SchemaTables } from './schema.js';
import { createDerivedSyntax, createObjectClassSyntax, createSyntaxes, type KnownSyntax } from './syntaxes.js';
import { systemAttributeTypes, systemObjectClasses } from './system.js';

export { SchemaError } from './definition.js';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

type OwnDefinition = (typeof systemAttributeTypes)[number];

const definitionsMax = 100_000;

export class SchemaBuilder {
  readonly #tables: SchemaTables;
  readonly #schema: LdapSchema;
  /** Names are told apart by case, as in slapd. */
  readonly #macros = new Map<string, string>();
  /** What is built in: files may define it again, which changes nothing. */
  readonly #system = new Set<unknown>();
  readonly #attributeNames = new Set<string>();

  constructor() {
    this.#tables = {
      attributeTypes: new Map(),
      objectClasses: new Map(),
      contentRules: new Map(),
      matchingRules: new Map(),
      syntaxes: new Map(),
      options: defaultOptions,
    };
    this.#schema = new LdapSchema(this.#tables);
    for (const [oid, syntax] of createSyntaxes(this.#schema)) this.#tables.syntaxes.set(oid, syntax);
    for (const rule of createMatchingRules(this.#tables.syntaxes, this.#schema)) {
      this.#tables.matchingRules.set(rule.oid, rule).set(rule.name.toLowerCase(), rule);
    }
    this.#addSystem();
    for (const [name, oid] of builtinMacros) this.#macros.set(name, this.#oid(oid));
  }

  /** `attributetype`: its definition in parentheses. `isBuiltIn`: files may repeat it. Throws SchemaError, as all of these. */
  attributeType(text: string, isBuiltIn = false): void {
    const definition = this.#parseAttributeType(text);
    const what = `attribute type ${definition.names[0] ?? definition.oid}`;
    if (this.#isSystem(this.#tables.attributeTypes, definition, what)) return;
    this.#refuseDuplicate(this.#tables.attributeTypes, definition, what);
    const element = this.#add(this.#tables.attributeTypes, definition, this.#resolveAttributeType(definition, what), false);
    if (isBuiltIn) this.#system.add(element);
  }

  /** `objectclass` */
  objectClass(text: string, isBuiltIn = false): void {
    const definition = this.#parseObjectClass(text);
    const what = `object class ${definition.names[0] ?? definition.oid}`;
    if (this.#isSystem(this.#tables.objectClasses, definition, what)) return;
    this.#refuseDuplicate(this.#tables.objectClasses, definition, what);
    const element = this.#add(this.#tables.objectClasses, definition, this.#resolveObjectClass(definition, what), false);
    if (isBuiltIn) this.#system.add(element);
  }

  /** `objectidentifier`: a name and an OID, or a name that is already defined with `:suffix`. */
  objectIdentifier(text: string): void {
    const [name, value, extra] = text.trim().split(/\s+/);
    if (!name || !value || extra !== undefined) throw new SchemaError('objectidentifier needs a name and an OID');
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) throw new SchemaError(`'${name}' is not a name for an OID`);
    const known = this.#macros.get(name);
    const oid = this.#oid(value);
    // Files may repeat what other files define, as long as they agree: dsee.schema and dyngroup.schema do.
    if (known !== undefined && known !== oid) {
      throw new SchemaError(`objectidentifier ${name} is already defined as ${known}`);
    }
    this.#macros.set(name, oid);
  }

  /** `ditcontentrule` */
  ditContentRule(text: string): void {
    const parsed = parseDitContentRule(text);
    const structural = this.#objectClass(parsed.oid, 'content rule');
    const definition: DitContentRuleDefinition = { ...parsed, oid: structural.oid };
    const what = `content rule of ${structural.name}`;
    if (structural.kind !== 'structural') throw new SchemaError(`${what}: the object class is not structural`);
    if (this.#tables.contentRules.has(structural)) throw new SchemaError(`${what} is already defined`);
    const auxiliary = new Set(definition.auxiliary.map((name) => this.#objectClass(name, what)));
    for (const { kind, name } of auxiliary) {
      if (kind !== 'auxiliary') throw new SchemaError(`${what}: object class ${name} is not auxiliary`);
    }
    const must = this.#attributeTypes(definition.must, what);
    const not = this.#attributeTypes(definition.not, what);
    for (const type of not) {
      const required = must.has(type) || structural.must.has(type) || [...auxiliary].some((one) => one.must.has(type));
      if (required) throw new SchemaError(`${what}: attribute type ${type.name} is both required and precluded`);
    }
    const element = {
      structuralClass: structural,
      names: definition.names,
      obsolete: definition.obsolete,
      auxiliary,
      must,
      may: this.#attributeTypes(definition.may, what),
      not,
    };
    this.#tables.contentRules.set(structural, { element, definition, hidden: false });
  }

  /** `ldapsyntax`; without X-SUBST its values are any octets. */
  ldapSyntax(text: string): void {
    const parsed = parseSyntax(text);
    const definition = { ...parsed, oid: this.#oid(parsed.oid) };
    const what = `syntax ${definition.oid}`;
    if (this.#tables.syntaxes.has(definition.oid)) throw new SchemaError(`${what} is already defined`);
    const substituteOid = definition.extensions.find(({ name }) => name === 'X-SUBST')?.values[0];
    const substitute = substituteOid === undefined ? undefined : this.#syntax(this.#oid(substituteOid), what);
    this.#tables.syntaxes.set(definition.oid, createDerivedSyntax(definition, substitute));
  }

  /** `attributeoptions`: words separated by blanks. They take the place of the default, `lang-`. */
  attributeOptions(text: string): void {
    const before = this.#tables.options === defaultOptions ? noOptions : this.#tables.options;
    const words = text.split(/\s+/).filter((word) => word !== '');
    this.#tables.options = addOptions(before, words);
  }

  /** The values of this attribute are to be names of attribute types. */
  holdsAttributeNames(attribute: string): void {
    this.#attributeNames.add(attribute);
    const { rule, syntax } = attributeNameRule(this.#tables, this.#schema);
    this.#replaceRule(attribute, rule, syntax);
  }

  /** Definitions for entries of the server's own, which are not published. */
  ownDefinitions(attributeTypes: readonly string[], objectClasses: readonly string[]): void {
    const [types, classes] = [attributeTypes, objectClasses].map((texts) =>
      texts.map((definition) => ({ definition, hidden: true })),
    );
    this.#define(types!, classes!);
  }

  /** Takes over what `other` was built of; what is the same stays as it is. Answers whether anything changed. Adding ends with this. */
  adopt(other: SchemaBuilder): boolean {
    const made = adoptTables(this.#tables, other.#tables, (definition) => this.#resolveAttributeType(definition, definition.oid));
    if (!made) return false;
    this.#schema.forgetDerived();
    for (const name of other.#attributeNames) if (made.has(this.#schema.attributeType(name)!)) this.holdsAttributeNames(name);
    return true;
  }

  /** The schema of all that was added. */
  build(): Schema {
    return this.#schema;
  }

  #addSystem(): void {
    for (const element of this.#define(systemAttributeTypes, systemObjectClasses)) this.#system.add(element);
    this.#specialize();
  }

  #parseAttributeType(text: string): AttributeTypeDefinition {
    const parsed = parseAttributeType(text);
    const syntax = parsed.syntax === undefined ? {} : { syntax: this.#oid(parsed.syntax) };
    return { ...parsed, oid: this.#oid(parsed.oid), ...syntax };
  }

  #parseObjectClass(text: string): ObjectClassDefinition {
    const parsed = parseObjectClass(text);
    return { ...parsed, oid: this.#oid(parsed.oid) };
  }

  #define(attributeTypes: readonly OwnDefinition[], objectClasses: readonly OwnDefinition[]): unknown[] {
    const types = attributeTypes.map(({ definition: text, hidden }) => {
      const definition = this.#parseAttributeType(text);
      const element = this.#resolveAttributeType(definition, definition.names[0]!);
      return this.#add(this.#tables.attributeTypes, definition, element, hidden);
    });
    const classes = objectClasses.map(({ definition: text, hidden }) => {
      const definition = this.#parseObjectClass(text);
      const element = this.#resolveObjectClass(definition, definition.names[0]!);
      return this.#add(this.#tables.objectClasses, definition, element, hidden);
    });
    return [...types, ...classes];
  }

  /** Some built-in attributes understand the names of what they hold. */
  #specialize(): void {
    const schema = this.#schema;
    const oidRule = this.#tables.matchingRules.get('objectidentifiermatch')!;
    const objectClassSyntax = createObjectClassSyntax(this.#tables.syntaxes.get(oidRule.syntax.oid)!, schema);
    const objectClassRule = createObjectClassRule(oidRule, objectClassSyntax, schema);
    for (const name of ['objectClass', 'structuralObjectClass']) this.#replaceRule(name, objectClassRule, objectClassSyntax);
    const objectClassOid = (name: string): string | undefined => schema.objectClass(name)?.oid;
    const attributeTypeOid = (name: string): string | undefined => schema.attributeType(name)?.oid;
    const matchingRuleOid = (name: string): string | undefined => schema.matchingRule(name)?.oid;
    for (const name of ['dITContentRules', 'objectClasses']) this.#replaceDescriptionRule(name, objectClassOid);
    this.#replaceDescriptionRule('attributeTypes', attributeTypeOid);
    for (const name of ['matchingRules', 'matchingRuleUse']) this.#replaceDescriptionRule(name, matchingRuleOid);
  }

  #replaceDescriptionRule(attribute: string, oidOf: (name: string) => string | undefined): void {
    const type = this.#schema.attributeType(attribute)!;
    const syntax = { ...this.#tables.syntaxes.get(type.syntax.oid)! };
    const base = this.#tables.matchingRules.get(type.equality!.oid)!;
    this.#replaceRule(attribute, createDescriptionRule(base, syntax, oidOf), syntax);
  }

  #replaceRule(attribute: string, equality: KnownRule, syntax: KnownSyntax): void {
    const type = this.#schema.attributeType(attribute) as Mutable<AttributeType>;
    const own: KnownRule = { ...equality, appliesTo: (candidate) => candidate === type, isListedFor: () => false };
    type.equality = own;
    type.syntax = syntax;
  }

  /** Expands `name`, `name:suffix` or a numeric OID. */
  #oid(text: string): string {
    if (isNumericOid(text)) return text;
    const [name, suffix, extra] = text.split(':');
    const known = this.#macros.get(name!);
    if (known === undefined || extra !== undefined) throw new SchemaError(`'${text}' is not an OID`);
    const oid = suffix === undefined ? known : `${known}.${suffix}`;
    if (!isNumericOid(oid)) throw new SchemaError(`'${text}' is not an OID`);
    return oid;
  }

  /** OpenLDAP 2.0's files define what is built in today. Throws where one means something else by such an OID. */
  #isSystem<Element, Definition extends { oid: string; names: readonly string[] }>(
    table: Map<string, Defined<Element, Definition>>,
    definition: Definition,
    what: string,
  ): boolean {
    const row = table.get(definition.oid);
    if (!row || !this.#system.has(row.element)) return false;
    const known = new Set(row.definition.names.map((name) => name.toLowerCase()));
    if (definition.names.every((name) => !known.has(name.toLowerCase()))) {
      throw new SchemaError(`${what}: OID ${definition.oid} belongs to ${row.definition.names[0] ?? 'something built in'}`);
    }
    return true;
  }

  #refuseDuplicate(
    table: ReadonlyMap<string, unknown>,
    { oid, names }: { oid: string; names: readonly string[] },
    what: string,
  ): void {
    if (table.size > definitionsMax) throw new SchemaError('too many definitions');
    if (table.has(oid)) throw new SchemaError(`${what}: OID ${oid} is already defined`);
    const taken = names.find((name) => table.has(name.toLowerCase()));
    if (taken !== undefined) throw new SchemaError(`${what}: name ${taken} is already defined`);
    const folded = names.map((name) => name.toLowerCase());
    const twice = names.find((_, index) => folded.indexOf(folded[index]!) !== index);
    if (twice !== undefined) throw new SchemaError(`${what}: name ${twice} is given twice`);
  }

  #add<Element, Definition extends { oid: string; names: readonly string[] }>(
    table: Map<string, Defined<Element, Definition>>,
    definition: Definition,
    element: Element,
    hidden: boolean,
  ): Element {
    const row = { element, definition, hidden };
    table.set(definition.oid, row);
    for (const name of definition.names) table.set(name.toLowerCase(), row);
    return element;
  }

  #attributeType(name: string, what: string): AttributeType {
    const found = this.#schema.attributeType(name);
    if (!found) throw new SchemaError(`${what}: attribute type ${name} is not defined`);
    return found;
  }

  #attributeTypes(names: readonly string[], what: string): Set<AttributeType> {
    return new Set(names.map((name) => this.#attributeType(name, what)));
  }

  #objectClass(name: string, what: string): ObjectClass {
    const found = this.#schema.objectClass(name) ?? this.#schema.objectClass(this.#macroOid(name) ?? '');
    if (!found) throw new SchemaError(`${what}: object class ${name} is not defined`);
    return found;
  }

  #macroOid(text: string): string | undefined {
    const [name, suffix] = text.split(':');
    const known = this.#macros.get(name!);
    return known !== undefined && suffix !== undefined ? `${known}.${suffix}` : known;
  }

  #syntax(oid: string, what: string): KnownSyntax {
    const found = this.#tables.syntaxes.get(oid);
    if (!found) throw new SchemaError(`${what}: syntax ${oid} is not known`);
    return found;
  }

  #resolveAttributeType(definition: AttributeTypeDefinition, what: string): AttributeType {
    const superior = definition.superior === undefined ? undefined : this.#attributeType(definition.superior, what);
    checkAttributeType(definition, superior, what);
    const syntax = definition.syntax === undefined ? superior!.syntax : this.#syntax(definition.syntax, what);
    const rules = this.#tables.matchingRules;
    const ownEquality = this.#rule(definition.equality, 'equality', syntax, what);
    const equality = ownEquality ?? plainRule(superior?.equality);
    const ordering = this.#rule(definition.ordering, 'ordering', syntax, what) ?? plainRule(superior?.ordering);
    const ownSubstring = this.#rule(definition.substring, 'substring', syntax, what);
    const substring = ownSubstring ?? rules.get(superior?.substring?.oid ?? '');
    if (!equality && (ordering ?? substring)) {
      throw new SchemaError(`${what}: ORDERING and SUBSTR need an EQUALITY rule`);
    }
    const orderedValues = hasOrderedValues(definition);
    const inOrder = orderedValues ? orderedRule : plainRule;
    const type: Mutable<AttributeType> = {
      oid: definition.oid,
      names: definition.names,
      name: definition.names[0] ?? definition.oid,
      description: definition.description ?? '',
      obsolete: definition.obsolete,
      superior,
      lineage: [],
      syntax,
      lengthBound: definition.lengthBound ?? (definition.syntax === undefined ? superior?.lengthBound : undefined),
      equality: inOrder(equality),
      ordering: inOrder(ordering),
      substring: equality && substring && substringRuleFor(equality, substring, rules),
      approximate: inOrder(ownEquality ? approximateRuleOf(ownEquality, rules) : plainRule(superior?.approximate)),
      orderedValues,
      singleValue: definition.singleValue,
      collective: definition.collective,
      noUserModification: definition.noUserModification,
      usage: definition.usage,
      operational: definition.usage !== 'userApplications',
    };
    type.lineage = [type, ...(superior?.lineage ?? [])];
    return type;
  }

  #rule(
    name: string | undefined,
    kind: 'equality' | 'ordering' | 'substring',
    syntax: { oid: string },
    what: string,
  ): KnownRule | undefined {
    if (name === undefined) return undefined;
    const rule = this.#tables.matchingRules.get(name.toLowerCase());
    if (!rule) throw new SchemaError(`${what}: matching rule ${name} is not known`);
    if (rule.kind !== kind) throw new SchemaError(`${what}: ${name} is not a matching rule for ${kind}`);
    // The assertion syntax of a substring rule says nothing about values.
    if (kind !== 'substring' && rule.syntax.oid !== syntax.oid && !rule.compatible.includes(syntax.oid)) {
      throw new SchemaError(`${what}: matching rule ${name} does not fit syntax ${syntax.oid}`);
    }
    return rule;
  }

  #resolveObjectClass(definition: ObjectClassDefinition, what: string): ObjectClass {
    const superiors = definition.superiors.map((name) => this.#objectClass(name, what));
    checkObjectClass(definition, superiors, what);
    const objectClass: Mutable<ObjectClass> = {
      oid: definition.oid,
      names: definition.names,
      name: definition.names[0] ?? definition.oid,
      description: definition.description ?? '',
      obsolete: definition.obsolete,
      kind: definition.kind,
      superiors,
      lineage: [],
      must: union(this.#attributeTypes(definition.must, what), superiors, 'must'),
      may: union(this.#attributeTypes(definition.may, what), superiors, 'may'),
    };
    objectClass.lineage = [...new Set([objectClass, ...superiors.flatMap(({ lineage }) => lineage)])];
    return objectClass;
  }
}

function union(own: Set<AttributeType>, superiors: readonly ObjectClass[], key: 'must' | 'may'): Set<AttributeType> {
  for (const superior of superiors) for (const type of superior[key]) own.add(type);
  return own;
}

/** As in slapd, the first value of X-ORDERED decides; `SIBLINGS` is for slapd's own configuration. */
function hasOrderedValues({ extensions }: AttributeTypeDefinition): boolean {
  return extensions.some(({ name, values }) => name === 'X-ORDERED' && values[0]?.toUpperCase() === 'VALUES');
}
