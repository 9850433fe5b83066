/** Reads a folder slapd.d into a Config, by way of the directives that its entries stand for. */
import { resolve } from 'node:path';
import type { SchemaBuilder } from '../../schema/builder.js';
import { ConfigParser, type ParseResult } from '../parse.js';
import { attributeDefinitions, classDefinitions } from './definitions.js';
import { directivesOf, lineText, type CnConfigLine } from './directives.js';
import type { CnConfigEntry } from './entry.js';
import { readConfigFolder, type Report } from './folder.js';

/** Where a tree lies, and what relative paths in it are relative to. */
export interface ConfigFolder {
  readonly folder: string;
  readonly cwd: string;
}

export interface TreeResult extends ParseResult {
  /** What slapd.conf would say. */
  readonly lines: readonly CnConfigLine[];
  /** Holds the definitions of the tree. */
  readonly schema: SchemaBuilder | undefined;
}

export interface FolderResult extends TreeResult {
  readonly place: ConfigFolder;
  /** cn=config with all below it. Undefined where the folder is no slapd.d. */
  readonly root: CnConfigEntry | undefined;
}

/** Relative paths are relative to `cwd`, as in slapd. */
export function loadConfigFolder(folder: string, cwd = process.cwd()): FolderResult {
  let root: CnConfigEntry | undefined;
  const place = { folder, cwd };
  const result = parse(place, undefined, (report) => (root = readConfigFolder(resolve(cwd, folder), report)));
  return { ...result, place, root };
}

/** What a tree means. `schema`: holds every definition of it already. */
export function parseConfigTree(place: ConfigFolder, root: CnConfigEntry, schema?: SchemaBuilder): TreeResult {
  return parse(place, schema, () => root);
}

function parse(
  { folder, cwd }: ConfigFolder,
  finished: SchemaBuilder | undefined,
  read: (report: Report) => CnConfigEntry,
): TreeResult {
  let lines: readonly CnConfigLine[] = [];
  let schema: SchemaBuilder | undefined;
  const result = new ConfigParser({ cwd }, finished).parseLines(folder, (reader) => {
    schema = reader.builder;
    if (!finished) schema.ownDefinitions(attributeDefinitions, classDefinitions);
    lines = directivesOf(read(reader), reader);
    return lines.map((line) => ({ place: line.place, text: lineText(line) }));
  });
  return { ...result, lines, schema };
}
