/** Why a command could not do what was asked. */
import { LdapError, resultCodeName } from '../ldap/result.js';
import { StoreLoadInterruptedError } from '../store/errors.js';

/** A failure told in its message alone: printed after the command's name, without a stack; exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** What went wrong, in words for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof StoreLoadInterruptedError) {
    return `an import into ${error.folder} was cut off: jammd import --discard-interrupted deletes what it left`;
  }
  if (error instanceof LdapError) {
    return error.diagnostic === '' ? resultCodeName(error.code) : `${error.diagnostic} (${resultCodeName(error.code)})`;
  }
  return error instanceof Error ? error.message : String(error);
}
