/** The values of response controls. */
import type { ResultEntry } from '../entry/result-entry.js';
import { controlOids, type ResponseControl } from '../ldap/control.js';
import { berElement, berEnumerated, berInteger, berOctetString, berSequence, contextTag } from '../ber/ber.js';
import { encodeSearchResultEntry } from './response-writer.js';

/** RFC 2696. `estimate`: entries in all, 0 where not told. An empty cookie says that this was the last page. */
export function pagedResultsResponse(estimate: number, cookie: Buffer): ResponseControl {
  const value = berSequence(berInteger(estimate), berOctetString(cookie));
  return { oid: controlOids.pagedResults, critical: false, value };
}

/** RFC 2891. `attribute`: the sort key that made the sort fail. */
export function sortResponse(code: number, attribute?: string): ResponseControl {
  const key = attribute === undefined ? [] : [berElement(contextTag(0), Buffer.from(attribute))];
  return { oid: controlOids.sortResponse, critical: false, value: berSequence(berEnumerated(code), ...key) };
}

/** RFC 4527: the entry as it was before an update. */
export function preReadResponse(entry: ResultEntry): ResponseControl {
  return { oid: controlOids.preRead, critical: false, value: encodeSearchResultEntry(entry) };
}

/** RFC 4527: the entry as an update left it. */
export function postReadResponse(entry: ResultEntry): ResponseControl {
  return { oid: controlOids.postRead, critical: false, value: encodeSearchResultEntry(entry) };
}
