/** The replica's side of TLS: files from `syncrepl`, or else the server's own; the provider's certificate is looked at. */
import { readFileSync, readdirSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { join } from 'node:path';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/model.js';
import type { SyncreplTls } from '../config/syncrepl-settings.js';
import { ProviderError } from './errors.js';

/** `host`: who the certificate must be for. Rejects with ProviderError. */
export function startTls(socket: Socket, host: string, settings: SyncreplTls, own: TlsConfig | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(new ProviderError(`TLS: ${error.message}`, undefined, { cause: error }));
    try {
      const secured = tls.connect({ ...optionsOf(settings, own), socket, host, ...(isIP(host) === 0 && { servername: host }) });
      secured.once('error', failed);
      secured.once('close', () => failed(new Error('connection lost in the handshake')));
      secured.once('secureConnect', () => {
        secured.removeListener('error', failed);
        resolve(secured);
      });
    } catch (error) {
      failed(error as Error);
    }
  });
}

/** Read each time, so that renewed certificates are used from the next connection on. */
function optionsOf(settings: SyncreplTls, own: TlsConfig | undefined): ConnectionOptions {
  const certificate = settings.certificateFile ?? own?.certificateFile;
  const key = settings.certificateFile === undefined ? own?.certificateKeyFile : settings.keyFile;
  const authorityFile = settings.authorityFile ?? own?.caCertificateFile;
  const authorityFolder = settings.authorityFolder ?? own?.caCertificatePath;
  const ca = [
    ...(authorityFile === undefined ? [] : [readFileSync(authorityFile)]),
    ...(authorityFolder === undefined ? [] : readFolder(authorityFolder)),
  ];
  return {
    ...(certificate !== undefined && key !== undefined && { cert: readFileSync(certificate), key: readFileSync(key) }),
    ...(ca.length > 0 && { ca }),
    minVersion: settings.protocolMin === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    // `try` refuses what is wrong; a provider without a certificate there is not.
    rejectUnauthorized: settings.verify === 'demand' || settings.verify === 'try',
  };
}

function readFolder(folder: string): Buffer[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => readFileSync(join(folder, entry.name)))
    .filter((content) => content.includes('-----BEGIN CERTIFICATE-----'));
}
