/** Fills an empty database with what another node of the cluster holds, at that node's place in the log. */
import type { Config, DatabaseConfig } from '../../config/model.js';
import { DN } from '../../dn/dn.js';
import type { Store } from '../../store/store.js';
import type { BulkLoader } from '../../store/transfer/bulk-load.js';
import { receivedEntry, UnstorableEntry, type Reception, type ReplicaChange } from '../replica/received.js';
import { objectClassesOf } from '../rules/schema-check.js';
import { recordFlags } from '../rules/schema-flags.js';
import { assertContinued, type ClusterTask } from './administration.js';
import { ClusterJoinError } from './member.js';
import { parsePlace, storedPosition } from './place.js';

export type NodeEntry = ReplicaChange & { readonly kind: 'entry' };

/** What was true when the node's entries were read. */
export interface NodeEnd {
  readonly context: readonly string[];
  /** As in the cookie. */
  readonly place: string;
}

/** All entries of a node, each after its parent, and what goes with them. */
export type NodeContents = AsyncGenerator<NodeEntry, NodeEnd>;

/**
 * Answers how many entries there are. Rejects with ClusterJoinError, whose message is for the operator, or whatever
 * `contents` throws; the database is not to be used then.
 */
export async function fillFromNode(
  task: ClusterTask,
  store: Store,
  contents: NodeContents,
  onEntry: (entries: number) => void,
): Promise<number> {
  const end = await store.bulkLoad((loader) => load(task, loader, contents, onEntry));
  const place = parsePlace(end.place);
  if (!place) throw new ClusterJoinError('the other node does not tell its place in the log as this version of jammd does');
  if (place.entries !== store.entryCount) {
    throw new ClusterJoinError(
      `the other node has ${place.entries} entries and shows ${store.entryCount} of them: log in as the rootdn, or restore a backup`,
    );
  }
  await assertContinued(task, place.position);
  await store.write((tx) => {
    for (const csn of end.context) tx.noteContext(csn);
  });
  await store.setClusterPosition(storedPosition(place));
  return place.entries;
}

async function load(
  { config, database }: ClusterTask,
  loader: BulkLoader,
  contents: NodeContents,
  onEntry: (entries: number) => void,
): Promise<NodeEnd> {
  const reception = receptionOf(config);
  for (let entries = 0; ;) {
    const next = await contents.next();
    if (next.done) return next.value;
    insert(reception, database, loader, next.value);
    onEntry(++entries);
    if (loader.full) await loader.drain();
  }
}

/** What the other node has, it has checked. */
function receptionOf({ schema }: Config): Reception {
  return { schema, excluded: new Set(), checksSchema: false, onViolation: () => undefined };
}

function insert(reception: Reception, database: DatabaseConfig, loader: BulkLoader, change: NodeEntry): void {
  const { schema } = reception;
  try {
    const draft = receivedEntry(change, reception);
    const isTop = database.suffixes.some(({ normalized }) => normalized === draft.dn.normalized);
    const parentId = isTop ? 0 : loader.idOf((draft.dn.parent ?? DN.parse('', schema)).normalized);
    if (parentId === undefined)
      throw new ClusterJoinError(`the other node has told nothing of the parent of ${draft.dn.toString()}`);
    loader.insert(draft, parentId, recordFlags(objectClassesOf(draft, schema), schema));
  } catch (error) {
    if (error instanceof UnstorableEntry) throw new ClusterJoinError(error.message);
    throw error;
  }
}
