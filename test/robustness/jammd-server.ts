/**
 * The real program on a database of its own, as an operator would run it, with the questions that every test here ends
 * with: does a stranger get the right answer in time, is memory back, is the data what it was?
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { jammd, jammdProgram, root } from '../commands/jammd.js';
import { message } from '../protocol/client-messages.js';
import { RawClient } from '../server/raw-client.js';
import { bind } from '../server/requests.js';
import { places, ssha, wholeTreeLdif } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { Daemon } from '../support/process.js';

/** A stranger's lookup must be answered within this, whatever others do or have done. */
export const answerMsMax = 2_000;
/** What resident memory may have grown by once the storm is over; a collector never gives all of it back. */
const grownBytesMax = 128 << 20;
/** Most that the process may ever take: its heap is capped below, buffers come on top. */
export const peakBytesMax = 700 << 20;

export interface ServerSetup {
  /** Lines for the configuration's head. */
  readonly global?: string;
  /** Lines for the end of its database section. */
  readonly database?: string;
  /** More entries, as LDIF. */
  readonly ldif?: string;
  /** Arguments of `serve`. */
  readonly args?: readonly string[];
  /** Listener URLs; port 0 takes a free one. */
  readonly urls?: string;
  /** Where the database is to be, if not in the server's own folder. */
  readonly directory?: string;
}

/** A configuration and a loaded database, to be served any number of times. */
export class Installation {
  private constructor(
    readonly folder: string,
    readonly config: string,
    readonly directory: string,
    private readonly setup: ServerSetup,
  ) {}

