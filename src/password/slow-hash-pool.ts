/**
 * Computes slow hashes on worker threads, so that logins never block the main thread. The threads start when first needed,
 * keep the process alive only while they work, and accept a bounded number of tasks, in an order that is fair to addresses
 * and accounts. Beyond that a login fails with `busy`; lookups are not affected.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { LdapError, ResultCode } from '../ldap/result.js';
import { hashMemoryMax } from './crypt-forms.js';
import { FairQueue, type Flow } from './fair-queue.js';
import type { SlowHashReply, SlowHashResult, SlowHashTask } from './slow-hash.js';

/** One core is left to the main thread. */
export const defaultWorkers = Math.max(1, availableParallelism() - 1);

/** Tasks that may wait for each worker: some seconds' worth at bcrypt's usual cost. */
export const queuedPerWorkerMax = 64;

/** Memory that all hashes being computed may take together; one takes half of it at most. */
export const poolMemoryMax = 2 * hashMemoryMax;

/** More logins wait for slow hashes than may. Result code 51. */
export class PasswordBusyError extends LdapError {
  constructor() {
    super(ResultCode.busy, 'too many logins are waiting for their password hash; try again');
  }
}

/** For whom a hash is computed: asking more often gives nobody a larger share of the workers. */
export interface HashOrigin {
  /** The client's address; undefined where many people come from it, as from the mail services of this machine. */
  readonly address?: string | undefined;
  /** The account whose password it is. */
  readonly target: string;
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
  readonly memoryMax?: number;
}

export class SlowHashPool {
  readonly #workersMax: number;
  #workerFile: URL | undefined;
  readonly #busy = new Map<Worker, Job>();
  readonly #idle: Worker[] = [];
  readonly #queue: FairQueue<Job>;
  /** The next in turn, for whose memory there is no room yet. */
  #held: Job | undefined;
  #memory = 0;
  readonly #memoryMax: number;
  #closed = false;
  /** Tasks that were given to a worker. */
  started = 0;
  /** Tasks that were told `busy`. */
  refused = 0;

  constructor(options: SlowHashPoolOptions = {}) {
    this.#workersMax = options.workers ?? defaultWorkers;
    this.#queue = new FairQueue(options.queued ?? queuedPerWorkerMax * this.#workersMax);
    this.#workerFile = options.workerFile;
    this.#memoryMax = options.memoryMax ?? poolMemoryMax;
  }

  /** Tasks being worked on or waiting. */
  get pending(): number {
    return this.#busy.size + this.#queue.size + (this.#held ? 1 : 0);
  }

  /** Rejects with PasswordBusyError where too many wait, or with another LdapError where the work itself failed. */
  run(task: SlowHashTask, origin?: HashOrigin): Promise<SlowHashResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new LdapError(ResultCode.unavailable, 'the server is closing'));
        return;
      }
      const job: Job = { task, resolve, reject };
      const isNext = !this.#held && this.#queue.size === 0 && this.#hasRoom(job);
      const worker = isNext ? (this.#idle.pop() ?? this.#start()) : undefined;
      if (worker) this.#give(worker, job);
      else this.#wait(job, origin);
    });
  }

  #wait(job: Job, origin: HashOrigin | undefined): void {
    const displaced = this.#queue.push(job, origin ? flowsOf(origin) : []);
    if (!displaced) return;
    this.refused++;
    displaced.reject(new PasswordBusyError());
  }

  /** Ends the workers; what they had not finished is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    const jobs = [...this.#busy.values(), ...(this.#held ? [this.#held] : []), ...this.#queue.clear()];
    this.#held = undefined;
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
    this.#memory += memoryOf(job);
    this.#busy.set(worker, job);
    worker.ref();
    worker.postMessage(job.task);
  }

  #finish(worker: Worker, reply: SlowHashReply): void {
    const job = this.#busy.get(worker);
    if (!job) return;
    this.#busy.delete(worker);
    this.#memory -= memoryOf(job);
    worker.unref();
    this.#idle.push(worker);
    this.#giveWaiting();
    if (reply.done) job.resolve(reply.result);
    else job.reject(failure(reply.message));
  }

  /** A worker died: its own job fails, and what waits gets a new worker. */
  #lose(worker: Worker, reason: string): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    if (job) this.#memory -= memoryOf(job);
    job?.reject(failure(reason));
    if (!this.#closed) this.#giveWaiting();
  }

  /** Hands out what waits, in turn, as long as there are workers and memory. */
  #giveWaiting(): void {
    while (this.#held || this.#queue.size > 0) {
      if (this.#held && !this.#hasRoom(this.#held)) return;
      const worker = this.#idle.pop() ?? this.#start();
      if (!worker) return;
      const next = this.#held ?? this.#queue.shift()!;
      this.#held = undefined;
      if (this.#hasRoom(next)) {
        this.#give(worker, next);
      } else {
        this.#held = next;
        this.#idle.push(worker);
      }
    }
  }

  /** A hash that is the only one always has: it keeps to its own bound. */
  #hasRoom(job: Job): boolean {
    return this.#memory === 0 || this.#memory + memoryOf(job) <= this.#memoryMax;
  }
}

function memoryOf({ task }: Job): number {
  return task.memoryBytes ?? 0;
}

/** So few that a user whose password is being guessed from many addresses can still log in from their own. */
const targetPlacesMax = 8;

function flowsOf({ address, target }: HashOrigin): Flow[] {
  const account: Flow = { name: `target ${target}`, placesMax: targetPlacesMax };
  return address === undefined ? [account] : [{ name: `address ${address}`, placesMax: Infinity }, account];
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
