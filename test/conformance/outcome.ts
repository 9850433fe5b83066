/** What a server answered to one operation, brought into a form in which two servers' answers can be compared. */
import { children, readInteger } from '../support/wire/ber.js';
import type { WireEntry, WireResponseControl, WireResult } from '../support/wire/client.js';
import { inventories, madeUpValues, printable, rootDseClass, slapdOnly, withoutSalt } from './tolerances.js';

export interface Outcome {
  /** The result code; `closed` when the server ended the connection instead of answering. */
  readonly code: number | 'closed' | 'no answer';
  readonly matchedDN?: string | undefined;
  readonly referrals?: readonly string[];
  /** Attributes by DN, sorted. */
  readonly entries?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined;
  readonly references?: readonly string[];
  readonly responseName?: string | undefined;
  readonly responseValue?: string | undefined;
  readonly controls?: readonly string[];
  /** DNs as they came, where their order matters. */
  readonly order?: readonly string[];
  /** How many entries came, where it does not matter which. */
  readonly count?: number;
  /** How many entries each page had. */
  readonly pages?: readonly number[];
}

export const pagedResults = '1.2.840.113556.1.4.319';
const readControls = new Set(['1.3.6.1.1.13.1', '1.3.6.1.1.13.2']);
const whoAmI = '1.3.6.1.4.1.4203.1.11.3';

/** @param request the OID of the extended request this answers, when it is one; its value has its own form. */
export function toOutcome(result: WireResult, request?: string): Outcome {
  const { matchedDN, referrals, references, responseName, responseValue, controls } = result;
  return {
    code: result.code,
    ...(matchedDN === '' ? {} : { matchedDN }),
    ...(referrals.length === 0 ? {} : { referrals: referrals.toSorted() }),
    ...(result.entries.length === 0 ? {} : { entries: comparableEntries(result.entries) }),
    ...(references.length === 0 ? {} : { references: references.flat().toSorted() }),
    ...(responseName === undefined ? {} : { responseName }),
    ...(responseValue === undefined ? {} : { responseValue: comparableValue(request, responseValue) }),
    ...(controls.length === 0 ? {} : { controls: controls.map(comparableControl).sort() }),
  };
}

function comparableEntries(entries: readonly WireEntry[]): Record<string, Record<string, readonly string[]>> {
  const sorted = entries.map((entry) => [entry.dn, comparableAttributes(entry)] as const).sort(([a], [b]) => compareText(a, b));
  const byDn: Record<string, Record<string, readonly string[]>> = {};
  for (const [dn, attributes] of sorted) {
    // An entry that is sent twice is a fault, not something to be lost in a map.
    byDn[dn in byDn ? `${dn} (again)` : dn] = attributes;
  }
  return byDn;
}

function comparableAttributes(entry: WireEntry): Record<string, readonly string[]> {
  return Object.fromEntries(
    entry.attributes
      .filter(({ type }) => !slapdOnly.has(type))
      .map(({ type, values }) => [type, comparableValues(type, values)] as const)
      .sort(([a], [b]) => compareText(a, b)),
  );
}

function comparableValues(type: string, values: readonly Buffer[]): readonly string[] {
  if (madeUpValues.has(type)) return values.map(() => '(made up)');
  if (inventories.has(type)) return [values.length > 0 ? '(several)' : '(none)'];
  return values
    .map((value) => withoutSalt(printable(value)))
    .map((value) => (value === rootDseClass ? '(root DSE class)' : value))
    .sort(compareText);
}

function comparableValue(request: string | undefined, value: Buffer): string {
  if (request === whoAmI) return printable(value);
  // The only other value in use is RFC 3062's generated password: its form is compared, not its text.
  return withoutText(value);
}

function withoutText(value: Buffer): string {
  const [sequence] = children(value);
  if (sequence === undefined) return '(empty)';
  return children(sequence.contents)
    .map((part) => `[${part.tag.toString(16)}] ${part.contents.length === 0 ? 'nothing' : 'some octets'}`)
    .join(' ');
}

const virtualListView = '2.16.840.1.113730.3.4.10';

/** Without the context, which slapd makes up. */
function comparablePart(value: Buffer): string {
  const [target, count, code] = children(children(value)[0]!.contents);
  return [target, count, code].map((part) => part!.contents.toString('hex')).join(' ');
}

function comparableControl(control: WireResponseControl): string {
  const name = `${control.oid}${control.critical ? ' critical' : ''}`;
  if (control.value === undefined) return name;
  if (control.oid === pagedResults) return `${name} ${comparablePage(control.value)}`;
  if (control.oid === virtualListView) return `${name} ${comparablePart(control.value)}`;
  if (readControls.has(control.oid)) return `${name} ${JSON.stringify(comparableRead(control.value))}`;
  return `${name} ${control.value.toString('hex')}`;
}

/** The cookie is opaque; whether there is more is not, nor what the size tells about entries one may not read. */
function comparablePage(value: Buffer): string {
  const [size, cookie] = children(children(value)[0]?.contents ?? Buffer.alloc(0));
  const place = cookie === undefined || cookie.contents.length === 0 ? 'last page' : 'more to come';
  const estimate = readInteger(size?.contents ?? Buffer.alloc(1));
  return estimate === 0 ? place : `${place} of ${estimate}`;
}

function comparableRead(value: Buffer): unknown {
  const [entry] = children(value);
  const [dn, attributes] = children(entry?.contents ?? Buffer.alloc(0));
  const decoded = {
    dn: dn?.contents.toString('utf8') ?? '',
    attributes: children(attributes?.contents ?? Buffer.alloc(0)).map((attribute) => {
      const [type, values] = children(attribute.contents);
      return {
        type: type?.contents.toString('utf8') ?? '',
        values: children(values?.contents ?? Buffer.alloc(0)).map((part) => part.contents),
      };
    }),
  };
  return { dn: decoded.dn, attributes: comparableAttributes(decoded) };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The cookie of a paged answer, for the request of the next page. */
export function pageCookie(result: WireResult): Buffer | undefined {
  const control = result.controls.find(({ oid }) => oid === pagedResults);
  const [size, cookie] = children(children(control?.value ?? Buffer.alloc(0))[0]?.contents ?? Buffer.alloc(0));
  return size !== undefined && readInteger(size.contents) >= 0 ? cookie?.contents : undefined;
}
