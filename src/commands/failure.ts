/** Failures of a command, and how they are put into words. */
import { LdapError, resultCodeName } from '../ldap/result.js';
import { StoreLoadInterruptedError } from '../store/errors.js';

/** Its message, without a stack, is printed after the command's name; exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** What went wrong, in words for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof StoreLoadInterruptedError) {
    return `an import into ${error.folder} was interrupted; delete its remains with jammd import --discard-interrupted`;
  }
  if (error instanceof LdapError) {
    return error.diagnostic === '' ? resultCodeName(error.code) : `${error.diagnostic} (${resultCodeName(error.code)})`;
  }
  return error instanceof Error ? error.message : String(error);
}
