/** Searches of the entries that the server itself provides: root DSE, cn=Subschema, cn=Monitor. */
import { Privilege } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import { compileFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import type { SearchRequest, SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { valueFilterOf } from '../controls/matched-values.js';
import { computedInTree } from './computed.js';
import { filterEnvironment } from './matching.js';
import type { MaybePromise, SearchSink } from '../model.js';
import type { Response } from '../../ldap/response.js';
import type { OperationContext } from '../operations/operation.js';
import { Selection } from './selection.js';

export function searchVirtual(
  operation: OperationContext,
  tree: readonly EntryRecord[],
  name: DN,
  request: SearchRequest,
  sink: SearchSink,
): MaybePromise<Response> {
  const { directory, schema, subject } = operation;
  operation.checkAllowed(undefined);
  const access = directory.virtualEvaluator(subject, name.normalized);
  const base = tree.find((entry) => entry.ndn === name.normalized);
  if (!base) throw new LdapError(ResultCode.noSuchObject, '', { matchedDN: nearest(tree, name).dn });
  if (!access.allows(base, 'entry', Privilege.search)) {
    const known = access.allows(base, 'entry', Privilege.disclose);
    throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
  }
  const computed = tree.length > 1 ? computedInTree(tree, schema) : directory.virtualComputed;
  const environment = filterEnvironment(access, computed);
  const matchedValues = operation.controls.get('matchedValues');
  const valueFilter = matchedValues && valueFilterOf(matchedValues, schema, environment);
  let waiting = false;
  let sent = 0;
  for (const record of tree) {
    if (!inScope(record, base, request.scope)) continue;
    const filter = compileFilter(request.filter, schema, record.dictionary);
    if (evaluateFilter(filter, record, environment) !== true) continue;
    if (!access.allows(record, 'entry', Privilege.read)) continue;
    if (request.sizeLimit > 0 && sent >= request.sizeLimit) {
      return { code: ResultCode.sizeLimitExceeded, matchedDN: '', diagnostic: '' };
    }
    const selection = new Selection(request.attributes, request.typesOnly, schema, computed, valueFilter);
    sent++;
    waiting = !sink.entry(selection.apply(record, access)) || waiting;
  }
  return waiting ? sink.drained().then(() => success) : success;
}

function nearest(tree: readonly EntryRecord[], name: DN): EntryRecord {
  const above = tree.filter((entry) => ndnIsWithin(name.normalized, entry.ndn));
  return above.reduce((a, b) => (b.ndn.length > a.ndn.length ? b : a));
}

function inScope(record: EntryRecord, base: EntryRecord, scope: SearchScope): boolean {
  switch (scope) {
    case 'base':
      return record === base;
    case 'one':
      return ndnParent(record.ndn) === base.ndn;
    case 'sub':
      return ndnIsWithin(record.ndn, base.ndn);
    case 'children':
      return record !== base && ndnIsWithin(record.ndn, base.ndn);
  }
}
