/**
 * Does again what another node has done. Its entries have passed every rule there, on the same state and under the same
 * schema, so they are stored as they are; but whatever does not fit what is here is an error, and never guessed at.
 */
import { BerReader, Tag } from '../../ber/ber.js';
import type { EntryChange } from '../../cluster/log-entry.js';
import { LogEntryError } from '../../cluster/errors.js';
import type { DN } from '../../dn/dn.js';
import { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { sealReplicated, type SealedEntry } from '../../entry/sealed-entry.js';
import { csnMicroseconds } from '../../ldap/csn.js';
import type { Transaction } from '../../store/model.js';
import { noteChange } from '../changes.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { objectClassesOf, wellKnownOf } from '../rules/schema-check.js';
import { recordFlags } from '../rules/schema-flags.js';

/** Throws LogEntryError, LdapError, BerError. */
export function applyChange(directory: DirectoryEnvironment, database: Database, tx: Transaction, change: EntryChange): void {
  const { kind, csn } = change;
  const microseconds = csnMicroseconds(csn);
  if (microseconds !== undefined) {
    tx.noteStamp({ csn, microseconds });
    directory.noteForeignStamp(microseconds);
  }
  const dn = directory.parseDN(change.dn);
  if (kind === 'add') {
    const { entry, flags } = received(directory, database, dn, change);
    const after = tx.insert(entry, parentOf(database, tx, dn), flags);
    note(tx, change, { kind, after });
    return;
  }
  const before = known(directory, tx, dn, change);
  if (kind === 'delete') {
    tx.remove(before);
    note(tx, change, { kind, before });
    return;
  }
  const isRename = kind === 'rename' || kind === 'along';
  const { entry, flags } = received(directory, database, isRename ? directory.parseDN(change.newDn) : dn, change);
  if (kind === 'along') {
    tx.carry(before, entry);
    return;
  }
  if (kind === 'rename') {
    const after = tx.relocate(before, entry, parentOf(database, tx, entry.dn), flags);
    note(tx, change, { kind, before, after });
  } else note(tx, change, { kind, before, after: tx.replace(before, entry, flags) });
}

type Told =
  | { readonly kind: 'add'; readonly after: EntryRecord }
  | { readonly kind: 'modify' | 'rename'; readonly before: EntryRecord; readonly after: EntryRecord }
  | { readonly kind: 'delete'; readonly before: EntryRecord };

function note(tx: Transaction, { author }: EntryChange, told: Told): void {
  if (author !== undefined) noteChange(tx, { ...told, author });
}

function parentOf(database: Database, tx: Transaction, dn: DN): number {
  if (database.isTop(dn)) return 0;
  const id = dn.parent && tx.idOf(dn.parent.normalized);
  if (id === undefined) throw new LogEntryError(`the log has an entry whose parent is not there: ${dn.toString()}`);
  return id;
}

function known({ schema }: DirectoryEnvironment, tx: Transaction, dn: DN, { uuid }: EntryChange): EntryRecord {
  const record = tx.entryByNdn(dn.normalized);
  if (!record) throw new LogEntryError(`the log changes an entry that is not there: ${dn.toString()}`);
  const own = record.values(wellKnownOf(schema).entryUUID)[0]?.toString('latin1') ?? '';
  if (uuid !== '' && own !== '' && own !== uuid)
    throw new LogEntryError(`the log changes another entry of the name ${dn.toString()}`);
  return record;
}

function received(
  directory: DirectoryEnvironment,
  database: Database,
  dn: DN,
  { attributes }: EntryChange,
): { readonly entry: SealedEntry; readonly flags: number } {
  const { schema } = directory;
  const draft = new EntryDraft(dn);
  const reader = new BerReader(attributes);
  while (!reader.atEnd) {
    const afterAttribute = reader.enter(Tag.sequence);
    const name = reader.latin1();
    const description = schema.attributeDescription(name);
    if (!description) throw new LogEntryError(`the log has an attribute that the schema does not define: ${name}`);
    const values: Buffer[] = [];
    const afterValues = reader.enter(Tag.set);
    while (!reader.atEnd) values.push(reader.octets());
    reader.leave(afterValues);
    reader.leave(afterAttribute);
    draft.set(description, values);
  }
  const flags = recordFlags(objectClassesOf(draft, schema), schema);
  database.noteFlags(flags);
  return { entry: sealReplicated(draft), flags };
}
