/** `refint`: keeps attributes that name entries up to date when those are renamed or deleted. */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { RefintSettings } from '../../config/overlays/settings.js';
import type { UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { Slice } from '../search/slice.js';
import { WritePipeline } from '../rules/pipeline.js';
import { holdersOf } from './holders.js';
import type { FollowUp, Overlay, RenamedSubtree } from './overlay.js';
import { movedBelow, renumbered } from './references.js';

export class RefintOverlay implements Overlay {
  readonly name = 'refint';
  readonly indexed: readonly AttributeDescription[];

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly database: Database,
    private readonly settings: RefintSettings,
  ) {
    this.indexed = settings.attributes;
  }

  /** For each attribute of each entry that refers to what was renamed or deleted. */
  *followUps(tx: Transaction, change: UnsignedChange): Iterable<FollowUp> {
    if (change.kind !== 'rename' && change.kind !== 'delete') return;
    const from = this.directory.parseDN(change.before.dn);
    const to = change.kind === 'rename' ? this.directory.parseDN(change.after.dn) : undefined;
    const replacement = to ?? this.settings.nothing;
    const pipeline = this.#pipeline(tx);
    for (const description of this.settings.attributes) {
      const key = valueKey(description, Buffer.from(from.toString()));
      for (const holder of holdersOf(this.database, tx, description, key)) {
        yield () => {
          const entry = holder.toDraft(this.directory.parseDN(holder.dn));
          entry.set(description, replaced(description, entry.values(description), key, to, replacement));
          // A reference that its entry cannot do without stays, though it leads nowhere: `nothing=` is for that.
          const prepared = pipeline.prepareIfAllowed(entry, holder);
          if (prepared) pipeline.replace(prepared);
        };
      }
    }
  }

  /**
   * References to entries, and those that name something below `from` where there is no entry. No index knows these by their
   * suffix, so every entry that may hold some is looked at.
   */
  async followSubtree(tx: ExclusiveTransaction, { from, to }: RenamedSubtree): Promise<void> {
    const { attributes } = this.settings;
    const pipeline = this.#pipeline(tx);
    const slice = new Slice();
    for await (const id of holderIds(this.database, tx, attributes)) {
      const holder = tx.entry(id);
      if (slice.isOver()) await slice.next();
      if (!holder) continue;
      let entry: EntryDraft | undefined;
      for (const description of attributes) {
        const move = (value: Buffer): DN => this.directory.parseDN(value).moved(from, to);
        const moved = movedBelow(description, holder.values(description), from, move);
        if (!moved) continue;
        entry ??= holder.toDraft(this.directory.parseDN(holder.dn));
        entry.set(description, moved);
      }
      const prepared = entry && pipeline.prepareIfAllowed(entry, holder);
      if (prepared) pipeline.replace(prepared);
    }
  }

  #pipeline(tx: Transaction): WritePipeline {
    const dn = this.settings.modifiersName ?? this.database.config.rootDN;
    return new WritePipeline(this.directory, this.database, tx, { dn, isServer: true });
  }
}

/** Of all entries that may have one of the attributes. */
async function* holderIds(
  { store }: Database,
  tx: ExclusiveTransaction,
  attributes: readonly AttributeDescription[],
): AsyncIterable<number> {
  const postings = attributes.map((description) => store.indexes.presence(description));
  const isIndexed = postings.every((key) => key !== undefined);
  const ids = isIndexed
    ? await store.candidateIds({ op: 'or', terms: postings.map((key) => ({ op: 'posting', key })) })
    : undefined;
  // The store finds what is committed.
  yield* tx.written;
  if (ids) yield* ids;
  else for await (const chunk of store.scan()) for (const { id } of chunk) yield id;
}

function replaced(
  description: AttributeDescription,
  values: readonly Buffer[],
  key: string,
  to: DN | undefined,
  replacement: DN | undefined,
): Buffer[] {
  const keys = values.map((value) => valueKey(description, value));
  if (description.type.orderedValues && to) return values.map((value, at) => (keys[at] === key ? renumbered(value, to) : value));
  const others = values.filter((_, at) => keys[at] !== key);
  if (!replacement || (!to && others.length > 0)) return others;
  const added = Buffer.from(replacement.toString());
  const addedKey = valueKey(description, added);
  return addedKey !== key && keys.includes(addedKey) ? others : [...others, added];
}
