/** One naming context: its configuration, its store and its access rules. */
import { AccessPolicy, grantEverything } from '../access/policy.js';
import type { AccessEnvironment, AccessEvaluator, Subject } from '../access/model.js';
import type { DatabaseConfig } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { RecordFlag } from '../entry/record.js';
import { ndnIsWithin } from '../dn/normalized.js';
import type { ControlType } from '../ldap/control.js';
import type { Schema } from '../ldap/schema.js';
import type { Candidates } from '../store/model.js';
import type { Store } from '../store/store.js';
import type { ClusterFigures } from './cluster/figures.js';
import type { Overlay } from './overlays/overlay.js';
import type { ReplicaFigures } from './replica/figures.js';
import type { PasswordPolicy } from './overlays/password-policy.js';
import { computedAttributes, type ComputedAttribute } from './search/computed.js';
import { wellKnownOf } from './rules/schema-check.js';
import { Selection, type ValueFilter } from './search/selection.js';

/** Lists of requested attributes remembered, and the longest one. */
const rememberedSelectionsMax = 500;
const rememberedAttributesMax = 32;

/** What the directory needs of a database's cluster. */
export interface ClusterMembership {
  readonly figures: ClusterFigures;
  close(): Promise<void>;
}

export class Database {
  #config: DatabaseConfig;
  #policy: AccessPolicy;
  /** Computed attributes over the committed state. */
  readonly computed: readonly ComputedAttribute[];
  /** How often a search came upon a record that is not what was written. */
  damagedReads = 0;
  #overlays: readonly Overlay[] = [];
  #replicaFigures: (() => ReplicaFigures) | undefined;
  #passwordPolicy: PasswordPolicy | undefined;
  readonly #suffixes: readonly string[];
  readonly #selections = new Map<string, Selection>();
  #mayHaveReferrals: boolean;
  #mayHaveAliases: boolean;

  constructor(
    config: DatabaseConfig,
    readonly store: Store,
    readonly schema: Schema,
    /** Its membership, where it is shared with other nodes. */
    readonly cluster?: ClusterMembership,
  ) {
    this.#config = config;
    this.#policy = new AccessPolicy(config.access, schema);
    this.#suffixes = config.suffixes.map((suffix) => suffix.normalized);
    this.computed = computedAttributes(
      schema,
      (id) => store.childCount(id),
      (record) => (record.ndn === this.#suffixes[0] ? store.log.context.values() : []),
    );
    this.#mayHaveReferrals = this.#mayHave('referral');
    this.#mayHaveAliases = this.#mayHave('alias');
  }

  get config(): DatabaseConfig {
    return this.#config;
  }

  get policy(): AccessPolicy {
    return this.#policy;
  }

  /** Goes by another configuration from now on. Its suffixes are the same, and so is its folder. */
  reconfigure(config: DatabaseConfig): void {
    this.#config = config;
    this.#policy = new AccessPolicy(config.access, this.schema);
    this.#selections.clear();
  }

  /** Waits for queued writes. */
  async close(): Promise<void> {
    await this.store.close();
    await this.cluster?.close();
  }

  get overlays(): readonly Overlay[] {
    return this.#overlays;
  }

  /** Set when the directory is opened, and when its configuration changes. */
  set overlays(overlays: readonly Overlay[]) {
    this.#overlays = overlays;
    // What is answered depends on them.
    this.#selections.clear();
    this.#passwordPolicy = overlays.find((overlay) => overlay.passwordPolicy)?.passwordPolicy;
  }

  /** How it stands with the providers that it follows; undefined where it follows none. */
  get replica(): ReplicaFigures | undefined {
    return this.#replicaFigures?.();
  }

  /** Whoever follows them tells. */
  describeReplica(figures: () => ReplicaFigures): void {
    this.#replicaFigures = figures;
  }

  /** Of the overlay that has one. */
  get passwordPolicy(): PasswordPolicy | undefined {
    return this.#passwordPolicy;
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

  /** An entry of this name has no parent in this database: a suffix, or anything one level down from the suffix "". */
  isTop(dn: DN): boolean {
    return this.isSuffix(dn) || (dn.rdns.length === 1 && this.#suffixes.includes(''));
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

  /** Are there alias entries? As for referral objects. */
  get mayHaveAliases(): boolean {
    return this.#mayHaveAliases;
  }

  /** To be told of the flags of every record that is written. */
  noteFlags(flags: number): void {
    if (flags & RecordFlag.referral) this.#mayHaveReferrals = true;
    if (flags & RecordFlag.alias) this.#mayHaveAliases = true;
  }

  /** To be told that entries came by a way that tells no flags: an import. */
  refreshFlags(): void {
    this.#mayHaveReferrals = this.#mayHave('referral');
    this.#mayHaveAliases = this.#mayHave('alias');
  }

  #mayHave(objectClass: 'referral' | 'alias'): boolean {
    const candidates = this.classCandidates(objectClass);
    return candidates === 'all' || this.store.fewCandidates(candidates)?.length !== 0;
  }

  /** Where the entries of a class are; 'all' without an index on objectClass. */
  classCandidates(objectClass: 'referral' | 'alias'): Candidates {
    const description = wellKnownOf(this.schema).objectClass;
    const normalized = description.type.equality!.normalize(Buffer.from(objectClass))!;
    const key = this.store.indexes.equality(description, normalized);
    return key === undefined ? 'all' : { op: 'posting', key };
  }

  /** Does one of its overlays bring this control of searches? */
  honours(control: ControlType): boolean {
    return this.overlays.some(({ searchControls }) => searchControls?.has(control));
  }

  /** What overlays make of an attribute's values in answers; undefined where none does. */
  get presentation(): ValueFilter | undefined {
    const presenting = this.overlays.flatMap((overlay) => (overlay.presentValues ? [overlay] : []));
    if (presenting.length === 0) return undefined;
    return (record, description, values) =>
      presenting.reduce((shown, overlay) => overlay.presentValues!(record, description, shown), values);
  }

  /** What a list of requested attributes selects. Kept for the lists that come again and again. */
  selection(attributes: readonly string[], typesOnly: boolean): Selection {
    if (typesOnly || attributes.length > rememberedAttributesMax) {
      return new Selection(attributes, typesOnly, this.schema, this.computed, this.presentation);
    }
    const key = attributes.length === 1 ? attributes[0]! : `${attributes.length} ${attributes.join(' ')}`;
    let selection = this.#selections.get(key);
    if (!selection) {
      selection = new Selection(attributes, false, this.schema, this.computed, this.presentation);
      if (this.#selections.size >= rememberedSelectionsMax) this.#selections.clear();
      this.#selections.set(key, selection);
    }
    return selection;
  }

  /** Access questions for one operation; the rootdn passes all of them. */
  evaluator(subject: Subject, environment: AccessEnvironment): AccessEvaluator {
    return this.isRoot(subject.dn) ? grantEverything : this.policy.evaluator(subject, environment);
  }
}
