/** Says which passwords of a database nobody can log in with. */
import { UnverifiablePasswordCount, type UnverifiablePasswords } from '../directory/transfer/unverifiable-passwords.js';
import type { Schema } from '../ldap/schema.js';
import type { Store } from '../store/store.js';
import { countOf } from './progress.js';

export function describeUnverifiable({ entries, reason, dn }: UnverifiablePasswords): string {
  return `${countOf(entries, 'entry', 'entries')} with a password that nobody can log in with: ${reason} (first: ${dn})`;
}

/** Reads all entries of a database. */
export async function unverifiablePasswords(store: Store, schema: Schema): Promise<readonly UnverifiablePasswords[]> {
  const count = new UnverifiablePasswordCount();
  const userPassword = schema.attributeDescription('userPassword');
  if (!userPassword) return [];
  const snapshot = store.snapshot();
  try {
    for await (const records of snapshot.entries({ onDamaged: () => undefined })) {
      for (const record of records) count.note(record.values(userPassword), record.dn);
    }
  } finally {
    await snapshot.close();
  }
  return count.all;
}
