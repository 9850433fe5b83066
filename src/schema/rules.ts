/**
 * The matching rules that slapd knows (RFC 4517 section 4, RFC 4523, RFC 4530, its own): how each normalises and
 * compares. A filter asks `matches` about every candidate's values, so the common rules look at plain ASCII in place
 * and fall back to normalising only where that cannot decide.
 */
import { DN } from '../dn/dn.js';
import { prettyAuthz } from './authz.js';
import { isNumericOid } from './definition.js';
import type { AttributeType, MatchingRule, Schema } from './model.js';
import { soundsMatch, soundsOf } from './phonetic.js';
import {
  compareText,
  decodeUtf8,
  foldText,
  prepareIa5,
  squeezeText,
  withoutCharacters,
  type PreparedPart,
} from './prepare.js';
import { splitNameAndUid, syntaxOids, type KnownSyntax } from './syntaxes.js';
import { csnServerId, normalizeCsn, normalizeTime } from './time.js';
import {
  normalizeAttributeCertificateExact,
  normalizeCertificateExact,
  normalizeCertificateListExact,
} from './x509.js';

/** A rule and what this room alone needs of it. */
export interface KnownRule extends MatchingRule {
  /** Not among cn=Subschema's matchingRules and matchingRuleUse. */
  readonly hidden: boolean;
  /** Known by name, but slapd has no procedure for it: every assertion is Undefined. */
  readonly implemented: boolean;
  /** OIDs of the further syntaxes whose attributes may have it. */
  readonly compatible: readonly string[];
  /** Does its matchingRuleUse list the type? slapd lists more than filters may use. */
  isListedFor(type: AttributeType): boolean;
}

type Normalizer = (value: Buffer, schema: Schema) => string | undefined;

interface Behaviour {
  readonly normalize: Normalizer;
  readonly matches?: (buffer: Buffer, start: number, end: number, normalized: string, schema: Schema) => boolean;
  readonly compare?: (a: string, b: string) => number;
  /** Substring rules. */
  readonly normalizePart?: (part: Buffer, place: 'initial' | 'any' | 'final', schema: Schema) => string | undefined;
}

const upperA = 0x41;
const upperZ = 0x5a;
const caseBit = 0x20;
const blank = 0x20;

/**
 * Compares value bytes with prepared text while both are ASCII: true or false where that decides, undefined where
 * blanks or characters beyond ASCII mean that the value must be prepared first.
 */
function matchesAscii(
  buffer: Buffer,
  start: number,
  end: number,
  normalized: string,
  caseIgnored: boolean,
): boolean | undefined {
  const length = normalized.length;
  let index = 0;
  for (let position = start; position < end; position++, index++) {
    let octet = buffer[position]!;
    if (octet >= 0x80) return undefined;
    if (caseIgnored && octet >= upperA && octet <= upperZ) octet |= caseBit;
    const wanted = index < length ? normalized.charCodeAt(index) : -1;
    if (octet === wanted) continue;
    // A blank may be insignificant; a letter may be composed with a mark that follows it.
    return octet === blank || wanted === blank || wanted >= 0x80 ? undefined : false;
  }
  return index === length;
}

function matchesExactly(buffer: Buffer, start: number, end: number, normalized: string): boolean {
  if (end - start !== normalized.length) return false;
  for (let position = start, index = 0; position < end; position++, index++) {
    if (buffer[position] !== normalized.charCodeAt(index)) return false;
  }
  return true;
}

/** Octets as text, one character each. */
function octets(value: Buffer): string {
  return value.toString('latin1');
}

function directoryString(caseIgnored: boolean): Behaviour {
  const prepare = (value: Buffer, part: PreparedPart): string | undefined => {
    const text = decodeUtf8(value);
    return text === undefined || text === '' ? undefined : squeezeText(foldText(text, caseIgnored), part);
  };
  return {
    normalize: (value) => prepare(value, 'whole'),
    matches: (buffer, start, end, normalized) =>
      matchesAscii(buffer, start, end, normalized, caseIgnored) ??
      prepare(buffer.subarray(start, end), 'whole') === normalized,
    normalizePart: (part, place) => prepare(part, place),
  };
}

