/**
 * X.509 values: checks the structure of certificates, revocation lists and keys, and extracts what identifies them for
 * certificateExactMatch and similar rules (RFC 4523): serial number and issuer, or issuer and date.
 */
import { DN } from '../dn/dn.js';
import { derOid, derTag, derText, DerReader, openDer } from './der.js';
import type { Schema } from '../ldap/schema.js';
import { decodeUtf8 } from './prepare.js';
import { normalizeTime } from './time.js';

const context = (number: number): number => 0xa0 | number;
const primitiveContext = (number: number): number => 0x80 | number;

/** As slapd, whose LDIF holds such values then: one octet too many at the end is overlooked, since it makes no element. */
const spareOctetsMax = 1;

/** Content of the signed part, where the signature around it is in order. */
function signedPart(value: Buffer): DerReader | undefined {
  const outer = openDer(value, derTag.sequence, spareOctetsMax);
  const signed = outer?.take(derTag.sequence);
  const inOrder = outer?.take(derTag.sequence) && outer.take(derTag.bitString) && outer.atEnd;
  return signed && inOrder ? new DerReader(signed.content) : undefined;
}

function smallInteger(content: Buffer | undefined): number {
  return content?.length === 1 ? content[0]! : -1;
}

interface CertificateIdentity {
  readonly serialNumber: Buffer;
  /** DER content of the issuer's RDNSequence. */
  readonly issuer: Buffer;
}

function readCertificate(value: Buffer): CertificateIdentity | undefined {
  const fields = signedPart(value);
  if (!fields) return undefined;
  const versionField = fields.take(context(0));
  const version = versionField ? smallInteger(new DerReader(versionField.content).take(derTag.integer)?.content) : 0;
  const serial = fields.take(derTag.integer);
  const algorithm = fields.take(derTag.sequence);
  const issuer = fields.take(derTag.sequence);
  const rest = [fields.take(derTag.sequence), fields.take(derTag.sequence), fields.take(derTag.sequence)];
  if (version < 0 || !serial || !algorithm || !issuer || rest.includes(undefined)) return undefined;
  for (const number of [1, 2]) {
    const unique = fields.take(primitiveContext(number), context(number));
    if (unique && version < 1) return undefined;
  }
  if (fields.take(context(3)) && version < 2) return undefined;
  return fields.atEnd ? { serialNumber: serial.content, issuer: issuer.content } : undefined;
}

export function isCertificate(value: Buffer): boolean {
  return readCertificate(value) !== undefined;
}

interface RevocationListIdentity {
  readonly issuer: Buffer;
  /** As encoded; two-digit years are 1950 to 2049. */
  readonly thisUpdate: string;
}

function readRevocationList(value: Buffer): RevocationListIdentity | undefined {
  const fields = signedPart(value);
  if (!fields) return undefined;
  const version = fields.take(derTag.integer);
  if (version && smallInteger(version.content) !== 1) return undefined;
  const algorithm = fields.take(derTag.sequence);
  const issuer = fields.take(derTag.sequence);
  const updated = fields.take(derTag.utcTime, derTag.generalizedTime);
  if (!algorithm || !issuer || !updated) return undefined;
  fields.take(derTag.utcTime, derTag.generalizedTime);
  fields.take(derTag.sequence);
  if (fields.take(context(0)) && !version) return undefined;
  if (!fields.atEnd) return undefined;
  let thisUpdate = updated.content.toString('latin1');
  if (updated.tag === derTag.utcTime) thisUpdate = (thisUpdate < '50' ? '20' : '19') + thisUpdate;
  return { issuer: issuer.content, thisUpdate };
}

export function isCertificateList(value: Buffer): boolean {
  return readRevocationList(value) !== undefined;
}

interface AttributeCertificateIdentity extends CertificateIdentity {
  readonly issuerSerial: Buffer;
}

function readAttributeCertificate(value: Buffer): { issuer: Buffer; serial: Buffer } | undefined {
  const fields = signedPart(value);
  if (!fields || smallInteger(fields.take(derTag.integer)?.content) !== 1) return undefined;
  const holder = fields.take(derTag.sequence);
  const issuer = fields.take(context(0));
  const algorithm = fields.take(derTag.sequence);
  const serial = fields.take(derTag.integer);
  const validity = fields.take(derTag.sequence);
  const attributes = fields.take(derTag.sequence);
  if (!holder || !issuer || !algorithm || !serial || !validity || !attributes) return undefined;
  fields.take(derTag.bitString);
  fields.take(derTag.sequence);
  return fields.atEnd ? { issuer: issuer.content, serial: serial.content } : undefined;
}

export function isAttributeCertificate(value: Buffer): boolean {
  return readAttributeCertificate(value) !== undefined;
}

