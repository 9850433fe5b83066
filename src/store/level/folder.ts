/** A database's folder: private to its owner, and marked with the process that has the database open. */
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailableError } from '../errors.js';

const pidFileName = 'jammd.pid';
const probeFileName = 'room.probe';
/** LevelDB's. */
export const logName = /^\d+\.log$/;

/** The location of a database in memory, gone when it is closed. */
export const memoryLocation = ':memory:';

/** Makes the folder (and its parents) with access for its owner only, where it does not exist. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnavailableError(`cannot create the folder ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

export async function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'jammd-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export async function writePidFile(folder: string): Promise<void> {
  await writeFile(join(folder, pidFileName), `${process.pid}\n`, { mode: 0o600 });
}

export async function removePidFile(folder: string): Promise<void> {
  await rm(join(folder, pidFileName), { force: true });
}

/** The PID of the process that has the database open; undefined if the file does not tell. */
export async function readPidFile(folder: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(join(folder, pidFileName), 'latin1'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Can `bytes` more be written to the folder's disk? */
export async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  const path = join(folder, probeFileName);
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(bytes, 0xa5));
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Resolves when LevelDB's logs and their directory entries are on disk. */
export async function syncLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (logName.test(name)) await syncPath(join(folder, name));
  await syncPath(folder);
}

/** A log may have gone meanwhile; its contents are in a table then. */
async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    await file?.sync();
  } finally {
    await file?.close();
  }
}
