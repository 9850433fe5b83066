/**
 * Filter text (RFC 4515) to BER, for tests: attribute descriptions and values go through unchecked, and `\xx` gives
 * any octet, so that what a well-behaved client library would refuse can be sent.
 */
import { boolean, element, octets } from './ber.js';

const tags = { '&': 0xa0, '|': 0xa1, '!': 0xa2 } as const;
const comparisons = { '=': 0xa3, '>=': 0xa5, '<=': 0xa6, '~=': 0xa8 } as const;

export function encodeFilter(text: string): Buffer {
  const reader = { text, at: 0 };
  const filter = readFilter(reader);
  if (reader.at !== text.length) throw new Error(`filter goes on after its end: ${text.slice(reader.at)}`);
  return filter;
}

interface Reader {
  readonly text: string;
  at: number;
}

function readFilter(reader: Reader): Buffer {
  expect(reader, '(');
  const kind = reader.text[reader.at];
  const filter = kind === '&' || kind === '|' || kind === '!' ? readCombination(reader, kind) : readItem(reader);
  expect(reader, ')');
  return filter;
}

function readCombination(reader: Reader, kind: keyof typeof tags): Buffer {
  reader.at++;
  const filters: Buffer[] = [];
  while (reader.text[reader.at] === '(') filters.push(readFilter(reader));
  return element(tags[kind], ...filters);
}

function readItem(reader: Reader): Buffer {
  const end = reader.text.indexOf(')', reader.at);
  const item = reader.text.slice(reader.at, end);
  reader.at = end;
  const match = /^([^=~<>]*?)(:=|>=|<=|~=|=)(.*)$/s.exec(item);
  if (match === null) throw new Error(`not a filter item: ${item}`);
  const [, left = '', operator = '', value = ''] = match;
  if (operator === ':=') return extensible(left, value);
  if (operator === '=' && value === '*') return octets(left, 0x87);
  if (operator === '=' && value.includes('*')) return substrings(left, value);
  return element(comparisons[operator as keyof typeof comparisons], octets(left), octets(unescape(value)));
}

function substrings(attribute: string, value: string): Buffer {
  const parts = value.split('*');
  const pieces = parts.flatMap((part, index) => {
    if (part === '') return [];
    const tag = index === 0 ? 0x80 : index === parts.length - 1 ? 0x82 : 0x81;
    return [octets(unescape(part), tag)];
  });
  return element(0xa4, octets(attribute), element(0x30, ...pieces));
}

/** `attr`, `attr:dn`, `attr:rule`, `attr:dn:rule`, `:rule`, `:dn:rule` */
function extensible(left: string, value: string): Buffer {
  const [attribute = '', ...rest] = left.split(':');
  const dnAttributes = rest[0]?.toLowerCase() === 'dn';
  const rule = dnAttributes ? rest[1] : rest[0];
  return element(
    0xa9,
    ...(rule === undefined ? [] : [octets(rule, 0x81)]),
    ...(attribute === '' ? [] : [octets(attribute, 0x82)]),
    octets(unescape(value), 0x83),
    ...(dnAttributes ? [boolean(true, 0x84)] : []),
  );
}

/** `\xx` to the octet; everything else as UTF-8. */
function unescape(text: string): Buffer {
  const parts = text.split(/(\\[0-9a-fA-F]{2})/);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))));
}

function expect(reader: Reader, character: string): void {
  if (reader.text[reader.at] !== character) throw new Error(`${character} wanted at ${reader.at} of ${reader.text}`);
  reader.at++;
}
