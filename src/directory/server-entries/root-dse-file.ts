/** `rootDSE FILE`: reads LDIF with further attributes for the root DSE (slapd.conf(5)). */
import { createReadStream } from 'node:fs';
import { LdapError } from '../../ldap/result.js';
import { LdifError } from '../../ldif/errors.js';
import { readLdif } from '../../ldif/reader.js';
import type { Schema } from '../../ldap/schema.js';
import { checkAttribute } from '../operations/attribute-values.js';
import type { RootDseExtra } from './root-dse.js';

/** The root DSE goes out with every answer that asks for it: a file of this size is a mistake. */
const limits = { lineBytes: 64 * 1_024, recordBytes: 256 * 1_024 };

/** A file that cannot be used. The message names it and says why. */
export class RootDseFileError extends Error {
  override readonly name = 'RootDseFileError';
}

/** What all the files say. Rejects with RootDseFileError. */
export async function readRootDseFiles(files: readonly string[], schema: Schema): Promise<RootDseExtra> {
  const extra: Record<string, readonly Buffer[]> = {};
  for (const file of files) {
    try {
      await readInto(extra, file, schema);
    } catch (error) {
      if (!(error instanceof LdifError || error instanceof LdapError || isSystemError(error))) throw error;
      throw new RootDseFileError(`rootDSE file ${file}: ${error.message}`, { cause: error });
    }
  }
  return extra;
}

async function readInto(extra: Record<string, readonly Buffer[]>, file: string, schema: Schema): Promise<void> {
  for await (const record of readLdif(createReadStream(file), { limits })) {
    if (record.kind !== 'content') throw new RootDseFileError(`rootDSE file ${file}: line ${record.line}: not an entry`);
    if (record.dn.length > 0) {
      throw new RootDseFileError(`rootDSE file ${file}: line ${record.line}: the entry's dn must be empty`);
    }
    for (const attribute of record.attributes) {
      const { description, values } = checkAttribute(attribute, schema);
      extra[description.text] = [...(extra[description.text] ?? []), ...values];
    }
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
