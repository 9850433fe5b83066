/** The values of response controls. */
import type { ResultEntry } from '../entry/result-entry.js';
import { controlOids, type ResponseControl } from '../ldap/control.js';
import { berElement, berEnumerated, berInteger, berOctetString, berSequence, contextTag } from '../ber/ber.js';
import { syncOids, type SyncDone, type SyncState } from '../ldap/sync.js';
import { encodeSyncDone, encodeSyncState } from './sync-values.js';
import { encodeSearchResultEntry } from './response-writer.js';

/**
 * RFC 2696. An empty cookie marks the last page. The size is 0, "unknown", as in slapd: an estimate would come from the
 * indexes, and tell how often a value occurs to a client that may not read it.
 */
export function pagedResultsResponse(cookie: Buffer): ResponseControl {
  const value = berSequence(berInteger(0), berOctetString(cookie));
  return { oid: controlOids.pagedResults, critical: false, value };
}

/** RFC 2891. `attribute`: the sort key that made the sort fail. */
export function sortResponse(code: number, attribute?: string): ResponseControl {
  const key = attribute === undefined ? [] : [berElement(contextTag(0), Buffer.from(attribute))];
  return { oid: controlOids.sortResponse, critical: false, value: berSequence(berEnumerated(code), ...key) };
}

/** draft-ietf-ldapext-ldapv3-vlv, without a context: each request finds its part of the list by itself. */
export function virtualListViewResponse(target: number, count: number, code: number): ResponseControl {
  const value = berSequence(berInteger(target), berInteger(count), berEnumerated(code));
  return { oid: controlOids.virtualListViewResponse, critical: false, value };
}

/** RFC 4527: the entry as it was before an update. */
export function preReadResponse(entry: ResultEntry): ResponseControl {
  return { oid: controlOids.preRead, critical: false, value: encodeSearchResultEntry(entry) };
}

/** RFC 4527: the entry as an update left it. */
export function postReadResponse(entry: ResultEntry): ResponseControl {
  return { oid: controlOids.postRead, critical: false, value: encodeSearchResultEntry(entry) };
}

/** RFC 4533: what has become of an entry. */
export function syncStateControl(state: SyncState): ResponseControl {
  return { oid: syncOids.state, critical: false, value: encodeSyncState(state) };
}

/** RFC 4533: what goes with the end of a search that refreshes. */
export function syncDoneControl(done: SyncDone): ResponseControl {
  return { oid: syncOids.done, critical: false, value: encodeSyncDone(done) };
}
