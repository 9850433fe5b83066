/** The delete operation (RFC 4511 section 4.8): leaf entries only. */
import { Privilege } from '../../access/model.js';
import type { DeleteRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { Response } from '../../ldap/response.js';
import { demand, entryPrivilege, type OperationContext } from './operation.js';
import { deleteServerConfig, isServerConfig } from '../server-config/config-writes.js';
import { preRead } from '../controls/read-entry.js';
import { checkAssertion, finishWrite } from './write.js';

export async function deleteEntry(operation: OperationContext, request: DeleteRequest): Promise<Response> {
  const { directory } = operation;
  const dn = directory.parseDN(request.entry);
  if (isServerConfig(operation, dn)) return deleteServerConfig(operation, dn);
  if (directory.virtualEntry(dn.normalized)) {
    throw directory.virtualRefusal(dn.normalized, 'this entry belongs to the server');
  }
  const database = operation.databaseOf(dn, ResultCode.unwillingToPerform);
  return finishWrite(operation, database, (pipeline) => {
    const { tx } = pipeline;
    const access = operation.evaluator(database, tx);
    const old = tx.entryByNdn(dn.normalized);
    if (!old) throw operation.absent(dn, tx, access);
    const parent = database.isTop(dn) ? directory.rootEntry : tx.entry(old.parentId);
    if (parent) demand(access, parent, 'children', Privilege.delete, 'no write access to parent');
    demand(access, old, 'entry', entryPrivilege(operation, Privilege.delete), 'no write access to entry');
    operation.refer(old, dn);
    checkAssertion(operation, database, old, access);
    const before = preRead(operation, old, access, tx);
    if (tx.childCount(old.id) > 0) {
      throw new LdapError(ResultCode.notAllowedOnNonLeaf, 'subordinate objects must be deleted first');
    }
    pipeline.remove(old);
    return { ...success, controls: before };
  });
}
