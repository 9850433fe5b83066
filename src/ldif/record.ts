/** One LDIF record (RFC 2849): from logical lines to a typed value, as slapadd and ldapmodify read it. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Modification, PartialAttribute } from '../ldap/request.js';
import { DescriptionCache } from '../ber/description-cache.js';
import { LdifError } from './errors.js';
import type { LogicalLine } from './lines.js';

export interface LdifControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer | undefined;
}

interface RecordBase {
  readonly dn: Buffer;
  /** Where the record starts, counted from 1. */
  readonly line: number;
}

interface ChangeBase extends RecordBase {
  readonly controls: readonly LdifControl[];
}

/** Attributes come in the order of their first value, each once, its name as first written. */
export type LdifRecord =
  /** An entry: no `changetype`. */
  | (RecordBase & { readonly kind: 'content'; readonly attributes: readonly PartialAttribute[] })
  | (ChangeBase & { readonly kind: 'add'; readonly attributes: readonly PartialAttribute[] })
  | (ChangeBase & { readonly kind: 'delete' })
  | (ChangeBase & { readonly kind: 'modify'; readonly changes: readonly Modification[] })
  | (ChangeBase & {
      readonly kind: 'modrdn';
      readonly newRDN: Buffer;
      readonly deleteOldRDN: boolean;
      readonly newSuperior: Buffer | undefined;
    });

export interface RecordOptions {
  /** May `attribute:< file:///...` read files? */
  readonly fileUrls: boolean;
  /** Bytes that such a file may have. */
  readonly fileBytes: number;
  /** Is a record without `changetype` a modification, rather than an entry? So ldapmodify and slapmodify have it. */
  readonly modifications?: boolean;
}

/** `type: value`, `type:: base64` or `type:< url`. */
interface ValueLine {
  readonly line: number;
  readonly type: string;
  readonly value: Buffer;
}

const space = 0x20;
const colon = 0x3a;
const less = 0x3c;
const hyphen = 0x2d;

/** Undefined if the record is nothing but a version line. Throws LdifError. */
export function parseRecord(lines: readonly LogicalLine[], options: RecordOptions): LdifRecord | undefined {
  const reader = new RecordReader(lines, options);
  reader.version();
  if (reader.atEnd) return undefined;
  const { line } = lines[0]!;
  const name = reader.next('a "dn:" line');
  if (name.type.toLowerCase() !== 'dn') throw new LdifError(`a record must start with "dn:", not "${name.type}:"`, name.line);
  const dn = name.value;
  const controls = reader.controls();
  const change = reader.changeType();
  if (!change) {
    const [control] = controls;
    if (control) throw new LdifError('"control:" without a "changetype:" after it', line);
    if (options.modifications) return { kind: 'modify', dn, line, controls, changes: reader.changes() };
    return { kind: 'content', dn, line, attributes: reader.attributes() };
  }
  const base = { dn, line, controls };
  switch (change.value.toString('latin1').toLowerCase()) {
    case 'add':
      return { kind: 'add', ...base, attributes: reader.attributes() };
    case 'delete':
      reader.finish();
      return { kind: 'delete', ...base };
    case 'modify':
      return { kind: 'modify', ...base, changes: reader.changes() };
    case 'modrdn':
    case 'moddn':
      return { kind: 'modrdn', ...base, ...reader.newName() };
    default:
      throw new LdifError(`unknown changetype "${change.value.toString()}"`, change.line);
  }
}

/** The name in a record that cannot be read as a whole; undefined if there is none. */
export function nameOfRecord(lines: readonly LogicalLine[]): Buffer | undefined {
  for (const { line, text, start, end } of lines.slice(0, 2)) {
    if (text.toString('latin1', start, Math.min(start + 3, end)).toLowerCase() !== 'dn:') continue;
    try {
      return parseValue(text, start + 3, end, line, { fileUrls: false, fileBytes: 0 });
    } catch {
      return undefined;
    }
  }
  return undefined;
}

class RecordReader {
  readonly #lines: readonly LogicalLine[];
  readonly #options: RecordOptions;
  #index = 0;

  constructor(lines: readonly LogicalLine[], options: RecordOptions) {
    this.#lines = lines;
    this.#options = options;
  }

  get atEnd(): boolean {
    return this.#index >= this.#lines.length;
  }

