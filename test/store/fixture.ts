/** Stores in folders of their own, and entries to put in them, for this room's tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { IndexKind, IndexPolicy } from '../../src/ldap/index-policy.js';
import { DN } from '../../src/dn/dn.js';
import { EntryDraft } from '../../src/entry/draft.js';
import type { EntryRecord } from '../../src/entry/record.js';
import type { SealedEntry } from '../../src/entry/sealed-entry.js';
import { defaultSchema } from '../../src/schema/default.js';
import type { AttributeDescription } from '../../src/ldap/schema.js';
import { Store, type StoreOptions } from '../../src/store/store.js';

export const schema = defaultSchema();

export function attribute(text: string): AttributeDescription {
  const description = schema.attributeDescription(text);
  if (!description) throw new Error(`no attribute ${text}`);
  return description;
}

export function index(text: string, ...kinds: IndexKind[]): IndexPolicy {
  return { description: attribute(text), kinds: new Set(kinds) };
}

export const howtoIndexes: readonly IndexPolicy[] = [
  index('objectClass', 'pres', 'eq'),
  index('mail', 'pres', 'eq', 'sub'),
  index('cn', 'pres', 'eq', 'sub'),
];

/** The store knows no rules, and nor do its tests: what they make counts as checked. */
export function draft(dn: string, attributes: Record<string, string | readonly string[]> = {}): EntryDraft & SealedEntry {
  const entry = new EntryDraft(DN.parse(dn, schema));
  for (const [type, values] of Object.entries(attributes)) {
    entry.set(
      attribute(type),
      [values].flat().map((value) => Buffer.from(value)),
    );
  }
  return entry as EntryDraft & SealedEntry;
}

export function ndn(dn: string): string {
  return DN.parse(dn, schema).normalized;
}

const folders: string[] = [];
const stores = new Set<Store>();

afterEach(async () => {
  for (const store of stores) await store.close().catch(() => undefined);
  stores.clear();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jammd-test-'));
  folders.push(folder);
  return folder;
}

export async function openStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await Store.open({ location: ':memory:', schema, indexes: howtoIndexes, ...options });
  stores.add(store);
  return store;
}

/** Closes and opens again, with other options where they are given. */
export async function reopenStore(store: Store, options: Partial<StoreOptions> = {}): Promise<Store> {
  const location = store.folder;
  await store.close();
  return openStore({ ...options, location });
}

export async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

/** All entries of a snapshot, parents first. */
export async function snapshotEntries(
  store: Store,
  options: { onDamaged?: (id: number, error: Error) => void } = {},
): Promise<EntryRecord[]> {
  const snapshot = store.snapshot();
  try {
    return await collect(snapshot.entries(options));
  } finally {
    await snapshot.close();
  }
}
