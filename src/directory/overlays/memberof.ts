/** `memberof`: entries that a group names as members name the group in turn. */
import type { MemberofSettings } from '../../config/overlays/settings.js';
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { WritePipeline } from '../rules/pipeline.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { Slice } from '../search/slice.js';
import { holdersOf } from './holders.js';
import type { FollowUp, GivenChange, Overlay, Write } from './overlay.js';
import { movedBelow } from './references.js';

type Entry = Pick<EntryDraft, 'values'>;

export class MemberofOverlay implements Overlay {
  readonly name = 'memberof';
  readonly indexed: readonly AttributeDescription[];

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly database: Database,
    private readonly settings: MemberofSettings,
  ) {
    this.indexed = settings.addCheck ? [settings.member] : [];
  }

  beforeAdd(write: Write, draft: EntryDraft): void {
    if (this.#isGroup(draft)) this.#checkDangling(write, draft, draft.values(this.settings.member));
  }

  beforeChange(write: Write, draft: EntryDraft, old: EntryRecord, given: readonly GivenChange[] = []): void {
    const { member, dangling } = this.settings;
    if (dangling === 'ignore' || !this.#isGroup(old)) return;
    const changes = given.filter(({ description, operation }) => description === member && operation !== 'delete');
    const values = changes.flatMap((change) => change.values);
    if (values.length > 0) this.#checkDangling(write, draft, values, old);
  }

  *followUps(tx: Transaction, change: UnsignedChange, given?: readonly GivenChange[]): Iterable<FollowUp> {
    switch (change.kind) {
      case 'add':
        yield* this.#added(tx, change.after);
        return;
      case 'modify':
        yield* this.#modified(tx, change.before, change.after, given);
        return;
      case 'delete':
        yield* this.#deleted(tx, change.before);
        return;
      case 'rename':
        yield* this.#renamed(tx, change.before, change.after);
    }
  }

  /** Below a renamed entry, groups and members may name each other: both had new names before either was followed. */
  async afterSubtree(tx: ExclusiveTransaction, from: DN, to: DN): Promise<void> {
    const { member, memberOf, refint } = this.settings;
    const id = tx.idOf(to.normalized);
    if (id === undefined) return;
    const slice = new Slice();
    for await (const below of tx.descendants(id)) {
      if (slice.isOver()) await slice.next();
      const entry = tx.entry(below);
      if (!entry) continue;
      this.#move(tx, entry, memberOf, from, to);
      if (refint && this.#isGroup(entry)) this.#move(tx, tx.entry(below)!, member, from, to);
    }
  }

  *#added(tx: Transaction, entry: EntryRecord): Iterable<FollowUp> {
    const { member, addCheck } = this.settings;
    if (this.#isGroup(entry)) {
      for (const ndn of this.#names(member, entry)) if (ndn !== entry.ndn) yield () => this.#join(tx, ndn, entry.dn);
    }
    if (!addCheck) return;
    for (const group of holdersOf(this.database, tx, member, entry.ndn)) {
      if (this.#isGroup(group)) yield () => this.#join(tx, entry.ndn, group.dn);
    }
  }

  /** As slapd: an attribute that is replaced tells all its values anew, which mends what had gone wrong before. */
  *#modified(tx: Transaction, before: EntryRecord, after: EntryRecord, given: readonly GivenChange[] = []): Iterable<FollowUp> {
    const { member } = this.settings;
    const changes = given.filter(({ description }) => description === member);
    if (changes.length === 0 || !this.#isGroup(before)) return;
    const isReplaced = changes.some(({ operation }) => operation === 'replace');
    const old = new Set(this.#names(member, before));
    const now = new Set(this.#names(member, after));
    for (const ndn of old) if (!now.has(ndn)) yield () => this.#leave(tx, ndn, before.ndn);
    for (const ndn of now) if (isReplaced || !old.has(ndn)) yield () => this.#join(tx, ndn, after.dn);
  }

  *#deleted(tx: Transaction, entry: EntryRecord): Iterable<FollowUp> {
    const { member, memberOf, refint } = this.settings;
    if (this.#isGroup(entry)) for (const ndn of this.#names(member, entry)) yield () => this.#leave(tx, ndn, entry.ndn);
    if (!refint) return;
    for (const ndn of this.#names(memberOf, entry)) yield () => this.#replace(tx, ndn, member, entry.ndn, undefined);
  }

  *#renamed(tx: Transaction, before: EntryRecord, after: EntryRecord): Iterable<FollowUp> {
    const { member, memberOf, refint } = this.settings;
    if (this.#isGroup(after)) {
      for (const ndn of this.#names(member, after)) yield () => this.#replace(tx, ndn, memberOf, before.ndn, after.dn);
    }
    if (!refint) return;
    for (const ndn of this.#names(memberOf, after)) yield () => this.#replace(tx, ndn, member, before.ndn, after.dn);
  }

  #join(tx: Transaction, ndn: string, group: string): void {
    this.#replace(tx, ndn, this.settings.memberOf, undefined, group);
  }

  #leave(tx: Transaction, ndn: string, group: string): void {
    this.#replace(tx, ndn, this.settings.memberOf, group, undefined);
  }

  /** In the entry of this name, where there is one. */
  #replace(
    tx: Transaction,
    ndn: string,
    description: AttributeDescription,
    oldKey: string | undefined,
    added: string | undefined,
  ): void {
    const entry = tx.entryByNdn(ndn);
    if (!entry) return;
    const values = entry.values(description);
    const kept = values.filter((value) => valueKey(description, value) !== oldKey);
    const value = added === undefined ? undefined : Buffer.from(added);
    const key = value && valueKey(description, value);
    const isNew = value !== undefined && !kept.some((other) => valueKey(description, other) === key);
    if (kept.length === values.length && !isNew) return;
    this.#write(tx, entry, description, isNew ? [...kept, value] : kept);
  }

  #move(tx: Transaction, entry: EntryRecord, description: AttributeDescription, from: DN, to: DN): void {
    const moved = movedBelow(description, entry.values(description), from, (name) =>
      this.directory.parseDN(name).moved(from, to),
    );
    if (moved) this.#write(tx, entry, description, moved);
  }

  /** As slapd: the members' time and number of the last change stay. What the schema forbids is left undone. */
  #write(tx: Transaction, entry: EntryRecord, description: AttributeDescription, values: readonly Buffer[]): void {
    const dn = this.settings.modifiersName ?? this.database.config.rootDN;
    const pipeline = new WritePipeline(this.directory, this.database, tx, { dn, isServer: true });
    const draft = entry.toDraft(this.directory.parseDN(entry.dn));
    draft.set(description, values);
    const prepared = pipeline.prepareIfAllowed(draft, entry, { keepsTime: true });
    if (prepared) pipeline.replace(prepared);
  }

  /** Throws the code configured where one of the values names no entry, or takes it out. As slapd: the author's own name does. */
  #checkDangling({ tx, isRelaxed, author }: Write, draft: EntryDraft, values: readonly Buffer[], old?: EntryRecord): void {
    const { member, dangling } = this.settings;
    if (dangling === 'ignore' || isRelaxed) return;
    const lost = new Set<string>();
    for (const value of values) {
      const key = valueKey(member, value);
      if (key !== author?.normalized && tx.idOf(key) === undefined) lost.add(key);
    }
    if (lost.size === 0) return;
    if (dangling !== 'drop') throw new LdapError(dangling.code, 'adding non-existing object as group member');
    const kept = draft.values(member).filter((value) => !lost.has(valueKey(member, value)));
    // As slapd: a change of which nothing is left is not made.
    draft.set(member, kept.length === 0 && old ? old.values(member) : kept);
  }

  #isGroup(entry: Entry): boolean {
    const { schema } = this.directory;
    const names = entry.values(wellKnownOf(schema).objectClass);
    return names.some((name) => schema.objectClass(name.toString())?.lineage.includes(this.settings.groupClass));
  }

  #names(description: AttributeDescription, entry: Entry): string[] {
    return entry.values(description).map((value) => valueKey(description, value));
  }
}
