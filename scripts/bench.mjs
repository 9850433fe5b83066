/**
 * `npm run bench`: one generated hosting tree in slapd and in jammd, one load on both by turns, and a table of medians.
 * Everything happens on 127.0.0.1 and in a temporary folder.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCluster, clusterRows, describeCluster } from './bench/cluster.mjs';
import { LoadGenerator } from './bench/generator.mjs';
import { keyKinds, offlineRows, prepare, rows } from './bench/rows.mjs';
import { Server } from './bench/servers.mjs';
import { accountsPerDomain, entryCount, writeTree } from './bench/tree.mjs';
import { ensureBuilt, ScriptError, runScript } from './bootstrap.mjs';

const allRows = [...offlineRows, ...rows];

const help = `npm run bench -- [options]

Loads the same generated tree into slapd (back-mdb) and jammd, drives both by turns with one load generator, and
prints medians and how many times as fast jammd is.

  --size N        accounts, a multiple of ${accountsPerDomain} (default 100000); N,M measures each server with trees of
                  both sizes, by turns
  --only A,B      only these rows: ${allRows.map((row) => row.name).join(', ')}
  --keys KIND     the accounts that are asked for: uniform (any of all, the default), zipf (a few far more often), hot
                  (the same 20,000)
  --rounds N      how often each row is measured on each server, by turns (default 3)
  --seconds N     how long each measurement lasts (default 3)
  --quick         10,000 accounts, one round, half a second each, 300 adds
  --servers LIST  slapd, jammd or both (default both where slapd is installed); where two columns come of it,
                  the ratio says how many times as well the second does
  --jammd DIR     measures the jammd of another checkout, which is built, with this one's bench
  --folder DIR    where the databases are put (default: the system's temporary folder)
  --cluster       jammd alone against three nodes and three members of etcd instead, all on this machine: writes, what
                  etcd takes by itself, and lookups on a node while another writes (default 10000 accounts); rows for
                  --only: ${clusterRows.join(', ')}
  --json          one JSON object instead of the table
`;

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    servers: { type: 'string' },
    keys: { type: 'string', default: 'uniform' },
    jammd: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    quick: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

await runScript('bench', async () => {
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.cluster) return measureCluster();
  const plan = readPlan();
  if (plan.kinds.includes('jammd') && plan.jammd === undefined) ensureBuilt();
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

async function measureCluster() {
  const unknown = values.only?.split(',').filter((name) => !clusterRows.includes(name)) ?? [];
  if (unknown.length > 0) throw new ScriptError(`--only: there is no row ${unknown.join(', ')} with --cluster`);
  if (!existsSync('/usr/bin/etcd')) throw new ScriptError('--cluster: etcd is not installed (apt install etcd-server)');
  const sizes = values.size === undefined ? [10_000] : readSizes();
  if (values.jammd === undefined) ensureBuilt();
  const plan = {
    accounts: sizes[0],
    only: values.only?.split(','),
    jammd: values.jammd && resolve(values.jammd),
    rounds: number('rounds', values.rounds, values.quick ? 1 : 3, 100),
    seconds: number('seconds', values.seconds, values.quick ? 0.5 : 3, 60),
  };
  const folder = mkdtempSync(join(values.folder, 'jammd-bench-'));
  try {
    const load = new LoadGenerator(folder);
    const results = await benchCluster(plan, folder, load, freePort, tell);
    console.log(values.json ? JSON.stringify({ ...plan, results }, undefined, 2) : describeCluster(results));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function readPlan() {
  const sizes = readSizes();
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => !allRows.some((row) => row.name === name)) ?? [];
  if (unknown.length > 0) throw new ScriptError(`--only: there is no row ${unknown.join(', ')}`);
  const installed = existsSync('/usr/sbin/slapd') ? ['slapd', 'jammd'] : ['jammd'];
  const kinds = values.servers?.split(',') ?? installed;
  if (kinds.some((kind) => !['slapd', 'jammd'].includes(kind))) throw new ScriptError('--servers: slapd, jammd or both');
  if (!keyKinds.includes(values.keys)) throw new ScriptError(`--keys: one of ${keyKinds.join(', ')}`);
  return {
    sizes,
    kinds,
    keys: values.keys,
    jammd: values.jammd && resolve(values.jammd),
    rounds: number('rounds', values.rounds, values.quick ? 1 : 3, 100),
    seconds: number('seconds', values.seconds, values.quick ? 0.5 : 3, 60),
    quick: values.quick,
    isWanted: (row) => only === undefined || only.includes(row.name),
  };
}

function readSizes() {
  const texts = values.size?.split(',') ?? [undefined];
  const sizes = texts.map((text) => number('size', text, values.quick ? 10_000 : 100_000, 10_000_000));
  const wrong = sizes.find((size) => size % accountsPerDomain !== 0 || size < 2 * accountsPerDomain);
  if (wrong !== undefined) {
    throw new ScriptError(`--size ${wrong}: a multiple of ${accountsPerDomain}, at least ${2 * accountsPerDomain}`);
  }
  if (new Set(sizes).size < sizes.length) throw new ScriptError('--size: the same size twice');
  return sizes;
}

function number(name, text, fallback, max) {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value > 0 && value <= max)) throw new ScriptError(`--${name}: a number above 0, at most ${max}`);
  return value;
}

/** What is compared: each a server with a tree of some size, and one column of the table. */
async function makeSubjects(plan, folder, load, servers) {
  const subjects = [];
  for (const size of plan.sizes) {
    tell(`generating ${size} accounts`);
    const ldif = join(folder, `tree-${size}.ldif`);
    await writeTree(ldif, size);
    const files = prepare(load, size, plan.keys);
    for (const kind of plan.kinds) {
      const name = plan.sizes.length === 1 ? kind : `${kind} ${size}`;
      const server = new Server(kind, join(folder, String(size)), await freePort(), plan.jammd);
      servers.push(server);
      subjects.push({ name, server, ldif, files, entries: entryCount(size) });
    }
  }
  return subjects;
}

