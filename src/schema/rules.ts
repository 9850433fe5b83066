/**
 * The matching rules that slapd knows (RFC 4517 section 4, RFC 4523, RFC 4530, its own): OIDs, names, which attributes
 * may have them, which filters may name them.
 */
import {
  authz,
  bitwise,
  caseIgnoreList,
  changeNumber,
  changeServerId,
  checked,
  directoryString,
  distinguishedName,
  firstComponent,
  generalizedTime,
  ia5String,
  integer,
  isBelow,
  isChildOf,
  lowerCase,
  nameAndUid,
  nameRelation,
  numericOid,
  numericString,
  relativeName,
  sound,
  telephoneNumber,
  verbatim,
  type Behaviour,
} from './behaviour.js';
import type { AttributeType, MatchingRule, Schema } from '../ldap/schema.js';
import { compareText } from './prepare.js';
import { splitNameAndUid, syntaxOids, type KnownSyntax } from './syntaxes.js';
import { normalizeAttributeCertificateExact, normalizeCertificateExact, normalizeCertificateListExact } from './x509.js';

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

interface Definition {
  readonly oid: string;
  readonly name: string;
  readonly kind: MatchingRule['kind'];
  /** OID of the assertion syntax. */
  readonly syntax: string;
  /** Undefined: slapd knows the name and no more. */
  readonly behaviour: Behaviour | undefined;
  readonly traits: Traits;
}

interface Traits {
  /** OIDs of further syntaxes that attributes with this rule may have. */
  readonly compatible?: readonly string[];
  /** Not shown in cn=Subschema. */
  readonly hidden?: true;
  /** No extensible filter may name it, although it is no substring rule. */
  readonly unnamed?: true;
}

