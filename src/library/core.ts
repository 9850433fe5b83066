/** The internals of a library Directory, for jammd's own front ends but not for programs. */
import type { Directory as Core } from '../directory/directory.js';

/** Something that uses a directory and must end before it does. */
export interface Closeable {
  close(): Promise<void>;
}

export interface DirectoryInternals {
  readonly core: Core;
  /** To be closed before the directory. */
  readonly users: Set<Closeable>;
  /** Throws LdapError 52 once the directory is closed. */
  readonly assertOpen: () => void;
}

const internals = new WeakMap<object, DirectoryInternals>();

export function setInternals(directory: object, own: DirectoryInternals): void {
  internals.set(directory, own);
}

/** Throws TypeError for what `openDirectory` did not make. */
export function internalsOf(directory: object): DirectoryInternals {
  const found = internals.get(directory);
  if (!found) throw new TypeError('not a directory that openDirectory() made');
  return found;
}
