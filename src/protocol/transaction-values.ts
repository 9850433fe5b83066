/** The values of the extended operations for transactions (RFC 5805 sections 2.2 to 2.4). */
import { BerError, BerReader, berInteger, berSequence, Tag } from '../ber/ber.js';
import { LdapError, ResultCode } from '../ldap/result.js';

export interface EndTransactionRequest {
  readonly commit: boolean;
  readonly identifier: Buffer;
}

/** Throws LdapError 2 for what is not a txnEndReq. */
export function decodeEndTransaction(value: Buffer | undefined): EndTransactionRequest {
  if (value === undefined) throw new LdapError(ResultCode.protocolError, 'request data expected');
  if (value.length === 0) throw new LdapError(ResultCode.protocolError, 'empty request data');
  try {
    const reader = new BerReader(value);
    reader.enter(Tag.sequence);
    const commit = reader.peekTag() === Tag.boolean ? reader.boolean() : true;
    return { commit, identifier: reader.octets() };
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    throw new LdapError(ResultCode.protocolError, 'request data decoding error');
  }
}

/** A txnEndRes that names the request because of which nothing was done. */
export function encodeFailedRequest(messageId: number): Buffer {
  return berSequence(berInteger(messageId));
}
