/** The LDAP syntaxes that slapd knows (RFC 4517, RFC 2307, RFC 4523, its own), with what makes a value valid. */
import { DN } from '../dn/dn.js';
import { prettyAuthz } from './authz.js';
import { isNumericOid, type SyntaxDefinition } from './definition.js';
import type { Schema, Syntax } from '../ldap/schema.js';
import { decodeUtf8 } from './prepare.js';
import { normalizeCsn, normalizeTime } from './time.js';
import {
  isAttributeCertificate,
  isCertificate,
  isCertificateList,
  isDerSequence,
  isPrivateKey,
  normalizeAttributeCertificateAssertion,
  normalizeCertificateAssertion,
  normalizeCertificateListAssertion,
} from './x509.js';

const rfc4517 = '1.3.6.1.4.1.1466.115.121.1';

/** OIDs that other files of this room name. */
export const syntaxOids = {
  attributeTypeDescription: `${rfc4517}.3`,
  bitString: `${rfc4517}.6`,
  boolean: `${rfc4517}.7`,
  certificate: `${rfc4517}.8`,
  certificateList: `${rfc4517}.9`,
  attributeCertificate: '1.3.6.1.4.1.4203.666.11.10.2.1',
  attributeCertificateExactAssertion: '1.3.6.1.4.1.4203.666.11.10.2.2',
  attributeCertificateAssertion: '1.3.6.1.4.1.4203.666.11.10.2.3',
  countryString: `${rfc4517}.11`,
  distinguishedName: `${rfc4517}.12`,
  rdn: '1.2.36.79672281.1.5.0',
  directoryString: `${rfc4517}.15`,
  ditContentRuleDescription: `${rfc4517}.16`,
  ditStructureRuleDescription: `${rfc4517}.17`,
  generalizedTime: `${rfc4517}.24`,
  ia5String: `${rfc4517}.26`,
  integer: `${rfc4517}.27`,
  matchingRuleDescription: `${rfc4517}.30`,
  matchingRuleUseDescription: `${rfc4517}.31`,
  nameAndOptionalUid: `${rfc4517}.34`,
  nameFormDescription: `${rfc4517}.35`,
  numericString: `${rfc4517}.36`,
  objectClassDescription: `${rfc4517}.37`,
  oid: `${rfc4517}.38`,
  octetString: `${rfc4517}.40`,
  postalAddress: `${rfc4517}.41`,
  protocolInformation: `${rfc4517}.42`,
  presentationAddress: `${rfc4517}.43`,
  printableString: `${rfc4517}.44`,
  telephoneNumber: `${rfc4517}.50`,
  ldapSyntaxDescription: `${rfc4517}.54`,
  substringAssertion: `${rfc4517}.58`,
  certificateExactAssertion: '1.3.6.1.1.15.1',
  certificateAssertion: '1.3.6.1.1.15.2',
  certificateListExactAssertion: '1.3.6.1.1.15.5',
  certificateListAssertion: '1.3.6.1.1.15.6',
  uuid: '1.3.6.1.1.16.1',
  csn: '1.3.6.1.4.1.4203.666.11.2.1',
  csnServerId: '1.3.6.1.4.1.4203.666.11.2.4',
  authz: '1.3.6.1.4.1.4203.666.2.7',
  privateKey: '1.2.840.113549.1.8.1.1',
} as const;

/** A syntax and what this room alone needs of it. */
export interface KnownSyntax extends Syntax {
  readonly definition: SyntaxDefinition;
  /** Shown among cn=Subschema's ldapSyntaxes. */
  readonly published: boolean;
  /** Syntaxes that this one narrows: their rules fit it too. */
  readonly superiors: readonly string[];
}

type Transfer = 'text' | 'blob' | 'binary';

interface SyntaxTraits {
  readonly transfer?: Transfer;
  readonly hidden?: boolean;
  readonly superiors?: readonly string[];
  readonly pretty?: (value: Buffer, schema: Schema) => Buffer | undefined;
}

type Validator = (value: Buffer, schema: Schema) => boolean;

/** slapd stores no values of a syntax that it cannot check, and does not publish it. */
const unchecked = undefined;

const anything: Validator = () => true;
const nothing: Validator = () => false;

/** Validators of plain text go by the bytes: one character each. */
function matching(pattern: RegExp): Validator {
  return (value) => pattern.test(value.toString('latin1'));
}

function isDirectoryString(value: Buffer): boolean {
  return value.length > 0 && decodeUtf8(value) !== undefined;
}

function isIa5String(value: Buffer): boolean {
  for (const octet of value) if (octet >= 0x80) return false;
  return true;
}

