/**
 * A jammd directory on an ldapjs server, for programs that already run one.
 *
 *     import ldapjs from 'ldapjs';
 *     import { openDirectory } from 'jammd';
 *     import { mountDirectory } from 'jammd/ldapjs';
 *
 *     const directory = await openDirectory({ folder: '/var/lib/jammd' });
 *     const server = ldapjs.createServer();
 *     mountDirectory(server, directory);
 *     server.listen(3890, '127.0.0.1');
 *
 * @packageDocumentation
 */
import { extendedOids } from '../ldap/extended.js';
import type { LdapError } from '../ldap/result.js';
import { internalsOf } from '../library/core.js';
import type { Directory } from '../library/directory.js';
import { asLdapError } from '../library/failure.js';
import { BufferPool } from '../protocol/buffer-pool.js';
import { RequestDecoder } from '../protocol/request-decoder.js';
import { extendedOperationOids } from '../server/extended-operations.js';
import { Departures } from '../server/departures.js';
import { defaultTuning } from '../server/limits.js';
import { ServerStatistics } from '../server/statistics.js';
import { Turns } from '../server/turns.js';
import { MountedConnection, type MountContext } from './connection.js';
import type { LdapjsConnection, LdapjsRequest, LdapjsResponse, LdapjsServer, LdapjsServerParts } from './model.js';

export type { LdapjsHandler, LdapjsServer } from './model.js';

/** How a directory is mounted. */
export interface MountOptions {
  /**
   * Which names the mount answers for. `everything` (the default): all that no more specific route of yours takes, the
   * root DSE and names outside every suffix included, so that clients get the answers that jammd's own server gives.
   * `suffixes`: only the directory's suffixes; ldapjs then compares names by their very spelling, case included.
   */
  readonly at?: 'everything' | 'suffixes';
  /** Told of connections that had to end for what they sent, and of faults inside the directory. */
  readonly onError?: (error: LdapError) => void;
}

/** The operations with a name to route by. */
const routedOperations = ['bind', 'search', 'add', 'modify', 'modifyDN', 'del', 'compare'] as const;
const routedTags: Readonly<Record<(typeof routedOperations)[number], number>> = {
  bind: 0x60,
  search: 0x63,
  add: 0x68,
  modify: 0x66,
  modifyDN: 0x6c,
  del: 0x4a,
  compare: 0x6e,
};
const unbindTag = 0x42;
const extendedTag = 0x77;
const extendedOperations = [
  extendedOids.passwordModify,
  extendedOids.whoAmI,
  extendedOids.startTransaction,
  extendedOids.endTransaction,
  extendedOperationOids.cancel,
];

/**
 * Registers handlers for bind, search, add, modify, modify DN, delete, compare, unbind, and the extended operations
 * Password Modify, Who am I and Cancel. The same access rules hold as everywhere; a connection is whom it has bound as
 * through this mount. `server.use()` handlers registered before run first, `server.after()` handlers see the outcome.
 *
 * Throws Error where the server has a handler of its own at one of these places, TypeError for what is not such a server
 * or directory. Close the server before the directory: after that all requests are answered with 52.
 *
 * The mount stands between the sockets and ldapjs's parser, for all connections of the server: messages that would hang
 * or crash ldapjs do not reach it, and the directory gets requests as they were sent. What cannot be mended from outside
 * is in docs/decisions/ldapjs-server.md: no StartTLS, each message decoded twice, names in other routes read ldapjs's
 * way. Where that matters, `createServer` of `jammd` is the server to use.
 */
export function mountDirectory(server: LdapjsServer, directory: Directory, options: MountOptions = {}): void {
  const { core, assertOpen } = internalsOf(directory);
  const parts = server as unknown as LdapjsServerParts;
  if (typeof server.search !== 'function' || typeof parts.server?.on !== 'function') {
    throw new TypeError('not a server that ldapjs.createServer() made');
  }
  const names = options.at === 'suffixes' ? directory.suffixes : [''];
  assertFree(parts, names);
  const report = (error: unknown): void => options.onError?.(asLdapError(error));
  const connections = new WeakMap<LdapjsConnection, MountedConnection>();
  const context: MountContext = {
    core,
    assertOpen,
    onError: report,
    pool: new BufferPool(),
    decoder: new RequestDecoder(core.config.limits),
    throttle: core.logins,
    limits: core.config.limits,
    restricted: core.config.restricted,
    statistics: new ServerStatistics(),
    turns: new Turns(defaultTuning.turnMs),
    // A connection's answers leave at the end of its turn.
    departures: new Departures({ oneAtATime: true }),
    // ldapjs keeps the path of a socket file where it keeps the address of a port.
    socketPath: () => (parts.host?.startsWith('/') ? parts.host : undefined),
  };
  watchConnections(parts, (socket) => {
    if (socket.parser && !connections.has(socket)) {
      connections.set(socket, new MountedConnection(socket, socket.parser, context));
    }
  });
  watchErrors(server, report);
  const handle = (request: LdapjsRequest, response: LdapjsResponse, next: () => void): void => {
    const connection = connections.get(request.connection);
    if (connection) connection.take(request, response, next);
    // It was there before the mount, and its requests have not been looked at.
    else request.connection.destroy();
  };
  for (const name of names) for (const operation of routedOperations) server[operation](name, handle);
  for (const oid of extendedOperations) server.exop(oid, handle);
  server.unbind((request: LdapjsRequest, _: LdapjsResponse, next: () => void) => {
    connections.get(request.connection)?.end();
    next();
  });
}

/** ldapjs would silently put the mount's handlers in place of others. */
function assertFree({ routes }: LdapjsServerParts, names: readonly string[]): void {
  const wanted = [
    ...names.flatMap((name) => routedOperations.map((operation) => [name, routedTags[operation]] as const)),
    ...extendedOperations.map((oid) => [oid, extendedTag] as const),
    ['unbind', unbindTag] as const,
  ];
  for (const [name, tag] of wanted) {
    if (routes[name]?.[`0x${tag.toString(16)}`] === undefined) continue;
    throw new Error(`the ldapjs server has a handler at "${name}" already; mount the directory before it, or elsewhere`);
  }
}

/** ldapjs sets a connection up in a listener of its own, which comes first, or where a `connectionRouter` tells it to. */
function watchConnections(parts: LdapjsServerParts, attach: (socket: LdapjsConnection) => void): void {
  for (const event of ['connection', 'secureConnection']) parts.server.on(event, attach);
  const setUp = parts.newConnection.bind(parts);
  parts.newConnection = (socket) => {
    setUp(socket);
    attach(socket);
  };
}

/** Without a listener of its own, a message that ldapjs cannot read would end the whole process. */
function watchErrors(server: LdapjsServer, report: (error: unknown) => void): void {
  server.on('error', (error) => {
    const isParserError = error.message.startsWith('Parser error for ');
    // A port that cannot be had is for the program to hear; with nobody to hear it, it is as if nobody listened here.
    if (!isParserError && server.listenerCount('error') === 1) throw error;
    if (isParserError) report(error);
  });
}
