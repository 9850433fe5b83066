/** The operational attributes that are worked out when asked for: entryDN, hasSubordinates, subschemaSubentry. */
import { ndnParent } from '../../dn/normalized.js';
import type { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription, AttributeType, Schema } from '../../ldap/schema.js';
import { wellKnownOf } from '../rules/schema-check.js';

export const subschemaDN = 'cn=Subschema';

const trueValue = Buffer.from('TRUE');
const falseValue = Buffer.from('FALSE');

/** An attribute that is answered although it is not stored. */
export interface ComputedAttribute {
  readonly description: AttributeDescription;
  values(record: EntryRecord): readonly Buffer[];
}

/** For entries whose children `childCount` counts. */
/** `context`: the CSNs that replicas compare with, where `record` is the entry that shows them. */
export function computedAttributes(
  schema: Schema,
  childCount: (id: number) => number,
  context?: (record: EntryRecord) => readonly string[],
): readonly ComputedAttribute[] {
  const known = wellKnownOf(schema);
  const subschema = [Buffer.from(subschemaDN)];
  return [
    { description: known.entryDN, values: (record) => [Buffer.from(record.dn)] },
    { description: known.subschemaSubentry, values: () => subschema },
    { description: known.hasSubordinates, values: (record) => [childCount(record.id) > 0 ? trueValue : falseValue] },
    ...(context
      ? [{ description: known.contextCSN, values: (record: EntryRecord) => context(record).map((csn) => Buffer.from(csn)) }]
      : []),
  ];
}

/** The values of a computed attribute for a filter or a compare; undefined for a type that is not computed. */
export function computedValuesOf(
  computed: readonly ComputedAttribute[],
  record: EntryRecord,
  type: AttributeType,
): readonly Buffer[] | undefined {
  for (const attribute of computed) if (attribute.description.type === type) return attribute.values(record);
  return undefined;
}

/** For the entries of a tree that is in memory, their children found by name. */
export function computedInTree(tree: readonly EntryRecord[], schema: Schema): readonly ComputedAttribute[] {
  const parents = new Set(tree.map((entry) => ndnParent(entry.ndn)));
  const known = wellKnownOf(schema);
  return computedAttributes(schema, () => 0).map((computed) =>
    computed.description === known.hasSubordinates
      ? { ...computed, values: (record) => [parents.has(record.ndn) ? trueValue : falseValue] }
      : computed,
  );
}

/** For the server's own entries, which say nothing of children. */
export function virtualComputedAttributes(schema: Schema): readonly ComputedAttribute[] {
  return computedAttributes(schema, () => 0).filter(({ description }) => description !== wellKnownOf(schema).hasSubordinates);
}
