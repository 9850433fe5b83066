/** The files that `pidfile` and `argsfile` name: written when the server listens, removed when it ends. */
import { accessSync, constants, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/model.js';
import { CommandFailure, reasonOf } from './failure.js';

type ProcessFileConfig = Pick<Config, 'pidFile' | 'argsFile'>;

/** A line for each file that cannot be written. That one belongs to another process is no such problem. */
export function processFileProblems({ pidFile, argsFile }: ProcessFileConfig): string[] {
  return [problemOf('pidfile', pidFile), problemOf('argsfile', argsFile)].filter((problem) => problem !== undefined);
}

function problemOf(directive: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory()) return `${directive} ${file}: is a folder`;
  const folder = dirname(file);
  if (!found && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    return `${directive} ${file}: no such folder ${folder}`;
  }
  try {
    accessSync(found ? file : folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return `${directive} ${file} cannot be written: ${reasonOf(error)}`;
  }
}

export class ProcessFiles {
  /** What was written, by file. */
  readonly #written = new Map<string, string>();

  /**
   * Files of another process that is alive stay as they are, and `warn` hears of it: with slapd's own configuration, slapd
   * may be running beside. Throws CommandFailure.
   */
  write({ pidFile, argsFile }: ProcessFileConfig, warn: (message: string) => void): void {
    if (pidFile !== undefined) this.#write('pidfile', pidFile, String(process.pid), ownerOfPidFile(pidFile), warn);
    if (argsFile !== undefined) {
      this.#write('argsfile', argsFile, process.argv.join(' '), ownerOfArgsFile(argsFile), warn);
    }
  }

  #write(directive: string, file: string, line: string, owner: number | undefined, warn: (message: string) => void): void {
    if (owner !== undefined) {
      warn(`${directive} ${file}: not overwritten, as it belongs to process ${owner}, which is running`);
      return;
    }
    try {
      writeFileSync(file, `${line}\n`);
      this.#written.set(file, `${line}\n`);
    } catch (error) {
      throw new CommandFailure(`${directive} ${file} cannot be written: ${reasonOf(error)}`);
    }
  }

  /** Removes those that still hold what was written. */
  remove(): void {
    for (const [file, text] of this.#written) if (readText(file) === text) rmSync(file, { force: true });
    this.#written.clear();
  }
}

/** Undefined if the file does not exist or is not a regular file. */
function readText(file: string): string | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** The living process, other than this one, that wrote the file; undefined where there is none. */
function ownerOfPidFile(file: string): number | undefined {
  const pid = Number(/^\s*([1-9]\d{0,9})\s*$/.exec(readText(file) ?? '')?.[1]);
  if (Number.isNaN(pid) || pid === process.pid || !isAlive(pid)) return undefined;
  // After a crash the number may have gone to a process that never saw the file.
  const started = startOf(pid);
  return started !== undefined && started > statSync(file).mtimeMs + clockSlackMs ? undefined : pid;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const clockSlackMs = 2_000;
/** Linux counts in these for programs, whatever its own clock is. */
const ticksPerSecond = 100;

/** Milliseconds since 1970; undefined where the system does not say (Linux does). */
function startOf(pid: number): number | undefined {
  try {
    // The program's name, in parentheses, may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ');
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    const started = Number(fields[19]) / ticksPerSecond;
    return Number.isNaN(started + uptime) ? undefined : Date.now() - (uptime - started) * 1_000;
  } catch {
    return undefined;
  }
}

/** A process whose command line is what the file holds. Only Linux tells those of others. */
function ownerOfArgsFile(file: string): number | undefined {
  const line = readText(file)?.trim();
  if (line === undefined || line === '') return undefined;
  return processNumbers().find((pid) => pid !== process.pid && commandLine(pid) === line);
}

function processNumbers(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}
