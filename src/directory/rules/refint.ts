/** `refint`: keeps attributes that name entries up to date when those are renamed or deleted. */
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { endOfNumber, withoutNumber } from '../../ldap/ordered-values.js';
import { LdapError } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { Slice } from '../search/slice.js';
import { holdersOf } from './constraints.js';
import { WritePipeline, type PreparedEntry } from './pipeline.js';

/** So many entries that refer to one entry are changed in one turn; more are changed in slices, while other writes wait. */
const followedAtOnceMax = 100;

/** More entries refer to the one that is written to than can be changed in one turn: an exclusive transaction is needed. */
export class ManyReferences extends Error {
  override readonly name = 'ManyReferences';
}

/** `to`: the new name of the entry that was called `from`; undefined where it has been deleted. Throws ManyReferences. */
export function cleanReferences(
  directory: DirectoryEnvironment,
  database: Database,
  tx: Transaction,
  from: DN,
  to: DN | undefined,
): void {
  let count = 0;
  for (const follow of followers(directory, database, tx, from, to)) {
    if (++count > followedAtOnceMax) throw new ManyReferences();
    follow();
  }
}

/** The same in slices. */
export async function cleanManyReferences(
  directory: DirectoryEnvironment,
  database: Database,
  tx: ExclusiveTransaction,
  from: DN,
  to: DN | undefined,
): Promise<void> {
  const slice = new Slice();
  for (const follow of followers(directory, database, tx, from, to)) {
    follow();
    if (slice.isOver()) await slice.next();
  }
}

/** What is to be done for each attribute of each entry that refers to `from`. */
function* followers(
  directory: DirectoryEnvironment,
  database: Database,
  tx: Transaction,
  from: DN,
  to: DN | undefined,
): Iterable<() => void> {
  const { refint } = database.config;
  if (!refint) return;
  const replacement = to ?? refint.nothing;
  const pipeline = serverPipeline(directory, database, tx);
  for (const description of refint.attributes) {
    const key = valueKey(description, Buffer.from(from.toString()));
    for (const holder of holdersOf(database, tx, description, key)) {
      yield () => {
        const entry = holder.toDraft(directory.parseDN(holder.dn));
        entry.set(description, replaced(description, entry.values(description), key, to, replacement));
        const prepared = preparedOrUndefined(pipeline, entry, holder);
        if (prepared) pipeline.replace(prepared);
      };
    }
  }
}

function serverPipeline(directory: DirectoryEnvironment, database: Database, tx: Transaction): WritePipeline {
  const { refint, rootDN } = database.config;
  return new WritePipeline(directory, database, tx, { dn: refint?.modifiersName ?? rootDN, isServer: true });
}

/**
 * After a subtree was renamed and its entries' references followed: those that name something below `from` where there is
 * no entry. No index knows them by their suffix, so every entry that may hold some is looked at.
 */
export async function moveDanglingReferences(
  directory: DirectoryEnvironment,
  database: Database,
  tx: ExclusiveTransaction,
  from: DN,
  to: DN,
): Promise<void> {
  const { refint } = database.config;
  if (!refint) return;
  const pipeline = serverPipeline(directory, database, tx);
  const slice = new Slice();
  for await (const id of holderIds(database, refint.attributes)) {
    const holder = tx.entry(id);
    if (slice.isOver()) await slice.next();
    if (!holder) continue;
    let entry: EntryDraft | undefined;
    for (const description of refint.attributes) {
      const move = (value: Buffer): DN => directory.parseDN(withoutNumber(value)).moved(from, to);
      const moved = movedBelow(description, holder.values(description), from, move);
      if (!moved) continue;
      entry ??= holder.toDraft(directory.parseDN(holder.dn));
      entry.set(description, moved);
    }
    const prepared = entry && preparedOrUndefined(pipeline, entry, holder);
    if (prepared) pipeline.replace(prepared);
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
