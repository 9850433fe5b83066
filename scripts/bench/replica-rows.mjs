/** Rows about replicas: what following costs those who write, and those who look things up, and what a refresh takes. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { hosting, manager, suffix } from './tree.mjs';
import * as pdu from './pdu.mjs';

const followers = 100;
/** By turns, without and with what is measured; who begins changes, because a database that has just been written to is slower. */
const turns = 4;

/** @returns `measure`'s sum while the database has overlay syncprov, in per cent of that without it. */
async function shareWithSyncprov({ server }, measure) {
  const sums = { false: 0, true: 0 };
  for (let turn = 0; turn < turns; turn++) {
    for (const syncprov of turn % 2 === 0 ? [false, true] : [true, false]) {
      await server.stop();
      server.configure({ syncprov });
      await server.start();
      sums[syncprov] += await measure(`${turn}-${syncprov}`);
    }
  }
  await server.stop();
  server.configure({});
  await server.start();
  return (100 * sums.true) / sums.false;
}

/** Connections that persist (RFC 4533), refreshed and idle. */
class Followers {
  #sockets = [];

  static async open(port, count) {
    const all = new Followers();
    for (let index = 0; index < count; index++) all.#sockets.push(await Followers.#one(port));
    return all;
  }

  static #one(port) {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(pdu.bind(manager.dn, manager.password)));
      const chunks = [];
      socket.on('data', (chunk) => {
        if (chunks.push(chunk) === 1) socket.write(pdu.persist(hosting, 'base'));
        // refreshDone ends the refresh: [1] or [2] of a Sync Info message.
        else if (Buffer.concat(chunks).includes('1.3.6.1.4.1.4203.1.9.1.4')) resolve(socket);
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the server ended a persistent search')));
    });
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** @returns the rate of lookups while replicas follow and nothing is written, in per cent of their rate alone. */
async function shareBesideFollowers({ server, load, files, seconds, seed }) {
  await server.stop();
  server.configure({ syncprov: true });
  await server.start();
  const lookups = async () =>
    (await load.send(server.port, files.hits, { connections: 8, seconds: seconds / turns, seed })).perSecond;
  await lookups();
  let alone = 0;
  let beside = 0;
  for (let turn = 0; turn < turns; turn++) {
    alone += await lookups();
    const open = await Followers.open(server.port, followers);
    beside += await lookups();
    open.close();
  }
  await server.stop();
  server.configure({});
  await server.start();
  return (100 * beside) / alone;
}

/**
 * A replica that has nothing asks for everything, with ldapsearch in its place.
 *
 * @returns milliseconds for 10,000 entries: those that pass, and the server's own CPU time.
 */
async function refresh({ server, entries }) {
  await server.stop();
  server.configure({ syncprov: true });
  await server.start();
  const client = ['-x', '-LLL', '-H', server.url, '-D', manager.dn, '-w', manager.password, '-b', suffix];
  const everything = [...client, '-E', 'sync=ro', '*', '+'];
  for (let turn = 0; turn < turns; turn++) await ldapsearch(everything);
  const before = server.cpuSeconds();
  const started = performance.now();
  for (let turn = 0; turn < turns; turn++) await ldapsearch(everything);
  const passed = performance.now() - started;
  const after = server.cpuSeconds();
  await server.stop();
  server.configure({});
  await server.start();
  const cpu = 1_000 * (after.user + after.system - before.user - before.system);
  const share = 10_000 / (turns * entries);
  return { passed: passed * share, cpu: cpu * share };
}

function ldapsearch(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('ldapsearch', args, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (status) => (status === 0 ? resolve() : reject(new Error(`ldapsearch exited ${status}`))));
  });
}

/** `adds`: makes a file of so many adds that differ from those of other calls. */
export function replicaRows(adds) {
  return [
    {
      name: 'syncAdd',
      title: 'ldapadd with overlay syncprov, of the rate without',
      unit: '%',
      measure: (c) =>
        shareWithSyncprov(c, async (turn) => {
          const requests = adds(c.load, `sync-${c.round}-${turn}`, c.quick ? 100 : 1000);
          const first = c.files.asManager;
          return (await c.load.send(c.server.port, requests, { seconds: 120, inOrder: true, first })).perSecond;
        }),
    },
    {
      name: 'syncModify8',
      title: 'modify, 8 clients, with overlay syncprov, of the rate without',
      unit: '%',
      measure: (c) =>
        shareWithSyncprov(c, async () => {
          const { seconds, seed } = c;
          const options = { connections: 8, seconds: seconds / turns, seed, first: c.files.asManager };
          return (await c.load.send(c.server.port, c.files.modifies, options)).perSecond;
        }),
    },
    {
      name: 'followers',
      title: `lookups beside ${followers} idle replicas, of their rate alone`,
      unit: '%',
      measure: shareBesideFollowers,
    },
    {
      name: 'refresh',
      title: 'refresh of a replica, for 10,000 entries',
      unit: 'ms',
      measure: (c) => refresh(c).then(({ passed }) => passed),
    },
    { name: 'refreshCpu', title: 'CPU of the same', unit: 'ms', measure: (c) => refresh(c).then(({ cpu }) => cpu) },
  ];
}
