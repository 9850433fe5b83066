/** Writes entries as slapcat does: lines folded at 78 columns, base64 where a value is not plain printable ASCII. */
import type { EntryRecord } from '../entry/record.js';
import type { PartialAttribute } from '../ldap/request.js';

/** Bytes of a line; a folded line's next parts start with a blank. */
const columns = 78;

/** Attributes whose values are base64 whatever they hold, so that a password is not read over a shoulder. */
const alwaysBase64 = new Set(['userpassword', '2.5.4.35']);

/** An entry with all its attributes, operational ones included, and the empty line after it. ASCII. */
export function formatRecord(record: EntryRecord): string {
  let text = formatValue('dn', false, record.buffer, record.dnBytesStart, record.dnBytesEnd);
  for (let index = 0; index < record.attributeCount; index++) {
    const name = record.description(index).text;
    const encoded = isAlwaysBase64(name);
    record.someValue(index, (buffer, start, end) => {
      text += formatValue(name, encoded, buffer, start, end);
      return false;
    });
  }
  return `${text}\n`;
}

/** The same for an entry that is not a stored record. */
export function formatEntry(dn: string, attributes: Iterable<PartialAttribute>): string {
  const name = Buffer.from(dn);
  let text = formatValue('dn', false, name, 0, name.length);
  for (const { type, values } of attributes) {
    const encoded = isAlwaysBase64(type);
    for (const value of values) text += formatValue(type, encoded, value, 0, value.length);
  }
  return `${text}\n`;
}

function isAlwaysBase64(name: string): boolean {
  return alwaysBase64.has(name.toLowerCase()) || name.includes(';binary');
}

function formatValue(name: string, encoded: boolean, buffer: Buffer, start: number, end: number): string {
  if (start === end) return fold(`${name}:`);
  if (encoded || !isSafe(buffer, start, end)) return fold(`${name}:: ${buffer.toString('base64', start, end)}`);
  return fold(`${name}: ${buffer.toString('latin1', start, end)}`);
}

/** Stricter than RFC 2849, as slapcat: printable ASCII, not starting with `:`, `<` or a blank, not ending with one. */
function isSafe(buffer: Buffer, start: number, end: number): boolean {
  const first = buffer[start]!;
  if (first === 0x20 || first === 0x3a || first === 0x3c || buffer[end - 1] === 0x20) return false;
  for (let position = start; position < end; position++) {
    const octet = buffer[position]!;
    if (octet < 0x20 || octet > 0x7e) return false;
  }
  return true;
}

function fold(line: string): string {
  if (line.length <= columns) return `${line}\n`;
  let text = line.slice(0, columns);
  for (let position = columns; position < line.length; position += columns - 1) {
    text += `\n ${line.slice(position, position + columns - 1)}`;
  }
  return `${text}\n`;
}