/** Only issuers that are named by a directory name and the serial number of their certificate, as slapd. */
function attributeCertificateIdentity(value: Buffer): AttributeCertificateIdentity | undefined {
  const found = readAttributeCertificate(value);
  if (!found) return undefined;
  const form = new DerReader(found.issuer);
  form.take(derTag.sequence);
  const base = form.take(context(0));
  const baseFields = base && new DerReader(base.content);
  const names = baseFields?.take(derTag.sequence);
  const directoryName = names && new DerReader(names.content).take(context(4));
  const name = directoryName && new DerReader(directoryName.content).take(derTag.sequence);
  const issuerSerial = baseFields?.take(derTag.integer);
  if (!name || !issuerSerial) return undefined;
  return { serialNumber: found.serial, issuer: name.content, issuerSerial: issuerSerial.content };
}

/** PKCS#8, plain or encrypted. */
export function isPrivateKey(value: Buffer): boolean {
  const fields = openDer(value, derTag.sequence);
  if (!fields) return false;
  if (fields.take(derTag.integer)) {
    if (!fields.take(derTag.sequence) || !fields.take(derTag.octetString)) return false;
    fields.take(derTag.set, context(0));
    return fields.atEnd;
  }
  return Boolean(fields.take(derTag.sequence) && fields.take(derTag.octetString)) && fields.atEnd;
}

export function isDerSequence(value: Buffer): boolean {
  return value.length >= 2 && value[0] === derTag.sequence;
}

/** The name an RDNSequence spells, normalised; where it holds types the schema does not have, its bytes in hex. */
function normalizedName(sequence: Buffer, schema: Schema): string {
  const text = nameText(sequence);
  if (text !== undefined) {
    try {
      return DN.parse(text, schema).normalized;
    } catch {
      // Falls through: such a name is still itself.
    }
  }
  return `#${sequence.toString('hex')}`;
}

function nameText(sequence: Buffer): string | undefined {
  const rdns: string[] = [];
  const reader = new DerReader(sequence);
  for (let set = reader.take(derTag.set); set; set = reader.take(derTag.set)) {
    const avas: string[] = [];
    const inSet = new DerReader(set.content);
    for (let pair = inSet.take(derTag.sequence); pair; pair = inSet.take(derTag.sequence)) {
      const fields = new DerReader(pair.content);
      const type = fields.take(derTag.oid);
      const oid = type && derOid(type.content);
      const element = fields.next();
      const value = element && derText(element);
      if (oid === undefined || value === undefined) return undefined;
      avas.push(`${oid}=${escapeValue(value)}`);
    }
    rdns.push(avas.join('+'));
  }
  return reader.atEnd ? rdns.reverse().join(',') : undefined;
}

function escapeValue(value: string): string {
  return [...Buffer.from(value)]
    .map((octet) => (/[A-Za-z0-9]/.test(String.fromCharCode(octet)) ? String.fromCharCode(octet) : hexPair(octet)))
    .join('');
}

function hexPair(octet: number): string {
  return `\\${octet.toString(16).padStart(2, '0')}`;
}

/** RFC 5280 section 4.1.2.2 allows 20; longer ones than these are compared as they are. */
const serialOctetsMax = 256;

/** A serial number as an integer in decimal, from DER content. */
function serialOfDer(content: Buffer): string {
  if (content.length > serialOctetsMax) return `#${content.toString('hex')}`;
  const unsigned = BigInt(`0x${content.toString('hex') || '0'}`);
  const negative = content.length > 0 && content[0]! >= 0x80;
  return String(negative ? unsigned - (1n << BigInt(8 * content.length)) : unsigned);
}

/** A serial number as it is written in GSER assertions: `12`, `-3`, `0x1f` or `'1F'H`; only decimal before a `$`. */
function serialOfText(text: string): string | undefined {
  if (/^-?\d+$/.test(text)) return String(BigInt(text));
  const hex = /^(-?)(?:0x([0-9a-f]+)|'([0-9a-f]+)'h)$/i.exec(text);
  if (!hex) return undefined;
  const value = BigInt(`0x${hex[2] ?? hex[3]}`);
  return String(hex[1] === '-' ? -value : value);
}

function nameOfText(text: string, schema: Schema): string | undefined {
  try {
    return DN.parse(text, schema).normalized;
  } catch {
    return undefined;
  }
}

const serialPattern = String.raw`(-?\d+|-?0x[0-9a-f]+|'[0-9a-f]+'h)`;
const namePattern = String.raw`(?:rdnSequence:)?"((?:[^"]|"")*)"`;
const certificateAssertion = [
  new RegExp(String.raw`^\{\s*serialNumber\s+${serialPattern}\s*,\s*issuer\s+${namePattern}\s*\}$`, 'is'),
  new RegExp(String.raw`^\{\s*issuer\s+${namePattern}\s*,\s*serialNumber\s+${serialPattern}\s*\}$`, 'is'),
] as const;
const assertionCharactersMax = 16_384;

