/**
 * Distinguished names of the hosting tree, written and read with RFC 4514's escapes. Special characters are written as
 * hex pairs: that form holds no literal separator, so whatever cuts a name at its commas cuts it right.
 */

const mustEscape = /[\p{Cc}"#+,;<=>\\]/u;
const encoder = new TextEncoder();

/** One attribute value as it stands in a DN. */
export function escapeDnValue(value: string): string {
  let escaped = '';
  const characters = [...value];
  for (const [index, character] of characters.entries()) {
    const edgeBlank = character === ' ' && (index === 0 || index === characters.length - 1);
    escaped += edgeBlank || mustEscape.test(character) ? hexPairs(character) : character;
  }
  return escaped;
}

function hexPairs(character: string): string {
  return [...encoder.encode(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}

export interface LeafRdn {
  /** In lower case. */
  readonly type: string;
  readonly value: string;
  /** The rest of the name, as it was written; empty for a name of one RDN. */
  readonly parent: string;
}

/** The first RDN of a name as a server returns it; undefined where it has several parts or is not a name. */
export function leafRdn(dn: string): LeafRdn | undefined {
  const equals = dn.indexOf('=');
  if (equals <= 0) return undefined;
  const comma = dn.indexOf(',');
  const plain = dn.slice(equals + 1, comma < 0 ? dn.length : comma);
  // Nearly every name is this simple, and lists read thousands of them.
  if (!/[\\+]/.test(plain)) {
    return { type: dn.slice(0, equals).trim().toLowerCase(), value: plain, parent: comma < 0 ? '' : dn.slice(comma + 1) };
  }
  const bytes: number[] = [];
  let position = equals + 1;
  while (position < dn.length) {
    const character = String.fromCodePoint(dn.codePointAt(position) ?? 0);
    if (character === ',') break;
    if (character === '+') return undefined;
    if (character === '\\') {
      const pair = /^[0-9a-fA-F]{2}/.exec(dn.slice(position + 1, position + 3))?.[0];
      if (pair === undefined) {
        bytes.push(...encoder.encode(dn.charAt(position + 1)));
        position += 2;
      } else {
        bytes.push(Number.parseInt(pair, 16));
        position += 3;
      }
      continue;
    }
    bytes.push(...encoder.encode(character));
    position += character.length;
  }
  return {
    type: dn.slice(0, equals).trim().toLowerCase(),
    value: Buffer.from(bytes).toString('utf8'),
    parent: dn.slice(position + 1),
  };
}

const rdnLimit = 64;

/** The RDNs of a name from the leaf up, or undefined where it is not one this tree uses. */
export function rdnsOf(dn: string): readonly LeafRdn[] | undefined {
  const rdns: LeafRdn[] = [];
  for (let rest = dn.trim(); rest !== '';) {
    const rdn = leafRdn(rest);
    if (rdn === undefined || rdns.length >= rdnLimit) return undefined;
    rdns.push(rdn);
    rest = rdn.parent.trimStart();
  }
  return rdns;
}

/** Whether two names of this tree (mail, jvd, o, dc, cn: all case-insensitive) are the same. */
export function sameDn(left: string, right: string): boolean {
  return normalizedDn(left) === normalizedDn(right);
}

/** A string that equal names share; the trimmed lower-case text where it cannot be read as a name. */
export function normalizedDn(dn: string): string {
  const rdns = rdnsOf(dn);
  if (rdns === undefined) return dn.trim().toLowerCase();
  return rdns.map(({ type, value }) => `${type}=${escapeDnValue(value.trim().toLowerCase())}`).join(',');
}

/** The name of the entry above; empty for a name of one RDN. */
export function parentOf(dn: string): string {
  return leafRdn(dn)?.parent.trim() ?? '';
}

/** Whether the entry is named by its address, as most are; cn=postmaster is not. */
export function namedByAddress(dn: string): boolean {
  return leafRdn(dn)?.type === 'mail';
}

/** Whether a name is `ancestor` or lies below it. */
export function isBelow(dn: string, ancestor: string): boolean {
  const [rdns, above] = [rdnsOf(dn), normalizedDn(ancestor)];
  if (rdns === undefined) return false;
  const names = [dn, ...rdns.map(({ parent }) => parent)];
  return names.some((name) => normalizedDn(name) === above);
}

/** How the names of API tokens begin, which are entries of their domain beside its accounts. */
export const tokenPrefix = 'api-';

export function isTokenName(dn: string): boolean {
  const rdn = leafRdn(dn);
  return rdn?.type === 'cn' && rdn.value.toLowerCase().startsWith(tokenPrefix);
}

/** Where things stand in the hosting tree. */
export class HostingTree {
  /** @param base the entry above the domains, `o=hosting,dc=myhosting,dc=example` in the HOWTO. */
  constructor(readonly base: string) {}

  domain(domain: string): string {
    return `jvd=${escapeDnValue(domain)},${this.base}`;
  }

  /** The name a new account or alias gets. */
  mail(address: string, domain: string): string {
    return `mail=${escapeDnValue(address)},${this.domain(domain)}`;
  }

  postmaster(domain: string): string {
    return `cn=postmaster,${this.domain(domain)}`;
  }

  /** The domain that an entry directly below it belongs to; undefined for every other name. */
  domainOf(dn: string): string | undefined {
    const rdns = rdnsOf(dn);
    const domain = rdns?.[1];
    if (domain?.type !== 'jvd' || !sameDn(domain.parent, this.base)) return undefined;
    return domain.value.toLowerCase();
  }
}
