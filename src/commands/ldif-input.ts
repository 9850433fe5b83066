/** The LDIF that a command is given, and how it tells what is wrong with it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ImportFailure } from '../directory/transfer/import.js';
import { CommandFailure, reasonOf } from './failure.js';

/** How much of the LDIF is read at once: what is cut from it should be gone before the garbage collector comes round. */
const readBytes = 64 * 1_024;

export interface LdifInput {
  readonly pieces: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** Bytes; undefined where it cannot be told. */
  readonly size: number | undefined;
}

/** Opened before the store, so that a wrong file name makes no database. */
export async function openLdif(file: string | undefined): Promise<LdifInput> {
  if (file === undefined || file === '-') return { pieces: process.stdin, size: undefined };
  const status = await stat(file);
  if (status.isDirectory()) throw new CommandFailure(`${file} is a folder`);
  return { pieces: piecesOf(openSync(file, 'r')), size: status.isFile() ? status.size : undefined };
}

/** Waits for each piece: handing it to another thread and back takes several times as long as reading it. */
function* piecesOf(fd: number): Generator<Buffer, void, void> {
  try {
    const piece = Buffer.allocUnsafe(readBytes);
    for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) yield piece.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

export function numberIn(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new CommandFailure(`${option} ${text}: expected a number from ${least} to ${most}`);
  return value;
}

/** One line that names the record's line and DN. */
export function describeFailure({ line, dn, error, file }: ImportFailure): string {
  // An LdifError says its line itself.
  const reason = 'reason' in error ? error.reason : reasonOf(error);
  return `${file === undefined ? '' : `${file} `}line ${line}: ${dn === undefined ? '' : `dn "${dn}": `}${reason}`;
}