  static async make(setup: ServerSetup = {}): Promise<Installation> {
    const folder = await makeFolder('robust');
    const directory = setup.directory ?? join(folder, 'data');
    const config = join(folder, 'slapd.conf');
    const text = await readFile(join(root, 'data/slapd.conf'), 'utf8');
    const rooted = text
      .replace(/^directory .*$/m, `directory ${directory}`)
      .replace(/^# rootpw .*$/m, `rootpw ${ssha(managerPassword)}\n${setup.database ?? ''}`);
    await writeFile(config, `${setup.global ?? ''}\n${rooted}`, { mode: 0o600 });
    const made = new Installation(folder, config, directory, setup);
    const { code, stderr } = await made.jammd('import', [], `${wholeTreeLdif}\n${setup.ldif ?? ''}`);
    if (code !== 0) throw new Error(`import failed: ${stderr}`);
    return made;
  }

  /** Runs a command of the program on this configuration. */
  jammd(command: string, args: readonly string[] = [], input = '') {
    return jammd([command, '-f', this.config, ...args], { input });
  }

  async start(...args: readonly string[]): Promise<JammdServer> {
    const urls = this.setup.urls ?? 'ldap://127.0.0.1:0/';
    // A small heap turns growth without bound into a failure instead of a matter of patience.
    const command = ['--max-old-space-size=256', jammdProgram, 'serve', '-f', this.config, '-h', urls];
    const daemon = Daemon.start(process.execPath, [...command, ...(this.setup.args ?? []), ...args]);
    const count = urls.split(' ').length;
    await daemon.waitUntil(() => daemon.output.split('listening on ').length > count);
    return new JammdServer(daemon, this);
  }

  /** `check --database`, which must find no problems. */
  async expectSound(): Promise<void> {
    const { code, stderr } = await this.jammd('check', ['--database']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  }

  remove(): Promise<void> {
    return removeFolder(this.folder);
  }
}

export class JammdServer {
  readonly urls: readonly string[];
  readonly port: number;
  #baselineBytes = 0;
  #fingerprint = '';

  constructor(
    readonly daemon: Daemon,
    readonly installation: Installation,
  ) {
    this.urls = [...daemon.output.matchAll(/^listening on (\S+)$/gm)].map((match) => match[1]!);
    this.port = this.portOf('ldap');
  }

  portOf(scheme: 'ldap' | 'ldaps'): number {
    return Number(this.urls.map((url) => new RegExp(`^${scheme}://[^/]*:(\\d+)/$`).exec(url)?.[1]).find(Boolean) ?? 0);
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.port);
  }

  /** Bound as the Manager. */
  async connectAsManager(): Promise<RawClient> {
    const client = await this.connect();
    await client.send(bind(1, manager, managerPassword)).receive(1);
    expect(client.summary()).toEqual(['1 bind 0']);
    return client;
  }

  /** Takes note of memory and data as they are when nobody has done anything bad yet. */
  async noteState(): Promise<void> {
    for (let n = 0; n < 20; n++) await this.expectAnswer();
    this.#fingerprint = await this.fingerprint();
    this.#baselineBytes = await this.residentBytes();
  }

  /** Takes note of the data alone: a test has written, and put things right again but for the time of it. */
  async noteData(): Promise<void> {
    this.#fingerprint = await this.fingerprint();
  }

  /** A fresh connection gets the right answer in time. */
  async expectAnswer(): Promise<void> {
    const started = performance.now();
    const client = await this.connect();
    try {
      await client.send(mailLookup(1, 'user@one.example')).receive(2);
      const milliseconds = performance.now() - started;
      expect(client.messages[0]).toMatchObject({ type: 'entry', attributes: { mailbox: ['one.example/user/'] } });
      expect(client.summary()[1]).toBe('1 search 0');
      expect(milliseconds).toBeLessThan(answerMsMax);
    } finally {
      client.end();
    }
  }

  /** All is as it was when `noteState` was called, memory within `grownBytes`. */
  async expectUnharmed(grownBytes = grownBytesMax): Promise<void> {
    await this.expectAnswer();
    expect(this.daemon.running).toBe(true);
    await this.expectMemoryBack(grownBytes);
    expect(await this.fingerprint()).toBe(this.#fingerprint);
    expect(this.daemon.output).not.toMatch(/internal error|failed"|UnhandledPromise|Warning:/);
  }

  async expectMemoryBack(grownBytes = grownBytesMax): Promise<void> {
    const deadline = Date.now() + 8_000;
    while ((await this.residentBytes()) > this.#baselineBytes + grownBytes && Date.now() < deadline) {
      // Work makes garbage collections happen.
      for (let n = 0; n < 50; n++) await this.expectAnswer();
    }
    expect((await this.residentBytes()) - this.#baselineBytes).toBeLessThan(grownBytes);
    expect(await this.peakBytes()).toBeLessThan(peakBytesMax);
  }

  residentBytes(): Promise<number> {
    return this.#memory('VmRSS');
  }

  peakBytes(): Promise<number> {
    return this.#memory('VmHWM');
  }

  async #memory(field: string): Promise<number> {
    const status = await readFile(`/proc/${this.daemon.pid}/status`, 'latin1');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1_024;
  }

  /** Stands for every entry with every attribute, operational ones included. */
  async fingerprint(): Promise<string> {
    const client = await this.connectAsManager();
    const isOver = (): boolean => client.messages.at(-1)!.type === 'search' || client.closed;
    await client.send(searchAll(2, ['*', '+'])).until(isOver, 'all entries');
    expect(client.summary().at(-1)).toBe('2 search 0');
    const entries = client.messages.filter(({ type }) => type === 'entry').map((entry) => JSON.stringify(entry));
    client.end();
    return `${entries.length} ${createHash('sha256').update(entries.sort().join('\n')).digest('hex')}`;
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.daemon.stop(signal);
  }
}

export function mailLookup(messageId: number, mail: string): Buffer {
  return message(messageId, {
    ...wholeSubtree,
    filter: { kind: 'equality', attribute: 'mail', value: Buffer.from(mail) },
    attributes: ['mailbox'],
  });
}

export function searchAll(messageId: number, attributes: readonly string[] = []): Buffer {
  return message(messageId, { ...wholeSubtree, filter: { kind: 'present', attribute: 'objectClass' }, attributes });
}

export const wholeSubtree = {
  op: 'search',
  base: Buffer.from(places.suffix),
  scope: 'sub',
  derefAliases: 0,
  sizeLimit: 0,
  timeLimit: 0,
  typesOnly: false,
} as const;

/** The same numbers for the same seed, each in [0, below). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Runs `work` for 0 to count - 1, so many at a time. */
export async function inParallel(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
