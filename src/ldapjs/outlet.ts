/** Writes a mounted connection's answers to its socket, which ldapjs's own handlers share. */
import type { Outlet } from '../server/output.js';
import type { QueueContext } from '../server/request-queue.js';
import type { LdapjsConnection } from './model.js';

export class MountOutlet implements Outlet {
  readonly #socket: LdapjsConnection;
  readonly #idleMs: number;
  readonly #writeTimeoutMs: number;

  constructor(socket: LdapjsConnection, limits: Pick<QueueContext['limits'], 'idleTimeout' | 'writeTimeout'>) {
    this.#socket = socket;
    this.#idleMs = limits.idleTimeout * 1_000;
    this.#writeTimeoutMs = limits.writeTimeout * 1_000;
    // ldapjs destroys a socket that times out.
    if (this.#idleMs > 0) socket.setTimeout(this.#idleMs);
  }

  get unreadBytes(): number {
    return this.#socket.writableLength;
  }

  get keepsBytes(): boolean {
    return this.#socket.encrypted === true || this.#socket.writableLength > 0;
  }

  write(bytes: Buffer): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    socket.write(bytes);
    if (socket.writableLength === 0) return true;
    if (socket.writableNeedDrain) this.#expect(this.#writeTimeoutMs);
    return false;
  }

  /** The peer has read what there was. */
  drained(): void {
    this.#expect(this.#idleMs);
  }

  /** A socket has one timeout: the write timeout while the peer has answers to read, else the idle timeout. 0: none. */
  #expect(milliseconds: number): void {
    this.#socket.setTimeout(milliseconds);
  }
}
