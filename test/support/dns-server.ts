/** A DNS server on loopback with a few records, for tests that must not ask the world. UDP only. */
import { createSocket, type Socket } from 'node:dgram';

const types = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28, SRV: 33 } as const;
export type RecordType = keyof typeof types;

/** `one.example MX`: values as in a zone file (`10 mail.one.example`, without quotes around texts); `failure`: SERVFAIL. */
export type Zone = Readonly<Record<string, readonly string[] | 'failure'>>;

const responseCode = { done: 0, failure: 2, noName: 3 } as const;

export class DnsServer {
  readonly #socket: Socket;
  /** `name TYPE` of each question. */
  readonly asked: string[] = [];

  private constructor(
    socket: Socket,
    public zone: Zone,
  ) {
    this.#socket = socket;
  }

  static async start(zone: Zone): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const server = new DnsServer(socket, zone);
    socket.on('message', (question, peer) => socket.send(server.#answer(question), peer.port, peer.address));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let end = 12;
    for (let length = question[end] ?? 0; length > 0; length = question[end] ?? 0) {
      labels.push(question.toString('latin1', end + 1, end + 1 + length));
      end += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const code = question.readUInt16BE(end + 1);
    const type = (Object.keys(types) as RecordType[]).find((one) => types[one] === code);
    this.asked.push(`${name} ${type ?? code}`);
    const own = (wanted: string | undefined): readonly string[] | 'failure' => this.zone[`${name} ${wanted}`] ?? [];
    const alias = type === 'CNAME' ? [] : own('CNAME');
    const values = own(type);
    const failed = values === 'failure' || alias === 'failure';
    const records = failed
      ? []
      : [...alias.map((value) => record('CNAME', value)), ...values.map((value) => record(type ?? 'A', value))];
    const known = Object.keys(this.zone).some((key) => key.startsWith(`${name} `) || key.includes(`.${name} `));
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x81_80 | (failed ? responseCode.failure : known ? responseCode.done : responseCode.noName), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, question.subarray(12, end + 5), ...records]);
  }
}

/** Of the name that was asked for. */
function record(type: RecordType, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc0_0c, 0);
  head.writeUInt16BE(types[type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: RecordType, value: string): Buffer {
  const words = value.split(' ');
  const numbers = (count: number): Buffer => {
    const bytes = Buffer.alloc(2 * count);
    words.slice(0, count).forEach((word, place) => bytes.writeUInt16BE(Number(word), 2 * place));
    return bytes;
  };
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA':
      return Buffer.from(
        value.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
      );
    case 'CNAME':
      return nameBytes(value);
    case 'MX':
      return Buffer.concat([numbers(1), nameBytes(words[1] ?? '')]);
    case 'SRV':
      return Buffer.concat([numbers(3), nameBytes(words[3] ?? '')]);
    case 'TXT':
      return Buffer.concat(
        (value.match(/[^]{1,255}/g) ?? ['']).map((part) => Buffer.from(`${String.fromCharCode(part.length)}${part}`, 'latin1')),
      );
  }
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);
}
