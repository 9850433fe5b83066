/** Checks a database's format version before anything else in it is read. */
import type { Database } from './database.js';
import { StoreFormatError } from '../errors.js';
import { metaKeys } from './keys.js';

/**
 * Raised when a database written by this version cannot be read by the one before. A database of a lower version is
 * brought up by exporting it with the version that wrote it and importing the LDIF.
 */
export const formatVersion = 1;

/** Writes the version into an empty database. Throws StoreFormatError if it is another, or none. */
export async function checkFormat(database: Database): Promise<void> {
  const bytes = database.get(metaKeys.format);
  if (bytes) {
    const version = versionIn(bytes);
    if (version === formatVersion) return;
    throw new StoreFormatError(
      version !== undefined && version > formatVersion
        ? `the database in ${database.folder} has format version ${version}, newer than the ${formatVersion} ` +
            'that this jammd knows: use the jammd that wrote it, or import an export of it'
        : `the database in ${database.folder} does not say a format version this jammd knows: restore a backup (jammd restore)`,
    );
  }
  for await (const items of database.items({ gte: '\0', lt: '\uffff' })) {
    throw new StoreFormatError(
      `${database.folder} holds a LevelDB database that is not jammd's ` + `(its first key: ${JSON.stringify(items[0]![0])})`,
    );
  }
  const batch = database.batch();
  batch.put(metaKeys.format, Buffer.from(JSON.stringify({ version: formatVersion })));
  await batch.write({ sync: true });
}

function versionIn(bytes: Buffer): number | undefined {
  try {
    const format = JSON.parse(bytes.toString()) as { version?: unknown };
    return typeof format.version === 'number' ? format.version : undefined;
  } catch {
    return undefined;
  }
}
