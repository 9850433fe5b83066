/** A certificate's subject as an LDAP name (RFC 4514), read from its DER: Node gives it only as ambiguous text. */
import { BerError, BerReader, contextTag, Tag } from '../ber/ber.js';

/** Names that certificates use; another attribute keeps its OID. */
const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'cn',
  '2.5.4.4': 'sn',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'c',
  '2.5.4.7': 'l',
  '2.5.4.8': 'st',
  '2.5.4.9': 'street',
  '2.5.4.10': 'o',
  '2.5.4.11': 'ou',
  '2.5.4.12': 'title',
  '2.5.4.42': 'givenName',
  '0.9.2342.19200300.100.1.1': 'uid',
  '0.9.2342.19200300.100.1.25': 'dc',
  '1.2.840.113549.1.9.1': 'email',
};

const bmpString = 0x1e;
const utf8String = 0x0c;

/** `der`: a whole certificate. Undefined where it has no subject or cannot be read. */
export function certificateSubject(der: Buffer): string | undefined {
  try {
    const name = subjectName(new BerReader(der));
    return name === '' ? undefined : name;
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

/** RFC 5280 section 4.1: version, serialNumber, signature, issuer, validity, subject. */
function subjectName(reader: BerReader): string {
  reader.enter(Tag.sequence);
  reader.enter(Tag.sequence);
  if (reader.peekTag() === contextTag(0, 'constructed')) reader.skip();
  for (let field = 0; field < 4; field++) reader.skip();
  const rdns: string[] = [];
  const nameEnd = reader.enter(Tag.sequence);
  while (!reader.atEnd) {
    const rdnEnd = reader.enter(Tag.set);
    const avas: string[] = [];
    while (!reader.atEnd) avas.push(readAva(reader));
    reader.leave(rdnEnd);
    rdns.unshift(avas.join('+'));
  }
  reader.leave(nameEnd);
  return rdns.join(',');
}

function readAva(reader: BerReader): string {
  const outerEnd = reader.enter(Tag.sequence);
  const oid = dottedOid(reader.octets(Tag.objectIdentifier));
  const tag = reader.peekTag();
  const value = stringValue(tag, reader.octets(tag));
  reader.leave(outerEnd);
  return `${shortNames[oid] ?? oid}=${escapeValue(value)}`;
}

export function dottedOid(octets: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of octets) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length > 0) arcs.push(arc);
    else arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    arc = 0;
  }
  return arcs.join('.');
}

function stringValue(tag: number, octets: Buffer): string {
  if (tag === bmpString) return Buffer.from(octets).swap16().toString('utf16le');
  return octets.toString(tag === utf8String ? 'utf8' : 'latin1');
}

function escapeValue(value: string): string {
  return value
    .replace(/[\\",+<>;=]/g, (character) => `\\${character}`)
    .replace(/^[ #]| $/g, (character) => `\\${character}`)
    .replaceAll('\0', '\\00');
}
