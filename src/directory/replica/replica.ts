/**
 * A database that follows a provider: applies what it is told, in transactions that carry the position with them. After a
 * crash it is where its context says, and is told the rest again.
 */
import { grantEverything } from '../../access/policy.js';
import type { SyncreplSettings } from '../../config/syncrepl-settings.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import { parseFilter } from '../../filter/text.js';
import type { CsnSet } from '../../ldap/csn.js';
import type { Filter } from '../../ldap/filter.js';
import { parseSyncCookie } from '../../ldap/sync-cookie.js';
import type { ExclusiveTransaction } from '../../store/model.js';
import type { Database } from '../database.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { entryMatches } from '../search/matching.js';
import { Slice } from '../search/slice.js';
import { Placement } from './placement.js';
import { receivedEntry, type Reception, type ReplicaChange } from './received.js';
import { SeenEntries } from './seen-entries.js';

/** The provider takes for known what is not here: it has to tell everything. */
export class ReplicaIncomplete extends Error {
  override readonly name = 'ReplicaIncomplete';
}

/** How a refresh, or a part of it, ends. */
export interface RefreshEnd {
  /** What was not spoken of is gone. */
  readonly removesAbsent: boolean;
  readonly cookie: string | undefined;
}

export interface ReplicaEvents {
  /** An entry breaks the schema and was taken nevertheless. */
  violation(dn: DN, reason: string): void;
}

export class Replica {
  /** Entries written since the start. */
  changes = 0;
  readonly #filter: Filter;
  readonly #reception: Reception;

  constructor(
    readonly database: Database,
    readonly settings: SyncreplSettings,
    events: ReplicaEvents,
  ) {
    this.#filter = parseFilter(settings.filter);
    const { excluded, checksSchema } = settings;
    const onViolation = (dn: DN, reason: string): void => events.violation(dn, reason);
    this.#reception = { schema: database.schema, excluded, checksSchema, onViolation };
  }

  /** What is known. */
  get context(): CsnSet {
    return this.database.store.log.context;
  }

  /** `anew`: what is here counts for nothing; the provider tells everything. */
  refresh(anew: boolean): ReplicaRefresh {
    return new ReplicaRefresh(this, anew);
  }

  /** Applies changes that come one after the other, as one. */
  follow(changes: readonly ReplicaChange[]): Promise<void> {
    return this.transact((tx) => new Application(this, tx, undefined, new Set(), false).apply(latest(changes)));
  }

