/**
 * Writes entries of cn=config into a slapd.d, as slapd's back-ldif does: a file for each, in a folder named after the entry above it.
 * A file has its old or its new content, whatever happens; where several change, they are written before any is removed.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LdifWriter } from '../../ldif/writer.js';
import type { CnConfigEntry } from './entry.js';
import { rdnOf } from './tree.js';

const fileMode = 0o600;
const folderMode = 0o750;

/** As slapd, which keeps passwords from being read over a shoulder. */
const encodedAttributes = ['olcRootPW'];

/** Brings the files of `folder` from one state of the tree to another. Throws what the file system throws. */
export function writeConfigFolder(folder: string, from: CnConfigEntry | undefined, to: CnConfigEntry): void {
  const before = new Map(from ? filesOf(from) : []);
  const after = new Map(filesOf(to));
  const touched = new Set<string>();
  for (const [path, entry] of after) {
    const old = before.get(path);
    if (old && old.attributes === entry.attributes && rdnText(old) === rdnText(entry)) continue;
    const file = join(folder, path);
    makeFolders(dirname(file), touched);
    writeWhole(file, configFileText(entry));
    touched.add(dirname(file));
  }
  const gone = [...before.keys()].filter((path) => !after.has(path)).sort((one, other) => other.length - one.length);
  for (const path of gone) {
    const file = join(folder, path);
    unlinkSync(file);
    touched.add(dirname(file));
    removeIfEmpty(file.slice(0, -'.ldif'.length));
    removeIfEmpty(dirname(file));
  }
  for (const one of touched) if (existsSync(one)) syncFolder(one);
}

/** One file of a slapd.d. */
export function configFileText(entry: CnConfigEntry): string {
  const writer = new LdifWriter(undefined, encodedAttributes);
  writer.entry(rdnText(entry), entry.attributes.values());
  // The file ends with the last line of the entry.
  const text = writer.take().toString('latin1').replace(/\n$/, '');
  const sum = crc32(Buffer.from(text, 'latin1')).toString(16).padStart(8, '0');
  return `# AUTO-GENERATED FILE - DO NOT EDIT!! Use ldapmodify.\n# CRC32 ${sum}\n${text}`;
}

function rdnText({ name }: CnConfigEntry): string {
  const { attribute, value } = rdnOf(name);
  return `${attribute}=${value}`;
}

/** Each entry by the path of its file, parents first. */
function* filesOf(entry: CnConfigEntry, above = ''): Generator<[string, CnConfigEntry]> {
  const path = join(above, entry.file ?? fileName(entry));
  yield [`${path}.ldif`, entry];
  for (const child of entry.children) yield* filesOf(child, path);
}

/** As slapd: in small letters but for the attribute; what file systems take badly is escaped. */
function fileName({ name }: CnConfigEntry): string {
  const { attribute, value } = rdnOf(name);
  return `${attribute}=${value.toLowerCase()}`.replace(/[/:.]/g, (char) => `\\${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function makeFolders(folder: string, touched: Set<string>): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder), touched);
  mkdirSync(folder, folderMode);
  touched.add(dirname(folder));
}

function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.new`;
  const descriptor = openSync(unfinished, 'w', fileMode);
  try {
    writeFileSync(descriptor, text, 'latin1');
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
