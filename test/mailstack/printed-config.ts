/** Runs `jammd config` and parts what it prints into files, as a person would who pastes them. */
import { jammd } from '../commands/jammd.js';

/** Texts by path. */
export type PrintedFiles = ReadonlyMap<string, string>;

const heading = /^# (\/\S+?)(?:: add these lines, and remove earlier settings of the same names)?$/;

export async function printedConfig(args: readonly string[]): Promise<PrintedFiles> {
  const { code, stdout, stderr } = await jammd(['config', ...args]);
  if (code !== 0) throw new Error(`jammd config ${args.join(' ')}: ${stderr}`);
  const files = new Map<string, string>();
  let path: string | undefined;
  for (const line of stdout.split('\n')) {
    const found = heading.exec(line)?.[1];
    if (found !== undefined) {
      path = found;
      files.set(path, '');
    } else if (path !== undefined) {
      files.set(path, `${files.get(path) ?? ''}${line}\n`);
    }
  }
  return files;
}

export function fileOf(files: PrintedFiles, path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new Error(`jammd config printed no ${path}, but ${[...files.keys()].join(', ')}`);
  return text;
}
