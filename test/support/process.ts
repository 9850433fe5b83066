/** Runs other programs for the tests: to their end with their output collected, or as daemons that are stopped by pid. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Buffer;
  /** Milliseconds after which the program is killed and the run fails. */
  readonly timeoutMs?: number;
}

export interface Finished {
  /** Exit status; -1 when a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @throws when it cannot be started or does not end in time. A non-zero exit is an answer, not an error.
 */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env ?? process.env });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${file} ${args.join(' ')} did not end within ${timeoutMs} ms\n${text(stdout)}${text(stderr)}`));
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr) });
    });
    // A program that ends without reading its input is not this function's business.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As run(), but a non-zero exit fails with the program's own words. */
export async function runOrFail(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const finished = await run(file, args, options);
  if (finished.code !== 0) {
    throw new Error(`${file} ${args.join(' ')} exited ${finished.code}\n${finished.stdout}${finished.stderr}`);
  }
  return finished;
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

// With setpriv a daemon dies with the test process that started it, even when that one is killed.
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** A program in the foreground of its own process, its output kept. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #output: Buffer[] = [];
  readonly #name: string;
  readonly #ended: Promise<void>;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    const keep = (chunk: Buffer): void => void this.#output.push(chunk);
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#output.push(Buffer.from(`${error.message}\n`));
        resolve();
      });
      child.once('close', () => {
        resolve();
      });
    });
  }

  static start(file: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Daemon {
    const command = setpriv === undefined ? [file, ...args] : [setpriv, '--pdeathsig', 'KILL', file, ...args];
    const child = spawn(command[0] ?? file, command.slice(1), {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Daemon(file, child);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** Exit status once it has ended by itself; null while it runs or after a signal. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Everything it has written so far, standard output and error as they came. */
  get output(): string {
    return text(this.#output);
  }

  /**
   * Waits until `ready` says so, asking again every few milliseconds.
   *
   * @throws with the daemon's output when it ends or the time is over first.
   */
  async waitUntil(ready: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await ready())) {
      if (!this.running) throw new Error(`${this.#name} ended before it was ready\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`${this.#name} was not ready within ${timeoutMs} ms\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Asks it to end, and kills it when it does not within ten seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, 10_000);
    await this.#ended;
    clearTimeout(timer);
  }
}
