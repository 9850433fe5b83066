/** Three members of etcd on loopback, each a process that can be killed, stopped and started again. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run } from '../support/process.js';

const upMs = 60_000;
const pollMs = 100;
const rootPassword = 'rootpw';

interface Member {
  readonly name: string;
  readonly client: string;
  readonly peer: string;
  readonly secure: string | undefined;
  readonly folder: string;
  daemon: Daemon | undefined;
}

export interface MembersSetup {
  /** There is an https:// endpoint of each as well. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Further arguments of etcd. */
  readonly more?: readonly string[];
  /** The folder of etcd and etcdctl, with a slash at its end; by itself those that the system finds. */
  readonly programs?: string;
}

export class EtcdMembers {
  private constructor(
    private readonly folder: string,
    readonly members: readonly Member[],
    private readonly more: readonly string[],
    private readonly programs: string,
  ) {}

  static async start(count: number, { tls, more = [], programs = '' }: MembersSetup = {}): Promise<EtcdMembers> {
    const folder = await makeFolder('etcd');
    const members: Member[] = [];
    for (let n = 1; n <= count; n++) {
      const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
      const secure = tls && `https://127.0.0.1:${await freePort()}`;
      members.push({ name: `m${n}`, client: client!, peer: peer!, secure, folder: join(folder, `m${n}`), daemon: undefined });
    }
    const files = tls ? ['--cert-file', tls.certificate, '--key-file', tls.key] : [];
    const made = new EtcdMembers(folder, members, [...files, ...more], programs);
    for (const member of members) made.run(member);
    await made.untilLed();
    return made;
  }

  get endpoints(): string {
    return this.members.map(({ client }) => client).join(',');
  }

  run(member: Member, state: 'new' | 'existing' = 'new'): void {
    const { name, client, peer, secure, folder } = member;
    const urls = secure === undefined ? client : `${client},${secure}`;
    member.daemon = Daemon.start(`${this.programs}etcd`, [
      ...['--name', name, '--data-dir', folder, '--initial-cluster-state', state],
      ...['--listen-client-urls', urls, '--advertise-client-urls', urls],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', this.members.map((one) => `${one.name}=${one.peer}`).join(',')],
      ...this.more,
    ]);
  }

  /** The member that leads; undefined where none says so. */
  async leader(): Promise<Member | undefined> {
    for (const member of this.members) {
      const status = await this.#ask(member, '/v3/maintenance/status', {});
      const header = status?.header as { readonly member_id?: string } | undefined;
      if (header?.member_id !== undefined && header.member_id === status!.leader) return member;
    }
    return undefined;
  }

  async untilLed(): Promise<Member> {
    const end = Date.now() + upMs;
    for (;;) {
      const leader = await this.leader();
      if (leader) return leader;
      if (Date.now() > end)
        throw new Error(`etcd has no leader:\n${this.members.map(({ daemon }) => daemon?.output).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async #ask(member: Member, path: string, body: object): Promise<Record<string, unknown> | undefined> {
    try {
      const response = await fetch(member.client + path, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(1_000),
      });
      return (await response.json()) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }

  async call(path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await this.#ask(await this.untilLed(), path, body);
    if (!answer) throw new Error(`etcd did not answer ${path}`);
    return answer;
  }

  put(key: string, value: string): Promise<Record<string, unknown>> {
    return this.call('/v3/kv/put', { key: base64(key), value: base64(value) });
  }

  /** Removes everything that begins with this. */
  deleteAll(prefix: string): Promise<Record<string, unknown>> {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    return this.call('/v3/kv/deleterange', { key: base64(prefix), range_end: base64(end) });
  }

  async kill(member: Member): Promise<void> {
    await member.daemon?.stop('SIGKILL');
    member.daemon = undefined;
  }

  /** A member whose data is gone, as docs/cluster.md has it: removed, and added with an empty disk. */
  async replace(member: Member): Promise<void> {
    await rm(member.folder, { recursive: true, force: true });
    const others = this.members.filter((one) => one !== member).map(({ client }) => client);
    const list = await this.#ctl(others, 'member', 'list');
    const id = new RegExp(`^([0-9a-f]+), \\w+, ${member.name},`, 'm').exec(list)?.[1];
    if (id === undefined) throw new Error(`etcd has no member ${member.name}:\n${list}`);
    await this.#ctl(others, 'member', 'remove', id);
    await this.#ctl(others, 'member', 'add', member.name, `--peer-urls=${member.peer}`);
    this.run(member, 'existing');
  }

  /** Until it succeeds: etcd changes its members only while all of them are connected. */
  async #ctl(endpoints: readonly string[], ...args: readonly string[]): Promise<string> {
    const end = Date.now() + upMs;
    for (;;) {
      const { code, stdout, stderr } = await run(`${this.programs}etcdctl`, ['--endpoints', endpoints.join(','), ...args], {
        env: apiEnvironment(),
      });
      if (code === 0) return stdout;
      if (Date.now() > end) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  ctl(...args: readonly string[]): ReturnType<typeof run> {
    return run(`${this.programs}etcdctl`, ['--endpoints', this.endpoints, ...args], { env: apiEnvironment() });
  }

  /** From now on only root and this user have anything to say, and he below this prefix alone. */
  async allow(user: string, password: string, prefix: string): Promise<void> {
    for (const args of [
      ['user', 'add', `root:${rootPassword}`],
      ['role', 'add', user],
      ['role', 'grant-permission', user, '--prefix=true', 'readwrite', prefix],
      ['user', 'add', `${user}:${password}`],
      ['user', 'grant-role', user, user],
      ['user', 'grant-role', 'root', 'root'],
      ['auth', 'enable'],
    ]) {
      const { code, stderr } = await this.ctl(...args);
      if (code !== 0) throw new Error(`etcdctl ${args.join(' ')}: ${stderr}`);
    }
  }

  /** After `allow`. */
  async allowEverything(): Promise<void> {
    await this.ctl('--user', `root:${rootPassword}`, 'auth', 'disable');
  }

  async stop(): Promise<void> {
    for (const { daemon } of this.members) await daemon?.stop('SIGKILL');
    await removeFolder(this.folder);
  }
}

function apiEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ETCDCTL_API: '3' };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