function makeRule(definition: Definition, syntaxes: ReadonlyMap<string, KnownSyntax>): KnownRule {
  const { oid, name, kind, behaviour, traits } = definition;
  const { compatible = [], hidden = false, unnamed = false } = traits;
  const extensible = kind !== 'substring' && !unnamed;
  // The behaviour's own: who looks at a value by several rules knows by it which of them make the same of it.
  const normalize = behaviour?.normalize ?? ((): undefined => undefined);
  const compare = behaviour?.compare ?? compareText;
  const rule: KnownRule = {
    oid,
    name,
    names: [name],
    description: '',
    kind,
    syntax: syntaxes.get(definition.syntax)!,
    hidden,
    implemented: behaviour !== undefined,
    compatible,
    normalize,
    matches: matcher(kind, behaviour, normalize, compare),
    compare,
    normalizePart: (part, place) => (kind === 'substring' ? behaviour?.normalizePart?.(part, place) : undefined),
    // By identity, not by OID: attributes with a syntax of their own (objectClass) take no other's rules.
    isListedFor: (type) =>
      compatible.some((syntaxOid) => syntaxes.get(syntaxOid) === type.syntax) ||
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
): MatchingRule['matches'] {
  if (kind === 'substring') return () => false;
  if (kind === 'ordering') {
    return (buffer, start, end, normalized) => {
      const value = normalize(buffer.subarray(start, end));
      return value !== undefined && compare(value, normalized) < 0;
    };
  }
  return behaviour?.matches ?? ((buffer, start, end, normalized) => normalize(buffer.subarray(start, end)) === normalized);
}

const textLike = [syntaxOids.countryString, syntaxOids.printableString, syntaxOids.telephoneNumber];
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

/** Rules in slapd's order, of which cn=Subschema lists the reverse. */
class RuleTable {
  readonly definitions: Definition[] = [];
  readonly #syntaxes: ReadonlyMap<string, KnownSyntax>;
  readonly #schema: Schema;

  constructor(syntaxes: ReadonlyMap<string, KnownSyntax>, schema: Schema) {
    this.#syntaxes = syntaxes;
    this.#schema = schema;
    this.#addApproximate();
    this.#addNames();
    this.#addText();
    this.#addNumbers();
    this.#addDescriptions();
    this.#addCertificates();
    this.#addIa5();
    this.#addOpenLdap();
  }

  #syntax(oid: string): KnownSyntax {
    return this.#syntaxes.get(oid)!;
  }

  #add(
    kind: MatchingRule['kind'],
    oid: string,
    name: string,
    syntax: string,
    behaviour: Behaviour | undefined,
    traits: Traits = {},
  ): void {
    this.definitions.push({ kind, oid, name, syntax, behaviour, traits });
  }

  #addApproximate(): void {
    const arc = '1.3.6.1.4.1.4203.666.4';
    const { directoryString: text, ia5String: ia5 } = syntaxOids;
    const hidden = { hidden: true } as const;
    const textSound = checked(this.#syntax(text), sound);
    const ia5Sound = checked(this.#syntax(ia5), sound);
    this.#add('approximate', `${arc}.4`, 'directoryStringApproxMatch', text, textSound, hidden);
    this.#add('approximate', `${arc}.5`, 'IA5StringApproxMatch', ia5, ia5Sound, hidden);
  }

  #addNames(): void {
    const { oid, distinguishedName: dn, rdn } = syntaxOids;
    const schema = this.#schema;
    this.#add('equality', '2.5.13.0', 'objectIdentifierMatch', oid, verbatim(this.#syntax(oid)));
    this.#add('equality', '2.5.13.1', 'distinguishedNameMatch', dn, distinguishedName(schema));
    const relation = (oid: string, name: string, test: (value: string, asserted: string) => boolean): void => {
      const full = `1.3.6.1.4.1.4203.666.4.${oid}`;
      this.#add('extensible', full, name, dn, nameRelation(schema, test), { hidden: true });
    };
    relation('9', 'dnSubtreeMatch', (value, base) => value === base || isBelow(value, base));
    relation('8', 'dnOneLevelMatch', isChildOf);
    relation('10', 'dnSubordinateMatch', isBelow);
    relation('11', 'dnSuperiorMatch', (value, leaf) => isBelow(leaf, value));
    this.#add('equality', '1.2.36.79672281.1.13.3', 'rdnMatch', rdn, relativeName(schema));
  }

  #addText(): void {
    const { directoryString: text, numericString: numeric, postalAddress, substringAssertion: part } = syntaxOids;
    const like = { compatible: textLike };
    const caseIgnore = directoryString(true);
    const caseExact = directoryString(false);
    this.#add('equality', '2.5.13.2', 'caseIgnoreMatch', text, caseIgnore, like);
    this.#add('ordering', '2.5.13.3', 'caseIgnoreOrderingMatch', text, caseIgnore, like);
    this.#add('substring', '2.5.13.4', 'caseIgnoreSubstringsMatch', part, caseIgnore, like);
    this.#add('equality', '2.5.13.5', 'caseExactMatch', text, caseExact, like);
    this.#add('ordering', '2.5.13.6', 'caseExactOrderingMatch', text, caseExact, like);
    this.#add('substring', '2.5.13.7', 'caseExactSubstringsMatch', part, caseExact, like);
    const digits = checked(this.#syntax(numeric), numericString);
    this.#add('equality', '2.5.13.8', 'numericStringMatch', numeric, digits);
    this.#add('ordering', '2.5.13.9', 'numericStringOrderingMatch', numeric, digits);
    this.#add('substring', '2.5.13.10', 'numericStringSubstringsMatch', part, digits);
    const lines = checked(this.#syntax(postalAddress), caseIgnoreList);
    this.#add('equality', '2.5.13.11', 'caseIgnoreListMatch', postalAddress, lines);
    this.#add('substring', '2.5.13.12', 'caseIgnoreListSubstringsMatch', part, lines);
  }

  #addNumbers(): void {
    const { boolean, integer: number, bitString, octetString, telephoneNumber: telephone } = syntaxOids;
    const numbers = integer(this.#syntax(number));
    const octets = verbatim(this.#syntax(octetString));
    const digits = checked(this.#syntax(telephone), telephoneNumber);
    this.#add('equality', '2.5.13.13', 'booleanMatch', boolean, verbatim(this.#syntax(boolean)));
    this.#add('equality', '2.5.13.14', 'integerMatch', number, numbers);
    this.#add('ordering', '2.5.13.15', 'integerOrderingMatch', number, numbers);
    this.#add('equality', '2.5.13.16', 'bitStringMatch', bitString, verbatim(this.#syntax(bitString)));
    this.#add('equality', '2.5.13.17', 'octetStringMatch', octetString, octets);
    this.#add('ordering', '2.5.13.18', 'octetStringOrderingMatch', octetString, octets);
    this.#add('substring', '2.5.13.19', 'octetStringSubstringsMatch', octetString, octets);
    this.#add('equality', '2.5.13.20', 'telephoneNumberMatch', telephone, digits);
    this.#add('substring', '2.5.13.21', 'telephoneNumberSubstringsMatch', syntaxOids.substringAssertion, digits);
  }

  #addDescriptions(): void {
    const { integer: number, oid, generalizedTime: time, ditStructureRuleDescription } = syntaxOids;
    const { presentationAddress, protocolInformation, nameAndOptionalUid } = syntaxOids;
    this.#add('equality', '2.5.13.22', 'presentationAddressMatch', presentationAddress, undefined);
    this.#add('equality', '2.5.13.23', 'uniqueMemberMatch', nameAndOptionalUid, nameAndUid(this.#schema));
    this.#add('equality', '2.5.13.24', 'protocolInformationMatch', protocolInformation, undefined);
    this.#add('equality', '2.5.13.27', 'generalizedTimeMatch', time, generalizedTime);
    this.#add('ordering', '2.5.13.28', 'generalizedTimeOrderingMatch', time, generalizedTime);
    const numbers = integer(this.#syntax(number));
    const first = firstComponent((word) => numbers.normalize(Buffer.from(word)));
    const numbered = { compatible: [number, ditStructureRuleDescription] };
    this.#add('equality', '2.5.13.29', 'integerFirstComponentMatch', number, first, numbered);
    const described = { compatible: descriptions };
    const firstOid = firstComponent(numericOid);
    this.#add('equality', '2.5.13.30', 'objectIdentifierFirstComponentMatch', oid, firstOid, described);
  }

  #addCertificates(): void {
    const exact = (
      oid: string,
      name: string,
      assertion: string,
      normalize: (value: Buffer, schema: Schema) => string | undefined,
      traits: Traits,
    ): void => {
      const behaviour = { normalize: (value: Buffer) => normalize(value, this.#schema) };
      this.#add('equality', `2.5.13.${oid}`, name, assertion, behaviour, traits);
    };
    const { certificateExactAssertion, certificateListExactAssertion, attributeCertificateExactAssertion } = syntaxOids;
    const { certificateAssertion, certificateListAssertion, attributeCertificateAssertion } = syntaxOids;
    exact('34', 'certificateExactMatch', certificateExactAssertion, normalizeCertificateExact, {
      compatible: [syntaxOids.certificate],
    });
    this.#add('equality', '2.5.13.35', 'certificateMatch', certificateAssertion, undefined);
    exact('38', 'certificateListExactMatch', certificateListExactAssertion, normalizeCertificateListExact, {
      compatible: [syntaxOids.certificateList],
    });
    this.#add('equality', '2.5.13.39', 'certificateListMatch', certificateListAssertion, undefined);
    const attributeExact = 'attributeCertificateExactMatch';
    exact('45', attributeExact, attributeCertificateExactAssertion, normalizeAttributeCertificateExact, {
      compatible: [syntaxOids.attributeCertificate],
      hidden: true,
    });
    const hidden = { hidden: true } as const;
    this.#add('equality', '2.5.13.46', 'attributeCertificateMatch', attributeCertificateAssertion, undefined, hidden);
  }

  #addIa5(): void {
    const { ia5String: ia5 } = syntaxOids;
    const caseExact = ia5String(false);
    const caseIgnore = ia5String(true);
    this.#add('equality', '1.3.6.1.4.1.1466.109.114.1', 'caseExactIA5Match', ia5, caseExact);
    this.#add('equality', '1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', ia5, caseIgnore);
    this.#add('substring', '1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', ia5, caseIgnore);
    this.#add('substring', '1.3.6.1.4.1.4203.1.2.1', 'caseExactIA5SubstringsMatch', ia5, caseExact);
  }

  #addOpenLdap(): void {
    const { integer: number, uuid, csn, csnServerId, authz: authzRule, privateKey } = syntaxOids;
    const and = bitwise(this.#syntax(number), (value, mask) => (value & mask) === mask);
    const or = bitwise(this.#syntax(number), (value, mask) => (value & mask) !== 0n);
    const unnamed = { unnamed: true } as const;
    const hidden = { hidden: true } as const;
    this.#add('extensible', '1.2.840.113556.1.4.803', 'integerBitAndMatch', number, and);
    this.#add('extensible', '1.2.840.113556.1.4.804', 'integerBitOrMatch', number, or);
    const uuids = checked(this.#syntax(uuid), lowerCase);
    this.#add('equality', '1.3.6.1.1.16.2', 'UUIDMatch', uuid, uuids, unnamed);
    this.#add('ordering', '1.3.6.1.1.16.3', 'UUIDOrderingMatch', uuid, uuids, unnamed);
    const arc = '1.3.6.1.4.1.4203.666';
    this.#add('equality', `${arc}.11.2.2`, 'CSNMatch', csn, changeNumber, { hidden: true, unnamed: true });
    this.#add('ordering', `${arc}.11.2.3`, 'CSNOrderingMatch', csn, changeNumber, hidden);
    const ofCsn = { compatible: [csn], hidden: true } as const;
    this.#add('equality', `${arc}.11.2.5`, 'CSNSIDMatch', csnServerId, changeServerId, ofCsn);
    const internal = { hidden: true, unnamed: true } as const;
    this.#add('equality', `${arc}.4.12`, 'authzMatch', authzRule, authz(this.#schema), internal);
    this.#add('equality', `${arc}.4.13`, 'privateKeyMatch', privateKey, verbatim(this.#syntax(privateKey)), internal);
  }
}

/** The rules of one schema, in slapd's order. */
export function createMatchingRules(syntaxes: ReadonlyMap<string, KnownSyntax>, schema: Schema): KnownRule[] {
  return new RuleTable(syntaxes, schema).definitions.map((definition) => makeRule(definition, syntaxes));
}

/** As in slapd: approximately equal are names of which either lacks the UID. An index on equality cannot find them. */
function withAnyUid(equality: MatchingRule): MatchingRule {
  return {
    ...equality,
    kind: 'approximate',
    matches: (buffer, start, end, normalized) => {
      const value = equality.normalize(buffer.subarray(start, end));
      return value !== undefined && (value === normalized || isSameNameWithUid(value, normalized));
    },
  };
}

function isSameNameWithUid(a: string, b: string): boolean {
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a];
  return longer.startsWith(`${shorter}#`) && splitNameAndUid(Buffer.from(longer)).name.toString() === shorter;
}

/** The approximate rule that comes with an equality rule. */
export function approximateRuleOf(equality: MatchingRule, rules: ReadonlyMap<string, KnownRule>): MatchingRule | undefined {
  switch (equality.name) {
    case 'uniqueMemberMatch':
      return withAnyUid(equality);
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
export function substringRuleFor(equality: MatchingRule, named: KnownRule, rules: ReadonlyMap<string, KnownRule>): MatchingRule {
  const own = rules.get(equality.name.toLowerCase().replace(/match$/, 'substringsmatch'));
  if (own) return own;
  const normalize = (value: Buffer): string | undefined => equality.normalize(value);
  return { ...named, normalize, normalizePart: normalize };
}

/**
 * Equality of subschema attributes (attributeTypes, objectClasses, ...): the first component's OID, where an assertion
 * may also be a name that `oidOf` knows.
 */
export function createDescriptionRule(
  base: KnownRule,
  syntax: KnownSyntax,
  oidOf: (name: string) => string | undefined,
): KnownRule {
  const behaviour = firstComponent((word) => oidOf(word) ?? numericOid(word));
  return {
    ...base,
    syntax,
    normalize: (value) => behaviour.normalize(value),
    matches: (buffer, start, end, normalized) => behaviour.matches!(buffer, start, end, normalized),
  };
}