  next(expected: string): ValueLine {
    const line = this.#lines[this.#index];
    if (!line) throw new LdifError(`the record ends before ${expected}`, this.#lines.at(-1)!.line);
    this.#index++;
    return parseLine(line, this.#options);
  }

  version(): void {
    const version = this.#nextIfType('version');
    if (version && version.value.toString('latin1').trim() !== '1') {
      throw new LdifError(`unknown LDIF version "${version.value.toString()}"`, version.line);
    }
  }

  controls(): LdifControl[] {
    const controls: LdifControl[] = [];
    for (let line = this.#nextIfType('control'); line; line = this.#nextIfType('control')) {
      controls.push(parseControl(line, this.#options));
    }
    return controls;
  }

  changeType(): ValueLine | undefined {
    return this.#nextIfType('changetype');
  }

  attributes(): PartialAttribute[] {
    const attributes = new Map<string, { type: string; values: Buffer[] }>();
    let last: { type: string; values: Buffer[] } | undefined;
    while (!this.atEnd) {
      const { type, value } = this.next('an attribute');
      if (last?.type !== type) {
        const key = type.toLowerCase();
        last = attributes.get(key);
        if (!last) attributes.set(key, (last = { type, values: [] }));
      }
      last.values.push(value);
    }
    return [...attributes.values()];
  }

  finish(): void {
    const extra = this.#lines[this.#index];
    if (extra) throw new LdifError('unexpected line after the end of the change', extra.line);
  }

  changes(): Modification[] {
    const changes: Modification[] = [];
    while (!this.atEnd) changes.push(this.#change());
    return changes;
  }

  newName(): { newRDN: Buffer; deleteOldRDN: boolean; newSuperior: Buffer | undefined } {
    const newRDN = this.#nextOfType('newrdn').value;
    const { value, line } = this.#nextOfType('deleteoldrdn');
    const flag = value.toString('latin1').trim();
    if (flag !== '0' && flag !== '1') throw new LdifError('"deleteoldrdn:" must be 0 or 1', line);
    const newSuperior = this.#nextIfType('newsuperior')?.value;
    this.finish();
    return { newRDN, deleteOldRDN: flag === '1', newSuperior };
  }

  /** One `add: type`, its values, and the `-` after it, which the last one may lack. */
  #change(): Modification {
    const { type: operation, value, line } = this.next('a change');
    const type = value.toString('utf8').trim();
    const key = operation.toLowerCase();
    if (key !== 'add' && key !== 'delete' && key !== 'replace' && key !== 'increment') {
      throw new LdifError(`a change must be add, delete, replace or increment, not "${operation}"`, line);
    }
    if (type === '') throw new LdifError(`no attribute after "${key}:"`, line);
    const values: Buffer[] = [];
    while (!this.atEnd && !this.#skipHyphen()) {
      const next = this.next('a value');
      if (next.type.toLowerCase() !== type.toLowerCase()) {
        throw new LdifError(`a value of "${next.type}" in a change of "${type}"`, next.line);
      }
      values.push(next.value);
    }
    return { operation: key, attribute: { type, values } };
  }

  #skipHyphen(): boolean {
    const { text, start, end } = this.#lines[this.#index]!;
    const isHyphen = text[start] === hyphen && text.toString('latin1', start, end).trimEnd() === '-';
    if (isHyphen) this.#index++;
    return isHyphen;
  }

  #nextOfType(type: string): ValueLine {
    const line = this.next(`"${type}:"`);
    if (line.type.toLowerCase() !== type) throw new LdifError(`expected "${type}:", not "${line.type}:"`, line.line);
    return line;
  }

  #nextIfType(type: string): ValueLine | undefined {
    const line = this.#lines[this.#index];
    if (!line) return undefined;
    return isOfType(line, type) ? this.next(type) : undefined;
  }
}

/** `type`: in lower case. */
function isOfType({ text, start, end }: LogicalLine, type: string): boolean {
  if (end - start <= type.length) return false;
  for (let index = 0; index < type.length; index++) {
    if ((text[start + index]! | 0x20) !== type.charCodeAt(index)) return false;
  }
  return text[skipBlanks(text, start + type.length, end)] === colon;
}

function parseLine({ line, text, start, end }: LogicalLine, options: RecordOptions): ValueLine {
  if (text[start] === space) throw new LdifError('a continuation line without a line before it', line);
  let typeEnd = start;
  while (typeEnd < end && text[typeEnd] !== colon) typeEnd++;
  if (typeEnd === end) throw new LdifError('no ":" after the attribute', line);
  const type = typeNamed(text, start, typeEnd);
  if (type === '') throw new LdifError('no attribute before the ":"', line);
  return { line, type, value: parseValue(text, typeEnd + 1, end, line, options) };
}

const typeNames = new DescriptionCache();

function typeNamed(text: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const octet = text[at]!;
    if (octet <= space || octet >= 0x80) return text.toString('utf8', start, end).trimEnd();
  }
  return typeNames.text(text, start, end);
}

/** What follows the type's colon. */
function parseValue(text: Buffer, start: number, end: number, line: number, options: RecordOptions): Buffer {
  switch (start < end ? text[start] : undefined) {
    case colon:
      return decodeBase64(text.toString('latin1', start + 1, end).trim(), line);
    case less:
      return readUrl(text.toString('utf8', start + 1, end).trim(), line, options);
    default:
      return text.subarray(skipBlanks(text, start, end), end);
  }
}

/** Where what is not a blank starts. */
export function skipBlanks(text: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (text[at] === space || text[at] === 0x09)) at++;
  return at;
}

function decodeBase64(text: string, line: number): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new LdifError('the value is not base64', line);
  return Buffer.from(text, 'base64');
}

function readUrl(url: string, line: number, options: RecordOptions): Buffer {
  if (!options.fileUrls) throw new LdifError('values from files (":<") are not allowed here', line);
  try {
    const path = fileURLToPath(url);
    const { size } = requireFile(path);
    if (size > options.fileBytes) throw new RangeError(`longer than ${options.fileBytes} bytes`);
    return readFileSync(path);
  } catch (error) {
    throw new LdifError(`cannot read ${url}: ${(error as Error).message}`, line);
  }
}

function requireFile(path: string): { size: number } {
  const status = statSync(path);
  if (!status.isFile()) throw new TypeError('not a regular file');
  return status;
}

/** `oid [true|false] [value]`, the value spelled as an attribute's is. */
function parseControl({ value, line }: ValueLine, options: RecordOptions): LdifControl {
  const text = value.toString('latin1');
  const head = /^([0-9]+(?:\.[0-9]+)*)(?:[ \t]+(true|false))?[ \t]*/i.exec(text);
  const rest = value.subarray(head?.[0].length ?? 0);
  if (!head || (rest.length > 0 && rest[0] !== colon)) {
    throw new LdifError('a control must be an OID, "true" or "false", and a value', line);
  }
  return {
    oid: head[1]!,
    critical: head[2]?.toLowerCase() === 'true',
    value: rest.length > 0 ? parseValue(rest, 1, rest.length, line, options) : undefined,
  };
}
