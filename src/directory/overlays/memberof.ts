/** `memberof`: entries that a group names as members name the group in turn. */
import type { MemberofSettings } from '../../config/overlays/settings.js';
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { RenameChange, UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { WritePipeline } from '../rules/pipeline.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { Slice } from '../search/slice.js';
import { holdersOf } from './holders.js';
import type { FollowUp, GivenChange, Overlay, RenamedSubtree, Write } from './overlay.js';
import { movedBelow } from './references.js';

type Entry = Pick<EntryDraft, 'values'>;

/** Names in normalised form, and what takes their places; undefined: nothing is replaced, or nothing takes its place. */
type Replacements = Map<string | undefined, string | undefined>;

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

  async followSubtree(tx: ExclusiveTransaction, { from, to, renames }: RenamedSubtree): Promise<void> {
    const { member, memberOf, refint } = this.settings;
    const slice = new Slice();
    for (const [ndn, replacements] of this.#replacements(renames)) {
      if (slice.isOver()) await slice.next();
      this.#replaceAll(tx, ndn, memberOf, replacements.memberOf);
      this.#replaceAll(tx, ndn, member, replacements.member);
    }
    // Below, groups and members may name each other: both had new names before either was followed.
    const id = tx.idOf(to.normalized);
    if (id === undefined) return;
    for await (const below of tx.descendants(id)) {
      if (slice.isOver()) await slice.next();
      const entry = tx.entry(below);
      if (!entry) continue;
      this.#move(tx, entry, memberOf, from, to);
      if (refint && this.#isGroup(entry)) this.#move(tx, tx.entry(below)!, member, from, to);
    }
  }

  /** By the names of the entries that they are to be made in. */
  #replacements(renames: readonly RenameChange[]): Map<string, Record<'member' | 'memberOf', Replacements>> {
    const { member, memberOf, refint } = this.settings;
    const byName = new Map<string, Record<'member' | 'memberOf', Replacements>>();
    const note = (ndn: string, kind: 'member' | 'memberOf', { before, after }: RenameChange): void => {
      let known = byName.get(ndn);
      if (!known) byName.set(ndn, (known = { member: new Map(), memberOf: new Map() }));
      known[kind].set(before.ndn, after.dn);
    };
    for (const rename of renames) {
      const { after } = rename;
      if (this.#isGroup(after)) for (const ndn of this.#names(member, after)) note(ndn, 'memberOf', rename);
      if (refint) for (const ndn of this.#names(memberOf, after)) note(ndn, 'member', rename);
    }
    return byName;
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

  #replace(tx: Transaction, ndn: string, description: AttributeDescription, old: string | undefined, added?: string): void {
    this.#replaceAll(tx, ndn, description, new Map([[old, added]]));
  }

  /** In the entry of this name, where there is one, in one pass. */
  #replaceAll(tx: Transaction, ndn: string, description: AttributeDescription, replacements: Replacements): void {
    const entry = replacements.size > 0 ? tx.entryByNdn(ndn) : undefined;
    if (!entry) return;
    const values = entry.values(description);
    const kept = values.filter((value) => !replacements.has(valueKey(description, value)));
    const keys = new Set(kept.map((value) => valueKey(description, value)));
    const added = [...replacements.values()].flatMap((name) => {
      const value = name === undefined ? undefined : Buffer.from(name);
      return value && keys.size !== keys.add(valueKey(description, value)).size ? [value] : [];
    });
    if (kept.length === values.length && added.length === 0) return;
    this.#write(tx, entry, description, [...kept, ...added]);
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
