/** slapd's log levels by name and by number: those of `loglevel` in slapd.conf and of -d on the command line. */
import { oneOf, wholeNumber } from './directive.js';

const logLevels: ReadonlyMap<string, number> = new Map([
  ['any', -1],
  ['trace', 0x1],
  ['packets', 0x2],
  ['args', 0x4],
  ['conns', 0x8],
  ['ber', 0x10],
  ['filter', 0x20],
  ['config', 0x40],
  ['acl', 0x80],
  ['stats', 0x100],
  ['stats2', 0x200],
  ['shell', 0x400],
  ['parse', 0x800],
  ['cache', 0x1000],
  ['index', 0x2000],
  ['sync', 0x4000],
  ['none', 0x8000],
]);

/** The sum of levels. `of`: what is said to want them. Throws ConfigError. */
export function logLevelOf(words: readonly string[], of: string): number {
  let level = 0;
  for (const word of words) {
    if (word === '-1') level = -1;
    else if (/^\d/.test(word)) level |= wholeNumber(word, of);
    else level |= oneOf(word, of, logLevels);
  }
  return level;
}
