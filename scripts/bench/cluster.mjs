/**
 * `npm run bench -- --cluster`: one node against three on three members of etcd, all on this machine and one disk: writes,
 * what etcd takes by itself, and lookups on a node while another writes.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Etcd } from './etcd.mjs';
import * as pdu from './pdu.mjs';
import { prepare } from './rows.mjs';
import { Server } from './servers.mjs';
import { accountAttributes, domainDn, domainName, writeTree } from './tree.mjs';

const prefix = 'jammd/';
const clients = 64;
/** More than a node takes in a second. */
const addsPerSecond = 20_000;
/** After writes, until they are applied everywhere and the next measurement does not pay for them. */
const evenMs = 1_500;

/** What is measured, by turns: each answers with figures by name. */
const measurements = {
  one: { title: 'one node without a cluster, 64 clients', measure: (bench) => bench.writes([bench.alone]) },
  cluster: { title: 'three nodes, 64 clients on one', measure: (bench) => bench.writes([bench.nodes[0]]) },
  etcd: { title: "etcd by itself, appends of the cluster's size", measure: (bench) => bench.etcdAlone() },
  paused: { title: 'the same clients while the other nodes are stopped', measure: (bench) => bench.writesWhileOthersPause() },
  all: { title: 'three nodes, 64 clients on all', measure: (bench) => bench.writes(bench.nodes) },
  one1: { title: 'one node without a cluster, 1 client', measure: (bench) => bench.writes([bench.alone], 1) },
  cluster1: { title: 'three nodes, 1 client on one', measure: (bench) => bench.writes([bench.nodes[0]], 1) },
  lookups: { title: 'lookups on a node while another writes', measure: (bench) => bench.lookupsBesideWrites() },
};

export const clusterRows = Object.keys(measurements);

/** @param plan accounts, seconds, rounds, only (names, or undefined), jammd; `tell`: for what is going on */
export async function benchCluster(plan, folder, load, freePort, tell) {
  const bench = new ClusterBench(plan, folder, load);
  try {
    await bench.start(freePort, tell);
    const wanted = Object.entries(measurements).filter(([name]) => plan.only?.includes(name) ?? true);
    const rounds = new Map(wanted.map(([name]) => [name, []]));
    for (let round = 0; round < plan.rounds; round++) {
      for (const [name, { title, measure }] of wanted) {
        const figures = await measure(bench);
        tell(`${title}: ${JSON.stringify(figures)}`);
        rounds.get(name).push(figures);
      }
    }
    return wanted.map(([name, { title }]) => ({ name, title, ...mediansOf(rounds.get(name)), rounds: rounds.get(name) }));
  } finally {
    await bench.stop();
  }
}

class ClusterBench {
  #plan;
  #folder;
  #load;
  #etcd;
  #files;
  #calls = 0;
  /** Of the entries that the cluster last appended. */
  #entryBytes = 10_000;
  #batch = 32;
  alone;
  nodes = [];

  constructor(plan, folder, load) {
    this.#plan = plan;
    this.#folder = folder;
    this.#load = load;
  }

