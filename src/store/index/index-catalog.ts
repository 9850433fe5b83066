/** Finds the posting lists that help with an assertion, among the indexes that are completely built. */
import type { AttributeDescription, AttributeType, MatchingRule, Schema } from '../../ldap/schema.js';
import { assertionGrams } from './grams.js';
import { type IndexUnit } from './index-units.js';
import { overflowKey, termKey, type IndexUnitKind } from '../level/keys.js';
import type { IndexCatalog, PostingKey } from '../model.js';

/** Descriptions come from clients: remember a bounded number of answers. */
const rememberedMax = 1_000;

export class UnitCatalog implements IndexCatalog {
  readonly #schema: Schema;
  readonly #units: readonly IndexUnit[];
  readonly #isUsed: (key: PostingKey) => boolean;
  readonly #found = {
    pres: new Map<AttributeDescription, IndexUnit | null>(),
    eq: new Map<AttributeDescription, IndexUnit | null>(),
    sub: new Map<AttributeDescription, IndexUnit | null>(),
  };
  readonly #uniform = new Map<string, boolean>();

  /** `isUsed`: is anything on this posting list? */
  constructor(schema: Schema, units: readonly IndexUnit[], isUsed: (key: PostingKey) => boolean) {
    this.#schema = schema;
    this.#units = units;
    this.#isUsed = isUsed;
  }

  has(kind: IndexUnitKind, description: AttributeDescription): boolean {
    return this.#unit(kind, description) !== undefined;
  }

  presence(description: AttributeDescription): PostingKey | undefined {
    const unit = this.#unit('pres', description);
    return unit && termKey(unit.prefix, '');
  }

  equality(description: AttributeDescription, normalized: string): PostingKey | undefined {
    const unit = this.#unit('eq', description);
    return unit && termKey(unit.prefix, normalized);
  }

  substrings(
    description: AttributeDescription,
    parts: { initial: string | undefined; any: readonly string[]; final: string | undefined },
  ): readonly PostingKey[] | undefined {
    const unit = this.#unit('sub', description);
    if (!unit || this.#isUsed(overflowKey(unit.prefix))) return undefined;
    const grams = assertionGrams(parts);
    return grams.size === 0 ? undefined : Array.from(grams, (gram) => termKey(unit.prefix, gram));
  }

  #unit(kind: IndexUnitKind, description: AttributeDescription): IndexUnit | undefined {
    const found = this.#found[kind];
    const known = found.get(description);
    if (known !== undefined) return known ?? undefined;
    const unit = this.#search(kind, description);
    if (found.size >= rememberedMax) found.clear();
    found.set(description, unit ?? null);
    return unit;
  }

  /** The unit on the description itself, or one on a supertype or without its options, which has all it has. */
  #search(kind: IndexUnitKind, description: AttributeDescription): IndexUnit | undefined {
    const helps = (unit: IndexUnit): boolean =>
      unit.kind === kind &&
      this.#schema.isSubtypeOf(description, unit.description) &&
      (kind === 'pres' || this.#comparesAlike(kind, description.type, unit.rule!));
    const candidates = this.#units.filter(helps);
    return candidates.find((unit) => unit.description === description) ?? candidates[0];
  }

  /**
   * Are the type and all its subtypes compared by `rule`? A subtype with a rule of its own is not in the index's terms,
   * and may match where the index's rule does not.
   */
  #comparesAlike(kind: 'eq' | 'sub', type: AttributeType, rule: MatchingRule): boolean {
    const key = `${kind} ${type.oid} ${rule.oid}`;
    let uniform = this.#uniform.get(key);
    if (uniform === undefined) {
      uniform = Array.from(this.#schema.attributeTypes).every(
        (other) => !other.lineage.includes(type) || (kind === 'eq' ? other.equality : other.substring)?.oid === rule.oid,
      );
      this.#uniform.set(key, uniform);
    }
    return uniform;
  }
}
