/** The add operation (RFC 4511 section 4.7). */
import { Privilege } from '../../access/model.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { AddRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { Transaction } from '../../store/model.js';
import type { CheckedAttribute } from './attribute-values.js';
import type { Database } from '../database.js';
import { checkRequestSize } from '../rules/entry-size.js';
import type { Response } from '../../ldap/response.js';
import { assembleEntry, checkAttributes, rejectServerAttributes } from './new-entry.js';
import { judgeNewEntry } from './policed-change.js';
import { demand, entryPrivilege, type OperationContext } from './operation.js';
import { transientRecord } from '../server-entries/virtual-entry.js';
import { addServerConfig, isServerConfig } from '../server-config/config-writes.js';
import { postRead } from '../controls/read-entry.js';
import { referralTo } from './referral.js';
import { checkAssertion, finishWrite } from './write.js';

export async function add(operation: OperationContext, request: AddRequest): Promise<Response> {
  const { directory, schema, controls } = operation;
  const dn = directory.parseDN(request.entry);
  if (request.attributes.length === 0) throw new LdapError(ResultCode.protocolError, 'no attributes provided');
  checkRequestSize(operation, dn, request.attributes);
  const attributes = checkAttributes(request.attributes, schema);
  if (isServerConfig(operation, dn)) {
    rejectServerAttributes(attributes, controls.has('relax'));
    return addServerConfig(operation, dn, attributes);
  }
  if (directory.virtualEntry(dn.normalized)) {
    throw new LdapError(ResultCode.entryAlreadyExists, 'this entry belongs to the server');
  }
  if (directory.virtualTree(dn.normalized)) {
    throw directory.virtualRefusal(dn.normalized, 'this part of the tree belongs to the server');
  }
  const database = operation.databaseOf(dn, ResultCode.unwillingToPerform);
  const relaxed = controls.has('relax');
  rejectServerAttributes(attributes, relaxed);
  const assembled = assembleEntry(dn, attributes, schema);
  if (database.passwordPolicy) await judgeNewEntry(operation, database.passwordPolicy, database, assembled);
  return finishWrite(operation, database, (pipeline) => {
    const { tx } = pipeline;
    // It may be done again, and is then stamped again.
    const entry = assembled.copy();
    const prepared = pipeline.prepareNew(entry, { mayBeObsolete: relaxed });
    const parent = checkPlace(operation, database, tx, entry, attributes);
    // As slapd: the parent's part of the name is spelled as the parent is.
    if (parent) entry.dn = directory.parseDN(parent.dn).child(dn.rdn!);
    const record = pipeline.insert(prepared, parent?.id ?? 0);
    return { ...success, controls: postRead(operation, record, operation.evaluator(database, tx), tx) };
  });
}

/** The entry's parent, undefined for a suffix entry. Existence (68, 32) is checked before access (50), as in slapd. */
function checkPlace(
  operation: OperationContext,
  database: Database,
  tx: Transaction,
  entry: EntryDraft,
  given: readonly CheckedAttribute[],
): EntryRecord | undefined {
  const { dn } = entry;
  const access = operation.evaluator(database, tx);
  const draft = transientRecord(entry, operation.schema);
  checkAssertion(operation, database, draft, access);
  if (tx.idOf(dn.normalized) !== undefined) throw new LdapError(ResultCode.entryAlreadyExists);
  const parent = database.isTop(dn) ? undefined : dn.parent && tx.entryByNdn(dn.parent.normalized);
  if (parent) {
    demand(access, parent, 'children', Privilege.add, 'no write access to parent');
    if (parent.flags & RecordFlag.subentry) throw new LdapError(ResultCode.objectClassViolation, 'parent is a subentry');
    if (parent.flags & RecordFlag.alias) throw new LdapError(ResultCode.aliasProblem, 'parent is an alias');
    // ManageDsaIT is for the object itself: nothing is kept below it.
    if (parent.flags & RecordFlag.referral) throw referralTo(operation.directory, parent, dn, undefined);
  } else if (!database.isTop(dn)) {
    throw operation.absent(dn, tx, access);
  } else {
    demand(access, operation.directory.rootEntry, 'children', Privilege.add, 'no write access to parent');
  }
  demand(access, draft, 'entry', entryPrivilege(operation, Privilege.add), 'no write access to entry');
  for (const { description } of given) {
    if (description.type.noUserModification) {
      demand(access, draft, description, Privilege.manage, `no manage access to attribute '${description.text}'`);
    }
  }
  if (database.config.addContentAcl) {
    for (let index = 0; index < draft.userAttributeCount; index++) {
      for (const value of draft.valuesAt(index)) {
        demand(access, draft, draft.description(index), Privilege.add, 'no write access to attribute', value);
      }
    }
  }
  return parent;
}
