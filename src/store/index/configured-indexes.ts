/** The indexes of the configuration: which of them are built, and building those that are not. */
import type { IndexPolicy } from '../../ldap/index-policy.js';
import type { Schema } from '../../ldap/schema.js';
import type { IndexCatalog } from '../model.js';
import type { StoreState } from '../state.js';
import { metaKeys } from '../level/keys.js';
import { estimatePosting } from './candidates.js';
import { UnitCatalog } from './index-catalog.js';
import { IndexTerms } from './index-terms.js';
import { decodePolicy, isBuilt, unitsOf, type IndexUnit } from './index-units.js';
import { buildUnits, rebuildAll, savePolicy, type RebuildOptions } from './rebuild.js';

/** One index of the configuration. */
export interface ConfiguredIndex {
  /** The attribute description. */
  readonly attribute: string;
  readonly kind: string;
}

/** Indexes that are being built: `done` of `total` entries. */
export interface Reindexing {
  readonly since: Date;
  readonly done: number;
  readonly total: number;
}

export interface ReindexOptions extends RebuildOptions {
  /**
   * `pending`: what is configured and not built (the default). `indexes`: every index, in case one is damaged.
   * `everything`: names, tree and counters as well, from the records alone; nobody may use the store meanwhile.
   */
  readonly scope?: 'pending' | 'indexes' | 'everything';
}

export class ConfiguredIndexes {
  readonly #state: StoreState;
  readonly #schema: Schema;
  #configured: readonly IndexUnit[] = [];
  #active: readonly IndexUnit[] = [];
  #catalog: UnitCatalog;
  #reindexing: Reindexing | undefined;

  constructor(state: StoreState, schema: Schema) {
    this.#state = state;
    this.#schema = schema;
    this.#catalog = this.#makeCatalog([]);
  }

  get catalog(): IndexCatalog {
    return this.#catalog;
  }

  /** Those that searches use and writes keep up. */
  get active(): readonly IndexUnit[] {
    return this.#active;
  }

  get built(): readonly ConfiguredIndex[] {
    return this.#active.map(indexOf);
  }

  get pending(): readonly ConfiguredIndex[] {
    return this.#configured.filter((unit) => !this.#active.includes(unit)).map(indexOf);
  }

  /** Undefined while none is being built. */
  get reindexing(): Reindexing | undefined {
    return this.#reindexing;
  }

  /** Attributes must have their numbers by now. */
  configure(policies: readonly IndexPolicy[]): void {
    this.#configured = unitsOf(policies, (description) => this.#state.numbering.numberOf(description));
  }

  /** Goes by other policies from now on, and by the schema as it is now: uses what is built of them. */
  reconfigure(policies: readonly IndexPolicy[]): Promise<void> {
    this.#state.committed.dictionary.refresh();
    this.configure(policies);
    return this.useBuilt();
  }

  /** Uses what the database says is built. */
  async useBuilt(): Promise<void> {
    const recorded = decodePolicy(this.#state.committed.database.get(metaKeys.policy));
    const active = this.#configured.filter((unit) => isBuilt(unit, recorded));
    // From the first write on, an index that is not active is not kept up: it must not be taken for built again.
    if (recorded.built.length !== active.length) await savePolicy(this.#state, active);
    this.#activate(active);
  }

  /** Builds names, tree, counters and all indexes from the records. */
  async rebuildEverything(options: RebuildOptions): Promise<void> {
    this.#activate([]);
    await rebuildAll(this.#state, this.#configured, options);
    this.#activate(this.#configured);
  }

  /** Nothing else may write meanwhile; searches do without the indexes that are being built. */
  async reindex({ scope = 'pending', ...options }: ReindexOptions): Promise<void> {
    const told = this.#followed(options);
    try {
      if (scope === 'everything') return await this.rebuildEverything(told);
      const kept = scope === 'pending' ? this.#active : [];
      const built = this.#configured.filter((unit) => !kept.includes(unit));
      this.#activate(kept);
      await savePolicy(this.#state, kept);
      await buildUnits(this.#state, built, told);
      await savePolicy(this.#state, this.#configured);
      this.#activate(this.#configured);
    } finally {
      this.#reindexing = undefined;
    }
  }

  /** The same options; `reindexing` follows. */
  #followed(options: RebuildOptions): RebuildOptions {
    const since = new Date();
    this.#reindexing = { since, done: 0, total: this.#state.entryCount };
    return {
      ...options,
      onProgress: (done, total) => {
        this.#reindexing = { since, done, total };
        options.onProgress?.(done, total);
      },
    };
  }

  #activate(units: readonly IndexUnit[]): void {
    this.#active = units;
    this.#state.terms = new IndexTerms(units, this.#state.committed.dictionary);
    this.#catalog = this.#makeCatalog(units);
  }

  #makeCatalog(units: readonly IndexUnit[]): UnitCatalog {
    return new UnitCatalog(this.#schema, units, (key) => estimatePosting(this.#state.committed, key) > 0);
  }
}

function indexOf({ description, kind }: IndexUnit): ConfiguredIndex {
  return { attribute: description.text, kind };
}
