/**
 * TLS for ldaps:// and StartTLS: one context from the configuration, rebuilt when certificates are reloaded, and handshakes
 * on connected sockets.
 */
import type { Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/model.js';
import { certificateSubject } from './certificate-subject.js';
import { secureContext } from './tls-files.js';

interface Handshake {
  resolve(socket: TLSSocket): void;
  reject(error: Error): void;
}

export class TlsAcceptor {
  readonly #config: TlsConfig;
  /** Never listens: it is handed connected sockets. */
  readonly #server: tls.Server;
  readonly #handshakes = new Map<string, Handshake>();

  /** `handshakeMs`: what a client may take. Throws TlsConfigError. */
  constructor(config: TlsConfig, handshakeMs: number) {
    this.#config = config;
    this.#server = tls.createServer({
      ...secureContext(config),
      handshakeTimeout: handshakeMs,
      requestCert: config.verifyClient !== 'never',
      rejectUnauthorized: config.verifyClient === 'demand',
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#handshakes.get(endpoints(socket))?.reject(error));
  }

  /** Reads the certificates again; connections that are open keep theirs. Throws TlsConfigError and changes nothing then. */
  reload(): void {
    this.#server.setSecureContext(secureContext(this.#config));
  }

  /** Does the server's side of the handshake on a TCP connection. Rejects where it fails; the socket is gone then. */
  accept(socket: Socket): Promise<TLSSocket> {
    const key = endpoints(socket);
    return new Promise<TLSSocket>((resolve, reject) => {
      this.#handshakes.set(key, { resolve, reject });
      socket.once('close', () => reject(new Error('connection lost in the TLS handshake')));
      this.#server.emit('connection', socket);
    }).finally(() => this.#handshakes.delete(key));
  }

  #secured(socket: TLSSocket): void {
    const handshake = this.#handshakes.get(endpoints(socket));
    // `try`: no certificate is fine, a wrong one is not.
    const wrongCertificate = !socket.authorized && socket.getPeerX509Certificate() !== undefined;
    if (handshake && !(this.#config.verifyClient === 'try' && wrongCertificate)) return handshake.resolve(socket);
    handshake?.reject(new Error(`client certificate refused: ${String(socket.authorizationError)}`));
    socket.destroy();
  }
}

/** What tells one TCP connection from all others while it lasts. */
function endpoints(socket: Socket): string {
  return `${socket.localAddress} ${socket.localPort} ${socket.remoteAddress} ${socket.remotePort}`;
}

/** The strength of the connection's cipher, in bits. */
export function tlsStrength(socket: TLSSocket): number {
  const { standardName, name } = socket.getCipher();
  if (/CHACHA20/.test(standardName)) return 256;
  const bits = /(?:AES|CAMELLIA|ARIA)[_-]?(128|192|256)/.exec(`${standardName} ${name}`)?.[1];
  // What is left is triple DES: 112 bits by the usual count.
  return bits === undefined ? 112 : Number(bits);
}

/** The subject of the client's certificate as a DN; undefined without one that was verified. */
export function verifiedSubject(socket: TLSSocket): string | undefined {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return certificate && certificateSubject(certificate.raw);
}
