/** Three members of etcd on loopback, and how fast they take the appends of a cluster's log by themselves. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { cpuSecondsOf } from './servers.mjs';

const upMs = 60_000;
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

export class Etcd {
  #agent = new http.Agent({ keepAlive: true });
  #members;
  #children = [];

  constructor(members) {
    this.#members = members;
  }

  /** `ports`: two for each member. They sync to the folder's disk, as etcd does by itself. */
  static async start(folder, ports) {
    const members = ports.flatMap((port, index) =>
      index % 2 === 0
        ? [{ name: `m${index / 2}`, client: `http://127.0.0.1:${port}`, peer: `http://127.0.0.1:${ports[index + 1]}` }]
        : [],
    );
    const made = new Etcd(members);
    for (const { name, client, peer } of members) {
      const data = join(folder, 'etcd', name);
      mkdirSync(data, { recursive: true, mode: 0o700 });
      const log = openSync(join(folder, 'etcd', `${name}.log`), 'a');
      const args = ['--name', name, '--data-dir', data, '--listen-client-urls', client, '--advertise-client-urls', client];
      args.push('--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer);
      args.push('--initial-cluster', members.map((one) => `${one.name}=${one.peer}`).join(','));
      made.#children.push(spawn('etcd', args, { stdio: ['ignore', log, log] }));
    }
    try {
      await made.#untilLed();
    } catch (error) {
      made.kill();
      throw error;
    }
    return made;
  }

  /** Of all members together. */
  cpuSeconds() {
    const each = this.#children.map(({ pid }) => cpuSecondsOf(pid));
    return each.reduce((sum, { user, system }) => ({ user: sum.user + user, system: sum.system + system }));
  }

  get endpoints() {
    return this.#members.map(({ client }) => client).join(',');
  }

  kill() {
    this.#agent.destroy();
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #untilLed() {
    const end = Date.now() + upMs;
    for (;;) {
      const status = await this.call('/v3/maintenance/status', {}).catch(() => undefined);
      if (status?.leader) return;
      if (Date.now() > end) throw new Error('etcd did not start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  call(path, body) {
    const text = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', 'content-length': text.length };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, agent: this.#agent };
      const request = http.request(this.#members[0].client + path, options, (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(pieces).toString());
          if (response.statusCode === 200) resolve(answer);
          else reject(new Error(`etcd ${path}: ${answer.error ?? response.statusCode}`));
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  /** The end of the log below a prefix: how many entries, and how many bytes they had. */
  async position(prefix) {
    const { kvs } = await this.call('/v3/kv/range', { key: base64(`${prefix}head`) });
    const [, entries, , bytes] = Buffer.from(kvs[0].value, 'base64').toString().split(' ');
    return { entries: Number(entries), bytes: Number(bytes) };
  }

  /**
   * Appends entries of so many bytes, one after the other, each by a transaction like jammd's: it demands the head that the
   * one before has left, and two keys are written.
   *
   * @returns how many in a second, and the median in milliseconds
   */
  async appends(bytes, seconds) {
    const key = (name) => base64(`bench/${name}`);
    const random = Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 131) % 256));
    let head = base64('0'.padStart(120));
    await this.call('/v3/kv/put', { key: key('head'), value: head });
    const times = [];
    const started = performance.now();
    const end = started + seconds * 1000;
    for (let index = 1; performance.now() < end; index++) {
      const next = base64(String(index).padStart(120));
      random.writeUInt32BE(index);
      const before = performance.now();
      const { succeeded } = await this.call('/v3/kv/txn', {
        compare: [{ key: key('head'), target: 'VALUE', result: 'EQUAL', value: head }],
        success: [
          { requestPut: { key: key(`log/${String(index).padStart(16, '0')}`), value: random.toString('base64') } },
          { requestPut: { key: key('head'), value: next } },
        ],
      });
      if (!succeeded) throw new Error('etcd did not take an append');
      times.push(performance.now() - before);
      head = next;
    }
    const elapsed = (performance.now() - started) / 1000;
    await this.call('/v3/kv/deleterange', { key: key(''), range_end: base64('bench0') });
    times.sort((a, b) => a - b);
    return { perSecond: times.length / elapsed, p50Ms: times[times.length >> 1] };
  }
}
