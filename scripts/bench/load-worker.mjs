/** The load generator for machines without a C compiler: load.c's options and output, in Node. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    c: { type: 'string', short: 'c', default: '1' },
    d: { type: 'string', short: 'd', default: '1' },
    t: { type: 'string', short: 't', default: '1' },
    n: { type: 'string', short: 'n', default: '0' },
    s: { type: 'string', short: 's', default: '1' },
    o: { type: 'boolean', short: 'o', default: false },
    f: { type: 'string', short: 'f' },
  },
});
const port = Number(positionals[0]);
const requests = split(readFileSync(positionals[1]));
const first = values.f === undefined ? undefined : readFileSync(values.f);
const connections = Number(values.c);
const depth = Number(values.d);
const limit = values.o ? Math.min(Number(values.n) || requests.length, requests.length) : Number(values.n) || Infinity;

let state = Number(values.s) >>> 0;
let sent = 0;
let completed = 0;
let entries = 0;
let failed = 0;
let lastFailure = 0;
const latencies = [];

function nextRandom(bound) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * bound);
}

/** Header and content length of the element at `at`; undefined when its header is cut short. */
function header(buffer, at) {
  if (buffer.length < at + 2) return undefined;
  const short = buffer[at + 1];
  if (short < 0x80) return { size: 2, length: short };
  const count = short & 0x7f;
  if (buffer.length < at + 2 + count) return undefined;
  return { size: 2 + count, length: buffer.readUIntBE(at + 2, count) };
}

function split(content) {
  const list = [];
  for (let at = 0; at < content.length;) {
    const { size, length } = header(content, at);
    list.push({ pdu: content.subarray(at, at + size + length), idAt: size + 2 });
    at += size + length;
  }
  return list;
}

class Connection {
  constructor(socket) {
    this.socket = socket;
    this.started = new Float64Array(depth);
    this.free = Array.from({ length: depth }, (_, slot) => slot);
    this.rest = Buffer.alloc(0);
    this.sequence = 0;
  }

  fill(now, deadline) {
    const batch = [];
    while (this.free.length > 0 && now < deadline && sent < limit) {
      const { pdu, idAt } = requests[values.o ? sent : nextRandom(requests.length)];
      const slot = this.free.pop();
      const copy = Buffer.from(pdu);
      copy.writeUInt32BE((((++this.sequence & 0x7fffff) << 8) | slot) & 0x7fffffff, idAt);
      this.started[slot] = now;
      sent++;
      batch.push(copy);
    }
    if (batch.length > 0) this.socket.write(Buffer.concat(batch));
  }

  receive(chunk, now) {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const whole = header(data, at);
      if (whole === undefined || data.length < at + whole.size + whole.length) break;
      this.#message(data, at + whole.size, now);
      at += whole.size + whole.length;
    }
    this.rest = data.subarray(at);
  }

  #message(data, at, now) {
    const idLength = data[at + 1];
    const operation = at + 2 + idLength;
    const tag = data[operation];
    if (tag === 0x64) {
      entries++;
      return;
    }
    if (tag === 0x73 || tag === 0x79) return;
    const slot = data.readUIntBE(at + 2, idLength) & 0xff;
    const code = data[operation + header(data, operation).size + 2];
    if (code !== 0 && code !== 5 && code !== 6) {
      failed++;
      lastFailure = code;
    }
    latencies.push(now - this.started[slot]);
    this.free.push(slot);
    completed++;
  }
}

const open = await Promise.all(
  Array.from(
    { length: connections },
    () =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        socket.setNoDelay(true);
        socket.once('error', reject);
        socket.once('connect', () => {
          if (first === undefined) {
            resolve(new Connection(socket));
            return;
          }
          socket.once('data', () => resolve(new Connection(socket)));
          socket.write(first);
        });
      }),
  ),
);

const start = performance.now();
const deadline = start + Number(values.t) * 1000;
await new Promise((resolve) => {
  for (const connection of open) {
    connection.socket.on('data', (chunk) => {
      const now = performance.now();
      connection.receive(chunk, now);
      connection.fill(now, deadline);
      if (completed === sent && (now >= deadline || sent >= limit)) resolve();
    });
    connection.fill(performance.now(), deadline);
  }
});
const seconds = (performance.now() - start) / 1000;
for (const { socket } of open) socket.destroy();

latencies.sort((a, b) => a - b);
const at = (fraction) =>
  Math.round((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * fraction))] ?? 0) * 1000);
console.log(
  JSON.stringify({
    operations: completed,
    seconds,
    perSecond: completed / seconds,
    entries,
    failed,
    lastFailure,
    p50Us: at(0.5),
    p99Us: at(0.99),
    maxUs: at(1),
  }),
);
