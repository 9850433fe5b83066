/** Holds connections of `pldap://` listeners until their PROXY header has arrived. */
import type { Socket } from 'node:net';
import type { ClientEndpoint } from './peer.js';
import { decodeProxiedClient, decodeProxyHead, type ProxyHead, ProxyHeaderError, proxyHeadBytes } from './proxy-header.js';

export interface ProxyGateEvents {
  /** The header has come; what follows it is still in the socket. `client` is undefined for the proxy itself. */
  passed(client: ClientEndpoint | undefined): void;
  /** The socket is gone. `reason`: to be logged. */
  failed(reason: string | undefined): void;
}

export class ProxyGate {
  readonly #headerMs: number;
  readonly #waiting = new Set<Socket>();

  /** `headerMs`: milliseconds that a header may take. */
  constructor(headerMs: number) {
    this.#headerMs = headerMs;
  }

  /** Connections that wait here. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Calls exactly one of the events, once, later. */
  receive(socket: Socket, events: ProxyGateEvents): void {
    let head: ProxyHead | undefined;
    const leave = (): void => {
      this.#waiting.delete(socket);
      clearTimeout(timer);
      socket.off('readable', onReadable).off('error', onError).off('close', onClose);
    };
    const fail = (reason: string | undefined): void => {
      leave();
      socket.on('error', () => undefined);
      socket.destroy();
      events.failed(reason);
    };
    const onReadable = (): void => {
      try {
        head ??= readHead(socket);
        const block = head && readExactly(socket, head.length);
        if (!head || !block) return;
        const client = decodeProxiedClient(head, block);
        leave();
        events.passed(client);
      } catch (error) {
        if (!(error instanceof ProxyHeaderError)) throw error;
        fail(error.message);
      }
    };
    const onError = (error: Error): void => fail(`connection lost before its PROXY header: ${error.message}`);
    // A port scan, or a proxy's health check.
    const onClose = (): void => fail(undefined);
    const timer = setTimeout(() => fail('no PROXY header in time'), this.#headerMs);
    this.#waiting.add(socket);
    socket.on('readable', onReadable).on('error', onError).on('close', onClose);
  }

  /** Closes all that wait. */
  close(): void {
    for (const socket of [...this.#waiting]) socket.destroy();
  }
}

function readHead(socket: Socket): ProxyHead | undefined {
  const bytes = readExactly(socket, proxyHeadBytes);
  return bytes && decodeProxyHead(bytes);
}

/**
 * So many bytes and none more, once they are all there: what follows is not this room's. Throws ProxyHeaderError where
 * they will never come.
 */
function readExactly(socket: Socket, length: number): Buffer | undefined {
  if (length === 0) return Buffer.alloc(0);
  const bytes = socket.read(length) as Buffer | null;
  // A stream gives less than it was asked for only at its end.
  if (bytes && bytes.length < length) throw new ProxyHeaderError('PROXY header cut short');
  return bytes ?? undefined;
}
