/** What single DNS records of a mail domain say, and what is wrong with them: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). */
import { createPublicKey } from 'node:crypto';
import { told, type Told } from './told.js';

/** advice: it works, and could be better; unknown: it could not be found out. */
export const dnsStates = ['good', 'advice', 'missing', 'wrong', 'unknown'] as const;
export type DnsState = (typeof dnsStates)[number];

export interface Judgement {
  readonly state: DnsState;
  readonly says: Told;
}

const judge = (state: DnsState, says: Told): Judgement => ({ state, says });

const spfLookupsMax = 10;
const looksUp = /^[+~?-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|^redirect=/i;

export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

export function judgeSpf(records: readonly string[]): Judgement {
  const [record] = records;
  if (record === undefined) return judge('missing', told('spfMissing'));
  if (records.length > 1) return judge('wrong', told('spfSeveral'));
  const terms = record.split(/ +/).slice(1);
  const count = terms.filter((term) => looksUp.test(term)).length;
  if (count > spfLookupsMax) return judge('wrong', told('spfLookups', { count, most: spfLookupsMax }));
  const all = terms.find((term) => /^[+~?-]?all$/i.test(term));
  if (all !== undefined && !/^[~?-]/.test(all)) return judge('wrong', told('spfAll'));
  const ends = all !== undefined || terms.some((term) => /^redirect=/i.test(term));
  return ends ? judge('good', told('spfGood')) : judge('advice', told('spfOpen'));
}

/** `tag=value; tag=value`, as DKIM and DMARC write them. */
function tagsOf(record: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of record.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) tags.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return tags;
}

const rsaBitsLeast = 1024;
const rsaBitsUsual = 2048;

export function judgeDkim(records: readonly string[]): Judgement {
  const [record] = records;
  if (record === undefined) return judge('missing', told('dkimMissing'));
  if (records.length > 1) return judge('wrong', told('dkimSeveral'));
  const tags = tagsOf(record);
  const key = tags.get('p')?.replace(/\s+/g, '');
  if (key === '') return judge('wrong', told('dkimRevoked'));
  const algorithm = key === undefined ? undefined : keyOf(tags.get('k')?.toLowerCase() ?? 'rsa', key);
  if (algorithm === undefined || !/^DKIM1$/i.test(tags.get('v') ?? 'DKIM1')) return judge('wrong', told('dkimUnreadable'));
  const { name, bits = rsaBitsUsual } = algorithm;
  if (bits < rsaBitsLeast) return judge('wrong', told('dkimWeak', { bits }));
  if ((tags.get('t') ?? '').split(':').some((flag) => flag.trim().toLowerCase() === 'y'))
    return judge('advice', told('dkimTesting'));
  return bits < rsaBitsUsual
    ? judge('advice', told('dkimShort', { bits }))
    : judge('good', told('dkimGood', { algorithm: name }));
}

const ed25519Bytes = 32;

function keyOf(kind: string, base64: string): { readonly name: string; readonly bits?: number } | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (kind === 'ed25519') return bytes.length === ed25519Bytes ? { name: 'Ed25519' } : undefined;
  if (kind !== 'rsa') return undefined;
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    const bits = asymmetricKeyDetails?.modulusLength;
    return asymmetricKeyType === 'rsa' && bits !== undefined ? { name: `RSA, ${bits} bits`, bits } : undefined;
  } catch {
    return undefined;
  }
}

export function isDmarc(text: string): boolean {
  return /^v\s*=\s*DMARC1\s*(?:;|$)/.test(text);
}

/** `inheritedFrom`: the domain above whose records these are. */
export function judgeDmarc(records: readonly string[], inheritedFrom?: string): Judgement {
  const [record] = records;
  if (record === undefined) return judge('missing', told('dmarcMissing'));
  if (records.length > 1) return judge('wrong', told('dmarcSeveral'));
  const tags = tagsOf(record);
  const policy = ((inheritedFrom === undefined ? undefined : tags.get('sp')) ?? tags.get('p') ?? '').toLowerCase();
  if (!['none', 'quarantine', 'reject'].includes(policy)) return judge('wrong', told('dmarcInvalid'));
  if (policy === 'none') return judge('advice', told('dmarcNone'));
  return judge(
    'good',
    inheritedFrom === undefined ? told('dmarcGood', { policy }) : told('dmarcInherited', { domain: inheritedFrom, policy }),
  );
}
