/** Extended operations of the directory: Password Modify (RFC 3062), Who am I (RFC 4532), transactions (RFC 5805). */
import { extendedOids } from '../../ldap/extended.js';
import type { ExtendedRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { MaybePromise } from '../model.js';
import type { ExtendedResponse } from '../../ldap/response.js';
import type { OperationContext } from './operation.js';
import { passwordModify } from './password-modify.js';
import { endTransaction, startTransaction } from './transaction.js';

const known: ReadonlySet<string> = new Set([
  extendedOids.passwordModify,
  extendedOids.whoAmI,
  extendedOids.startTransaction,
  extendedOids.endTransaction,
]);

export function isKnownExtended(oid: string): boolean {
  return known.has(oid);
}

export function extended(operation: OperationContext, request: ExtendedRequest): MaybePromise<ExtendedResponse> {
  switch (request.name) {
    case extendedOids.passwordModify:
      return passwordModify(operation, request.value);
    case extendedOids.whoAmI:
      return whoAmI(operation, request.value);
    case extendedOids.startTransaction:
      return startTransaction(operation, request.value);
    case extendedOids.endTransaction:
      return endTransaction(operation, request.value);
    default:
      throw new LdapError(ResultCode.protocolError, 'unsupported extended operation');
  }
}

function whoAmI(operation: OperationContext, value: Buffer | undefined): ExtendedResponse {
  if (value) throw new LdapError(ResultCode.protocolError, 'no request data expected');
  operation.checkAllowed(undefined, { oid: extendedOids.whoAmI, update: false });
  const { dn } = operation.subject;
  return { ...success, responseValue: Buffer.from(dn ? `dn:${dn.toString()}` : '') };
}
