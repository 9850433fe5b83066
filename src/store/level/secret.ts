/**
 * A random secret of the database's own: made once, kept as long as the database, and part of its backups. What is derived from
 * it is the same after a restart, and nobody outside can derive it.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from './database.js';
import { metaKeys } from './keys.js';

const secretBytes = 32;

export async function readOrMakeSecret(database: Database): Promise<Buffer> {
  const known = database.get(metaKeys.secret);
  if (known?.length === secretBytes) return known;
  const secret = randomBytes(secretBytes);
  const batch = database.batch();
  batch.put(metaKeys.secret, secret);
  await batch.write({ sync: true });
  return secret;
}
