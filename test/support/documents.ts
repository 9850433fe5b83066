/** The examples that the documents print, as they print them. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const docs = resolve(import.meta.dirname, '../../docs');

/** @throws where the page has no indented block that begins with this line, or several. */
export async function printedBlock(page: string, firstLine: string): Promise<string> {
  const text = await readFile(join(docs, page), 'utf8');
  const blocks = indentedBlocks(text).filter((block) => block.startsWith(`${firstLine}\n`));
  if (blocks.length !== 1) throw new Error(`docs/${page} has ${blocks.length} blocks that begin with "${firstLine}"`);
  return blocks[0]!;
}

/** Without the four blanks that make them blocks; an empty line inside a block is the block's. */
function indentedBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  for (const line of [...markdown.split('\n'), 'end']) {
    if (line.startsWith('    ')) lines.push(line.slice(4));
    else if (line === '' && lines.length > 0) lines.push('');
    else if (lines.length > 0) {
      blocks.push(`${lines.join('\n').trimEnd()}\n`);
      lines = [];
    }
  }
  return blocks;
}