/** `serial issuer`: what certificateExactMatch compares, of a certificate or an assertion (`12$cn=x` or GSER). */
export function normalizeCertificateExact(value: Buffer, schema: Schema): string | undefined {
  const certificate = readCertificate(value);
  if (certificate) return `${serialOfDer(certificate.serialNumber)} ${normalizedName(certificate.issuer, schema)}`;
  return normalizeCertificateAssertion(value, schema);
}

export function normalizeCertificateAssertion(value: Buffer, schema: Schema): string | undefined {
  const text = value.length > assertionCharactersMax ? undefined : decodeUtf8(value);
  if (text === undefined) return undefined;
  const parts = certificateAssertionParts(text);
  const serial = parts && serialOfText(parts.serial);
  const issuer = parts && nameOfText(parts.issuer, schema);
  return serial === undefined || issuer === undefined ? undefined : `${serial} ${issuer}`;
}

function certificateAssertionParts(text: string): { serial: string; issuer: string } | undefined {
  const dollar = /^(-?\d+)\$(.*)$/s.exec(text);
  if (dollar) return { serial: dollar[1]!, issuer: dollar[2]! };
  const [serialFirst, issuerFirst] = certificateAssertion;
  const first = serialFirst.exec(text);
  if (first) return { serial: first[1]!, issuer: first[2]!.replaceAll('""', '"') };
  const second = issuerFirst.exec(text);
  return second ? { serial: second[2]!, issuer: second[1]!.replaceAll('""', '"') } : undefined;
}

const listAssertion = new RegExp(
  String.raw`^\{\s*issuer\s+${namePattern}\s*,\s*thisUpdate\s+(?:(utcTime|generalizedTime):)?"?([0-9.+-]+Z?)"?\s*\}$`,
  'is',
);

/** `date issuer`: what certificateListExactMatch compares. */
export function normalizeCertificateListExact(value: Buffer, schema: Schema): string | undefined {
  const list = readRevocationList(value);
  if (!list) return normalizeCertificateListAssertion(value, schema);
  const time = normalizeTime(list.thisUpdate);
  return time === undefined ? undefined : `${time} ${normalizedName(list.issuer, schema)}`;
}

export function normalizeCertificateListAssertion(value: Buffer, schema: Schema): string | undefined {
  const text = value.length > assertionCharactersMax ? undefined : decodeUtf8(value);
  if (text === undefined) return undefined;
  const gser = listAssertion.exec(text);
  const dollar = gser ? null : /^(.*)\$([^$]*)$/s.exec(text);
  const issuerText = gser ? gser[1]!.replaceAll('""', '"') : dollar?.[1];
  const timeText = gser?.[3] ?? dollar?.[2];
  if (issuerText === undefined || timeText === undefined) return undefined;
  const short = gser?.[2]?.toLowerCase() === 'utctime' || timeText.length === 13;
  const time = normalizeTime(short ? (timeText < '50' ? '20' : '19') + timeText : timeText);
  const issuer = nameOfText(issuerText, schema);
  return time === undefined || issuer === undefined ? undefined : `${time} ${issuer}`;
}

const attributeCertificateAssertion = new RegExp(
  String.raw`^\{\s*serialNumber\s+${serialPattern}\s*,\s*issuer\s*\{\s*baseCertificateID\s*\{\s*issuer\s*\{\s*` +
    String.raw`directoryName:${namePattern}\s*\}\s*,\s*serial\s+${serialPattern}\s*\}\s*\}\s*\}$`,
  'is',
);

/** `serial issuer-serial issuer`: what attributeCertificateExactMatch compares. */
export function normalizeAttributeCertificateExact(value: Buffer, schema: Schema): string | undefined {
  const certificate = attributeCertificateIdentity(value);
  if (!certificate) return normalizeAttributeCertificateAssertion(value, schema);
  const serials = `${serialOfDer(certificate.serialNumber)} ${serialOfDer(certificate.issuerSerial)}`;
  return `${serials} ${normalizedName(certificate.issuer, schema)}`;
}

export function normalizeAttributeCertificateAssertion(value: Buffer, schema: Schema): string | undefined {
  const text = value.length > assertionCharactersMax ? undefined : decodeUtf8(value);
  if (text === undefined) return undefined;
  const gser = attributeCertificateAssertion.exec(text);
  const dollar = gser ? null : /^(-?\d+)\$(.*)\$(-?\d+)$/s.exec(text);
  const parts = gser ? [gser[1]!, gser[2]!.replaceAll('""', '"'), gser[3]!] : dollar?.slice(1);
  if (!parts) return undefined;
  const serial = serialOfText(parts[0]!);
  const issuer = nameOfText(parts[1]!, schema);
  const issuerSerial = serialOfText(parts[2]!);
  if (serial === undefined || issuer === undefined || issuerSerial === undefined) return undefined;
  return `${serial} ${issuerSerial} ${issuer}`;
}
