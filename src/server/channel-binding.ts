/**
 * What ties a login to its TLS connection (RFC 5056): the data of tls-unique and tls-server-end-point (RFC 5929), and of
 * tls-exporter (RFC 9266).
 */
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { BerError, BerReader, contextTag, Tag } from '../ber/ber.js';
import { dottedOid } from './certificate-subject.js';

/** The digest of a signature algorithm. RFC 5929 replaces MD5 and SHA-1 by SHA-256. */
const signatureDigests: Readonly<Record<string, string>> = {
  // RSA
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  // ECDSA
  '1.2.840.10045.4.1': 'sha256',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // DSA
  '1.2.840.10040.4.3': 'sha256',
  '2.16.840.1.101.3.4.3.1': 'sha224',
  '2.16.840.1.101.3.4.3.2': 'sha256',
  // Ed25519, whose digest RFC 5929 leaves open: as GnuTLS does it, which Debian's LDAP clients use.
  '1.3.101.112': 'sha512',
};

const rsaPss = '1.2.840.113549.1.1.10';
const pssDigests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};

/** `type`: a name of IANA's registry. Undefined where this connection has no such binding. */
export function channelBinding(socket: TLSSocket, type: string): Buffer | undefined {
  // OpenSSL no longer says what a connection that has ended was like.
  if (socket.destroyed) return undefined;
  switch (type) {
    case 'tls-server-end-point': {
      const certificate = socket.getX509Certificate();
      return certificate && endPointDigest(certificate.raw);
    }
    case 'tls-unique':
      return tlsUnique(socket);
    case 'tls-exporter':
      // In TLS 1.2 it takes the extended master secret, and Node does not say whether a connection has it.
      return isTls13(socket) ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)) : undefined;
    default:
      return undefined;
  }
}

/**
 * The first Finished message, which is the client's in a full handshake. Not in a resumed one: two connections can then have
 * the same (RFC 7627 section 1), unless they have the extended master secret, of which Node does not tell.
 */
function tlsUnique(socket: TLSSocket): Buffer | undefined {
  return isTls13(socket) || socket.isSessionReused() ? undefined : socket.getPeerFinished();
}

function isTls13(socket: TLSSocket): boolean {
  return socket.getProtocol() === 'TLSv1.3';
}

/** `der`: a whole certificate. Undefined where its signature has not one digest, or one that is not known here. */
export function endPointDigest(der: Buffer): Buffer | undefined {
  try {
    const digest = signatureDigest(new BerReader(der));
    return digest === undefined ? undefined : createHash(digest).update(der).digest();
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

/** RFC 5280 section 4.1.1.2, and RFC 4055 section 3.1 for RSASSA-PSS, which names its digest as a parameter. */
function signatureDigest(reader: BerReader): string | undefined {
  reader.enter(Tag.sequence);
  reader.skip();
  reader.enter(Tag.sequence);
  const algorithm = dottedOid(reader.octets(Tag.objectIdentifier));
  if (algorithm !== rsaPss) return signatureDigests[algorithm];
  reader.enter(Tag.sequence);
  // Without it, it is SHA-1.
  if (reader.atEnd || reader.peekTag() !== contextTag(0, 'constructed')) return 'sha256';
  reader.enter(contextTag(0, 'constructed'));
  reader.enter(Tag.sequence);
  return pssDigests[dottedOid(reader.octets(Tag.objectIdentifier))];
}
