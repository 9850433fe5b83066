/** Reads and checks the configured TLS files: certificate, key, authorities, revocation list. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import type { TlsConfig } from '../config/model.js';

/** Files that TLS cannot be made of. The message names the directive. */
export class TlsConfigError extends Error {
  override readonly name = 'TlsConfigError';
}

/** Throws TlsConfigError where a file is missing, or OpenSSL cannot use what is in it. */
export function secureContext(config: TlsConfig): tls.SecureContextOptions {
  const { certificateFile, certificateKeyFile } = config;
  if (certificateFile === undefined) throw new TlsConfigError('TLSCertificateFile is not set');
  // Certificate and key may share a file.
  const keyFile = certificateKeyFile ?? certificateFile;
  const options: tls.SecureContextOptions = {
    cert: read('TLSCertificateFile', certificateFile),
    key: read('TLSCertificateKeyFile', keyFile),
    minVersion: config.protocolMin === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: config.protocolMax === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
    honorCipherOrder: true,
  };
  checkPair(certificateFile, options.cert as Buffer, keyFile, options.key as Buffer);
  const authorities = [
    ...(config.caCertificateFile === undefined ? [] : [readAuthorities(config.caCertificateFile)]),
    ...(config.caCertificatePath === undefined ? [] : readFolder('TLSCACertificatePath', config.caCertificatePath)),
  ];
  if (authorities.length > 0) options.ca = authorities;
  if (config.crlFile !== undefined) options.crl = read('TLSCRLFile', config.crlFile);
  if (config.cipherSuite !== undefined) options.ciphers = config.cipherSuite;
  if (config.dhParamFile !== undefined) options.dhparam = read('TLSDHParamFile', config.dhParamFile);
  try {
    tls.createSecureContext(options);
  } catch (error) {
    throw new TlsConfigError(`TLS cannot be set up from the configured files: ${(error as Error).message}`, { cause: error });
  }
  return options;
}

/** OpenSSL takes an RSA certificate with another kind of key, and then fails every handshake. */
function checkPair(certificateFile: string, certificate: Buffer, keyFile: string, key: Buffer): void {
  const parsed = parseCertificate(certificateFile, certificate);
  if (parsed.checkPrivateKey(parseKey(keyFile, key))) return;
  throw new TlsConfigError(
    `TLSCertificateKeyFile: the key in ${keyFile} does not belong to the certificate in ${certificateFile}`,
  );
}

function parseCertificate(file: string, content: Buffer): X509Certificate {
  requirePem('TLSCertificateFile', file, content, 'x509');
  try {
    return new X509Certificate(content);
  } catch (error) {
    throw new TlsConfigError(`TLSCertificateFile: no certificate can be read from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parseKey(file: string, content: Buffer): KeyObject {
  requirePem('TLSCertificateKeyFile', file, content, 'pkey');
  if (content.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') || content.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new TlsConfigError(
      `TLSCertificateKeyFile: the key in ${file} is encrypted, and the server cannot ask for its passphrase; ` +
        `decrypt it with "openssl pkey -in ${file} -out PLAIN"`,
    );
  }
  try {
    return createPrivateKey(content);
  } catch (error) {
    throw new TlsConfigError(`TLSCertificateKeyFile: no key can be read from ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** `tool`: what turns the other usual form into PEM. */
function requirePem(directive: string, file: string, content: Buffer, tool: 'x509' | 'pkey'): void {
  if (content.includes('-----BEGIN ')) return;
  // In DER, everything of interest is a SEQUENCE.
  const advice = content[0] === 0x30 ? `, it looks like DER; "openssl ${tool} -inform der -in ${file} -out PEM" converts it` : '';
  throw new TlsConfigError(`${directive}: ${file} is not in PEM form${advice}`);
}

function readAuthorities(file: string): Buffer {
  const content = read('TLSCACertificateFile', file);
  requirePem('TLSCACertificateFile', file, content, 'x509');
  return content;
}

function read(directive: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TlsConfigError(`${directive}: ${(error as Error).message}`, { cause: error });
  }
}

/** Every certificate of a folder, whatever its files are called. */
function readFolder(directive: string, folder: string): Buffer[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => readFileSync(join(folder, entry.name)))
      .filter((content) => content.includes('-----BEGIN CERTIFICATE-----'));
  } catch (error) {
    throw new TlsConfigError(`${directive}: ${(error as Error).message}`, { cause: error });
  }
}
