/**
 * The search operation (RFC 4511 section 4.5). A lookup — a filter whose indexes name a few candidates — is answered at
 * once, without a promise; anything larger streams, a slice of work at a time, in step with the receiver.
 */
import type { DN } from '../../dn/dn.js';
import type { Control, ResponseControl } from '../../ldap/control.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { Response } from '../../ldap/response.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { sortResponse } from '../../protocol/response-controls.js';
import { checkOverlayControls } from '../controls/overlay-controls.js';
import { SortError, SortPlan } from '../controls/sort.js';
import { VirtualListError, withoutSort } from '../controls/virtual-list.js';
import type { Database } from '../database.js';
import type { MaybePromise, OperationIO } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import { dereferenceBase } from './aliases.js';
import { synchronise } from '../sync/sync-search.js';
import { SearchAnswer } from './answer.js';
import { searchParts } from './part.js';
import { SearchTask } from './task.js';
import { searchVirtual } from './virtual-search.js';

export function search(operation: OperationContext, request: SearchRequest, io: OperationIO): MaybePromise<Response> {
  const { directory, controls } = operation;
  const sort = controls.get('serverSideSort');
  const named = directory.parseDN(request.base);
  const virtual = directory.virtualTree(named.normalized, operation.peer);
  // Root DSE and cn=Subschema are for base searches only, as in slapd; cn=Monitor is a tree.
  if (virtual && (request.scope === 'base' || !virtual.isSingle)) {
    if (sort?.critical) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, "the server's own entries are not sorted");
    }
    if (controls.get('virtualListView')?.critical) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, "the server's own entries are not a list");
    }
    if (controls.get('syncRequest')?.critical) {
      throw new LdapError(ResultCode.unavailableCriticalExtension, "replicas cannot follow the server's own entries");
    }
    checkOverlayControls(controls, undefined);
    return searchVirtual(operation, virtual, named, request, io);
  }
  const virtualList = controls.get('virtualListView');
  const base = named.isEmpty ? (directory.config.defaultSearchBase ?? named) : named;
  const database = operation.databaseOf(base, ResultCode.noSuchObject, request.scope);
  checkOverlayControls(controls, database);
  const synchronised = synchronise(operation, database, base, request, io);
  if (synchronised) return synchronised;
  const plan = sort && sortPlan(sort, directory.schema, sortKeysOf(database));
  if (virtualList?.critical && controls.has('pagedResults')) {
    throw new LdapError(ResultCode.unwillingToPerform, 'VLV incompatible with PagedResults');
  }
  if (!plan) {
    if (!virtualList) return begin(operation, database, base, request, io);
    const error = withoutSort();
    return virtualList.critical ? failed(error) : withControl(begin(operation, database, base, request, io), error.control);
  }
  const unsorted = (error: unknown): MaybePromise<Response> => {
    // Pages that are in order cannot be followed by one that is not: entries would be lost, or come twice.
    if (!(error instanceof SortError) || sort?.critical || operation.session.paging?.last.keys.length) throw error;
    return withControl(begin(operation, database, base, request, io), sortResponse(error.code, error.attribute));
  };
  const withoutOrder = (error: unknown): MaybePromise<Response> =>
    error instanceof VirtualListError ? failed(error) : unsorted(error);
  if (plan instanceof SortError) return unsorted(plan);
  try {
    const answer = begin(operation, database, base, request, io, plan);
    return answer instanceof Promise ? answer.catch(withoutOrder) : answer;
  } catch (error) {
    return withoutOrder(error);
  }
}

function begin(
  operation: OperationContext,
  database: Database,
  base: DN,
  request: SearchRequest,
  io: OperationIO,
  plan?: SortPlan,
): MaybePromise<Response> {
  const found = dereferenceBase(operation, database, base, request.derefAliases);
  const parts = searchParts(operation, database, found, request);
  const answer = new SearchAnswer(operation, parts, request, io.sink, plan);
  return new SearchTask(operation, request, parts, answer, io.signal).run();
}

/** RFC 2891 section 2: a control that is not critical never fails the search; its response says why the entries are not sorted. */
function sortPlan(
  control: Extract<Control, { type: 'serverSideSort' }>,
  schema: Schema,
  keysMax: number | undefined,
): SortPlan | SortError {
  try {
    return new SortPlan(control, schema, keysMax);
  } catch (error) {
    if (!(error instanceof SortError) || control.critical) throw error;
    return error;
  }
}

/** `sssvlv-maxkeys` */
function sortKeysOf({ config }: Database): number | undefined {
  return config.overlays.find((settings) => settings.kind === 'sssvlv')?.keysMax;
}

/** A critical control of a virtual list fails the search, and tells why in its response. */
function failed({ code, message, control }: VirtualListError): Response {
  return { code, matchedDN: '', diagnostic: message, controls: [control] };
}

function withControl(answer: MaybePromise<Response>, control: ResponseControl): MaybePromise<Response> {
  const told = (response: Response): Response => ({ ...response, controls: [...(response.controls ?? []), control] });
  return answer instanceof Promise ? answer.then(told) : told(answer);
}
