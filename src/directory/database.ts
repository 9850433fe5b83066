/** One naming context: its configuration, its store and its access rules. */
import { AccessPolicy, grantEverything } from '../access/policy.js';
import type { AccessEnvironment, AccessEvaluator, Subject } from '../access/model.js';
import type { DatabaseConfig } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { ndnIsWithin } from '../dn/normalized.js';
import type { Schema } from '../schema/model.js';
import type { Candidates } from '../store/model.js';
import type { Store } from '../store/store.js';
import { computedAttributes, type ComputedAttribute } from './computed.js';
import { wellKnownOf } from './schema-check.js';

export class Database {
  readonly policy: AccessPolicy;
  /** Computed attributes over the committed state. */
  readonly computed: readonly ComputedAttribute[];
  readonly #suffixes: readonly string[];
  #mayHaveReferrals: boolean;

  constructor(
    readonly config: DatabaseConfig,
    readonly store: Store,
    readonly schema: Schema,
  ) {
    this.policy = new AccessPolicy(config.access, schema);
    this.computed = computedAttributes(schema, (id) => store.childCount(id));
    this.#suffixes = config.suffixes.map((suffix) => suffix.normalized);
    const referrals = this.referralCandidates();
    this.#mayHaveReferrals = typeof referrals === 'object' && referrals.op === 'posting' ? store.estimate(referrals.key) > 0 : true;
  }

  /** The length of the longest suffix that holds this normalised DN; -1 where none does. */
  depthOfSuffix(ndn: string): number {
    let longest = -1;
    for (const suffix of this.#suffixes) {
      if (suffix.length > longest && ndnIsWithin(ndn, suffix)) longest = suffix.length;
    }
    return longest;
  }

  isSuffix(dn: DN): boolean {
    return this.#suffixes.includes(dn.normalized);
  }

  isRoot(dn: DN | undefined): boolean {
    return dn !== undefined && this.config.rootDN?.normalized === dn.normalized;
  }

  /**
   * Are there referral objects (RFC 3296), which searches must report whatever their filter says? Found out once, and when
   * one is written.
   */
  get mayHaveReferrals(): boolean {
    return this.#mayHaveReferrals;
  }

  noteReferral(): void {
    this.#mayHaveReferrals = true;
  }

  /** Where the referral objects are; 'all' without an index on objectClass. */
  referralCandidates(): Candidates {
    const { objectClass } = wellKnownOf(this.schema);
    const normalized = objectClass.type.equality!.normalize(Buffer.from('referral'))!;
    const key = this.store.indexes.equality(objectClass, normalized);
    return key === undefined ? 'all' : { op: 'posting', key };
  }

  /** Access questions for one operation; the rootdn passes all of them. */
  evaluator(subject: Subject, environment: AccessEnvironment): AccessEvaluator {
    return this.isRoot(subject.dn) ? grantEverything : this.policy.evaluator(subject, environment);
  }
}
