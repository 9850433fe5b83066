/** `include: file:///...` in LDIF, which slapadd and ldapmodify take besides RFC 2849: the records of another file. */
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LdifError } from '../../ldif/errors.js';
import type { LogicalLine } from '../../ldif/lines.js';

/** Files that include one another. */
export const includeDepthMax = 16;

const start = /^include:/i;

export function isIncludeLine({ text, start: from, end }: LogicalLine): boolean {
  // An "i" begins few records.
  return (text[from]! | 0x20) === 0x69 && start.test(text.toString('latin1', from, Math.min(end, from + 8)));
}

/** Throws LdifError. */
export function includedFile({ text, start: from, end, line }: LogicalLine): string {
  const url = text.toString('utf8', from, end).replace(start, '').trim();
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new LdifError(`cannot include ${url}: ${(error as Error).message}`, line);
  }
}

/** Throws LdifError where the file cannot be read. */
export async function* piecesOfFile(path: string, line: number): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new LdifError(`cannot include ${path}: ${(error as Error).message}`, line);
  }
}
