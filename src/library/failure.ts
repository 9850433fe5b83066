/** Turns jammd's other errors into LdapErrors, the only kind that leaves the library. */
import { BackupError } from '../directory/transfer/backup-folder.js';
import { FilterSyntaxError } from '../filter/text.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { LdifError } from '../ldif/errors.js';
import { ProtocolError } from '../protocol/errors.js';
import { ListenUrlError } from '../server/listen-url.js';
import { TlsConfigError } from '../server/tls-files.js';
import { StoreBusyError, StoreError } from '../store/errors.js';
import { ListenError } from '../server/listener.js';

/** An LdapError as it is; anything else becomes one, with what it was as its `cause`. */
export function asLdapError(error: unknown): LdapError {
  if (error instanceof LdapError) return error;
  if (error instanceof ProtocolError) return new LdapError(error.result.code, error.message, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new LdapError(codeFor(error), message, { cause: error });
}

function codeFor(error: unknown): ResultCode {
  if (error instanceof FilterSyntaxError || error instanceof LdifError) return ResultCode.protocolError;
  if (error instanceof StoreBusyError) return ResultCode.busy;
  if (error instanceof StoreError || error instanceof BackupError || error instanceof ListenError) return ResultCode.unavailable;
  if (error instanceof ListenUrlError || error instanceof TlsConfigError) return ResultCode.unwillingToPerform;
  return ResultCode.other;
}

/** Runs `work`; what it throws or rejects with leaves as LdapError. */
export async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asLdapError(error);
  }
}

/** The same for what does not wait. */
export function guardedNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asLdapError(error);
  }
}
