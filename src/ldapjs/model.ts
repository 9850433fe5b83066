/**
 * The parts of ldapjs 3 that the mount uses. The types are structural, so programs need no type declarations of ldapjs and
 * may use any copy of it.
 */
import type { Socket } from 'node:net';

/** A server as `ldapjs.createServer()` makes it. */
export interface LdapjsServer {
  bind(mount: string, handler: LdapjsHandler): unknown;
  search(mount: string, handler: LdapjsHandler): unknown;
  add(mount: string, handler: LdapjsHandler): unknown;
  modify(mount: string, handler: LdapjsHandler): unknown;
  modifyDN(mount: string, handler: LdapjsHandler): unknown;
  del(mount: string, handler: LdapjsHandler): unknown;
  compare(mount: string, handler: LdapjsHandler): unknown;
  exop(oid: string, handler: LdapjsHandler): unknown;
  unbind(handler: LdapjsHandler): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  listenerCount(event: 'error'): number;
}

/** Parameters are whatever ldapjs gives; the mount knows what that is. */
export type LdapjsHandler = (request: never, response: never, next: never) => void;

/** What the declarations of ldapjs leave out. */
export interface LdapjsServerParts {
  readonly server: { on(event: string, listener: (socket: LdapjsConnection) => void): void };
  readonly routes: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  readonly host?: string;
  /** Sets a connection up; what a program's `connectionRouter` calls. */
  newConnection(socket: LdapjsConnection): void;
}

export interface LdapjsConnection extends Socket {
  readonly encrypted?: boolean;
  readonly parser?: LdapjsParser;
  readonly ldap: { bindDN: LdapjsDN };
}

export interface LdapjsParser {
  write(chunk: Buffer): boolean;
  prependListener(event: 'message', listener: (request: LdapjsRequest) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeAllListeners(event: 'error'): unknown;
}

export interface LdapjsDN {
  toString(): string;
}

/** Only to know it again: what it says is taken from the message as it was sent. */
export interface LdapjsRequest {
  readonly connection: LdapjsConnection;
  readonly messageId: number;
}

/** For handlers that the program has given to `server.after()`. */
export interface LdapjsResponse {
  status: number;
  matchedDN: string;
  diagnosticMessage: string;
}
