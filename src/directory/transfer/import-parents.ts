/**
 * Finds the parent of each entry of an import: stored before, or loaded a moment ago. Names are stored as slapd stores
 * them: an entry's name repeats its parent's as the parent spells it, however the LDIF does.
 */
import type { Config, DatabaseConfig } from '../../config/model.js';
import { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Store } from '../../store/store.js';
import type { BulkLoader } from '../../store/transfer/bulk-load.js';

export interface ParentEntry {
  readonly ndn: string;
  /** 0: none, above a suffix. */
  readonly id: number;
  /** Spelled as it is stored; undefined where there is none. */
  readonly dn: DN | undefined;
}

const noParent: ParentEntry = { ndn: '', id: 0, dn: undefined };

export class ImportParents {
  /** Names of this import's entries that are not spelled as they are normalised, for the entries below them. */
  readonly #spellings = new Map<string, DN>();
  /** Siblings come one after the other. */
  #last: ParentEntry | undefined;
  /** Of the first entry that was inserted. */
  #firstId = Infinity;

  constructor(
    private readonly config: Config,
    private readonly database: DatabaseConfig,
    private readonly store: Store,
    private readonly loader: BulkLoader,
  ) {}

  /** Undefined: it has not come yet. */
  parentOf(dn: DN): ParentEntry | undefined {
    if (this.#isTop(dn)) return noParent;
    const ndn = parentNdn(dn);
    if (this.#last?.ndn === ndn) return this.#last;
    const id = this.loader.idOf(ndn);
    if (id === undefined) return undefined;
    this.#last = { ndn, id, dn: this.#spelled(ndn, id, dn.parent) };
    return this.#last;
  }

  /** `stored`: the name as the entry has it. */
  noteInserted(stored: DN, id: number): void {
    if (stored.toString() !== stored.normalized) this.#spellings.set(stored.normalized, stored);
    this.#firstId = Math.min(this.#firstId, id);
  }

  /** Throws 53 where another database, or none, holds this name. */
  checkDatabase(dn: DN): void {
    const depth = depthOfSuffix(this.database, dn);
    const other = this.config.databases.find((database) => database !== this.database && depthOfSuffix(database, dn) > depth);
    if (depth >= 0 && !other) return;
    const holder = other ? `; that is the database of ${other.suffixes[0]!.toString()}` : '';
    const suffixes = this.database.suffixes.map((suffix) => suffix.toString()).join(', ');
    throw new LdapError(ResultCode.unwillingToPerform, `the database of ${suffixes} does not hold this name${holder}`);
  }

  /** A suffix, or anything one level down from the suffix "". */
  #isTop(dn: DN): boolean {
    return this.database.suffixes.some((suffix) => suffix.normalized === dn.normalized || (suffix.isEmpty && dn.depth === 1));
  }

  /** A name above as its entry has it; `written`: as it is spelled here. */
  #spelled(ndn: string, id: number, written: DN | undefined): DN {
    const known = this.#spellings.get(ndn);
    if (known) return known;
    // An entry of this import without a spelling of its own is spelled as it is normalised.
    const spelled = id >= this.#firstId ? ndn : (this.store.entryByNdn(ndn)?.dn ?? ndn);
    return written && spelled === written.toString() ? written : DN.parse(spelled, this.config.schema);
  }
}

/** The name under which an entry is stored below `parent`. */
export function spelledBelow(parent: ParentEntry, dn: DN): DN {
  return parent.dn && parent.dn.toString() !== dn.parent?.toString() ? parent.dn.child(dn.rdn!) : dn;
}

export function parentNdn(dn: DN): string {
  return dn.parent?.normalized ?? '';
}

function depthOfSuffix(database: DatabaseConfig, dn: DN): number {
  let depth = -1;
  for (const suffix of database.suffixes) {
    if (suffix.rdns.length > depth && ndnIsWithin(dn.normalized, suffix.normalized)) depth = suffix.rdns.length;
  }
  return depth;
}
