/** A damaged place in a database's files, and how messages describe it. */
import { join } from 'node:path';

export interface FileDamage {
  /** The file's name in the folder. */
  readonly file: string;
  readonly kind: 'table' | 'log';
  /** Where the damaged block or record begins; undefined if the file as a whole cannot be read. */
  readonly offset: number | undefined;
  /** The byte that makes LevelDB refuse the block, or the file, when it is 0xff; undefined if it needs none. */
  readonly refusalOffset: number | undefined;
}

/** For messages. */
export function describeDamage(folder: string, { file, kind, offset }: FileDamage): string {
  const path = join(folder, file);
  if (offset === undefined) return `${path}: not a complete table file`;
  const part = kind === 'table' ? 'block' : 'record';
  const loss = kind === 'table' ? '' : '; what was written last may be lost with it';
  return `${path}: the ${part} at byte ${offset} fails its checksum${loss}`;
}
