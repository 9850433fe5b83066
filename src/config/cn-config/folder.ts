/** Reads a folder slapd.d: a file for each entry of cn=config, as slapd's back-ldif writes them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LdifError } from '../../ldif/errors.js';
import { defaultLdifLimits, RecordCutter } from '../../ldif/lines.js';
import { parseRecord } from '../../ldif/record.js';
import { ConfigError } from '../directive.js';
import type { Place } from '../place.js';
import type { CnConfigAttribute, CnConfigEntry } from './entry.js';

/** Databases, their overlays, and what those hold: slapd goes no deeper. */
const depthMax = 8;
const filesMax = 10_000;

export interface Report {
  warn(place: Place, message: string): void;
  error(place: Place, message: string): void;
}

/** The entry cn=config with all below it. Throws ConfigError where there is none; what is wrong with others is reported. */
export function readConfigFolder(folder: string, report: Report): CnConfigEntry {
  const root = join(folder, 'cn=config.ldif');
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status) throw new ConfigError('no such folder');
  if (!status.isDirectory()) throw new ConfigError('not a folder; a slapd.conf is given with -f');
  if (!statSync(root, { throwIfNoEntry: false })) throw new ConfigError('not a slapd.d: it holds no cn=config.ldif');
  const entry = new FolderReader(report).read(root, undefined);
  if (!entry) throw new ConfigError('cn=config.ldif cannot be read');
  return entry;
}

class FolderReader {
  readonly #report: Report;
  #files = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Undefined where the entry cannot be read, which has been reported. */
  read(path: string, parent: string | undefined, depth = 0): CnConfigEntry | undefined {
    if (++this.#files > filesMax) throw new ConfigError(`more than ${filesMax} entries`);
    const place = { file: path, line: 0 };
    let record: { readonly rdn: string; readonly attributes: readonly CnConfigAttribute[] };
    try {
      record = this.#record(path);
    } catch (error) {
      if (error instanceof LdifError) this.#report.error({ file: path, line: error.line }, error.reason);
      else
        this.#report.error(place, error instanceof ConfigError ? error.message : `cannot be read: ${(error as Error).message}`);
      return undefined;
    }
    const name = parent === undefined ? record.rdn : `${record.rdn},${parent}`;
    const attributes = new Map(record.attributes.map((attribute) => [attribute.type.toLowerCase(), attribute]));
    const below = path.slice(0, -'.ldif'.length);
    const children = depth >= depthMax ? [] : this.#children(below, name, depth + 1);
    return { name, attributes, children, file: basename(below) };
  }

  #children(folder: string, parent: string, depth: number): CnConfigEntry[] {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
    const names = readdirSync(folder).filter((name) => /^.+=.*\.ldif$/s.test(name));
    names.sort(bySiblingNumber);
    return names.flatMap((name) => this.read(join(folder, name), parent, depth) ?? []);
  }

  #record(path: string): { rdn: string; attributes: readonly CnConfigAttribute[] } {
    const bytes = readFileSync(path);
    this.#checkSum(path, bytes);
    const cutter = new RecordCutter(defaultLdifLimits);
    const records = [...cutter.push(bytes), ...cutter.end()];
    const [lines, more] = records;
    const record = lines && parseRecord(lines, { fileUrls: false, fileBytes: 0 });
    if (record?.kind !== 'content' || more) throw new ConfigError('not one entry in LDIF, as slapd writes it');
    return { rdn: record.dn.toString(), attributes: record.attributes };
  }

  /** slapd complains in its log and goes on. */
  #checkSum(path: string, bytes: Buffer): void {
    const found = /^(?:#[^\n]*\n){0,3}?# CRC32 ([0-9a-f]{1,8})\s*\n/i.exec(bytes.toString('latin1', 0, 1_024));
    if (!found || parseInt(found[1]!, 16) === crc32(bytes.subarray(found[0].length))) return;
    this.#report.warn({ file: path, line: 0 }, 'checksum error: the file has been edited by hand or is damaged');
  }
}

/** `cn={2}nis.ldif` before `cn={10}x.ldif`, and `cn=module{2}.ldif` before `cn=module{10}.ldif`. */
function bySiblingNumber(one: string, other: string): number {
  const [first, second] = [one, other].map((name) => {
    const found = /^(.*?)\{(-?\d+)\}/s.exec(name);
    return found ? { head: found[1]!, number: Number(found[2]) } : { head: name, number: -Infinity };
  }) as [{ head: string; number: number }, { head: string; number: number }];
  if (first.head !== second.head) return first.head < second.head ? -1 : 1;
  return first.number - second.number;
}
