/** Reads a folder slapd.d into a Config, by way of the directives that its entries stand for. */
import { resolve } from 'node:path';
import { ConfigParser, type ParseResult } from '../parse.js';
import { directivesOf, lineText, type CnConfigLine } from './directives.js';
import { readConfigFolder } from './folder.js';

export interface FolderResult extends ParseResult {
  /** What slapd.conf would say. Empty where the folder is no slapd.d. */
  readonly lines: readonly CnConfigLine[];
}

/** Relative paths are relative to `cwd`, as in slapd. */
export function loadConfigFolder(folder: string, cwd = process.cwd()): FolderResult {
  let lines: readonly CnConfigLine[] = [];
  const result = new ConfigParser({ cwd }).parseLines(folder, (reader) => {
    lines = directivesOf(readConfigFolder(resolve(cwd, folder), reader), reader);
    return lines.map((line) => ({ place: line.place, text: lineText(line) }));
  });
  return { ...result, lines };
}
