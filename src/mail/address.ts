/** Domain names and mail addresses as people type them, checked and brought into the form the directory stores. */
import { domainToASCII, domainToUnicode } from 'node:url';
import { MailError, invalid } from './errors.js';
import { told } from './told.js';

const domainLengthMax = 253;
const localPartLengthMax = 64;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Local parts every domain must answer (RFC 2142): made with the domain, never by hand. */
export const reservedLocalParts: readonly string[] = ['postmaster', 'abuse'];

/**
 * A domain name in lower-case ASCII; names in other scripts become punycode (`bücher.example`, `xn--bcher-kva.example`).
 *
 * @throws MailError `invalid` that says what is wrong with it
 */
export function parseDomain(text: string, field = 'domain'): string {
  const typed = text.trim().replace(/\.$/, '');
  if (typed === '') throw invalid(field, told('domainRequired'));
  if (typed.includes('@')) throw invalid(field, told('domainOnly', { domain: typed.slice(typed.lastIndexOf('@') + 1) }));
  // domainToASCII reads its argument as a URL's host would be and so accepts 127.1 or percent signs.
  const ascii = /[\s/%:?#[\]\\]/.test(typed) ? '' : domainToASCII(typed);
  const labels = ascii.split('.');
  if (ascii === '' || ascii.length > domainLengthMax || !labels.every((part) => label.test(part))) {
    throw invalid(field, told('domainInvalid', { typed }));
  }
  if (labels.length < 2) throw invalid(field, told('domainIncomplete', { typed }));
  if (/^\d+$/.test(labels.at(-1) ?? '')) throw invalid(field, told('domainNumber', { typed }));
  return ascii;
}

/** The domain as its owners write it. */
export function displayDomain(domain: string): string {
  return domainToUnicode(domain) || domain;
}

/** An address as its owner writes it. */
export function displayAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : `${address.slice(0, at)}@${displayDomain(address.slice(at + 1))}`;
}

/**
 * The part before the @ for a new address in a domain. Accepts `john` as well as `john@example.com`.
 *
 * @throws MailError `invalid`
 */
export function parseLocalPart(text: string, domain: string, field = 'address'): string {
  const typed = text.trim();
  const at = typed.lastIndexOf('@');
  if (at >= 0 && parseDomain(typed.slice(at + 1), field) !== domain) {
    throw invalid(field, told('otherDomain', { typed, domain: displayDomain(domain) }));
  }
  return checkedLocalPart(at < 0 ? typed : typed.slice(0, at), field);
}

function checkedLocalPart(local: string, field: string): string {
  if (local === '') throw invalid(field, told('localRequired'));
  if (local.length > localPartLengthMax) throw invalid(field, told('localTooLong', { most: localPartLengthMax }));
  if (!/^[!-~]+$/.test(local)) {
    throw invalid(field, told('localCharacters', { typed: local }));
  }
  if (/["\\<>@]/.test(local)) throw invalid(field, told('localForbidden'));
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    throw invalid(field, told('localDots'));
  }
  return local;
}

/** The same, but not one of the names that every domain has already. */
export function parseNewLocalPart(text: string, domain: string, field = 'address'): string {
  const local = parseLocalPart(text, domain, field);
  if (isReserved(local)) {
    throw invalid(field, told('localReserved', { local }));
  }
  return local;
}

export function isReserved(localPart: string): boolean {
  return reservedLocalParts.includes(localPart.toLowerCase());
}

/** Both halves of a stored address; the local part is empty for a catch-all. */
export function splitAddress(address: string): readonly [localPart: string, domain: string] {
  const at = address.lastIndexOf('@');
  return at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1).toLowerCase()];
}

const destinationsMax = 500;

/** Names of RFC 2142, and root: whatever else is typed without an @ is hardly meant as a name of the mail host. */
const namesOfTheMachine: ReadonlySet<string> = new Set([
  ...['root', 'postmaster', 'hostmaster', 'webmaster', 'mailer-daemon', 'abuse', 'noc', 'security'],
]);

/**
 * Destinations of an alias from a text with commas, semicolons or line ends between them: addresses. Without an @ only names that
 * every mail host has may stand there, `postmaster` and the like; they are kept as they are.
 *
 * @throws MailError `invalid` that names the first bad one
 */
export function parseDestinations(text: string, field = 'destinations'): readonly string[] {
  const destinations = new Map<string, string>();
  for (const destination of splitDestinations(text)) {
    const address = parseDestination(destination, field);
    destinations.set(address.toLowerCase(), address);
  }
  if (destinations.size > destinationsMax) throw invalid(field, told('destinationsAtMost', { most: destinationsMax }));
  return [...destinations.values()];
}

/** An address may hold a semicolon of its own: one separates where all that it separates are addresses, or space follows. */
function splitDestinations(text: string): readonly string[] {
  return text
    .split(/[,\r\n]+|;\s+|;$/m)
    .flatMap((part) => {
      const pieces = part.split(';').filter((piece) => piece.trim() !== '');
      return pieces.every((piece) => piece.includes('@')) ? pieces : part;
    })
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** One text for all spellings of a destination, which the directory compares without regard to case. */
export function destinationKey(text: string): string {
  const [local, domain] = splitAddress(text.trim());
  const ascii = domainToASCII(domain) || domain;
  return (domain === '' ? local : `${local}@${ascii}`).toLowerCase();
}

function parseDestination(typed: string, field: string): string {
  try {
    const at = typed.lastIndexOf('@');
    if (at < 0 && !namesOfTheMachine.has(typed.toLowerCase())) throw invalid(field, told('destinationIncomplete'));
    if (at < 0) return checkedLocalPart(typed, field);
    return `${checkedLocalPart(typed.slice(0, at), field)}@${parseDomain(typed.slice(at + 1), field)}`;
  } catch (error) {
    if (error instanceof MailError)
      throw invalid(field, told('destinationInvalid', { typed, reason: error.told ?? error.message }));
    throw error;
  }
}
