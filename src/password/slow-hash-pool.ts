/**
 * The worker threads that compute slow hashes, so that a login never stops the main thread. They start when first
 * needed, keep the process alive only while they work, and take a bounded number of tasks; past that a login is told
 * `busy`, and lookups never notice.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { SlowHashReply, SlowHashResult, SlowHashTask } from './slow-hash.js';

/** One core is left to the main thread. */
export const defaultWorkers = Math.max(1, availableParallelism() - 1);

/** Tasks that may wait for each worker: some seconds' worth at bcrypt's usual cost. */
export const queuedPerWorkerMax = 64;

/** More logins wait for slow hashes than may. Result code 51. */
export class PasswordBusyError extends LdapError {
  constructor() {
    super(ResultCode.busy, 'too many logins are waiting for their password hash; try again');
  }
}

interface Job {
  readonly task: SlowHashTask;
  readonly resolve: (result: SlowHashResult) => void;
  readonly reject: (error: Error) => void;
}

export interface SlowHashPoolOptions {
  readonly workers?: number;
  /** Tasks that may wait beside those being worked on. */
  readonly queued?: number;
  readonly workerFile?: URL;
}

export class SlowHashPool {
  readonly #workersMax: number;
  readonly #queuedMax: number;
  #workerFile: URL | undefined;
  readonly #busy = new Map<Worker, Job>();
  readonly #idle: Worker[] = [];
  readonly #queue: Job[] = [];
  #closed = false;
  /** Tasks that were given to a worker. */
  started = 0;
  /** Tasks that were told `busy`. */
  refused = 0;

  constructor(options: SlowHashPoolOptions = {}) {
    this.#workersMax = options.workers ?? defaultWorkers;
    this.#queuedMax = options.queued ?? queuedPerWorkerMax * this.#workersMax;
    this.#workerFile = options.workerFile;
  }

  /** Tasks being worked on or waiting. */
  get pending(): number {
    return this.#busy.size + this.#queue.length;
  }

  /** Rejects with PasswordBusyError where too many wait, or with another LdapError where the work itself failed. */
  run(task: SlowHashTask): Promise<SlowHashResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new LdapError(ResultCode.unavailable, 'the server is closing'));
        return;
      }
      const job: Job = { task, resolve, reject };
      const worker = this.#idle.pop() ?? this.#start();
      if (worker) this.#give(worker, job);
      else if (this.#queue.length < this.#queuedMax) this.#queue.push(job);
      else {
        this.refused++;
        reject(new PasswordBusyError());
      }
    });
  }

  /** Ends the workers; what they had not finished is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    const jobs = [...this.#busy.values(), ...this.#queue.splice(0)];
    this.#busy.clear();
    for (const job of jobs) job.reject(new LdapError(ResultCode.unavailable, 'the server is closing'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(): Worker | undefined {
    if (this.#busy.size + this.#idle.length >= this.#workersMax) return undefined;
    this.#workerFile ??= builtWorkerFile();
    // Inherited flags (a loader, an inspector) are not for this small program, and it needs no environment.
    const worker = new Worker(this.#workerFile, { execArgv: [], env: {} });
    worker.unref();
    worker.on('message', (reply: SlowHashReply) => this.#finish(worker, reply));
    worker.on('error', (error) => this.#lose(worker, error.message));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
    return worker;
  }

  #give(worker: Worker, job: Job): void {
    this.started++;
    this.#busy.set(worker, job);
    worker.ref();
    worker.postMessage(job.task);
  }

  #finish(worker: Worker, reply: SlowHashReply): void {
    const job = this.#busy.get(worker);
    if (!job) return;
    this.#busy.delete(worker);
    const next = this.#queue.shift();
    if (next) {
      this.#give(worker, next);
    } else {
      worker.unref();
      this.#idle.push(worker);
    }
    if (reply.done) job.resolve(reply.result);
    else job.reject(failure(reply.message));
  }

  /** A worker died: its own job fails, and one that waits gets a new worker. */
  #lose(worker: Worker, reason: string): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    job?.reject(failure(reason));
    const next = this.#closed ? undefined : this.#queue.shift();
    if (!next) return;
    const replacement = this.#idle.pop() ?? this.#start();
    if (replacement) this.#give(replacement, next);
    else this.#queue.unshift(next);
  }
}

function failure(reason: string): LdapError {
  return new LdapError(ResultCode.other, `the password could not be checked: ${reason}`);
}

/**
 * A worker thread runs JavaScript: the compiled neighbour of this file, or, where this one is bundled or run from its
 * source (the tests), the one in dist/, which is built first.
 */
function builtWorkerFile(): URL {
  const neighbour = new URL('./worker.js', import.meta.url);
  if (existsSync(neighbour)) return neighbour;
  const built = new URL('../../dist/password/worker.js', import.meta.url);
  if (existsSync(built)) return built;
  throw new LdapError(ResultCode.other, 'dist/password/worker.js is missing: run npm run build');
}