function isBoolean(value: Buffer): boolean {
  return value.equals(trueValue) || value.equals(falseValue);
}

const trueValue = Buffer.from('TRUE');
const falseValue = Buffer.from('FALSE');

export function isInteger(value: Buffer): boolean {
  const length = value.length;
  if (length === 1) return isDigit(value[0]!);
  const start = value[0] === 0x2d ? 1 : 0;
  if (length === start || value[start] === 0x30) return false;
  for (let index = start; index < length; index++) if (!isDigit(value[index]!)) return false;
  return true;
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

function isPostalAddress(value: Buffer): boolean {
  const text = decodeUtf8(value);
  return text !== undefined && !/\\(?!24|5C)/i.test(text);
}

const deliveryMethod = '(?:any|mhs|physical|telex|teletex|telephone|g3fax|g4fax|ia5|videotex)';
const deliveryMethods = new RegExp(`^${deliveryMethod}(?: *\\$ *${deliveryMethod})*$`, 'i');

const printable = "A-Za-z0-9'()+,\\-./:? =";
const printableString = new RegExp(`^[${printable}]+$`);
const printableStrings = new RegExp(`^[${printable}]+(?:\\$[${printable}]+)*$`);
const countryString = new RegExp(`^[${printable}]{2}$`);
const bitString = /^'[01]*'B$/;
const attributeCharacters = 'A-Za-z0-9.;\\-';
const netgroupTriple = new RegExp(`^\\((?:[${attributeCharacters}]*,){2}[${attributeCharacters}]*\\)$`);
const bootParameter = new RegExp(`^[${attributeCharacters}]*=[${attributeCharacters}]*:[${printable}]*$`);
const serverId = /^[0-9a-f]{3}$/i;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function prettyDn(value: Buffer, schema: Schema): Buffer | undefined {
  try {
    return Buffer.from(DN.parse(value, schema).toString());
  } catch {
    return undefined;
  }
}

/** slapd reads a name and keeps its first RDN. */
function prettyRdn(value: Buffer, schema: Schema): Buffer | undefined {
  try {
    return Buffer.from(DN.parse(value, schema).rdns[0]?.toString() ?? '');
  } catch {
    return undefined;
  }
}

/** Name and optional UID: what follows the last `#` is a UID where it is a bit string, else it is part of the name. */
export function splitNameAndUid(value: Buffer): { name: Buffer; uid: string | undefined } {
  const mark = value.lastIndexOf(0x23);
  const uid = mark < 0 ? '' : value.toString('latin1', mark + 1);
  return bitString.test(uid) ? { name: value.subarray(0, mark), uid } : { name: value, uid: undefined };
}

function prettyNameAndUid(value: Buffer, schema: Schema): Buffer | undefined {
  const { name, uid } = splitNameAndUid(value);
  const pretty = prettyDn(name, schema);
  return pretty && uid !== undefined ? Buffer.concat([pretty, Buffer.from(`#${uid}`)]) : pretty;
}

function prettyCsn(value: Buffer): Buffer | undefined {
  const csn = normalizeCsn(value.toString('latin1'));
  return csn === undefined ? undefined : Buffer.from(csn);
}

type Row = readonly [oid: string, description: string, validate: Validator | undefined, traits?: SyntaxTraits];

const binary: SyntaxTraits = { transfer: 'binary' };
const blob: SyntaxTraits = { transfer: 'blob' };

/** In slapd's order, in which cn=Subschema lists them. */
const rows: readonly Row[] = [
  [`${rfc4517}.1`, 'ACI Item', unchecked, binary],
  [`${rfc4517}.2`, 'Access Point', unchecked, blob],
  [syntaxOids.attributeTypeDescription, 'Attribute Type Description', unchecked],
  [`${rfc4517}.4`, 'Audio', anything, blob],
  [`${rfc4517}.5`, 'Binary', anything, blob],
  [syntaxOids.bitString, 'Bit String', matching(bitString)],
  [syntaxOids.boolean, 'Boolean', isBoolean],
  [syntaxOids.certificate, 'Certificate', isCertificate, binary],
  [syntaxOids.certificateList, 'Certificate List', isCertificateList, binary],
  [`${rfc4517}.10`, 'Certificate Pair', isDerSequence, binary],
  [syntaxOids.attributeCertificate, 'X.509 AttributeCertificate', isAttributeCertificate, binary],
  [
    syntaxOids.distinguishedName,
    'Distinguished Name',
    (value, schema) => prettyDn(value, schema) !== undefined,
    { pretty: prettyDn },
  ],
  [syntaxOids.rdn, 'RDN', (value, schema) => prettyRdn(value, schema) !== undefined, { pretty: prettyRdn }],
  [`${rfc4517}.13`, 'Data Quality', unchecked],
  [`${rfc4517}.14`, 'Delivery Method', matching(deliveryMethods)],
  [syntaxOids.directoryString, 'Directory String', isDirectoryString],
  [syntaxOids.ditContentRuleDescription, 'DIT Content Rule Description', unchecked],
  [syntaxOids.ditStructureRuleDescription, 'DIT Structure Rule Description', unchecked],
  [`${rfc4517}.19`, 'DSA Quality', unchecked],
  [`${rfc4517}.20`, 'DSE Type', unchecked],
  [`${rfc4517}.21`, 'Enhanced Guide', unchecked],
  [`${rfc4517}.22`, 'Facsimile Telephone Number', matching(printableStrings)],
  [`${rfc4517}.23`, 'Fax', unchecked, blob],
  [syntaxOids.generalizedTime, 'Generalized Time', (value) => normalizeTime(value.toString('latin1')) !== undefined],
  [`${rfc4517}.25`, 'Guide', unchecked],
  [syntaxOids.ia5String, 'IA5 String', isIa5String],
  [syntaxOids.integer, 'Integer', isInteger],
  [`${rfc4517}.28`, 'JPEG', anything, blob],
  [`${rfc4517}.29`, 'Master And Shadow Access Points', unchecked],
  [syntaxOids.matchingRuleDescription, 'Matching Rule Description', unchecked],
  [syntaxOids.matchingRuleUseDescription, 'Matching Rule Use Description', unchecked],
  [`${rfc4517}.32`, 'Mail Preference', unchecked],
  [`${rfc4517}.33`, 'MHS OR Address', unchecked],
  [
    syntaxOids.nameAndOptionalUid,
    'Name And Optional UID',
    (value, schema) => prettyNameAndUid(value, schema) !== undefined,
    { pretty: prettyNameAndUid },
  ],
  [syntaxOids.nameFormDescription, 'Name Form Description', unchecked],
  [syntaxOids.numericString, 'Numeric String', matching(/^[0-9 ]+$/)],
  [syntaxOids.objectClassDescription, 'Object Class Description', unchecked],
  [syntaxOids.oid, 'OID', (value) => isNumericOid(value.toString('latin1'))],
  [`${rfc4517}.39`, 'Other Mailbox', isIa5String],
  [syntaxOids.octetString, 'Octet String', anything],
  [syntaxOids.postalAddress, 'Postal Address', isPostalAddress],
  [syntaxOids.protocolInformation, 'Protocol Information', unchecked],
  [syntaxOids.presentationAddress, 'Presentation Address', unchecked],
  [syntaxOids.printableString, 'Printable String', matching(printableString)],
  [
    syntaxOids.countryString,
    'Country String',
    matching(countryString),
    { superiors: [syntaxOids.directoryString, syntaxOids.ia5String, syntaxOids.printableString] },
  ],
  [`${rfc4517}.45`, 'SubtreeSpecification', (value) => decodeUtf8(value) !== undefined],
  [`${rfc4517}.49`, 'Supported Algorithm', anything, binary],
  [syntaxOids.telephoneNumber, 'Telephone Number', matching(printableString)],
  [`${rfc4517}.51`, 'Teletex Terminal Identifier', unchecked],
  [`${rfc4517}.52`, 'Telex Number', matching(printableStrings)],
  [syntaxOids.ldapSyntaxDescription, 'LDAP Syntax Description', unchecked],
  [`${rfc4517}.55`, 'Modify Rights', unchecked],
  [`${rfc4517}.56`, 'LDAP Schema Definition', unchecked],
  [`${rfc4517}.57`, 'LDAP Schema Description', unchecked],
  [syntaxOids.substringAssertion, 'Substring Assertion', unchecked],
  ['1.3.6.1.1.1.0.0', 'RFC2307 NIS Netgroup Triple', matching(netgroupTriple)],
  ['1.3.6.1.1.1.0.1', 'RFC2307 Boot Parameter', matching(bootParameter)],
  [
    syntaxOids.certificateExactAssertion,
    'Certificate Exact Assertion',
    (value, schema) => normalizeCertificateAssertion(value, schema) !== undefined,
    { hidden: true },
  ],
  [syntaxOids.certificateAssertion, 'Certificate Assertion', unchecked, { hidden: true }],
  ['1.3.6.1.1.15.3', 'Certificate Pair Exact Assertion', unchecked, { hidden: true }],
  ['1.3.6.1.1.15.4', 'Certificate Pair Assertion', unchecked, { hidden: true }],
  [
    syntaxOids.certificateListExactAssertion,
    'Certificate List Exact Assertion',
    (value, schema) => normalizeCertificateListAssertion(value, schema) !== undefined,
    { hidden: true },
  ],
  [syntaxOids.certificateListAssertion, 'Certificate List Assertion', unchecked, { hidden: true }],
  ['1.3.6.1.1.15.7', 'Algorithm Identifier', unchecked, { hidden: true }],
  [
    syntaxOids.attributeCertificateExactAssertion,
    'AttributeCertificate Exact Assertion',
    (value, schema) => normalizeAttributeCertificateAssertion(value, schema) !== undefined,
    { hidden: true },
  ],
  [syntaxOids.attributeCertificateAssertion, 'AttributeCertificate Assertion', unchecked, { hidden: true }],
  [syntaxOids.uuid, 'UUID', matching(uuid), { pretty: (value) => lowerCase(value, uuid) }],
  [syntaxOids.csn, 'CSN', (value) => prettyCsn(value) !== undefined, { hidden: true, pretty: prettyCsn }],
  [syntaxOids.csnServerId, 'CSN SID', matching(serverId), { hidden: true, pretty: (value) => lowerCase(value, serverId) }],
  ['1.3.6.1.4.1.4203.1.1.1', 'OpenLDAP void', nothing, { hidden: true }],
  [
    syntaxOids.authz,
    'OpenLDAP authz',
    (value, schema) => prettyAuthz(value, schema) !== undefined,
    { hidden: true, pretty: prettyAuthz },
  ],
  [syntaxOids.privateKey, 'PKCS#8 PrivateKeyInfo', isPrivateKey, binary],
];

/** In lower case what fits the pattern. */
function lowerCase(value: Buffer, pattern: RegExp): Buffer | undefined {
  const text = value.toString('latin1');
  return pattern.test(text) ? Buffer.from(text.toLowerCase(), 'latin1') : undefined;
}

/** slapd lists no extensions for private keys, although it treats them as binary. */
function extensionsOf(oid: string, transfer: Transfer): SyntaxDefinition['extensions'] {
  const binaryTransfer = { name: 'X-BINARY-TRANSFER-REQUIRED', values: ['TRUE'] };
  const notHumanReadable = { name: 'X-NOT-HUMAN-READABLE', values: ['TRUE'] };
  if (oid === syntaxOids.privateKey || transfer === 'text') return [];
  return transfer === 'binary' ? [binaryTransfer, notHumanReadable] : [notHumanReadable];
}

/** The syntaxes of one schema, by OID, in slapd's order. */
export function createSyntaxes(schema: Schema): Map<string, KnownSyntax> {
  return new Map(
    rows.map(([oid, description, validate, traits = {}]) => {
      const { transfer = 'text', hidden = false, superiors = [], pretty } = traits;
      const syntax: KnownSyntax = {
        oid,
        description,
        humanReadable: transfer === 'text',
        binaryTransfer: transfer === 'binary',
        validate: validate ? (value) => validate(value, schema) : () => false,
        ...(pretty && { pretty: (value: Buffer) => pretty(value, schema) }),
        definition: { oid, description, extensions: extensionsOf(oid, transfer) },
        published: validate !== undefined && !hidden,
        superiors,
      };
      return [oid, syntax];
    }),
  );
}

/** A syntax of the configuration's own: checked as the one it is put for (`X-SUBST`), any octets without that. */
export function createDerivedSyntax(definition: SyntaxDefinition, substitute: KnownSyntax | undefined): KnownSyntax {
  const flag = (name: string): boolean =>
    definition.extensions.some((extension) => extension.name === name && extension.values[0] === 'TRUE');
  return {
    oid: definition.oid,
    description: definition.description ?? '',
    humanReadable: !flag('X-NOT-HUMAN-READABLE'),
    binaryTransfer: flag('X-BINARY-TRANSFER-REQUIRED'),
    validate: (value) => substitute?.validate(value) ?? true,
    ...(substitute?.pretty && { pretty: substitute.pretty.bind(substitute) }),
    definition,
    published: true,
    superiors: substitute ? [substitute.oid, ...substitute.superiors] : [],
  };
}

/** Values of objectClass and structuralObjectClass: classes of the schema, kept in its spelling. */
export function createObjectClassSyntax(base: KnownSyntax, schema: Schema): KnownSyntax {
  return {
    ...base,
    validate: (value) => schema.objectClass(value.toString('latin1')) !== undefined,
    pretty: (value) => {
      const found = schema.objectClass(value.toString('latin1'));
      return found && Buffer.from(found.name);
    },
  };
}
