/**
 * The server's limits that a directive sets, each with its default. (Search limits are in search-limits.ts: sizelimit 500,
 * timelimit 3600. Limits that no directive sets live where they are enforced: docs/architecture.md lists them.)
 *
 *     directive                   default      what it bounds
 *     sockbuf_max_incoming        262143       bytes of one request on an anonymous connection
 *     sockbuf_max_incoming_auth   4194303      bytes of one request on an authenticated connection
 *     sockbuf_max_outgoing        1048576      bytes of answers that wait for a connection before its searches pause
 *     conn_max_pending            100          requests waiting on an anonymous connection
 *     conn_max_pending_auth       1000         requests waiting on an authenticated connection
 *     conn_max                    10000        connections in all
 *     conn_max_per_address        2000         connections from one address
 *     maxfilterdepth              1000         nesting of a filter
 *     filter_max_terms            10000        terms of a filter, parts of substring assertions included
 *     entry_max_values            20000        values of an entry (the rootdn may exceed this and the next)
 *     entry_max_bytes             8388608      bytes of an entry's values
 *     memory_max_bytes            0 (auto)     entries and index terms kept in memory by all databases together; 0: an eighth of
 *                                              the machine's or container's memory, at least 64 MiB, at most 512 MiB
 *     idletimeout                 0 (never)    seconds a connection may be idle
 *     writetimeout                300          seconds a peer may leave its answers unread; 0: for ever
 *
 * The names without counterpart in slapd: sockbuf_max_outgoing, conn_max, conn_max_per_address, filter_max_terms,
 * entry_max_values, entry_max_bytes, memory_max_bytes.
 */
import type { ServerLimits } from './model.js';

export const defaultServerLimits: ServerLimits = Object.freeze({
  pduBytesAnonymous: 262_143,
  pduBytesAuthenticated: 4_194_303,
  pendingAnonymous: 100,
  pendingAuthenticated: 1_000,
  filterDepth: 1_000,
  filterTerms: 10_000,
  idleTimeout: 0,
  writeTimeout: 300,
  connections: 10_000,
  connectionsPerAddress: 2_000,
  unreadBytes: 1_048_576,
  entryValues: 20_000,
  entryBytes: 8_388_608,
  memoryBytes: 0,
});

export interface LimitDirective {
  readonly field: keyof ServerLimits;
  readonly least: number;
  readonly most: number;
}

const bytesMax = 0x7fffffff;
const secondsMax = 0x7fffffff;
const countMax = 1_000_000;
const memoryMax = 16 * 2 ** 30;

/** By directive, in lower case. */
export const limitDirectives: ReadonlyMap<string, LimitDirective> = new Map<string, LimitDirective>([
  // A bind with a long name and password must still fit.
  ['sockbuf_max_incoming', { field: 'pduBytesAnonymous', least: 1_024, most: bytesMax }],
  ['sockbuf_max_incoming_auth', { field: 'pduBytesAuthenticated', least: 1_024, most: bytesMax }],
  ['sockbuf_max_outgoing', { field: 'unreadBytes', least: 1_024, most: bytesMax }],
  ['conn_max_pending', { field: 'pendingAnonymous', least: 1, most: countMax }],
  ['conn_max_pending_auth', { field: 'pendingAuthenticated', least: 1, most: countMax }],
  ['conn_max', { field: 'connections', least: 1, most: countMax }],
  ['conn_max_per_address', { field: 'connectionsPerAddress', least: 1, most: countMax }],
  // Filters are gone through without recursion, so depth costs no stack; the request's size bounds it anyway.
  ['maxfilterdepth', { field: 'filterDepth', least: 1, most: countMax }],
  ['filter_max_terms', { field: 'filterTerms', least: 1, most: countMax }],
  ['entry_max_values', { field: 'entryValues', least: 100, most: bytesMax }],
  ['entry_max_bytes', { field: 'entryBytes', least: 65_536, most: bytesMax }],
  ['memory_max_bytes', { field: 'memoryBytes', least: 0, most: memoryMax }],
  ['idletimeout', { field: 'idleTimeout', least: 0, most: secondsMax }],
  ['writetimeout', { field: 'writeTimeout', least: 0, most: secondsMax }],
]);
