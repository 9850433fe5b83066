/**
 * Checks entries against the schema (RFC 4512 sections 2.4, 4.1), in slapd's order and with slapd's codes; the first rule
 * broken is reported.
 */
import type { EntryDraft } from '../../entry/draft.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, AttributeType, DitContentRule, ObjectClass, Schema } from '../../ldap/schema.js';
import { hasValue } from '../operations/attribute-values.js';

/** The descriptions and classes that the directory itself speaks of; every schema has them. */
export class WellKnown {
  readonly objectClass: AttributeDescription;
  readonly structuralObjectClass: AttributeDescription;
  readonly entryUUID: AttributeDescription;
  readonly entryCSN: AttributeDescription;
  readonly contextCSN: AttributeDescription;
  readonly creatorsName: AttributeDescription;
  readonly createTimestamp: AttributeDescription;
  readonly modifiersName: AttributeDescription;
  readonly modifyTimestamp: AttributeDescription;
  readonly entryDN: AttributeDescription;
  readonly hasSubordinates: AttributeDescription;
  readonly subschemaSubentry: AttributeDescription;
  readonly userPassword: AttributeDescription;
  readonly pwdLastSuccess: AttributeDescription;
  readonly ref: AttributeDescription;
  readonly aliasedObjectName: AttributeDescription;
  readonly #extensibleObject: ObjectClass;
  readonly #referral: ObjectClass;
  readonly #alias: ObjectClass;
  readonly #subentry: ObjectClass;
  readonly #glue: ObjectClass;

  constructor(schema: Schema) {
    const description = (name: string): AttributeDescription => {
      const found = schema.attributeDescription(name);
      if (!found) throw new Error(`the schema lacks attribute type ${name}`);
      return found;
    };
    const objectClass = (name: string): ObjectClass => {
      const found = schema.objectClass(name);
      if (!found) throw new Error(`the schema lacks object class ${name}`);
      return found;
    };
    this.objectClass = description('objectClass');
    this.structuralObjectClass = description('structuralObjectClass');
    this.entryUUID = description('entryUUID');
    this.entryCSN = description('entryCSN');
    this.contextCSN = description('contextCSN');
    this.creatorsName = description('creatorsName');
    this.createTimestamp = description('createTimestamp');
    this.modifiersName = description('modifiersName');
    this.modifyTimestamp = description('modifyTimestamp');
    this.entryDN = description('entryDN');
    this.hasSubordinates = description('hasSubordinates');
    this.subschemaSubentry = description('subschemaSubentry');
    this.userPassword = description('userPassword');
    this.pwdLastSuccess = description('pwdLastSuccess');
    this.ref = description('ref');
    this.aliasedObjectName = description('aliasedObjectName');
    this.#extensibleObject = objectClass('extensibleObject');
    this.#referral = objectClass('referral');
    this.#alias = objectClass('alias');
    this.#subentry = objectClass('subentry');
    this.#glue = objectClass('glue');
  }

