/**
 * The control sockets of a running server, one in each database's folder: private to the folder's owner, opened with the
 * database, removed when the server stops.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { Database } from '../directory/database.js';
import type { Directory } from '../directory/directory.js';
import type { ServerFigures } from '../server/model.js';
import { controlAddress, type ControlAddress } from './address.js';
import { ControlError } from './errors.js';
import { RecentFigures } from './recent.js';
import { ControlSession, type ControlContext } from './session.js';
import { readStatus, type LongWork } from './status.js';

/** Clients of all sockets at one time. Exports and backups are at most half of them: see session.ts. */
const sessionsMax = 32;
/** What the socket's file must not grant. */
const privateUmask = 0o177;

export interface ControlOptions {
  readonly directory: Directory;
  readonly server: ServerFigures;
  readonly logger: Logger;
}

interface OpenSocket {
  readonly listener: net.Server;
  readonly address: ControlAddress;
}

export class ControlServer {
  readonly #context: ControlContext;
  readonly #recent: RecentFigures;
  readonly #sockets = new Map<Database, OpenSocket>();
  #endFollowing: () => void = () => undefined;
  readonly #sessions = new Set<ControlSession>();

  private constructor({ directory, server, logger }: ControlOptions) {
    const recent = new RecentFigures(server.operations);
    const works = new Set<LongWork>();
    this.#recent = recent;
    this.#context = { logger, works, status: () => readStatus(directory, server, recent, works) };
  }

  /** Where a socket cannot be made the log says so, and the server does without: answering clients matters more. */
  static async open(options: ControlOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    for (const database of options.directory.databases) await control.#openFor(database);
    control.#endFollowing = options.directory.followConfiguration({
      changed: () => void control.#followDatabases(options.directory),
    });
    return control;
  }

  async #openFor(database: Database): Promise<void> {
    try {
      this.#sockets.set(database, await openSocket(database.store.folder, (socket) => this.#accept(socket, database)));
    } catch (error) {
      const name = String(database.config.suffixes[0]);
      const why = error instanceof Error ? error.message : String(error);
      this.#context.logger.warn(`${name}: no control socket: jammd status, backup and export cannot reach this server: ${why}`);
    }
  }

  /** Databases come and go while the server runs. */
  async #followDatabases({ databases }: Directory): Promise<void> {
    for (const [database, socket] of this.#sockets) {
      if (databases.includes(database)) continue;
      closeSocket(socket);
      this.#sockets.delete(database);
    }
    for (const database of databases) if (!this.#sockets.has(database)) await this.#openFor(database);
  }

  /** Ends what is being done for clients, who are told. Resolves when nothing reads the databases any more. */
  async close(): Promise<void> {
    this.#recent.stop();
    this.#endFollowing();
    for (const socket of this.#sockets.values()) closeSocket(socket);
    const ended = [...this.#sessions].map((session) => session.ended());
    for (const session of this.#sessions) session.stop();
    await Promise.all(ended);
  }

  #accept(socket: Socket, database: Database): void {
    // The oldest client that has sent no request, or has not taken its short answer, makes room for the new one.
    if (this.#sessions.size >= sessionsMax) this.#evictOne();
    const session = new ControlSession(socket, database, this.#context);
    this.#sessions.add(session);
    void session.ended().then(() => this.#sessions.delete(session));
  }

  #evictOne(): void {
    for (const session of this.#sessions) {
      if (session.isAtWork) continue;
      this.#sessions.delete(session);
      return session.evict();
    }
  }
}

/** This removes the file. */
function closeSocket({ listener, address }: OpenSocket): void {
  listener.close(() => address.release());
}

/** The caller has the database open, and with it the only right to this file. */
async function openSocket(folder: string, accept: (socket: Socket) => void): Promise<OpenSocket> {
  const address = controlAddress(folder);
  try {
    const found = lstatSync(address.path, { throwIfNoEntry: false });
    if (found && !found.isSocket()) throw new ControlError(`${address.path} exists and is not a socket`);
    // A server that was killed has left it.
    if (found) unlinkSync(address.path);
    const listener = net.createServer(accept);
    listenPrivately(listener, address.path);
    await once(listener, 'listening');
    // A client that could not be accepted, for want of file descriptors, has to try again.
    listener.on('error', () => undefined);
    return { listener, address };
  } catch (error) {
    address.release();
    throw error;
  }
}

/** The file is made within this call, and nothing else happens meanwhile: there is no moment when others may open it. */
function listenPrivately(listener: net.Server, path: string): void {
  const umask = process.umask(privateUmask);
  try {
    listener.listen({ path });
  } finally {
    process.umask(umask);
  }
}
