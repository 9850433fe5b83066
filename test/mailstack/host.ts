/**
 * A mail host for the tests: a mount namespace that a process of its own holds. Programs run in it, its daemons are ended
 * by pid, and all that is mounted goes with it, also where the tests are killed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon, run, runOrFail, type Finished, type RunOptions } from '../support/process.js';
import { removeFolder } from '../support/place.js';

/** As the HOWTO numbers it, and as `jammd config` assumes. */
export const vmail = { uid: 101, gid: 101, domains: '/home/vmail/domains' } as const;

/** A user of the mail host itself, whose mail procmail files. */
export const localUser = { name: 'jd', uid: 64_123, gid: 64_123, home: '/home/jd' } as const;

export const hostName = 'mail.myhosting.example';

export abstract class Host {
  readonly #folder: string;
  readonly #holder: Daemon;
  readonly #daemons: Daemon[] = [];

  /**
   * `script` mounts what the host consists of, with `folder` as $1; it ends with "mounted" and stays. An isolated host has
   * processes and a network of its own.
   */
  protected constructor(folder: string, script: string, isolated = false) {
    this.#folder = folder;
    // The first process of its own kind collects the others when they have ended.
    const stay = `${script} && echo mounted && ${isolated ? '{ sleep infinity & wait; }' : 'exec sleep infinity'}`;
    const separate = isolated ? ['--net', '--pid', '--fork', '--kill-child'] : [];
    this.#holder = Daemon.start('unshare', ['--mount', '--propagation', 'private', ...separate, 'sh', '-c', stay, 'sh', folder]);
  }

  protected async mounted(): Promise<void> {
    await this.#holder.waitUntil(() => this.#holder.output.includes('mounted'));
  }

  /** The process in whose mount namespace the host is: `nsenter --target PID --mount` looks inside. */
  get pid(): number {
    return this.#holder.pid;
  }

  protected get folder(): string {
    return this.#folder;
  }

  /** Where the machine has a file of the host. */
  abstract outside(path: string): string;

  /** The arguments of nsenter before the program. */
  protected abstract get entering(): readonly string[];

  async write(path: string, text: string): Promise<void> {
    await writeFile(this.outside(path), text);
  }

  read(path: string): Promise<string> {
    return readFile(this.outside(path), 'utf8');
  }

  /** Changes a file as an administrator's editor would; fails where there is nothing to change. */
  async edit(path: string, change: (text: string) => string): Promise<void> {
    const before = await this.read(path);
    const after = change(before);
    if (after === before) throw new Error(`${path} holds nothing of what was to be changed`);
    await this.write(path, after);
  }

  run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run('nsenter', [...this.entering, file, ...args], options);
  }

  runOrFail(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runOrFail('nsenter', [...this.entering, file, ...args], options);
  }

  /** A program of the host as a file of the machine, for what is told a path. */
  async asFile(program: string): Promise<string> {
    const path = join(this.#folder, `outside-${program}`);
    const quoted = this.entering.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ');
    await writeFile(path, `#!/bin/sh\nexec nsenter ${quoted} ${program} "$@"\n`, { mode: 0o755 });
    return path;
  }

  /** A daemon of the host; stop() ends it with the others, last started first. */
  start(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Daemon {
    const daemon = Daemon.start('nsenter', [...this.entering, file, ...args], { env });
    this.#daemons.push(daemon);
    return daemon;
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) await daemon.stop();
    await this.#holder.stop('SIGKILL');
    await removeFolder(this.#folder);
  }
}
