/** Writes the directives of a cn=config tree as slapd.conf text. */
import type { CnConfigLine } from './directives.js';
import { lineText } from './directives.js';

/** A comment names each entry. Access rules are folded where people fold them. */
export function slapdConfText(lines: readonly CnConfigLine[]): string {
  let entry: string | undefined;
  return lines
    .map((line) => {
      const heading = line.entry === entry ? '' : `${entry === undefined ? '' : '\n'}# ${line.entry}\n`;
      entry = line.entry;
      return `${heading}${foldedText(line)}\n`;
    })
    .join('');
}

function foldedText(line: CnConfigLine): string {
  if (line.directive !== 'access') return lineText(line);
  const words = line.arguments.map((word) => (word === 'by' ? '\n  by' : word));
  return lineText({ ...line, arguments: words }).replaceAll(' \n', '\n');
}
