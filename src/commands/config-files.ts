/** Prints the files of a program's configuration, or writes those that are wholly jammd's, each readable to that program. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type ConfigFile, UnwritableConfigError } from '../mail-programs/model.js';
import { CommandFailure, reasonOf } from './failure.js';

export interface DeliveryOptions {
  readonly write?: string;
  readonly force?: true;
}

const readableForAll = 0o644;
const readableForGroup = 0o640;

/** Throws CommandFailure. */
export async function deliver(options: DeliveryOptions, make: () => ConfigFile[] | Promise<ConfigFile[]>): Promise<void> {
  const files = await made(make);
  const written = options.write === undefined ? [] : files.filter(({ part }) => part === 'whole');
  await writeAll(written, options.force === true);
  const printed = files.filter((file) => !written.includes(file)).map(printedFile);
  process.stdout.write(printed.join('\n'));
}

async function made(make: () => ConfigFile[] | Promise<ConfigFile[]>): Promise<ConfigFile[]> {
  try {
    return await make();
  } catch (error) {
    throw error instanceof UnwritableConfigError ? new CommandFailure(error.message) : error;
  }
}

async function writeAll(files: readonly ConfigFile[], force: boolean): Promise<void> {
  const existing = files.find(({ path }) => existsSync(path));
  if (existing && !force) throw new CommandFailure(`${existing.path} already exists; --force overwrites it`);
  for (const file of files) {
    await mkdir(file.path.slice(0, file.path.lastIndexOf('/')), { recursive: true });
    await writeOne(file);
  }
}

/** A file with a password is never open to others, not for a moment: it gets its name last. */
async function writeOne({ path, text, secretFor }: ConfigFile): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
  let trouble: string | undefined;
  if (secretFor === undefined) {
    await chmod(unfinished, readableForAll);
  } else {
    trouble = await giveToGroup(unfinished, secretFor);
    await chmod(unfinished, readableForGroup);
  }
  await rename(unfinished, path);
  process.stderr.write(`wrote ${path}\n`);
  if (trouble === undefined) return;
  process.stderr.write(
    `${path}: could not set its group to ${secretFor} (${trouble}); the program cannot read it until you run, as root: ` +
      `chgrp ${secretFor} ${path}\n`,
  );
}

/** Answers with what is in the way, if anything is. */
async function giveToGroup(path: string, group: string): Promise<string | undefined> {
  const found = await promisify(execFile)('getent', ['group', group]).catch(() => undefined);
  const gid = found?.stdout.split(':')[2];
  if (gid === undefined) return 'no such group';
  try {
    await chown(path, -1, Number(gid));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function printedFile({ path, part, text }: ConfigFile): string {
  return `# ${part === 'whole' ? path : `${path}: add these lines, and remove earlier settings of the same names`}\n${text}`;
}
