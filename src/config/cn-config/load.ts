/** Reads a folder slapd.d into a Config, by way of the directives that its entries stand for. */
import { resolve } from 'node:path';
import { ConfigParser, type ParseResult } from '../parse.js';
import { attributeDefinitions, classDefinitions } from './definitions.js';
import { directivesOf, lineText, type CnConfigLine } from './directives.js';
import type { CnConfigEntry } from './entry.js';
import { readConfigFolder } from './folder.js';

export interface FolderResult extends ParseResult {
  /** What slapd.conf would say. Empty where the folder is no slapd.d. */
  readonly lines: readonly CnConfigLine[];
  /** cn=config with all below it. Undefined where the folder is no slapd.d. */
  readonly root: CnConfigEntry | undefined;
}

/** Relative paths are relative to `cwd`, as in slapd. */
export function loadConfigFolder(folder: string, cwd = process.cwd()): FolderResult {
  let lines: readonly CnConfigLine[] = [];
  let root: CnConfigEntry | undefined;
  const result = new ConfigParser({ cwd }).parseLines(folder, (reader) => {
    reader.builder.ownDefinitions(attributeDefinitions, classDefinitions);
    root = readConfigFolder(resolve(cwd, folder), reader);
    lines = directivesOf(root, reader);
    return lines.map((line) => ({ place: line.place, text: lineText(line) }));
  });
  return { ...result, lines, root };
}
