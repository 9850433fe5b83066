/** Failures of a command, and how they are put into words. */
import { LdapError, resultCodeName } from '../ldap/result.js';
import { StoreLoadInterruptedError } from '../store/errors.js';

/** Its message, without a stack, is printed after the command's name; exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** What the system says about files, without its code and the name of the call. */
const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not in a folder',
  EROFS: 'it cannot be written: the file system is read-only',
  ENOSPC: 'no space is left',
};

/** What went wrong, in words for a person. */
export function reasonOf(error: unknown): string {
  if (error instanceof StoreLoadInterruptedError) {
    return `an import into ${error.folder} was interrupted; delete its remains with jammd import --discard-interrupted`;
  }
  if (error instanceof LdapError) {
    return error.diagnostic === '' ? resultCodeName(error.code) : `${error.diagnostic} (${resultCodeName(error.code)})`;
  }
  if (!(error instanceof Error)) return String(error);
  const { code = '', path } = error as NodeJS.ErrnoException;
  const words = systemReasons[code];
  return words === undefined || path === undefined ? error.message : `${path}: ${words}`;
}
