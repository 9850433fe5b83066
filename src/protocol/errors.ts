/** What is wrong with a client's message, and what the server must do about it (RFC 4511 section 4.1.1). */
import type { AnsweredOperation } from '../ldap/request.js';
import { LdapError, ResultCode, type LdapResult } from '../ldap/result.js';

export type ProtocolRemedy =
  /** The stream makes no sense from here on: Notice of Disconnection, then close. */
  | { readonly action: 'disconnect' }
  /** The message is whole, its request is wrong: answer it and go on. */
  | { readonly action: 'answer'; readonly messageId: number; readonly operation: AnsweredOperation };

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly remedy: ProtocolRemedy,
    /** What the answer, or the Notice of Disconnection, says. */
    readonly result: LdapResult,
    options?: ErrorOptions,
  ) {
    super(result.diagnostic, options);
  }

  static disconnect(result: LdapResult, options?: ErrorOptions): ProtocolError {
    return new ProtocolError({ action: 'disconnect' }, result, options);
  }
}

/** The result for a value that is well-formed BER and yet not what the request may hold. */
export function protocolError(diagnostic: string): LdapError {
  return new LdapError(ResultCode.protocolError, diagnostic);
}