function ia5String(caseIgnored: boolean): Behaviour {
  const prepare = (value: Buffer): string | undefined => {
    const text = octets(value);
    return isAscii(text) ? prepareIa5(text, caseIgnored) : undefined;
  };
  return {
    normalize: prepare,
    matches: (buffer, start, end, normalized) =>
      matchesAscii(buffer, start, end, normalized, caseIgnored) ?? prepare(buffer.subarray(start, end)) === normalized,
    normalizePart: prepare,
  };
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

/** Values that are compared as they are, once they fit `syntax`. */
function verbatim(syntax: KnownSyntax): Behaviour {
  return {
    normalize: (value) => (syntax.validate(value) ? octets(value) : undefined),
    matches: matchesExactly,
    normalizePart: octets,
  };
}

/** Text in which some characters mean nothing (`pattern`). */
function ignoring(pattern: RegExp): Behaviour {
  const normalize = (value: Buffer): string | undefined =>
    value.length === 0 ? undefined : withoutCharacters(octets(value), pattern);
  return { normalize, normalizePart: normalize };
}

const telephoneNumber = ignoring(/[ -]/g);
const numericString = ignoring(/ /g);

/** Lines between `$`, each prepared on its own. */
const caseIgnoreList: Behaviour = (() => {
  const prepare = (value: Buffer, part: PreparedPart): string | undefined => {
    const text = decodeUtf8(value);
    return text
      ?.split('$')
      .map((line) => (line === '' ? '' : squeezeText(foldText(line, true), part)))
      .join('$');
  };
  return { normalize: (value) => prepare(value, 'whole'), normalizePart: (part, place) => prepare(part, place) };
})();

/** Integers of any size: sign, then number of digits, then digits. */
function compareIntegers(a: string, b: string): number {
  const aNegative = a.startsWith('-');
  if (aNegative !== b.startsWith('-')) return aNegative ? -1 : 1;
  const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return aNegative ? -order : order;
}

/** What the bitwise rules can look at, as slapd: 64 bits. Larger numbers match nothing. */
function bitsOf(text: string): bigint | undefined {
  const number = BigInt(text);
  return number === BigInt.asIntN(64, number) ? number : undefined;
}

function bitwise(integer: KnownSyntax, test: (value: bigint, mask: bigint) => boolean): Behaviour {
  return {
    normalize: (value) => (integer.validate(value) && bitsOf(octets(value)) !== undefined ? octets(value) : undefined),
    matches: (buffer, start, end, normalized) => {
      const stored = buffer.subarray(start, end);
      const value = integer.validate(stored) ? bitsOf(octets(stored)) : undefined;
      const mask = bitsOf(normalized);
      return value !== undefined && mask !== undefined && test(value, mask);
    },
  };
}

function normalizeDn(value: Buffer, schema: Schema): string | undefined {
  try {
    return DN.parse(value, schema).normalized;
  } catch {
    return undefined;
  }
}

function normalizeRdn(value: Buffer, schema: Schema): string | undefined {
  try {
    return DN.parse(value, schema).rdns[0]?.normalized ?? '';
  } catch {
    return undefined;
  }
}

function normalizeNameAndUid(value: Buffer, schema: Schema): string | undefined {
  const { name, uid } = splitNameAndUid(value);
  const normalized = normalizeDn(name, schema);
  return normalized !== undefined && uid !== undefined ? `${normalized}#${uid}` : normalized;
}

/** Rules between a DN-valued attribute and an asserted DN. In normalised names a comma always separates RDNs. */
function dnRelation(test: (value: string, asserted: string) => boolean): Behaviour {
  return {
    normalize: normalizeDn,
    matches: (buffer, start, end, normalized, schema) => {
      const value = normalizeDn(buffer.subarray(start, end), schema);
      return value !== undefined && test(value, normalized);
    },
  };
}

function isBelow(value: string, ancestor: string): boolean {
  return ancestor === '' ? value !== '' : value.endsWith(`,${ancestor}`);
}

function parentOf(value: string): string | undefined {
  if (value === '') return undefined;
  const comma = value.indexOf(',');
  return comma < 0 ? '' : value.slice(comma + 1);
}

/** A description's first word, `( 2.5.4.3 NAME ...`, or an assertion of one, as `read` understands it. */
function firstComponent(read: (word: string) => string | undefined): Behaviour {
  const ofDescription = (value: Buffer): string | undefined => {
    const word = /^[({] *([^ ]+).*[)}]$/s.exec(octets(value))?.[1];
    return word === undefined ? undefined : read(word);
  };
  return {
    normalize: (value) => ofDescription(value) ?? read(octets(value)),
    matches: (buffer, start, end, normalized) => ofDescription(buffer.subarray(start, end)) === normalized,
  };
}

function numericOid(word: string): string | undefined {
  return isNumericOid(word) ? word : undefined;
}

const approximate: Behaviour = {
  normalize: soundsOf,
  matches: (buffer, start, end, normalized) => {
    const sounds = soundsOf(buffer.subarray(start, end));
    return sounds !== undefined && soundsMatch(sounds, normalized);
  },
};

interface Definition {
  readonly oid: string;
  readonly name: string;
  readonly kind: MatchingRule['kind'];
  /** OID of the assertion syntax. */
  readonly syntax: string;
  readonly behaviour: Behaviour | undefined;
  /** An extensible filter may name it. */
  readonly extensible: boolean;
  readonly hidden?: boolean;
  readonly compatible?: readonly string[];
}

function makeRule(definition: Definition, syntaxes: ReadonlyMap<string, KnownSyntax>, schema: Schema): KnownRule {
  const { oid, name, kind, behaviour, extensible, hidden = false, compatible = [] } = definition;
  const syntax = syntaxes.get(definition.syntax)!;
  const normalizer = behaviour?.normalize ?? ((): undefined => undefined);
  const normalize = (value: Buffer): string | undefined => normalizer(value, schema);
  const compare = behaviour?.compare ?? compareText;
  const rule: KnownRule = {
    oid,
    name,
    names: [name],
    description: '',
    kind,
    syntax,
    hidden,
    implemented: behaviour !== undefined,
    compatible,
    normalize,
    matches: matcher(kind, behaviour, normalize, compare, schema),
    compare,
    normalizePart: (part, place) =>
      kind === 'substring' ? behaviour?.normalizePart?.(part, place, schema) : undefined,
    // By identity, not by OID: attributes with a syntax of their own (objectClass) take no other's rules.
    isListedFor: (type) =>
      compatible.some((oid) => syntaxes.get(oid) === type.syntax) ||
      (extensible && suits(rule, type, syntaxes.get(type.syntax.oid))),
    appliesTo: (type) => kind !== 'substring' && rule.isListedFor(type),
  };
  return rule;
}

function suits(rule: KnownRule, type: AttributeType, known: KnownSyntax | undefined): boolean {
  return (
    type.syntax === rule.syntax ||
    type.equality === rule ||
    type.approximate === rule ||
    Boolean(known?.superiors.includes(rule.syntax.oid))
  );
}

function matcher(
  kind: MatchingRule['kind'],
  behaviour: Behaviour | undefined,
  normalize: (value: Buffer) => string | undefined,
  compare: (a: string, b: string) => number,
  schema: Schema,
): MatchingRule['matches'] {
  if (kind === 'substring') return () => false;
  if (kind === 'ordering') {
    return (buffer, start, end, normalized) => {
      const value = normalize(buffer.subarray(start, end));
      return value !== undefined && compare(value, normalized) < 0;
    };
  }
  const matches = behaviour?.matches;
  if (!matches) return (buffer, start, end, normalized) => normalize(buffer.subarray(start, end)) === normalized;
  // Rules whose fast path needs no schema are handed out as they are: one call less for each value.
  if (matches.length <= 4) return matches as MatchingRule['matches'];
  return (buffer, start, end, normalized) => matches(buffer, start, end, normalized, schema);
}

const directoryStrings = [syntaxOids.countryString, syntaxOids.printableString, syntaxOids.telephoneNumber];
const descriptions = [
  syntaxOids.oid,
  syntaxOids.attributeTypeDescription,
  syntaxOids.ditContentRuleDescription,
  syntaxOids.ldapSyntaxDescription,
  syntaxOids.matchingRuleDescription,
  syntaxOids.matchingRuleUseDescription,
  syntaxOids.nameFormDescription,
  syntaxOids.objectClassDescription,
];

/** In slapd's order, of which cn=Subschema lists the reverse. */
function definitions(syntaxes: ReadonlyMap<string, KnownSyntax>, schema: Schema): Definition[] {
  const syntax = (oid: string): KnownSyntax => syntaxes.get(oid)!;
  const integer: Behaviour = { ...verbatim(syntax(syntaxOids.integer)), compare: compareIntegers };
  const octetString = verbatim(syntax(syntaxOids.octetString));
  const caseIgnore = directoryString(true);
  const caseExact = directoryString(false);
  const time: Behaviour = { normalize: (value) => normalizeTime(octets(value)) };
  const uuid: Behaviour = {
    normalize: (value) => (syntax(syntaxOids.uuid).validate(value) ? octets(value).toLowerCase() : undefined),
  };
  const csn: Behaviour = { normalize: (value) => normalizeCsn(octets(value)) };

  const authz: Behaviour = { normalize: (value) => prettyAuthz(value, schema)?.toString('utf8') };
  const numeric = checked(syntax(syntaxOids.numericString), numericString);
  const telephone = checked(syntax(syntaxOids.telephoneNumber), telephoneNumber);
  const postal = checked(syntax(syntaxOids.postalAddress), caseIgnoreList);

  const equality = (oid: string, name: string, syntaxOid: string, behaviour: Behaviour | undefined): Definition => ({
    oid,
    name,
    kind: 'equality',
    syntax: syntaxOid,
    behaviour,
    extensible: true,
  });
  const ordering = (oid: string, name: string, syntaxOid: string, behaviour: Behaviour): Definition => ({
    ...equality(oid, name, syntaxOid, behaviour),
    kind: 'ordering',
  });
  const substring = (oid: string, name: string, behaviour: Behaviour): Definition => ({
    ...equality(oid, name, syntaxOids.substringAssertion, behaviour),
    kind: 'substring',
    extensible: false,
  });
  const extra = (oid: string, name: string, syntaxOid: string, behaviour: Behaviour): Definition => ({
    ...equality(oid, name, syntaxOid, behaviour),
    kind: 'extensible',
  });
  const compatible = directoryStrings;
  const hidden = true;
  const { directoryString: text, distinguishedName: dn, ia5String: ia5 } = syntaxOids;
  return [
    { ...equality('1.3.6.1.4.1.4203.666.4.4', 'directoryStringApproxMatch', text, checked(syntax(text), approximate)), kind: 'approximate', hidden },
    { ...equality('1.3.6.1.4.1.4203.666.4.5', 'IA5StringApproxMatch', ia5, checked(syntax(ia5), approximate)), kind: 'approximate', hidden },
    equality('2.5.13.0', 'objectIdentifierMatch', syntaxOids.oid, verbatim(syntax(syntaxOids.oid))),
    equality('2.5.13.1', 'distinguishedNameMatch', dn, { normalize: normalizeDn }),
    {
      ...extra('1.3.6.1.4.1.4203.666.4.9', 'dnSubtreeMatch', dn, dnRelation((value, base) => value === base || isBelow(value, base))),
      hidden,
    },
    { ...extra('1.3.6.1.4.1.4203.666.4.8', 'dnOneLevelMatch', dn, dnRelation((value, base) => parentOf(value) === base)), hidden },
    { ...extra('1.3.6.1.4.1.4203.666.4.10', 'dnSubordinateMatch', dn, dnRelation(isBelow)), hidden },
    {
      ...extra('1.3.6.1.4.1.4203.666.4.11', 'dnSuperiorMatch', dn, dnRelation((value, leaf) => isBelow(leaf, value))),
      hidden,
    },
    equality('1.2.36.79672281.1.13.3', 'rdnMatch', syntaxOids.rdn, { normalize: normalizeRdn }),
    { ...equality('2.5.13.2', 'caseIgnoreMatch', text, caseIgnore), compatible },
    { ...ordering('2.5.13.3', 'caseIgnoreOrderingMatch', text, caseIgnore), compatible },
    { ...substring('2.5.13.4', 'caseIgnoreSubstringsMatch', caseIgnore), compatible },
    { ...equality('2.5.13.5', 'caseExactMatch', text, caseExact), compatible },
    { ...ordering('2.5.13.6', 'caseExactOrderingMatch', text, caseExact), compatible },
    { ...substring('2.5.13.7', 'caseExactSubstringsMatch', caseExact), compatible },
    equality('2.5.13.8', 'numericStringMatch', syntaxOids.numericString, numeric),
    ordering('2.5.13.9', 'numericStringOrderingMatch', syntaxOids.numericString, numeric),
    substring('2.5.13.10', 'numericStringSubstringsMatch', numeric),
    equality('2.5.13.11', 'caseIgnoreListMatch', syntaxOids.postalAddress, postal),
    substring('2.5.13.12', 'caseIgnoreListSubstringsMatch', postal),
    equality('2.5.13.13', 'booleanMatch', syntaxOids.boolean, verbatim(syntax(syntaxOids.boolean))),
    equality('2.5.13.14', 'integerMatch', syntaxOids.integer, integer),
    ordering('2.5.13.15', 'integerOrderingMatch', syntaxOids.integer, integer),
    equality('2.5.13.16', 'bitStringMatch', syntaxOids.bitString, verbatim(syntax(syntaxOids.bitString))),
    equality('2.5.13.17', 'octetStringMatch', syntaxOids.octetString, octetString),
    ordering('2.5.13.18', 'octetStringOrderingMatch', syntaxOids.octetString, octetString),
    { ...substring('2.5.13.19', 'octetStringSubstringsMatch', octetString), syntax: syntaxOids.octetString },
    equality('2.5.13.20', 'telephoneNumberMatch', syntaxOids.telephoneNumber, telephone),
    substring('2.5.13.21', 'telephoneNumberSubstringsMatch', telephone),
    equality('2.5.13.22', 'presentationAddressMatch', syntaxOids.presentationAddress, undefined),
    equality('2.5.13.23', 'uniqueMemberMatch', syntaxOids.nameAndOptionalUid, { normalize: normalizeNameAndUid }),
    equality('2.5.13.24', 'protocolInformationMatch', syntaxOids.protocolInformation, undefined),
    equality('2.5.13.27', 'generalizedTimeMatch', syntaxOids.generalizedTime, time),
    ordering('2.5.13.28', 'generalizedTimeOrderingMatch', syntaxOids.generalizedTime, time),
    {
      ...equality('2.5.13.29', 'integerFirstComponentMatch', syntaxOids.integer, {
        ...firstComponent((word) => integer.normalize(Buffer.from(word), schema)),
        compare: compareIntegers,
      }),
      compatible: [syntaxOids.integer, syntaxOids.ditStructureRuleDescription],
    },
    {
      ...equality('2.5.13.30', 'objectIdentifierFirstComponentMatch', syntaxOids.oid, firstComponent(numericOid)),
      compatible: descriptions,
    },
    {
      ...equality('2.5.13.34', 'certificateExactMatch', syntaxOids.certificateExactAssertion, { normalize: normalizeCertificateExact }),
      compatible: [syntaxOids.certificate],
    },
    equality('2.5.13.35', 'certificateMatch', syntaxOids.certificateAssertion, undefined),
    {
      ...equality('2.5.13.38', 'certificateListExactMatch', syntaxOids.certificateListExactAssertion, {
        normalize: normalizeCertificateListExact,
      }),
      compatible: [syntaxOids.certificateList],
    },
    equality('2.5.13.39', 'certificateListMatch', syntaxOids.certificateListAssertion, undefined),
    {
      ...equality('2.5.13.45', 'attributeCertificateExactMatch', syntaxOids.attributeCertificateExactAssertion, {
        normalize: normalizeAttributeCertificateExact,
      }),
      compatible: [syntaxOids.attributeCertificate],
      hidden,
    },
    { ...equality('2.5.13.46', 'attributeCertificateMatch', syntaxOids.attributeCertificateAssertion, undefined), hidden },
    equality('1.3.6.1.4.1.1466.109.114.1', 'caseExactIA5Match', ia5, ia5String(false)),
    equality('1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', ia5, ia5String(true)),
    { ...substring('1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', ia5String(true)), syntax: ia5 },
    { ...substring('1.3.6.1.4.1.4203.1.2.1', 'caseExactIA5SubstringsMatch', ia5String(false)), syntax: ia5 },
    extra(
      '1.2.840.113556.1.4.803',
      'integerBitAndMatch',
      syntaxOids.integer,
      bitwise(syntax(syntaxOids.integer), (value, mask) => (value & mask) === mask),
    ),
    extra(
      '1.2.840.113556.1.4.804',
      'integerBitOrMatch',
      syntaxOids.integer,
      bitwise(syntax(syntaxOids.integer), (value, mask) => (value & mask) !== 0n),
    ),
    { ...equality('1.3.6.1.1.16.2', 'UUIDMatch', syntaxOids.uuid, uuid), extensible: false },
    { ...ordering('1.3.6.1.1.16.3', 'UUIDOrderingMatch', syntaxOids.uuid, uuid), extensible: false },
    { ...equality('1.3.6.1.4.1.4203.666.11.2.2', 'CSNMatch', syntaxOids.csn, csn), extensible: false, hidden },
    { ...ordering('1.3.6.1.4.1.4203.666.11.2.3', 'CSNOrderingMatch', syntaxOids.csn, csn), hidden },
    {
      ...equality('1.3.6.1.4.1.4203.666.11.2.5', 'CSNSIDMatch', syntaxOids.csnServerId, {
        normalize: (value) => csnServerId(octets(value)),
      }),
      compatible: [syntaxOids.csn],
      hidden,
    },
    {
      ...equality('1.3.6.1.4.1.4203.666.4.12', 'authzMatch', syntaxOids.authz, authz),
      extensible: false,
      hidden,
    },
    {
      ...equality('1.3.6.1.4.1.4203.666.4.13', 'privateKeyMatch', syntaxOids.privateKey, verbatim(syntax(syntaxOids.privateKey))),
      extensible: false,
      hidden,
    },
  ];
}

/** `behaviour` of what fits `syntax` only: slapd asks that of parts of a value, too. */
function checked(syntax: KnownSyntax, behaviour: Behaviour): Behaviour {
  const { normalize, normalizePart, ...rest } = behaviour;
  return {
    ...rest,
    normalize: (value, schema) => (syntax.validate(value) ? normalize(value, schema) : undefined),
    normalizePart: (part, place, schema) => (syntax.validate(part) ? normalizePart?.(part, place, schema) : undefined),
  };
}

/** The rules of one schema, in slapd's order. */
export function createMatchingRules(syntaxes: ReadonlyMap<string, KnownSyntax>, schema: Schema): KnownRule[] {
  return definitions(syntaxes, schema).map((definition) => makeRule(definition, syntaxes, schema));
}

/** The approximate rule that comes with an equality rule. */
export function approximateRuleOf(equality: MatchingRule, rules: ReadonlyMap<string, KnownRule>): KnownRule | undefined {
  switch (equality.name) {
    case 'caseIgnoreMatch':
    case 'caseExactMatch':
      return rules.get('directorystringapproxmatch');
    case 'caseIgnoreIA5Match':
    case 'caseExactIA5Match':
      return rules.get('ia5stringapproxmatch');
    default:
      return undefined;
  }
}

/**
 * What an attribute with this equality rule does under that substring rule. As in slapd, value and parts are prepared
 * as equality says, whatever the substring rule's name promises.
 */
export function substringRuleFor(
  equality: MatchingRule,
  named: KnownRule,
  rules: ReadonlyMap<string, KnownRule>,
): MatchingRule {
  const own = rules.get(equality.name.toLowerCase().replace(/match$/, 'substringsmatch'));
  if (own) return own;
  return { ...named, normalize: (value) => equality.normalize(value), normalizePart: (part) => equality.normalize(part) };
}

/**
 * Equality of subschema attributes (attributeTypes, objectClasses, ...): the first component's OID, where an assertion
 * may also be a name that `oidOf` knows.
 */
export function createDescriptionRule(
  base: KnownRule,
  syntax: KnownSyntax,
  oidOf: (name: string) => string | undefined,
  schema: Schema,
): KnownRule {
  const behaviour = firstComponent((word) => oidOf(word) ?? numericOid(word));
  return {
    ...base,
    syntax,
    normalize: (value) => behaviour.normalize(value, schema),
    matches: (buffer, start, end, normalized) => behaviour.matches!(buffer, start, end, normalized, schema),
  };
}
