/** `unique`: no two entries share a value. */
import type { UniqueRule, UniqueSettings } from '../../config/overlays/settings.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';
import { EntryRangeTest } from './entry-range.js';
import { holdersOf, presentIn } from './holders.js';
import { newValues, type NewValues } from './new-values.js';
import type { GivenChange, Overlay, Write } from './overlay.js';

interface Rule extends UniqueRule {
  readonly range: EntryRangeTest;
  readonly keys: ReadonlySet<string>;
}

export class UniqueOverlay implements Overlay {
  readonly name = 'unique';
  readonly indexed: readonly AttributeDescription[];
  readonly presenceIndexed: readonly AttributeDescription[];
  readonly #rules: readonly Rule[];

  constructor(
    private readonly database: Database,
    { rules }: UniqueSettings,
  ) {
    this.indexed = rules.flatMap((rule) => rule.attributes);
    this.presenceIndexed = rules.flatMap((rule) => (rule.strict ? rule.attributes : []));
    this.#rules = rules.map((rule) => {
      return { ...rule, range: new EntryRangeTest(database, rule), keys: new Set(rule.attributes.map(({ key }) => key)) };
    });
  }

  /**
   * Throws 19 where the entry would take a value that another one has. As slapd: a modify request is looked at whether or not
   * the entry satisfies a rule's filter; whoever may manage the entry is free of all rules with the Relax control.
   */
  check(write: Write, entry: EntryDraft, old: EntryRecord | undefined, given?: readonly GivenChange[]): void {
    if (write.isRelaxed && (!old || write.mayManage(old))) return;
    for (const rule of this.#rules) {
      if (!rule.range.isWithinBase(entry.dn.normalized)) continue;
      for (const { description, values } of claimed(rule, entry, old, given)) {
        if (!concerns(rule, description)) continue;
        if (values.length === 0 && rule.strict) this.#requireNone(write.tx, rule, description, old);
        for (const value of values) this.#requireFree(write.tx, rule, description, value, old);
      }
    }
  }

  #requireFree(
    tx: Transaction,
    { range }: Rule,
    description: AttributeDescription,
    value: Buffer,
    old: EntryRecord | undefined,
  ): void {
    const key = valueKey(description, value);
    for (const holder of holdersOf(this.database, tx, description, key)) {
      if (holder.id === old?.id || !range.selects(holder)) continue;
      throw new LdapError(
        ResultCode.constraintViolation,
        `some attributes not unique: ${description.text} '${value.toString()}' is taken`,
      );
    }
  }

  /** Of `strict`: to have no value is a value, which nobody takes while another entry has some. */
  #requireNone(tx: Transaction, { range }: Rule, description: AttributeDescription, old: EntryRecord | undefined): void {
    for (const holder of presentIn(this.database, tx, description)) {
      if (holder.id === old?.id || !range.selects(holder)) continue;
      throw new LdapError(ResultCode.constraintViolation, `some attributes not unique: others have ${description.text}`);
    }
  }
}

/** Of all attributes, those with language tags as well; of named ones, these alone. */
function concerns({ keys, isOfAll }: Rule, { key, type }: AttributeDescription): boolean {
  return keys.has(isOfAll ? type.name.toLowerCase() : key);
}

/**
 * The values to be looked for: what a modify request gives; all of an entry that comes to the rule's place and satisfies its
 * filter; the new name of one that was there; else, as for a new password, what was not there before.
 */
function claimed(
  { range }: Rule,
  entry: EntryDraft,
  old: EntryRecord | undefined,
  given: readonly GivenChange[] | undefined,
): Iterable<NewValues> {
  if (given) return newValues(entry, old, given);
  if (!old || !range.isWithinBase(old.ndn)) return range.draftSatisfies(entry) === false ? [] : entry.attributes.values();
  return old.ndn === entry.dn.normalized ? newValues(entry, old, undefined) : nameOf(entry);
}

/** The values of the RDN. */
function nameOf(entry: EntryDraft): NewValues[] {
  const { avas } = entry.dn.rdns[0]!;
  return [...entry.attributes.values()].flatMap(({ description }) => {
    const values = avas.flatMap(({ type, value }) => (type === description.type ? [value] : []));
    return description.options.length === 0 && values.length > 0 ? [{ description, values }] : [];
  });
}
