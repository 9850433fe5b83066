/**
 * Makes the changes of a modify request, one after the other, on an entry's draft. What it takes grows with the number of
 * values, however many changes they come in: a request of four megabytes has room for 100,000 of them.
 */
import type { EntryDraft } from '../../entry/draft.js';
import type { Modification } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { valueKey } from './attribute-values.js';
import { NumberingBudget, OrderedValues } from './ordered-values.js';

/** A modification whose attribute and values have been checked. */
export interface CheckedModification {
  readonly operation: Modification['operation'];
  readonly description: AttributeDescription;
  readonly values: Buffer[];
}

/**
 * Throws 16, 18, 19, 20 or 21; the outcome's schema is checked when all changes are made. `permissive`, as to slapd:
 * values that are added may be there already, and an attribute that is deleted from need not be there.
 */
export function applyModifications(entry: EntryDraft, changes: readonly CheckedModification[], permissive = false): void {
  const modifications = new Modifications(entry, permissive);
  for (const change of changes) modifications.apply(change);
  modifications.finish();
}

/** An attribute's values by their identity, in their order. */
type KeyedValues = Map<string, Buffer>;

class Modifications {
  readonly #entry: EntryDraft;
  /** Attributes that values were added to or taken from, by `description.key`; the draft gets them in the end. */
  readonly #keyed = new Map<string, { readonly description: AttributeDescription; readonly values: KeyedValues }>();

  /** The same of attributes whose values are numbered. */
  readonly #ordered = new Map<string, { readonly description: AttributeDescription; readonly values: OrderedValues }>();
  readonly #numbering = new NumberingBudget();

  constructor(
    entry: EntryDraft,
    private readonly permissive: boolean,
  ) {
    this.#entry = entry;
  }

  apply(change: CheckedModification): void {
    switch (change.operation) {
      case 'add':
        return this.#add(change);
      case 'delete':
        return this.#delete(change);
      case 'replace':
        return this.#replace(change);
      case 'increment':
        return this.#increment(change);
    }
  }

  finish(): void {
    for (const { description, values } of this.#keyed.values()) this.#entry.set(description, [...values.values()]);
    this.#keyed.clear();
    for (const { description, values } of this.#ordered.values()) this.#entry.set(description, values.all());
    this.#ordered.clear();
  }

  #add({ description, values }: CheckedModification): void {
    const isNew = !this.#has(description);
    if (!isNew) requireEquality(description, 'add');
    if (isNew) return this.#set(description, values);
    if (description.type.orderedValues) return this.#orderedValues(description).add(values, this.permissive);
    const present = this.#keyedValues(description);
    // Of one change, values equal to each other were refused before.
    values.forEach((value, index) => {
      const key = valueKey(description, value);
      if (present.has(key)) {
        if (this.permissive) return;
        throw new LdapError(ResultCode.attributeOrValueExists, `modify/add: ${description.text}: value #${index} already exists`);
      }
      present.set(key, value);
    });
  }

  #delete({ description, values }: CheckedModification): void {
    if (values.length > 0) requireEquality(description, 'delete');
    if (!this.#has(description)) {
      if (this.permissive) return;
      throw new LdapError(ResultCode.noSuchAttribute, `modify/delete: ${description.text}: no such attribute`);
    }
    if (values.length === 0) return this.#set(description, []);
    if (description.type.orderedValues) {
      const present = this.#orderedValues(description);
      present.delete(values, this.permissive);
      if (present.length === 0) this.#set(description, []);
      return;
    }
    const present = this.#keyedValues(description);
    for (const key of new Set(values.map((value) => valueKey(description, value)))) {
      if (!present.delete(key)) {
        throw new LdapError(ResultCode.noSuchAttribute, `modify/delete: ${description.text}: no such value`);
      }
    }
    if (present.size === 0) this.#set(description, []);
  }

  /** As slapd: an attribute that is replaced comes last from then on. */
  #replace({ description, values }: CheckedModification): void {
    this.#set(description, []);
    this.#set(description, values);
  }

  #increment({ description, values }: CheckedModification): void {
    if (!this.#has(description)) {
      throw new LdapError(ResultCode.noSuchAttribute, `modify/increment: ${description.text}: no such attribute`);
    }
    const step = integerOf(description, values[0]!);
    const known = this.#keyed.get(description.key)?.values.values() ?? this.#ordered.get(description.key)?.values.all();
    const present = known ?? this.#entry.values(description);
    this.#set(
      description,
      [...present].map((value) => Buffer.from(String(integerOf(description, value) + step))),
    );
  }

  #has(description: AttributeDescription): boolean {
    return this.#entry.values(description).length > 0;
  }

  /** Right away, so that an attribute that comes anew comes last. */
  #set(description: AttributeDescription, values: readonly Buffer[]): void {
    this.#keyed.delete(description.key);
    this.#ordered.delete(description.key);
    this.#entry.set(description, values);
    if (values.length === 0 || !description.type.orderedValues) return;
    // They get their numbers as if they were added to none.
    const ordered = new OrderedValues(description, [], this.#numbering);
    ordered.add(values, false);
    this.#ordered.set(description.key, { description, values: ordered });
  }

  #orderedValues(description: AttributeDescription): OrderedValues {
    let ordered = this.#ordered.get(description.key);
    if (!ordered) {
      ordered = { description, values: new OrderedValues(description, this.#entry.values(description), this.#numbering) };
      this.#ordered.set(description.key, ordered);
    }
    return ordered.values;
  }

  #keyedValues(description: AttributeDescription): KeyedValues {
    let keyed = this.#keyed.get(description.key);
    if (!keyed) {
      const values = this.#entry.values(description).map((value) => [valueKey(description, value), value] as const);
      keyed = { description, values: new Map(values) };
      this.#keyed.set(description.key, keyed);
    }
    return keyed.values;
  }
}

/** Arithmetic on an integer of millions of digits takes seconds, and a request may ask for it a thousand times. */
const incrementDigitsMax = 256;

function integerOf(description: AttributeDescription, value: Buffer): bigint {
  // As slapd, which does not count with numbered values.
  if (description.type.orderedValues && value[0] === 0x7b) {
    throw new LdapError(ResultCode.invalidAttributeSyntax, `modify/increment: ${description.text}: values are numbered`);
  }
  if (value.length <= incrementDigitsMax) return BigInt(value.toString('latin1'));
  throw new LdapError(
    ResultCode.constraintViolation,
    `modify/increment: ${description.text}: more than ${incrementDigitsMax} digits`,
  );
}

function requireEquality(description: AttributeDescription, operation: string): void {
  if (!description.type.equality) {
    throw new LdapError(ResultCode.inappropriateMatching, `modify/${operation}: ${description.text}: no equality matching rule`);
  }
}
