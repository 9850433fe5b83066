/** The modify operation (RFC 4511 section 4.6): all changes of a request happen, or none. */
import { Privilege, writePrivilege } from '../access/model.js';
import type { AccessEvaluator } from '../access/model.js';
import type { EntryDraft } from '../entry/draft.js';
import type { EntryRecord } from '../entry/record.js';
import type { Modification, ModifyRequest } from '../ldap/request.js';
import { LdapError, ResultCode, success } from '../ldap/result.js';
import type { AttributeDescription, Schema } from '../schema/model.js';
import { checkAttribute, describeAttribute, valueKey } from './attribute-values.js';
import { authorOf, noteChange } from './changes.js';
import type { Response } from './model.js';
import { demand, type OperationContext } from './operation.js';
import { isManageable, stampModified } from './operational.js';
import { postRead, preRead } from './read-entry.js';
import { checkEntry, objectClassesOf, structuralClassOf, wellKnownOf } from './schema-check.js';
import { recordFlags } from './schema-flags.js';
import { checkAssertion, finishWrite } from './write.js';

const integerSyntax = '1.3.6.1.4.1.1466.115.121.1.27';

/** A modification whose attribute and values have been checked. */
export interface CheckedModification {
  readonly operation: Modification['operation'];
  readonly description: AttributeDescription;
  readonly values: Buffer[];
}

export async function modify(operation: OperationContext, request: ModifyRequest): Promise<Response> {
  const { directory, schema, controls } = operation;
  // As slapd: what is wrong with the changes as such is told before what is wrong with the name.
  request.changes.forEach(checkShape);
  const dn = directory.parseDN(request.object);
  const changes = request.changes.map((change) => checkModification(change, schema));
  if (directory.virtualEntry(dn.normalized)) {
    // As slapd: cn=Monitor is a database like others in this; root DSE and cn=Subschema are nobody's.
    if (dn.isWithin(directory.monitorDN)) operation.checkAllowed(undefined);
    throw new LdapError(ResultCode.unwillingToPerform, 'this entry belongs to the server');
  }
  const database = operation.databaseOf(dn, ResultCode.unwillingToPerform);
  const relaxed = controls.has('relax');
  rejectServerChanges(changes, relaxed);
  if (changes.length === 0) throw new LdapError(ResultCode.protocolError, 'no modifications given');
  const known = wellKnownOf(schema);
  return finishWrite(operation, database, (tx) => {
    const access = operation.evaluator(database, tx);
    const old = tx.entryByNdn(dn.normalized);
    if (!old) throw operation.absent(dn, tx, access);
    operation.refer(old, dn);
    checkAssertion(operation, database, old, access);
    const before = preRead(operation, old, access, tx);
    for (const change of changes) demandChange(access, old, change);
    const entry = old.toDraft(directory.parseDN(old.dn));
    const formerStructural = structuralClassOf(objectClassesOf(entry, schema));
    const permissive = controls.has('permissiveModify');
    for (const change of changes) applyModification(entry, change, permissive);
    const mayChangeClass = relaxed && access.allows(old, known.objectClass, Privilege.manage);
    const structural = checkEntry(entry, schema, { formerStructural, mayChangeClass, mayBeObsolete: relaxed });
    entry.set(known.structuralObjectClass, [Buffer.from(structural.name)]);
    directory.checkUnique(database, tx, entry, old);
    if (database.config.lastmod) stampModified(entry, changes, directory.changeStamp(operation.subject.dn), schema);
    const flags = recordFlags(objectClassesOf(entry, schema), schema);
    const record = tx.replace(old, entry, flags);
    database.noteFlags(flags);
    noteChange(tx, { kind: 'modify', author: authorOf(operation), before: old, after: record });
    return { ...success, controls: [...before, ...postRead(operation, record, operation.evaluator(database, tx), tx)] };
  });
}

