/**
 * The folders this process holds a lock on, by their real paths. LevelDB also refuses to open a folder twice, but loses its
 * lock against other processes in doing so: closing any descriptor of a file releases a process's locks on it (POSIX).
 */
import { realpath } from 'node:fs/promises';
import { StoreLockedError } from '../errors.js';
import { readPidFile } from './folder.js';

const claimed = new Set<string>();

/** Claims an existing folder for one part of this process; answers what gives it back. Throws StoreLockedError. */
export async function claimFolder(folder: string): Promise<() => void> {
  const path = await realpath(folder);
  if (claimed.has(path)) throw new StoreLockedError(folder, await readPidFile(folder));
  claimed.add(path);
  return () => void claimed.delete(path);
}
