/**
 * The indexes of a database, one unit for each attribute and kind: which ones the configuration asks for, and how the
 * database records which are completely built.
 */
import type { IndexPolicy } from '../../ldap/index-policy.js';
import type { AttributeDescription, MatchingRule } from '../../ldap/schema.js';
import { StoreFormatError } from '../errors.js';
import { indexPrefix, type IndexUnitKind } from '../level/keys.js';

/**
 * The version of how terms are made from values (gram layout, normalisation). Raising it makes every database
 * rebuild its indexes.
 */
export const indexDefinitionVersion = 1;

export interface IndexUnit {
  readonly description: AttributeDescription;
  readonly kind: IndexUnitKind;
  /** What all keys of the unit start with. */
  readonly prefix: string;
  /** What values are normalised by; undefined for presence. */
  readonly rule: MatchingRule | undefined;
}

/** How a built unit is written down: a unit that no longer looks the same must be built again. */
export interface UnitRecord {
  readonly attribute: string;
  readonly kind: IndexUnitKind;
  readonly rule: string;
}

export interface PolicyRecord {
  readonly version: number;
  readonly built: readonly UnitRecord[];
}

/** Throws StoreFormatError if an attribute has no matching rule for what the policy asks. */
export function unitsOf(policies: readonly IndexPolicy[], numberOf: (description: AttributeDescription) => number): IndexUnit[] {
  const units = new Map<string, IndexUnit>();
  for (const { description, kinds } of policies) {
    for (const configured of kinds) {
      const kind = unitKind(configured);
      const rule = ruleOf(description, kind);
      const prefix = indexPrefix(numberOf(description), kind);
      units.set(prefix, { description, kind, prefix, rule });
    }
  }
  return [...units.values()];
}

/** No schema here has a rule that says what is approximately equal for an index: equality terms stand in. */
function unitKind(kind: IndexPolicy['kinds'] extends ReadonlySet<infer K> ? K : never): IndexUnitKind {
  return kind === 'approx' ? 'eq' : kind;
}

function ruleOf(description: AttributeDescription, kind: IndexUnitKind): MatchingRule | undefined {
  if (kind === 'pres') return undefined;
  const rule = ruleOfType(description, kind);
  if (rule) return rule;
  const name = kind === 'eq' ? 'equality' : 'substring';
  throw new StoreFormatError(`index ${description.text} ${kind}: the attribute has no ${name} matching rule`);
}

/** The rule that `kind` of index normalises the values of `description` by. */
export function ruleOfType({ type }: AttributeDescription, kind: Exclude<IndexUnitKind, 'pres'>): MatchingRule | undefined {
  return kind === 'eq' ? type.equality : type.substring;
}

export function unitRecord(unit: IndexUnit): UnitRecord {
  return { attribute: unit.description.key, kind: unit.kind, rule: unit.rule?.oid ?? '' };
}

/** Is `unit` among what the record says is built, in the same definition? */
export function isBuilt(unit: IndexUnit, record: PolicyRecord): boolean {
  if (record.version !== indexDefinitionVersion) return false;
  const wanted = unitRecord(unit);
  return record.built.some(
    (built) => built.attribute === wanted.attribute && built.kind === wanted.kind && built.rule === wanted.rule,
  );
}

export function encodePolicy(units: readonly IndexUnit[]): Buffer {
  const record: PolicyRecord = { version: indexDefinitionVersion, built: units.map(unitRecord) };
  return Buffer.from(JSON.stringify(record));
}

export function decodePolicy(bytes: Buffer | undefined): PolicyRecord {
  if (!bytes) return { version: indexDefinitionVersion, built: [] };
  return JSON.parse(bytes.toString()) as PolicyRecord;
}

/** `mail eq`: a unit's name for people. */
export function unitName(unit: IndexUnit): string {
  return `${unit.description.text} ${unit.kind}`;
}
