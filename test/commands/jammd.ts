/** Runs bin/jammd as a user would. `npm run build` comes first. */
import { join, resolve } from 'node:path';
import { run, type Finished, type RunOptions } from '../support/process.js';

export const root = resolve(import.meta.dirname, '../..');
export const jammdProgram = join(root, 'bin/jammd');

export function jammd(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [jammdProgram, ...args], options);
}
