/**
 * `npm run torture -- --rounds N --seed N`: kills the server N times (default 300) while clients write, and holds what it
 * has afterwards against what it had acknowledged. Prints the seed, with which a failure can be had again.
 * `--replication`: stock slapds follow it meanwhile, and are killed as well. `--cluster`: three nodes on three members of etcd, in
 * turn one of them is killed, stopped, slowed down, wiped or replaced; what clients were told is judged as a history.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root, runScript, ScriptError } from './bootstrap.mjs';

const pollMilliseconds = 500;

await runScript('torture', async () => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      seed: { type: 'string' },
      replication: { type: 'boolean' },
      cluster: { type: 'boolean' },
    },
  });
  const rounds = wholeNumber('--rounds', values.rounds ?? '300');
  const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000));
  ensureInstalled({ dev: true });
  ensureBuilt();
  console.log(`${rounds} rounds, seed ${seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'jammd-torture-'));
  try {
    if (values.cluster) {
      return await vitestOn('test/cluster/cluster.test.ts', {
        JAMMD_CLUSTER_ROUNDS: String(rounds),
        JAMMD_CLUSTER_SEED: String(seed),
      });
    }
    return await (values.replication ? replication(rounds, seed) : torture(rounds, seed, join(folder, 'log')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function wholeNumber(option, text) {
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw new ScriptError(`${option} ${text}: a whole number is wanted`);
  return Number(text);
}

/** Stock slapds follow instead, and jammd follows slapd and jammd, and either side is killed. Resolves with the exit code of the test. */
function replication(rounds, seed) {
  return vitestOn(['test/replication/slapd-replicas.test.ts', 'test/replication/jammd-replicas.test.ts'], {
    JAMMD_REPLICATION_ROUNDS: String(rounds),
    JAMMD_REPLICATION_SEED: String(seed),
  });
}

/** Runs test files with these variables. Resolves with its exit code. */
function vitestOn(files, variables) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [vitest, 'run', ...[files].flat()], { cwd: root, env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

/** Resolves with the exit code of the test that does the work. */
async function torture(rounds, seed, log) {
  writeFileSync(log, '');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = {
    ...process.env,
    JAMMD_TORTURE_ROUNDS: String(rounds),
    JAMMD_TORTURE_SEED: String(seed),
    JAMMD_TORTURE_LOG: log,
  };
  const child = spawn(process.execPath, [vitest, 'run', 'test/robustness/crash.test.ts'], { cwd: root, env, stdio: 'inherit' });
  const stopPrinting = printGrowing(log);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });
  stopPrinting();
  return code;
}

/** Prints what is added to a file, until the function it returns is called. */
function printGrowing(path) {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(65_536);
  const print = () => {
    const bytes = readSync(file, buffer, 0, buffer.length, null);
    if (bytes > 0) process.stdout.write(buffer.subarray(0, bytes));
  };
  const timer = setInterval(print, pollMilliseconds);
  return () => {
    clearInterval(timer);
    print();
    closeSync(file);
  };
}
