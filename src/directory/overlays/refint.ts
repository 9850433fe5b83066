/** `refint`: keeps attributes that name entries up to date when those are renamed or deleted. */
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { endOfNumber, withoutNumber } from '../../ldap/ordered-values.js';
import { LdapError } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { RefintSettings } from '../../config/overlays/settings.js';
import type { UnsignedChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { Slice } from '../search/slice.js';
import { WritePipeline, type PreparedEntry } from '../rules/pipeline.js';
import { holdersOf } from './holders.js';
import type { FollowUp, Overlay } from './overlay.js';

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
          const prepared = preparedOrUndefined(pipeline, entry, holder);
          if (prepared) pipeline.replace(prepared);
        };
      }
    }
  }

  /**
   * References that name something below `from` where there is no entry. No index knows them by their suffix, so every entry
   * that may hold some is looked at.
   */
  async afterSubtree(tx: ExclusiveTransaction, from: DN, to: DN): Promise<void> {
    const { attributes } = this.settings;
    const pipeline = this.#pipeline(tx);
    const slice = new Slice();
    for await (const id of holderIds(this.database, attributes)) {
      const holder = tx.entry(id);
      if (slice.isOver()) await slice.next();
      if (!holder) continue;
      let entry: EntryDraft | undefined;
      for (const description of attributes) {
        const move = (value: Buffer): DN => this.directory.parseDN(withoutNumber(value)).moved(from, to);
        const moved = movedBelow(description, holder.values(description), from, move);
        if (!moved) continue;
        entry ??= holder.toDraft(this.directory.parseDN(holder.dn));
        entry.set(description, moved);
      }
      const prepared = entry && preparedOrUndefined(pipeline, entry, holder);
      if (prepared) pipeline.replace(prepared);
    }
  }

  #pipeline(tx: Transaction): WritePipeline {
    const dn = this.settings.modifiersName ?? this.database.config.rootDN;
    return new WritePipeline(this.directory, this.database, tx, { dn, isServer: true });
  }
}

/** In one pass: users may write such values by the thousand. Undefined where none names something below `from`. */
function movedBelow(
  description: AttributeDescription,
  values: readonly Buffer[],
  from: DN,
  move: (value: Buffer) => DN,
): Buffer[] | undefined {
  const keys = values.map((value) => valueKey(description, value));
  const isBelow = keys.map((key) => ndnIsWithin(key, from.normalized));
  if (!isBelow.includes(true)) return undefined;
  if (description.type.orderedValues) return values.map((value, at) => (isBelow[at] ? renumbered(value, move(value)) : value));
  const others = values.filter((_, at) => !isBelow[at]);
  const seen = new Set(keys.filter((_, at) => !isBelow[at]));
  const moved = values.flatMap((value, at) => {
    if (!isBelow[at]) return [];
    const name = Buffer.from(move(value).toString());
    return seen.size === seen.add(valueKey(description, name)).size ? [] : [name];
  });
  return [...others, ...moved];
}

/** Of all entries that may have one of the attributes. */
async function* holderIds({ store }: Database, attributes: readonly AttributeDescription[]): AsyncIterable<number> {
  const postings = attributes.map((description) => store.indexes.presence(description));
  const isIndexed = postings.every((key) => key !== undefined);
  const ids = isIndexed
    ? await store.candidateIds({ op: 'or', terms: postings.map((key) => ({ op: 'posting', key })) })
    : undefined;
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

/** With the number that `value` has, and so in its place. */
function renumbered(value: Buffer, name: DN): Buffer {
  return Buffer.concat([value.subarray(0, endOfNumber(value, 0, value.length)), Buffer.from(name.toString())]);
}

/** A reference that its entry cannot do without stays, though it leads nowhere: `nothing=` is for that. */
function preparedOrUndefined(
  pipeline: WritePipeline,
  entry: EntryDraft,
  holder: EntryRecord,
): PreparedEntry<EntryRecord> | undefined {
  try {
    return pipeline.prepareChanged(entry, holder);
  } catch (error) {
    if (error instanceof LdapError) return undefined;
    throw error;
  }
}
