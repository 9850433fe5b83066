/** Changes to attributes of jammd.schema: an entry gets the auxiliary class that allows them with the first of them. */
import type { DirectoryConnection, EntryChange } from './connection.js';
import { isCode } from './directory-errors.js';
import { isMailError, MailError } from './errors.js';
import { told } from './told.js';

const undefinedAttributeType = 17;
const invalidAttributeSyntax = 21;

/**
 * As `modify`, for an entry that may lack the class yet.
 *
 * @throws MailError `conflict` where the directory does not know jammd.schema
 */
export async function modifyWithClass(
  directory: DirectoryConnection,
  dn: string,
  objectClass: string,
  changes: readonly EntryChange[],
): Promise<void> {
  const entry = await directory.read(dn, ['objectClass']);
  const present = entry?.isA(objectClass) ?? false;
  // Taking away what is not there needs no class, and works in a directory without the schema.
  const adds = changes.some(([, type, values]) => values.length > 0 && type.startsWith('jammd'));
  const kept = present || adds ? changes : changes.filter(([, type]) => !type.startsWith('jammd'));
  try {
    await directory.modify(dn, [...(adds && !present ? ([['add', 'objectClass', [objectClass]]] as const) : []), ...kept]);
  } catch (error) {
    throw present ? error : withoutSchema(error);
  }
}

/** What a directory without jammd.schema says to its classes and attributes, in words that help. */
export function withoutSchema(error: unknown): unknown {
  if (!isMailError(error) || !(isCode(error.cause, undefinedAttributeType) || isCode(error.cause, invalidAttributeSyntax))) {
    return error;
  }
  return new MailError('conflict', told('schemaUnknown'), undefined, { cause: error });
}
