/**
 * `npm run bench`: one generated hosting tree in slapd and in jammd, one load on both by turns, and a table of medians.
 * Everything happens on 127.0.0.1 and in a temporary folder.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LoadGenerator } from './bench/generator.mjs';
import { offlineRows, prepare, rows } from './bench/rows.mjs';
import { Server } from './bench/servers.mjs';
import { accountsPerDomain, entryCount, writeTree } from './bench/tree.mjs';
import { ensureBuilt, ScriptError, runScript } from './bootstrap.mjs';

const allRows = [...offlineRows, ...rows];

const help = `npm run bench -- [options]

Loads the same generated tree into slapd (back-mdb) and jammd, drives both by turns with one load generator, and
prints medians and how many times as fast jammd is.

  --size N        accounts, a multiple of ${accountsPerDomain} (default 100000)
  --only A,B      only these rows: ${allRows.map((row) => row.name).join(', ')}
  --rounds N      how often each row is measured on each server, by turns (default 3)
  --seconds N     how long each measurement lasts (default 3)
  --quick         10,000 accounts, one round, half a second each, 300 adds
  --servers LIST  slapd, jammd or both (default both where slapd is installed)
  --folder DIR    where the databases are put (default: the system's temporary folder)
  --json          one JSON object instead of the table
`;

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    servers: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

await runScript('bench', async () => {
  if (values.help) {
    console.log(help);
    return 0;
  }
  const plan = readPlan();
  if (plan.kinds.includes('jammd')) ensureBuilt();
  const folder = mkdtempSync(join(values.folder, 'jammd-bench-'));
  const servers = [];
  try {
    const report = await measureAll(plan, folder, servers);
    console.log(values.json ? JSON.stringify(report, undefined, 2) : table(report));
    return 0;
  } finally {
    for (const server of servers) server.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});

function readPlan() {
  const size = number('size', values.size, values.quick ? 10_000 : 100_000, 10_000_000);
  if (size % accountsPerDomain !== 0 || size < 2 * accountsPerDomain) {
    throw new ScriptError(`--size ${size}: a multiple of ${accountsPerDomain}, at least ${2 * accountsPerDomain}`);
  }
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => !allRows.some((row) => row.name === name)) ?? [];
  if (unknown.length > 0) throw new ScriptError(`--only: there is no row ${unknown.join(', ')}`);
  const installed = existsSync('/usr/sbin/slapd') ? ['slapd', 'jammd'] : ['jammd'];
  const kinds = values.servers?.split(',') ?? installed;
  if (kinds.some((kind) => !['slapd', 'jammd'].includes(kind))) throw new ScriptError('--servers: slapd, jammd or both');
  return {
    size,
    kinds,
    rounds: number('rounds', values.rounds, values.quick ? 1 : 3, 100),
    seconds: number('seconds', values.seconds, values.quick ? 0.5 : 3, 60),
    quick: values.quick,
    isWanted: (row) => only === undefined || only.includes(row.name),
  };
}

function number(name, text, fallback, max) {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0 && value <= max)) throw new ScriptError(`--${name}: a number above 0, at most ${max}`);
  return value;
}

async function measureAll(plan, folder, servers) {
  tell(`generating ${plan.size} accounts`);
  const ldif = join(folder, 'tree.ldif');
  await writeTree(ldif, plan.size);
  const load = new LoadGenerator(folder);
  if (!load.isCompiled) tell('no C compiler: the load generator is Node, and what it measures is partly itself');
  for (const kind of plan.kinds) servers.push(new Server(kind, folder, await freePort()));

  const measured = new Map();
  const record = (row, kind, value) => {
    const byKind = measured.get(row) ?? new Map();
    measured.set(row, byKind.set(kind, [...(byKind.get(kind) ?? []), value]));
  };

  const [importRow, exportRow, startRow] = offlineRows;
  for (const server of servers) record(importRow, server.kind, await told(importRow, server, { server, ldif }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const row of [exportRow, startRow].filter(plan.isWanted)) {
      for (const server of servers) {
        if (row === exportRow) await server.stop();
        record(row, server.kind, await told(row, server, { server }));
      }
    }
  }
  for (const server of servers) {
    await server.stop();
    await server.start();
  }

  const files = prepare(load, plan.size);
  // A server that has just been started compiles and caches; what a mail host sees is one that has run for days.
  for (const server of servers) {
    for (const requests of [files.hits, files.binds]) await load.send(server.port, requests, { connections: 8, seconds: plan.seconds });
  }
  for (const row of rows.filter(plan.isWanted)) {
    for (let round = 0; round < plan.rounds; round++) {
      for (const server of servers) {
        const context = { server, load, files, round, seconds: plan.seconds, seed: round + 1, quick: plan.quick };
        record(row, server.kind, await told(row, server, context));
      }
    }
  }
  for (const server of servers) await server.stop();
  return summarise(plan, load, measured);
}

async function told(row, server, context) {
  const value = await row.measure(context);
  tell(`${row.title}, ${server.kind}: ${format(value)} ${row.unit}`);
  return value;
}

function tell(text) {
  console.error(text);
}

function summarise(plan, load, measured) {
  const results = [...measured].filter(([row]) => plan.isWanted(row)).map(([row, byKind]) => {
    const medians = Object.fromEntries([...byKind].map(([kind, samples]) => [kind, median(samples)]));
    return { name: row.name, title: row.title, unit: row.unit, ...medians, timesAsFast: ratio(row, medians), samples: Object.fromEntries(byKind) };
  });
  return {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`,
    node: process.version,
    accounts: plan.size,
    entries: entryCount(plan.size),
    rounds: plan.rounds,
    secondsEach: plan.seconds,
    generator: load.isCompiled ? 'load.c' : 'load-worker.mjs',
    results,
  };
}

function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Above 1, jammd does better: more in a second, or less time and memory. */
function ratio(row, { slapd, jammd }) {
  if (slapd === undefined || jammd === undefined) return undefined;
  return row.unit === '/s' ? jammd / slapd : slapd / jammd;
}

function table(report) {
  const width = Math.max(...report.results.map((row) => row.title.length), 10);
  const line = (title, slapd, jammd, times) => `${title.padEnd(width)}  ${slapd.padStart(12)}  ${jammd.padStart(12)}  ${times.padStart(8)}`;
  const cell = (value, unit) => (value === undefined ? '' : `${format(value)} ${unit}`);
  return [
    `${report.accounts} accounts, ${report.entries} entries; ${report.machine}; Node ${report.node}; ${report.generator}`,
    line('', 'slapd', 'jammd', 'ratio'),
    ...report.results.map((row) =>
      line(row.title, cell(row.slapd, row.unit), cell(row.jammd, row.unit), row.timesAsFast === undefined ? '' : `${row.timesAsFast.toFixed(2)}x`),
    ),
    'ratio: how many times as well jammd does, whichever way is better',
  ].join('\n');
}

function format(value) {
  if (value >= 1000) return Math.round(value).toString();
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
