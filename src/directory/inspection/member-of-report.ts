/** Finds entries whose memberOf is not what the groups say, where `overlay memberof` keeps it. */
import type { MemberofSettings, OverlaySettings } from '../../config/overlays/settings.js';
import type { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import type { StoreSnapshot } from '../../store/snapshot.js';
import type { Store } from '../../store/store.js';
import { valueKey } from '../operations/attribute-values.js';
import { wellKnownOf } from '../rules/schema-check.js';

export interface WrongMemberOf {
  readonly dn: string;
  /** memberOf, or what the overlay is told to call it. */
  readonly attribute: string;
  /** Groups that name the entry and that it does not name. */
  readonly lacking: readonly string[];
  /** Groups that it names and that do not name it, or are not there. */
  readonly surplus: readonly string[];
  /** All groups that name it. */
  readonly groups: readonly string[];
}

/** The DNs of groups, by the normalised names of their members. */
type Members = Map<string, string[]>;

export async function* wrongMemberOf(
  store: Store,
  schema: Schema,
  overlays: readonly OverlaySettings[],
): AsyncGenerator<WrongMemberOf, void, void> {
  const kept = new Map<AttributeDescription, MemberofSettings[]>();
  for (const settings of overlays) {
    if (settings.kind === 'memberof') kept.set(settings.memberOf, [...(kept.get(settings.memberOf) ?? []), settings]);
  }
  if (kept.size === 0) return;
  const snapshot = store.snapshot();
  try {
    for (const [memberOf, settings] of kept) yield* wrongIn(snapshot, schema, memberOf, settings);
  } finally {
    await snapshot.close();
  }
}

async function* wrongIn(
  snapshot: StoreSnapshot,
  schema: Schema,
  memberOf: AttributeDescription,
  settings: readonly MemberofSettings[],
): AsyncGenerator<WrongMemberOf, void, void> {
  const members: Members = new Map();
  for await (const record of entriesOf(snapshot)) {
    for (const name of membersOf(record, schema, settings)) members.set(name, [...(members.get(name) ?? []), record.dn]);
  }
  for await (const record of entriesOf(snapshot)) {
    const groups = members.get(record.ndn) ?? [];
    const present = record.values(memberOf);
    if (groups.length === 0 && present.length === 0) continue;
    const expected = new Map(groups.map((dn) => [valueKey(memberOf, Buffer.from(dn)), dn]));
    const found = new Map(present.map((value) => [valueKey(memberOf, value), value.toString()]));
    const lacking = [...expected].flatMap(([key, dn]) => (found.has(key) ? [] : [dn]));
    const surplus = [...found].flatMap(([key, dn]) => (expected.has(key) ? [] : [dn]));
    if (lacking.length === 0 && surplus.length === 0) continue;
    yield { dn: record.dn, attribute: memberOf.text, lacking, surplus, groups: [...expected.values()] };
  }
}

async function* entriesOf(snapshot: StoreSnapshot): AsyncGenerator<EntryRecord, void, void> {
  for await (const records of snapshot.entries({ onDamaged: () => undefined })) yield* records;
}

/** The normalised names that the entry has as a group, each once. */
function membersOf(record: EntryRecord, schema: Schema, settings: readonly MemberofSettings[]): Set<string> {
  const classes = record.values(wellKnownOf(schema).objectClass).map((name) => schema.objectClass(name.toString()));
  const names = settings
    .filter(({ groupClass }) => classes.some((candidate) => candidate?.lineage.includes(groupClass)))
    .flatMap(({ member }) => record.values(member).map((value) => valueKey(member, value)));
  return new Set(names);
}
