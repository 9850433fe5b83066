/**
 * The address of a database's control socket, which is in its folder. A Unix socket's address holds few bytes; for a longer
 * path the folder is opened and addressed by Linux's name for an open file.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { ControlError } from './errors.js';

export const controlSocketName = 'control.sock';
/** Linux has room for 108 bytes, the last of which is a zero; others have four less. */
const addressBytesMax = process.platform === 'linux' ? 107 : 103;

export interface ControlAddress {
  readonly path: string;
  /** Afterwards the path means nothing. */
  release(): void;
}

/** Throws ControlError if there is no way to address it. */
export function controlAddress(folder: string): ControlAddress {
  const path = join(folder, controlSocketName);
  if (Buffer.byteLength(path) <= addressBytesMax) return { path, release: () => undefined };
  if (process.platform !== 'linux') {
    throw new ControlError(`${path}: too long for a socket address, which can have ${addressBytesMax} bytes`);
  }
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  let released = false;
  return {
    path: `/proc/self/fd/${descriptor}/${controlSocketName}`,
    release: () => {
      if (!released) closeSync(descriptor);
      released = true;
    },
  };
}
