import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closePasswordWorkers, generatePassword, hashPassword, verify, verifyDecoy } from '../../src/password/password.js';
import { PasswordBusyError, SlowHashPool } from '../../src/password/slow-hash-pool.js';
import type { SlowHashTask } from '../../src/password/slow-hash.js';

const pools: SlowHashPool[] = [];
const makePool = (options: ConstructorParameters<typeof SlowHashPool>[0]): SlowHashPool => {
  const pool = new SlowHashPool(options);
  pools.push(pool);
  return pool;
};

const folder = mkdtempSync(join(tmpdir(), 'jammd-workers-'));

/** A worker that does what a task's hash says: `crash`, `exit`, or answers it. */
const brittleWorker = pathToFileURL(join(folder, 'worker.mjs'));
beforeAll(() => {
  writeFileSync(
    brittleWorker,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ hash }) => {
       if (hash === 'crash') throw new Error('struck by lightning');
       if (hash === 'exit') process.exit(3);
       parentPort.postMessage({ done: true, result: new TextEncoder().encode(hash) });
     });`,
  );
});

const task = (hash: string): SlowHashTask => ({ kind: 'crypt', password: new Uint8Array(1), hash });
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString();

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(async () => {
  await closePasswordWorkers();
  rmSync(folder, { recursive: true });
});

describe('the worker pool', () => {
  it('answers busy past its bound, and everything within it', async () => {
    const pool = makePool({ workers: 1, queued: 3, workerFile: brittleWorker });
    const running = Array.from({ length: 4 }, (_, number) => pool.run(task(`${number}`)));
    expect(pool.pending).toBe(4);
    await expect(pool.run(task('too many'))).rejects.toBeInstanceOf(PasswordBusyError);
    await expect(pool.run(task('too many'))).rejects.toMatchObject({ code: 51 });
    expect((await Promise.all(running)).map(textOf)).toEqual(['0', '1', '2', '3']);
    expect(pool.pending).toBe(0);
    expect(textOf(await pool.run(task('room again')))).toBe('room again');
  });

  describe('when many wait', () => {
    const origin = (address: string | undefined, target: string) => ({ address, target });
    const order: string[] = [];
    const run = (pool: SlowHashPool, name: string, address: string | undefined, target: string): Promise<void> =>
      pool.run(task(name), origin(address, target)).then(
        () => void order.push(name),
        (error: unknown) => void order.push(`${name} ${(error as { code: number }).code}`),
      );
    const many = (pool: SlowHashPool, count: number, address: (index: number) => string | undefined, target: string) =>
      Array.from({ length: count }, (_, index) => run(pool, `guess ${index}`, address(index), target));

    beforeEach(() => order.splice(0));

    it('does not let an address that guesses at one account keep others waiting, nor fill the queue', async () => {
      const pool = makePool({ workers: 1, queued: 12, workerFile: brittleWorker });
      const guesses = many(pool, 13, () => '192.0.2.1', 'cn=victim');
      const others = [run(pool, 'other', '192.0.2.2', 'cn=other'), run(pool, 'victim', '192.0.2.3', 'cn=victim')];
      await Promise.all([...guesses, ...others]);
      expect(order.filter((name) => name.endsWith('51'))).toEqual(['guess 12 51', 'guess 11 51']);
      const served = order.filter((name) => !name.endsWith('51'));
      expect(served.slice(0, 3)).toEqual(['guess 0', 'guess 1', 'other']);
      expect(served).toContain('victim');
      expect(pool.refused).toBe(2);
    });

    it('does not let one account that is guessed at from many addresses keep the others waiting', async () => {
      const pool = makePool({ workers: 1, queued: 30, workerFile: brittleWorker });
      const guesses = many(pool, 31, (index) => `192.0.2.${index}`, 'cn=victim');
      const others = [run(pool, 'other', '198.51.100.1', 'cn=other'), run(pool, 'local', undefined, 'cn=local')];
      await Promise.all([...guesses, ...others]);
      expect(order.filter((name) => !name.endsWith('51')).slice(0, 4)).toEqual(['guess 0', 'guess 1', 'other', 'local']);
    });

    it('serves everybody in the end, in turn', async () => {
      const pool = makePool({ workers: 1, queued: 64, workerFile: brittleWorker });
      const greedy = Array.from({ length: 10 }, (_, index) => run(pool, 'greedy', '192.0.2.1', `cn=${index}`));
      const modest = Array.from({ length: 10 }, (_, index) => run(pool, 'modest', `198.51.100.${index}`, `cn=m${index}`));
      await Promise.all([...greedy, ...modest]);
      expect(order).toHaveLength(20);
      expect(order.lastIndexOf('modest')).toBe(11);
    });
  });

  it.each(['crash', 'exit'])('fails only the task whose worker dies (%s), and replaces the worker', async (end) => {
    const pool = makePool({ workers: 1, workerFile: brittleWorker });
    const results = await Promise.allSettled([
      pool.run(task('a')),
      pool.run(task(end)),
      pool.run(task('b')),
      pool.run(task('c')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 80 } });
    expect(textOf(await pool.run(task('later')))).toBe('later');
  });

  it('fails each task where no worker can start, rather than keep it waiting', async () => {
    const pool = makePool({ workers: 1, workerFile: pathToFileURL(join(folder, 'absent.mjs')) });
    const results = await Promise.allSettled([pool.run(task('a')), pool.run(task('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('rejects what is unfinished when it closes, and anything after', async () => {
    const pool = makePool({ workers: 1 });
    const slow = [1, 2].map(() => pool.run({ kind: 'crypt', password: new Uint8Array(1), hash: `$2b$14$${'.'.repeat(53)}` }));
    const closed = pool.close();
    for (const result of slow) await expect(result).rejects.toMatchObject({ code: 52 });
    await closed;
    await expect(pool.run(task('late'))).rejects.toMatchObject({ code: 52 });
  });
});

describe('a slow hash', () => {
  it('leaves the main thread free', async () => {
    const stored = await hashPassword('{BCRYPT}', Buffer.from('secret'));
    const checks = Promise.all(Array.from({ length: 4 }, async () => verify(stored, Buffer.from('secret'))));
    let longest = 0;
    let finished = false;
    void checks.then(() => (finished = true));
    let last = performance.now();
    const blockedByWork = process.cpuUsage().user;
    while (!finished) {
      await new Promise((resolve) => setImmediate(resolve));
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    expect(await checks).toEqual([true, true, true, true]);
    expect(process.cpuUsage().user).toBeGreaterThan(blockedByWork);
    // Four of them on this thread would stop it for some 250 ms at least.
    expect(longest).toBeLessThan(150);
  });
});

describe('a bind to nobody', () => {
  it('never succeeds', async () => {
    for (const scheme of ['{SSHA}', '{CLEARTEXT}', '{BCRYPT}', '{PBKDF2-SHA256}']) {
      expect(await verifyDecoy(Buffer.from('secret'), scheme)).toBe(false);
    }
    expect(verifyDecoy(Buffer.from('secret'))).toBe(false);
  });

  it('costs about what a wrong password costs', async () => {
    const stored = await hashPassword('{BCRYPT}', Buffer.from('secret'));
    const offered = Buffer.from('wrong');
    const timed = async (work: () => boolean | Promise<boolean>): Promise<number> => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    await verifyDecoy(offered, '{BCRYPT}');
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 5; round++) {
      known.push(await timed(() => verify(stored, offered)));
      unknown.push(await timed(() => verifyDecoy(offered, '{BCRYPT}')));
    }
    // The least of several is what the work costs, whatever else the machine does.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

describe('generated passwords', () => {
  it('are twelve typable characters, and never the same', () => {
    const made = Array.from({ length: 200 }, () => generatePassword().toString());
    for (const password of made) expect(password).toMatch(/^[./0-9A-Za-z]{12}$/);
    expect(new Set(made).size).toBe(made.length);
  });
});
