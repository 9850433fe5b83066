/**
 * App passwords: values of userPassword about which the entry has notes (jammd.schema). An expired one matches nothing. When one has
 * let somebody in, that is noted at most once an hour, after the login has been answered: no login waits for it. Their session may
 * read, and change nothing: whoever finds one in a lost phone cannot take the account over.
 */
import { createHash } from 'node:crypto';
import type { EntryRecord } from '../../entry/record.js';
import { DN } from '../../dn/dn.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { isSlow, verify } from '../../password/password.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { generalizedTime } from '../rules/operational.js';
import { WritePipeline } from '../rules/pipeline.js';
import { wellKnownOf } from '../rules/schema-check.js';

interface Attributes {
  /** `DIGEST CREATED EXPIRES LABEL`, with `-` for no expiry. */
  readonly note: AttributeDescription;
  /** `DIGEST TIME` */
  readonly use: AttributeDescription;
}

const digestLength = 64;
const useIntervalMs = 60 * 60 * 1_000;

const known = new WeakMap<Schema['epoch'], Attributes | 'none'>();

/** Undefined where the schema has no app passwords. */
function attributesOf(schema: Schema): Attributes | undefined {
  let found = known.get(schema.epoch);
  if (found === undefined) {
    const note = schema.attributeDescription('jammdAppPassword');
    const use = schema.attributeDescription('jammdAppPasswordUse');
    found = note && use ? { note, use } : 'none';
    known.set(schema.epoch, found);
  }
  return found === 'none' ? undefined : found;
}

/** The expiry of each app password, by its digest. */
function expiriesOf(entry: EntryRecord, { note }: Attributes): ReadonlyMap<string, string> {
  return new Map(
    entry.values(note).map((value) => {
      const text = value.toString('latin1');
      const [, expires = '-'] = text.slice(digestLength + 1).split(' ', 2);
      return [text.slice(0, digestLength), expires];
    }),
  );
}

/** The values of userPassword that have not expired, those that are checked at once before those that take a worker's time. */
export function unexpired(schema: Schema, entry: EntryRecord, values: Buffer[]): Buffer[] {
  const attributes = attributesOf(schema);
  if (!attributes) return values;
  const expiries = expiriesOf(entry, attributes);
  if (expiries.size === 0) return values;
  const now = generalizedTime(new Date());
  const left = values.filter((value) => {
    const expires = expiries.get(digestOf(value)) ?? '-';
    return expires === '-' || expires > now;
  });
  return [...left.filter((value) => !isSlow(value)), ...left.filter(isSlow)];
}

/**
 * Is `password`, which was right, an app password of a person? Notes its use, and that of an API token, which is kept like an app
 * password.
 */
export function usesAppPassword(
  directory: DirectoryEnvironment,
  database: Database,
  entry: EntryRecord,
  password: Buffer,
): boolean {
  const attributes = attributesOf(database.schema);
  if (!attributes) return false;
  const expiries = expiriesOf(entry, attributes);
  if (expiries.size === 0) return false;
  const { userPassword } = wellKnownOf(database.schema);
  const used = entry
    .values(userPassword)
    .find((value) => !isSlow(value) && expiries.has(digestOf(value)) && verify(value, password) === true);
  if (!used) return false;
  // A replica's entries are the provider's.
  const mayNote = database.config.syncrepls.length === 0 && !database.config.restricted.has('modify');
  if (mayNote && !isNoted(entry, attributes, digestOf(used)))
    void writeUse(directory, database, entry.ndn, attributes, digestOf(used));
  return !isToken(database.schema, entry);
}

function isToken(schema: Schema, entry: EntryRecord): boolean {
  const { objectClass } = wellKnownOf(schema);
  return entry.values(objectClass).some((value) => value.toString('latin1').toLowerCase() === 'jammdapitoken');
}

function isNoted(entry: EntryRecord, { use }: Attributes, digest: string): boolean {
  const earliest = `${digest} ${generalizedTime(new Date(Date.now() - useIntervalMs))}`;
  return entry.values(use).some((value) => {
    const text = value.toString('latin1');
    return text.startsWith(digest) && text > earliest;
  });
}

/** Many logins at once write once: each looks again when its turn comes. */
async function writeUse(
  directory: DirectoryEnvironment,
  database: Database,
  ndn: string,
  attributes: Attributes,
  digest: string,
): Promise<void> {
  try {
    await database.store.write((tx) => {
      const current = tx.entryByNdn(ndn);
      if (!current || isNoted(current, attributes, digest)) return;
      const others = current.values(attributes.use).filter((value) => !value.toString('latin1').startsWith(digest));
      const draft = current.toDraft(DN.parse(current.dn, directory.schema));
      draft.set(attributes.use, [...others, Buffer.from(`${digest} ${generalizedTime(new Date())}`)]);
      const pipeline = new WritePipeline(directory, database, tx, { dn: database.config.rootDN, isServer: true });
      pipeline.replace(pipeline.prepareChanged(draft, current));
    });
  } catch {
    // A full disk, a damaged record, a server that stops: nobody waits for this, and whoever needs the entry is told.
  }
}

function digestOf(value: Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}