  isExtensible(classes: readonly ObjectClass[]): boolean {
    return classes.some((candidate) => candidate.lineage.includes(this.#extensibleObject));
  }

  isReferral(classes: readonly ObjectClass[]): boolean {
    return classes.some((candidate) => candidate.lineage.includes(this.#referral));
  }

  isAlias(classes: readonly ObjectClass[]): boolean {
    return classes.some((candidate) => candidate.lineage.includes(this.#alias));
  }

  isSubentry(classes: readonly ObjectClass[]): boolean {
    return classes.some((candidate) => candidate.lineage.includes(this.#subentry));
  }

  /** Stands in for an entry that a replica has not been told of, where it has entries below that. */
  isGlue(classes: readonly ObjectClass[]): boolean {
    return classes.includes(this.#glue);
  }
}

const wellKnown = new WeakMap<Schema, WellKnown>();

export function wellKnownOf(schema: Schema): WellKnown {
  let found = wellKnown.get(schema);
  if (!found) {
    found = new WellKnown(schema);
    wellKnown.set(schema, found);
  }
  return found;
}

/** Lists of object classes that are remembered for each schema: there are few different ones in a directory. */
const classListsMax = 1_000;
const classLists = new WeakMap<Schema['epoch'], Map<string, readonly ObjectClass[]>>();

/** The entry's object classes as stored: one list for all entries that have them. Throws 21 for an unknown one. */
export function objectClassesOf(entry: Pick<EntryDraft, 'values'>, schema: Schema): readonly ObjectClass[] {
  const values = entry.values(wellKnownOf(schema).objectClass);
  let names = '';
  for (const value of values) names += `${value.length}:${value.toString('latin1')}`;
  let lists = classLists.get(schema.epoch);
  if (!lists) classLists.set(schema.epoch, (lists = new Map<string, readonly ObjectClass[]>()));
  let classes = lists.get(names);
  if (!classes) {
    classes = values.map((value) => classNamed(value, schema));
    if (lists.size >= classListsMax) lists.clear();
    lists.set(names, classes);
  }
  return classes;
}

function classNamed(value: Buffer, schema: Schema): ObjectClass {
  const found = schema.objectClass(value.toString('latin1'));
  if (found) return found;
  throw new LdapError(ResultCode.invalidAttributeSyntax, `objectClass: unknown object class '${value.toString()}'`);
}

function violation(diagnostic: string): LdapError {
  return new LdapError(ResultCode.objectClassViolation, diagnostic);
}

/** The one structural class that the others derive from or lead to. Throws 65 where there is none, or are two chains. */
export function structuralClassOf(classes: readonly ObjectClass[]): ObjectClass {
  const structural = classes.filter((candidate) => candidate.kind === 'structural');
  if (structural.length === 0) throw violation('no structural object class provided');
  const lowest = structural.reduce((a, b) => (b.lineage.includes(a) ? b : a));
  const stranger = structural.find((candidate) => !lowest.lineage.includes(candidate));
  if (stranger) throw violation(`invalid structural object class chain (${lowest.name}/${stranger.name})`);
  return lowest;
}

export interface SchemaCheckOptions {
  /** The structural class before a change, which it must keep. */
  readonly formerStructural?: ObjectClass;
  /** Relax control: the structural class may change, for who may manage it. */
  readonly mayChangeClass?: boolean;
  /** Relax control: what is obsolete may be used. */
  readonly mayBeObsolete?: boolean;
}

/** Checks the whole entry and answers with its structural class. Throws LdapError. */
export function checkEntry(entry: EntryDraft, schema: Schema, options: SchemaCheckOptions = {}): ObjectClass {
  const known = wellKnownOf(schema);
  for (const { description, values } of entry.attributes.values()) {
    if (description.type.collective && !holdsCollective(entry, schema)) {
      throw violation(`attribute '${description.text}' can only appear in a collectiveAttributeSubentry`);
    }
    if (description.type.singleValue && values.length > 1) {
      throw new LdapError(ResultCode.constraintViolation, `attribute '${description.text}' cannot have multiple values`);
    }
  }
  if (entry.values(known.objectClass).length === 0) throw violation('no objectClass attribute');
  const classes = objectClassesOf(entry, schema);
  const structural = structuralClassOf(classes);
  const former = options.formerStructural;
  if (former && former !== structural && !options.mayChangeClass) {
    throw new LdapError(
      ResultCode.objectClassModsProhibited,
      `structural object class modification from '${former.name}' to '${structural.name}' not allowed`,
    );
  }
  checkNamingValues(entry, schema, options);
  if (!options.mayBeObsolete) checkObsolete(classes);
  const rule = schema.contentRule(structural);
  if (rule) checkContentRule(entry, rule, classes, options);
  checkClasses(entry, classes, known, rule);
  return structural;
}

/** RFC 3671: collective attributes are kept in subentries of this class, and nowhere else. */
function holdsCollective(entry: EntryDraft, schema: Schema): boolean {
  const holder = schema.objectClass('collectiveAttributeSubentry');
  return holder !== undefined && objectClassesOf(entry, schema).some((candidate) => candidate.lineage.includes(holder));
}

function checkObsolete(classes: readonly ObjectClass[]): void {
  for (const candidate of classes) {
    if (candidate.obsolete) throw violation(`object class '${candidate.name}' is obsolete`);
  }
}

/** A value of the entry's own name must not be missing from it. */
function checkNamingValues(entry: EntryDraft, schema: Schema, options: SchemaCheckOptions): void {
  for (const { type, value } of entry.dn.rdns[0]?.avas ?? []) {
    if (type.collective || (type.obsolete && !options.mayBeObsolete)) {
      throw new LdapError(
        ResultCode.namingViolation,
        `naming attribute '${type.name}' is ${type.collective ? 'collective' : 'obsolete'}`,
      );
    }
    const description = schema.attributeDescription(type.name)!;
    if (hasValue(description, entry.values(description), value)) continue;
    throw new LdapError(ResultCode.namingViolation, `value of naming attribute '${description.text}' is not present in entry`);
  }
}

function checkContentRule(
  entry: EntryDraft,
  rule: DitContentRule,
  classes: readonly ObjectClass[],
  options: SchemaCheckOptions,
): void {
  const ruleName = rule.names[0] ?? rule.structuralClass.name;
  if (rule.obsolete && !options.mayBeObsolete) throw violation(`content rule '${ruleName}' is obsolete`);
  for (const candidate of classes) {
    if (candidate.kind === 'auxiliary' && !rule.auxiliary.has(candidate)) {
      throw violation(`object class '${candidate.name}' not allowed by content rule '${ruleName}'`);
    }
  }
  for (const type of rule.must) {
    if (!hasType(entry, type)) throw violation(`content rule '${ruleName}' requires attribute '${type.name}'`);
  }
  for (const type of rule.not) {
    if (hasType(entry, type)) throw violation(`content rule '${ruleName}' precluded attribute '${type.name}'`);
  }
}

function checkClasses(
  entry: EntryDraft,
  classes: readonly ObjectClass[],
  known: WellKnown,
  rule: DitContentRule | undefined,
): void {
  for (const candidate of classes) {
    if (candidate.kind === 'abstract' && !classes.some((other) => other !== candidate && other.lineage.includes(candidate))) {
      throw violation(`instantiation of abstract objectClass '${candidate.name}' not allowed`);
    }
    for (const type of candidate.must) {
      if (!hasType(entry, type)) throw violation(`object class '${candidate.name}' requires attribute '${type.name}'`);
    }
  }
  if (known.isExtensible(classes)) return;
  const allowed = allowedTypesOf(classes);
  for (const { description } of entry.attributes.values()) {
    const { type } = description;
    if (type.operational || type === known.objectClass.type || isAllowed(type, classes, allowed)) continue;
    if (rule && (rule.must.has(type) || rule.may.has(type))) continue;
    throw violation(`attribute '${description.text}' not allowed`);
  }
}

/** What was found of each type, for each list of classes. */
const allowedTypes = new WeakMap<readonly ObjectClass[], Map<AttributeType, boolean>>();

function allowedTypesOf(classes: readonly ObjectClass[]): Map<AttributeType, boolean> {
  let allowed = allowedTypes.get(classes);
  if (!allowed) allowedTypes.set(classes, (allowed = new Map<AttributeType, boolean>()));
  return allowed;
}

function isAllowed(type: AttributeType, classes: readonly ObjectClass[], known: Map<AttributeType, boolean>): boolean {
  let answer = known.get(type);
  if (answer === undefined) {
    answer = type.lineage.some((ancestor) =>
      classes.some((candidate) => candidate.must.has(ancestor) || candidate.may.has(ancestor)),
    );
    known.set(type, answer);
  }
  return answer;
}

function hasType(entry: EntryDraft, wanted: AttributeType): boolean {
  for (const { description } of entry.attributes.values()) {
    if (description.type === wanted || description.type.lineage.includes(wanted)) return true;
  }
  return false;
}
