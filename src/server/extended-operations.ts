/** The extended operations that are the connection's own: StartTLS (RFC 4511 section 4.14) and Cancel (RFC 3909). */
import type { RestrictedOperation } from '../config/model.js';
import type { Control } from '../ldap/control.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { BerError, BerReader, Tag } from '../ber/ber.js';

export const extendedOperationOids = {
  startTls: '1.3.6.1.4.1.1466.20037',
  cancel: '1.3.6.1.1.8',
} as const;

/** The connection's own operations know no controls. Throws LdapError 12. */
export function refuseCriticalControls(controls: readonly Control[]): void {
  if (controls.some(({ critical }) => critical)) {
    throw new LdapError(ResultCode.unavailableCriticalExtension, 'critical extension is not recognized');
  }
}

/** Throws 53 where `restrict` names this very operation: all extended ones, to slapd, are those of the directory. */
export function refuseRestricted(restricted: ReadonlySet<RestrictedOperation>, name: string): void {
  if (restricted.has(`extended=${name}`)) throw new LdapError(ResultCode.unwillingToPerform, 'operation restricted');
}

/** The message id that a Cancel names. Throws LdapError 2. */
export function decodeCancelId(value: Buffer | undefined): number {
  if (value === undefined) throw new LdapError(ResultCode.protocolError, 'no message ID supplied');
  try {
    const reader = new BerReader(value);
    reader.enter(Tag.sequence);
    return reader.integer();
  } catch (error) {
    if (error instanceof BerError) throw new LdapError(ResultCode.protocolError, 'message ID parse failed');
    throw error;
  }
}
