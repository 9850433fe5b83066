/** What a provider tells of its entries (RFC 4533), and the entry that is stored of it. */
import { DN } from '../../dn/dn.js';
import { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { PartialAttribute } from '../../ldap/request.js';
import { LdapError } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { describeAttribute } from '../operations/attribute-values.js';
import { addNamingValues } from '../operations/new-entry.js';
import { checkEntry, objectClassesOf, structuralClassOf, wellKnownOf } from '../rules/schema-check.js';

/** `cookie`: what is known once this is done. UUIDs have 16 octets. */
export type ReplicaChange =
  | {
      readonly kind: 'entry';
      readonly uuid: Buffer;
      readonly name: Buffer;
      readonly attributes: readonly PartialAttribute[];
      readonly cookie: string | undefined;
    }
  | { readonly kind: 'delete'; readonly uuids: readonly Buffer[]; readonly cookie: string | undefined }
  /** They are as they were. */
  | { readonly kind: 'present'; readonly uuids: readonly Buffer[] }
  | { readonly kind: 'cookie'; readonly cookie: string };

/** An entry that cannot be stored. The message names it, and says what is wrong. */
export class UnstorableEntry extends Error {
  override readonly name = 'UnstorableEntry';
}

export interface Reception {
  readonly schema: Schema;
  /** Keys of attributes that are not taken. */
  readonly excluded: ReadonlySet<string>;
  /** Entries that break the schema are refused. */
  readonly checksSchema: boolean;
  /** Told of those that are taken nevertheless. */
  readonly onViolation: (dn: DN, reason: string) => void;
}

/** `c0ffee...` with its dashes. */
export function uuidText(uuid: Buffer): string {
  return uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Throws UnstorableEntry. */
export function receivedEntry(change: ReplicaChange & { kind: 'entry' }, reception: Reception): EntryDraft {
  try {
    return draftOf(change, reception);
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
    throw new UnstorableEntry(`entry "${change.name.toString()}" cannot be stored: ${error.diagnostic}`, { cause: error });
  }
}

/** Throws LdapError. */
function draftOf({ uuid, name, attributes }: ReplicaChange & { kind: 'entry' }, reception: Reception): EntryDraft {
  const { schema, excluded } = reception;
  const known = wellKnownOf(schema);
  const entry = new EntryDraft(DN.parse(name, schema));
  for (const { type, values } of attributes) {
    const description = describeAttribute(type, schema);
    if (values.length > 0 && !excluded.has(description.key)) entry.append(description, values);
  }
  for (const { key } of [known.contextCSN, known.entryDN, known.hasSubordinates, known.subschemaSubentry]) {
    entry.attributes.delete(key);
  }
  entry.set(known.entryUUID, [Buffer.from(uuidText(uuid))]);
  addNamingValues(entry, schema);
  // Throws for a class that is not defined: nobody could say what the entry is.
  const classes = objectClassesOf(entry, schema);
  try {
    const structural = checkEntry(entry, schema);
    if (entry.values(known.structuralObjectClass).length === 0) {
      entry.set(known.structuralObjectClass, [Buffer.from(structural.name)]);
    }
  } catch (error) {
    if (!(error instanceof LdapError) || reception.checksSchema) throw error;
    reception.onViolation(entry.dn, error.diagnostic);
    if (entry.values(known.structuralObjectClass).length === 0 && classes.length > 0) {
      entry.set(known.structuralObjectClass, [Buffer.from(structuralClassOf(classes).name)]);
    }
  }
  return entry;
}

/** Stands in for a parent that has not come, as slapd's does. */
export function glueEntry(dn: DN, schema: Schema): EntryDraft {
  const known = wellKnownOf(schema);
  const entry = new EntryDraft(dn);
  entry.set(known.objectClass, [Buffer.from('top'), Buffer.from('glue')]);
  entry.set(known.structuralObjectClass, [Buffer.from('glue')]);
  addNamingValues(entry, schema);
  return entry;
}

/** Is the stored entry the same as this one, its name included? */
export function isSame(stored: EntryRecord, entry: EntryDraft): boolean {
  if (stored.dn !== entry.dn.toString() || stored.attributeCount !== entry.attributes.size) return false;
  for (let index = 0; index < stored.attributeCount; index++) {
    const values = entry.values(stored.description(index));
    const own = stored.valuesAt(index);
    if (own.length !== values.length || !own.every((value, at) => value.equals(values[at]!))) return false;
  }
  return true;
}