  async start(freePort, tell) {
    const { accounts, jammd } = this.#plan;
    const ldif = join(this.#folder, 'tree.ldif');
    await writeTree(ldif, accounts);
    this.#files = prepare(this.#load, accounts, 'uniform');
    const ports = [];
    while (ports.length < 10) ports.push(await freePort());
    this.#etcd = await Etcd.start(this.#folder, ports.slice(0, 6));
    const make = (name, port) => new Server('jammd', join(this.#folder, name), port, jammd);
    this.alone = make('alone', ports[6]);
    tell('loading');
    this.alone.load(ldif);
    await this.alone.start();
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const node = make(name, ports[7 + index]);
      node.configure({ cluster: `engine=etcd endpoints=${this.#etcd.endpoints} prefix=${prefix} node=${name}` });
      this.nodes.push(node);
    }
    const [first, ...others] = this.nodes;
    first.load(ldif);
    first.command('cluster', 'seed');
    for (const other of others) cpSync(join(first.folder, 'data'), join(other.folder, 'data'), { recursive: true });
    for (const node of this.nodes) await node.start();
    for (const server of [this.alone, ...this.nodes]) await this.#warmUp(server);
  }

  async #warmUp({ port }) {
    await this.#load.send(port, this.#files.hits, { connections: 8, seconds: 1 });
    await this.#load.send(port, this.#adds(2_000), { ...this.#writing(clients, 2), count: 2_000 });
  }

  async stop() {
    for (const server of [this.alone, ...this.nodes]) await server?.stop();
    this.#etcd?.kill();
  }

  #adds(count) {
    const call = ++this.#calls;
    return this.#load.requests(
      Array.from({ length: count }, (_, index) => {
        const account = `new-${call}-${index}`;
        const name = `mail=u${account}@${domainName(1)},${domainDn(1)}`;
        return pdu.add(name, accountAttributes(1, account, '{SSHA}bm90IGEgcGFzc3dvcmQgYnV0IGEgaGFzaA=='));
      }),
    );
  }

  #writing(connections, seconds) {
    return { connections, seconds, inOrder: true, first: this.#files.asManager };
  }

  /** Clients, shared between servers, who add entries. */
  async writes(servers, connections = clients) {
    const { seconds } = this.#plan;
    const isClustered = servers[0] !== this.alone;
    const before = isClustered ? await this.#etcd.position(prefix) : undefined;
    const share = Math.ceil(connections / servers.length);
    const files = servers.map(() => this.#adds(Math.ceil((addsPerSecond * seconds) / servers.length)));
    const cpu = this.#cpuMeter(
      isClustered
        ? { writers: servers, others: this.nodes.filter((node) => !servers.includes(node)), etcd: [this.#etcd] }
        : { writers: servers },
    );
    const results = await Promise.all(
      servers.map(({ port }, index) => this.#load.send(port, files[index], this.#writing(share, seconds))),
    );
    const perSecond = results.reduce((sum, result) => sum + result.perSecond, 0);
    const operations = results.reduce((sum, result) => sum + result.operations, 0);
    if (isClustered) await pause(evenMs);
    const figures = {
      writesPerSecond: perSecond,
      p50Ms: median(results.map(({ p50Us }) => p50Us / 1000)),
      p99Ms: Math.max(...results.map(({ p99Us }) => p99Us / 1000)),
      maxMs: Math.max(...results.map(({ maxUs }) => maxUs / 1000)),
      ...cpu(operations),
    };
    if (servers.length > 1) figures.smallestShare = Math.min(...results.map((result) => result.perSecond / perSecond));
    if (!before) return figures;
    const after = await this.#etcd.position(prefix);
    const appends = after.entries - before.entries;
    if (servers.length === 1 && connections === clients) {
      this.#entryBytes = Math.round((after.bytes - before.bytes) / appends);
      this.#batch = operations / appends;
    }
    return { ...figures, appendsPerSecond: appends / results[0].seconds, writesPerAppend: operations / appends };
  }

  /** Answers with the microseconds of CPU that each group has used, by so many operations. */
  #cpuMeter(groups) {
    const read = () =>
      Object.entries(groups).map(([name, all]) => [
        name,
        all.map((one) => one.cpuSeconds()).reduce((sum, { user, system }) => sum + user + system, 0),
      ]);
    const before = new Map(read());
    return (operations) =>
      Object.fromEntries(read().map(([name, seconds]) => [`${name}CpuUs`, ((seconds - before.get(name)) * 1e6) / operations]));
  }

  /** As if the other nodes had machines of their own: all there is to do on this one is the node's work, and etcd's. */
  async writesWhileOthersPause() {
    const [first, ...others] = this.nodes;
    for (const other of others) other.signal('SIGSTOP');
    try {
      return await this.writes([first]);
    } finally {
      for (const other of others) other.signal('SIGCONT');
      await pause(evenMs);
    }
  }

  /** What one node that does nothing else could append, with entries as large as the cluster's were. */
  async etcdAlone() {
    const { perSecond, p50Ms } = await this.#etcd.appends(this.#entryBytes, this.#plan.seconds);
    return {
      writesPerSecond: perSecond * this.#batch,
      p50Ms,
      appendsPerSecond: perSecond,
      writesPerAppend: this.#batch,
      entryBytes: this.#entryBytes,
    };
  }

  /** On node b, alone, beside node a's writes, and alone again. */
  async lookupsBesideWrites() {
    const { seconds } = this.#plan;
    const [a, b] = this.nodes;
    const lookups = (time) => this.#load.send(b.port, this.#files.hits, { connections: 8, seconds: time });
    const before = await lookups(seconds / 2);
    const file = this.#adds(Math.ceil(addsPerSecond * (seconds + 1)));
    const writes = this.#load.send(a.port, file, this.#writing(clients, seconds + 0.5));
    await pause(250);
    const beside = await lookups(seconds);
    const { perSecond: writesPerSecond } = await writes;
    await pause(evenMs);
    const after = await lookups(seconds / 2);
    const alone = (before.perSecond + after.perSecond) / 2;
    return {
      lookupsAlone: alone,
      lookupsBeside: beside.perSecond,
      share: beside.perSecond / alone,
      p99AloneMs: Math.max(before.p99Us, after.p99Us) / 1000,
      p99BesideMs: beside.p99Us / 1000,
      writesPerSecond,
    };
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A table of all medians, and how the rates compare. */
export function describeCluster(results) {
  const lines = results.flatMap((result) => [
    result.title,
    ...Object.entries(result)
      .filter(([, value]) => typeof value === 'number')
      .map(([figure, value]) => `    ${figure.padEnd(20)} ${format(value).padStart(10)}`),
  ]);
  const rate = (name) => results.find((one) => one.name === name)?.writesPerSecond;
  const etcd = rate('etcd');
  for (const name of ['cluster', 'paused']) {
    if (etcd === undefined || rate(name) === undefined) continue;
    const { title } = results.find((one) => one.name === name);
    lines.push(`${title}: ${format((100 * rate(name)) / etcd)} % of what etcd takes in appends of that size`);
  }
  return lines.join('\n');
}

function format(value) {
  return value >= 1000 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

function mediansOf(rounds) {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((figures) => figures[name]))]));
}

function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