async function measureAll(plan, folder, servers) {
  const load = new LoadGenerator(folder);
  if (!load.isCompiled) tell('no C compiler: the load generator is Node, and what it measures is partly itself');
  const subjects = await makeSubjects(plan, folder, load, servers);

  const measured = new Map();
  const byTurns = async (row, rounds, before = () => undefined) => {
    for (let round = 0; round < rounds; round++) {
      for (const subject of subjects) {
        await before(subject);
        const context = { ...subject, load, round, seconds: plan.seconds, seed: round + 1, quick: plan.quick };
        const value = await row.measure(context);
        tell(`${row.title}, ${subject.name}: ${format(value)} ${row.unit}`);
        const samples = measured.get(row) ?? measured.set(row, new Map()).get(row);
        samples.set(subject.name, [...(samples.get(subject.name) ?? []), value]);
      }
    }
  };

  const [importRow, exportRow, startRow, firstRow] = offlineRows;
  await byTurns(importRow, plan.isWanted(importRow) ? plan.rounds : 1);
  for (const row of [exportRow, startRow, firstRow].filter(plan.isWanted))
    await byTurns(row, plan.rounds, ({ server }) => server.stop());
  for (const { server } of subjects) {
    await server.stop();
    await server.start();
  }

  // A server that has just been started compiles and caches; what a mail host sees is one that has run for days.
  for (const { server, files } of subjects) {
    for (const requests of [files.hits, files.binds])
      await load.send(server.port, requests, { connections: 8, seconds: plan.seconds });
  }
  for (const row of rows.filter(plan.isWanted)) await byTurns(row, plan.rounds);
  for (const { server } of subjects) await server.stop();
  return summarise(plan, load, measured, subjects);
}

function tell(text) {
  console.error(text);
}

function summarise(plan, load, measured, subjects) {
  const names = subjects.map((subject) => subject.name);
  const results = [...measured]
    .filter(([row]) => plan.isWanted(row))
    .map(([row, byName]) => {
      const medians = Object.fromEntries([...byName].map(([name, samples]) => [name, median(samples)]));
      return {
        name: row.name,
        title: row.title,
        unit: row.unit,
        ...medians,
        timesAsFast: ratio(row, names, medians),
        samples: Object.fromEntries(byName),
      };
    });
  return {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`,
    node: process.version,
    accounts: plan.sizes,
    keys: plan.keys,
    entries: plan.sizes.map(entryCount),
    columns: names,
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

/** Above 1, the second of two does better: more in a second, or less time and memory. */
function ratio(row, names, medians) {
  if (names.length !== 2) return undefined;
  const [first, second] = names.map((name) => medians[name]);
  return row.unit === '/s' || row.unit === '%' ? second / first : first / second;
}

function table({ columns, results, ...report }) {
  const width = Math.max(...results.map((row) => row.title.length), 10);
  const cellWidth = Math.max(12, ...columns.map((name) => name.length));
  const line = (title, cells, times) =>
    [title.padEnd(width), ...cells.map((cell) => cell.padStart(cellWidth)), times.padStart(8)].join('  ');
  const hasRatio = columns.length === 2;
  return [
    `${report.accounts.join(' and ')} accounts, ${report.entries.join(' and ')} entries; keys ${report.keys}; ` +
      `${report.machine}; Node ${report.node}; ${report.generator}`,
    line('', columns, hasRatio ? 'ratio' : ''),
    ...results.map((row) => {
      const cells = columns.map((name) => `${format(row[name])} ${row.unit}`);
      return line(row.title, cells, row.timesAsFast === undefined ? '' : `${row.timesAsFast.toFixed(2)}x`);
    }),
    ...(hasRatio ? [`ratio: how many times as well ${columns[1]} does, whichever way is better`] : []),
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
