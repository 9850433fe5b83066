/** The modify operation (RFC 4511 section 4.6): all changes of a request happen, or none. */
import { Privilege } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Modification, ModifyRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { checkAttribute, describeAttribute } from './attribute-values.js';
import { checkRequestSize } from '../rules/entry-size.js';
import type { Response } from '../../ldap/response.js';
import { demandChange } from './change-access.js';
import { applyModifications, type CheckedModification } from './modifications.js';
import type { OperationContext } from './operation.js';
import { underPasswordPolicy } from './policed-change.js';
import { isManageable } from '../rules/operational.js';
import { isServerConfig, modifyServerConfig } from '../server-config/config-writes.js';
import { postRead, preRead } from '../controls/read-entry.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { checkAssertion, finishWrite } from './write.js';

const integerSyntax = '1.3.6.1.4.1.1466.115.121.1.27';

export async function modify(operation: OperationContext, request: ModifyRequest): Promise<Response> {
  const { directory, schema, controls } = operation;
  // As in slapd, errors in the changes themselves are reported before errors in the name.
  request.changes.forEach(checkShape);
  const dn = directory.parseDN(request.object);
  checkRequestSize(
    operation,
    dn,
    request.changes.map(({ attribute }) => attribute),
  );
  const changes = request.changes.map((change) => checkModification(change, schema));
  if (isServerConfig(operation, dn)) {
    rejectServerChanges(changes, controls.has('relax'));
    return modifyServerConfig(operation, dn, changes);
  }
  if (directory.virtualEntry(dn.normalized)) {
    // As slapd: cn=Monitor is a database like others in this; root DSE and cn=Subschema are nobody's.
    if (dn.isWithin(directory.monitorDN)) operation.checkAllowed(undefined);
    throw directory.virtualRefusal(dn.normalized, 'this entry belongs to the server');
  }
  const database = operation.databaseOf(dn, ResultCode.unwillingToPerform);
  const relaxed = controls.has('relax');
  rejectServerChanges(changes, relaxed);
  const demandAccess = (entry: EntryRecord): void => {
    const access = operation.evaluator(database, database.store);
    for (const change of changes) demandChange(access, entry, change);
  };
  const wanted = { changes, demandAccess };
  return underPasswordPolicy(operation, database, dn, wanted, (ruling) =>
    finishWrite(operation, database, (pipeline) => {
      const { tx } = pipeline;
      const access = operation.evaluator(database, tx);
      const old = tx.entryByNdn(dn.normalized);
      if (!old) throw operation.absent(dn, tx, access);
      operation.refer(old, dn);
      checkAssertion(operation, database, old, access);
      const before = preRead(operation, old, access, tx);
      // As slapd, and real clients send it: nothing to do is done, and nobody is noted as the modifier.
      if (changes.length === 0) {
        return { ...success, controls: [...before, ...postRead(operation, old, access, tx)] };
      }
      for (const change of changes) demandChange(access, old, change);
      const entry = old.toDraft(directory.parseDN(old.dn));
      applyModifications(entry, ruling?.changes ?? changes, controls.has('permissiveModify'));
      ruling?.settle(entry, old);
      const mayChangeClass = relaxed && access.allows(old, wellKnownOf(schema).objectClass, Privilege.manage);
      const prepared = pipeline.prepareChanged(entry, old, { mayChangeClass, mayBeObsolete: relaxed, given: changes });
      const record = pipeline.replace(prepared);
      return { ...success, controls: [...before, ...postRead(operation, record, operation.evaluator(database, tx), tx)] };
    }),
  );
}

/** How many values each kind of change takes; told before anything is said about the values. */
export function checkShape({ operation, attribute }: Modification): void {
  const needsValues = operation === 'add' || operation === 'increment';
  if (needsValues && attribute.values.length === 0) {
    throw new LdapError(ResultCode.protocolError, `modify/${operation}: ${attribute.type}: no values given`);
  }
  if (operation === 'increment' && attribute.values.length > 1) {
    throw new LdapError(ResultCode.protocolError, `modify/increment: ${attribute.type}: more than one value given`);
  }
}

/** Throws 17, 19, 20 or 21. */
export function checkModification({ operation, attribute }: Modification, schema: Schema): CheckedModification {
  if (operation === 'increment') {
    const description = describeAttribute(attribute.type, schema);
    if (description.type.syntax.oid !== integerSyntax) {
      throw new LdapError(
        ResultCode.constraintViolation,
        `modify/increment: attribute '${description.text}' has inappropriate syntax`,
      );
    }
  }
  return { operation, ...checkAttribute(attribute, schema, operation === 'delete') };
}

/** The Relax control opens what slapd calls manageable; who may write that is the access rules' matter. */
function rejectServerChanges(changes: readonly CheckedModification[], relaxed: boolean): void {
  for (const { description, values } of changes) {
    if (description.type.noUserModification && !(relaxed && isManageable(description))) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: no user modification allowed`);
    }
    // As slapd: what is obsolete may go as a whole, and nothing else.
    if (description.type.obsolete && values.length > 0 && !relaxed) {
      throw new LdapError(ResultCode.constraintViolation, `${description.text}: attribute is obsolete`);
    }
  }
}