/** How many values each kind of change takes; told before anything is said about the values. */
function checkShape({ operation, attribute }: Modification): void {
  const needsValues = operation === 'add' || operation === 'increment';
  if (needsValues && attribute.values.length === 0) {
    throw new LdapError(ResultCode.protocolError, `modify/${operation}: ${attribute.type}: no values given`);
  }
  if (operation === 'increment' && attribute.values.length > 1) {
    throw new LdapError(ResultCode.protocolError, `modify/increment: ${attribute.type}: more than one value given`);
  }
}

function checkModification({ operation, attribute }: Modification, schema: Schema): CheckedModification {
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

/** Throws 50 unless this change of this entry is allowed, value by value. */
function demandChange(access: AccessEvaluator, record: EntryRecord, change: CheckedModification): void {
  const { description, values, operation } = change;
  const refused = `no write access to attribute '${description.text}'`;
  if (description.type.noUserModification) return demand(access, record, description, Privilege.manage, refused);
  switch (operation) {
    case 'add':
      for (const value of values) demand(access, record, description, Privilege.add, refused, value);
      return;
    case 'delete':
      if (values.length === 0) demand(access, record, description, Privilege.delete, refused);
      for (const value of values) demand(access, record, description, Privilege.delete, refused, value);
      return;
    case 'replace':
      demand(access, record, description, Privilege.delete, refused);
      for (const value of values) demand(access, record, description, Privilege.add, refused, value);
      return;
    case 'increment':
      demand(access, record, description, writePrivilege, refused);
  }
}

/**
 * Throws 16, 18, 19, 20 or 21; the outcome's schema is checked when all changes are made. `permissive`, as to slapd:
 * values that are added may be there already, and an attribute that is deleted from need not be there.
 */
export function applyModification(entry: EntryDraft, change: CheckedModification, permissive = false): void {
  switch (change.operation) {
    case 'add':
      return addValues(entry, change, permissive);
    case 'delete':
      return deleteValues(entry, change, permissive);
    case 'replace':
      return entry.set(change.description, change.values);
    case 'increment':
      return increment(entry, change);
  }
}

function addValues(entry: EntryDraft, { description, values }: CheckedModification, permissive: boolean): void {
  const present = entry.values(description);
  let added = values;
  if (present.length > 0) {
    requireEquality(description, 'add');
    const known = new Set(present.map((value) => valueKey(description, value)));
    if (permissive) added = values.filter((value) => !known.has(valueKey(description, value)));
    added.forEach((value, index) => {
      if (!known.has(valueKey(description, value))) return;
      throw new LdapError(
        ResultCode.attributeOrValueExists,
        `modify/add: ${description.text}: value #${index} already exists`,
      );
    });
  }
  entry.set(description, [...present, ...added]);
}

function deleteValues(entry: EntryDraft, { description, values }: CheckedModification, permissive: boolean): void {
  const present = entry.values(description);
  if (values.length > 0) requireEquality(description, 'delete');
  if (present.length === 0) {
    if (permissive) return;
    throw new LdapError(ResultCode.noSuchAttribute, `modify/delete: ${description.text}: no such attribute`);
  }
  if (values.length === 0) return entry.set(description, []);
  const remaining = new Map(present.map((value) => [valueKey(description, value), value]));
  for (const key of new Set(values.map((value) => valueKey(description, value)))) {
    if (!remaining.delete(key)) {
      throw new LdapError(ResultCode.noSuchAttribute, `modify/delete: ${description.text}: no such value`);
    }
  }
  entry.set(description, [...remaining.values()]);
}

function increment(entry: EntryDraft, { description, values }: CheckedModification): void {
  const present = entry.values(description);
  if (present.length === 0) {
    throw new LdapError(ResultCode.noSuchAttribute, `modify/increment: ${description.text}: no such attribute`);
  }
  const step = BigInt(values[0]!.toString('latin1'));
  entry.set(
    description,
    present.map((value) => Buffer.from(String(BigInt(value.toString('latin1')) + step))),
  );
}

function requireEquality(description: AttributeDescription, operation: string): void {
  if (!description.type.equality) {
    throw new LdapError(
      ResultCode.inappropriateMatching,
      `modify/${operation}: ${description.text}: no equality matching rule`,
    );
  }
}