  /** The entry as it is stored. Throws UnstorableEntry. */
  received(change: ReplicaChange & { kind: 'entry' }): ReturnType<typeof receivedEntry> {
    return receivedEntry(change, this.#reception);
  }

  /** Would the provider's search find it? */
  covers(record: EntryRecord): boolean {
    const { base, scope } = this.settings;
    const { ndn } = record;
    const isInScope = {
      base: () => ndn === base.normalized,
      one: () => ndnParent(ndn) === base.normalized,
      sub: () => ndnIsWithin(ndn, base.normalized),
      children: () => ndn !== base.normalized && ndnIsWithin(ndn, base.normalized),
    }[scope]();
    if (!isInScope || record.flags & RecordFlag.glue) return false;
    return entryMatches(this.#filter, record, grantEverything, this.database);
  }

  async transact(work: (tx: ExclusiveTransaction) => Promise<void>): Promise<void> {
    await this.database.store.writeExclusive(work);
  }
}

/** One refresh. Its parts are applied in one transaction each, so that one that comes as a whole is seen as a whole. */
export class ReplicaRefresh {
  readonly #seen = new SeenEntries();
  readonly #aside = new Set<number>();
  /** The change log has lost what came before. */
  #hasReset = false;

  constructor(
    private readonly replica: Replica,
    readonly anew: boolean,
  ) {}

  /** Rejects with UnstorableEntry, ReplicaIncomplete or the store's error; nothing of these changes is kept then. */
  async apply(changes: readonly ReplicaChange[], end?: RefreshEnd): Promise<void> {
    const { replica } = this;
    await replica.transact(async (tx) => {
      const wanted = latest(changes);
      const application = new Application(replica, tx, this.#seen, this.#aside, this.anew);
      await application.apply(wanted);
      if (end) await application.end(end);
      // Entries in no order cannot be passed on one by one.
      const isInOrder = wanted.every((change) => change.kind === 'present' || change.cookie !== undefined);
      if (application.count > 0 && (this.anew || !isInOrder || end?.removesAbsent)) this.#hasReset = true;
      if (this.#hasReset) tx.resetLog();
    });
  }
}

class Application {
  readonly #placement: Placement;
  readonly #slice = new Slice();
  #context: CsnSet;

  constructor(
    private readonly replica: Replica,
    private readonly tx: ExclusiveTransaction,
    private readonly seen: SeenEntries | undefined,
    private readonly aside: Set<number>,
    private readonly anew: boolean,
  ) {
    this.#placement = new Placement(replica.database, tx, aside);
    this.#context = replica.context;
  }

  /** Entries written. */
  get count(): number {
    return this.#placement.count;
  }

  async apply(changes: readonly ReplicaChange[]): Promise<void> {
    for (const change of changes) {
      await this.#apply(change);
      if (this.#slice.isOver()) await this.#slice.next();
    }
    this.replica.changes += this.count;
  }

  async #apply(change: ReplicaChange): Promise<void> {
    if (change.kind === 'present') return this.#notePresent(change.uuids);
    const { cookie } = change;
    const told = cookie === undefined ? [] : parseSyncCookie(cookie).seen.values();
    // Another provider has told it before.
    const isOld = !this.seen && told.length > 0 && told.every((csn) => this.#context.covers(csn));
    if (change.kind === 'delete') {
      for (const uuid of isOld ? [] : change.uuids) this.#remove(uuid, told[0]);
    } else if (change.kind === 'entry') {
      if (!isOld) await this.#put(change);
    }
    for (const csn of told) this.#noteContext(csn);
  }

  async #put(change: ReplicaChange & { kind: 'entry' }): Promise<void> {
    const id = await this.#placement.put(change.uuid, this.replica.received(change), this.anew);
    this.seen?.add(id);
  }

  #remove(uuid: Buffer, csn: string | undefined): void {
    const id = this.#placement.idOf(uuid);
    if (id !== undefined) this.#placement.remove(id, csn);
  }

  #notePresent(uuids: readonly Buffer[]): void {
    for (const uuid of uuids) {
      const id = this.#placement.idOf(uuid);
      if (id === undefined) throw new ReplicaIncomplete('the provider takes an entry for known that is not here');
      this.seen?.add(id);
    }
  }

  #noteContext(csn: string): void {
    if (this.anew) return;
    this.#context = this.#context.with(csn);
    this.tx.noteContext(csn);
  }

  async end({ removesAbsent, cookie }: RefreshEnd): Promise<void> {
    const told = cookie === undefined ? undefined : parseSyncCookie(cookie).seen;
    // slapd ends a refresh without a cookie as if it had told deletions; but it has told all that there is.
    if (removesAbsent || this.anew) await this.#removeAbsent(told);
    for (const id of [...this.aside]) {
      if (!this.seen?.has(id)) await this.#placement.removeAside(id);
    }
    if (this.anew) this.tx.replaceContext();
    for (const csn of told?.values() ?? []) this.tx.noteContext(csn);
  }

  /** What the provider's search would have found. Parents come last. */
  async #removeAbsent(told: CsnSet | undefined): Promise<void> {
    const { replica, tx, seen } = this;
    const { entryCSN } = wellKnownOf(replica.database.schema);
    const gone: { readonly id: number; readonly depth: number }[] = [];
    for await (const chunk of replica.database.store.scan()) {
      for (const { id } of chunk) {
        if (seen?.has(id)) continue;
        const record = tx.entry(id);
        if (!record || !replica.covers(record)) continue;
        const csn = record.values(entryCSN)[0]?.toString('latin1');
        // It came by way of another provider, after all that this one knows.
        const isLater = !this.anew && csn !== undefined && told !== undefined && !told.covers(csn);
        if (!isLater) gone.push({ id, depth: record.ndn.split(',').length });
      }
      if (this.#slice.isOver()) await this.#slice.next();
    }
    gone.sort((one, other) => other.depth - one.depth);
    for (const { id } of gone) {
      this.#placement.remove(id, undefined);
      if (this.#slice.isOver()) await this.#slice.next();
    }
  }
}

/** Without entries that the next change tells again. */
function latest(changes: readonly ReplicaChange[]): readonly ReplicaChange[] {
  return changes.filter((change, index) => {
    const next = changes[index + 1];
    return !(change.kind === 'entry' && next?.kind === 'entry' && change.uuid.equals(next.uuid));
  });
}
