/** The Cancel operation (RFC 3909): stops a search and waits for it to end. */
import type { ExtendedRequest } from '../ldap/request.js';
import type { Response } from '../ldap/response.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import { decodeCancelId } from './extended-operations.js';
import type { Operation } from './operation.js';

/** `find` looks up a pending operation of the same connection. Throws LdapError. */
export function cancelOperation(request: ExtendedRequest, find: (messageId: number) => Operation | undefined): Promise<Response> {
  const target = find(decodeCancelId(request.value));
  if (!target) throw new LdapError(ResultCode.noSuchOperation, 'message ID not found');
  if (target.request.op === 'extended') throw new LdapError(ResultCode.cannotCancel, 'operation cannot be canceled');
  if (target.request.op !== 'search') throw new LdapError(ResultCode.tooLate, 'the update is under way');
  if (target.onEnded) throw new LdapError(ResultCode.operationsError, 'operation is being canceled already');
  const canceled = new Promise<Response>((resolve, reject) => {
    target.onEnded = (code) => {
      if (code === ResultCode.canceled) resolve(success);
      else reject(new LdapError(ResultCode.tooLate, 'the operation had ended'));
    };
  });
  target.stop('canceled');
  return canceled;
}
