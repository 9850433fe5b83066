/** The Pre-Read and Post-Read controls (RFC 4527): the entry as it was, or has become, goes back with the result. */
import type { AccessEvaluator } from '../../access/model.js';
import { Privilege } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ResponseControl } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { postReadResponse, preReadResponse } from '../../protocol/response-controls.js';
import type { Schema } from '../../ldap/schema.js';
import type { EntryReader } from '../../store/model.js';
import { computedAttributes } from '../search/computed.js';
import type { OperationControls } from './controls.js';
import type { ResultEntry } from '../../entry/result-entry.js';
import type { OperationContext } from '../operations/operation.js';
import { Selection } from '../search/selection.js';

/** As slapd: what a critical control asks for is looked at before anything else. Throws 17. */
export function checkReadControls(controls: OperationControls, schema: Schema): void {
  for (const control of [controls.get('preRead'), controls.get('postRead')]) {
    if (control?.critical) for (const attribute of control.attributes) demandKnown(attribute, schema);
  }
}

/** An empty list where the client did not ask, or may not read the entry. */
export function preRead(
  operation: OperationContext,
  record: EntryRecord,
  access: AccessEvaluator,
  reader: EntryReader,
): ResponseControl[] {
  const control = operation.controls.get('preRead');
  return control ? answer(operation, control, preReadResponse, record, access, reader) : [];
}

export function postRead(
  operation: OperationContext,
  record: EntryRecord,
  access: AccessEvaluator,
  reader: EntryReader,
): ResponseControl[] {
  const control = operation.controls.get('postRead');
  return control ? answer(operation, control, postReadResponse, record, access, reader) : [];
}

function answer(
  operation: OperationContext,
  control: { readonly critical: boolean; readonly attributes: readonly string[] },
  respond: (entry: ResultEntry) => ResponseControl,
  record: EntryRecord,
  access: AccessEvaluator,
  reader: EntryReader,
): ResponseControl[] {
  // Critical or not: the write happens, and what may not be read is left out of the answer.
  if (!access.allows(record, 'entry', Privilege.read)) return [];
  const computed = computedAttributes(operation.schema, (id) => reader.childCount(id));
  const selection = new Selection(control.attributes, false, operation.schema, computed);
  return [respond(selection.apply(record, access))];
}

function demandKnown(attribute: string, schema: Schema): void {
  if (['*', '+', '1.1'].includes(attribute) || attribute.startsWith('@')) return;
  if (!schema.attributeDescription(attribute)) {
    throw new LdapError(ResultCode.undefinedAttributeType, `${attribute}: attribute type undefined`);
  }
}
