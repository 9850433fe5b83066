/** The log's lines about passwords: whose were tried in vain, and who had to wait, whichever operation it was. */
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServerStatistics } from '../../src/server/statistics.js';
import { createServer, type LdapServer } from '../../src/server/server.js';
import { parseConfig } from '../../src/config/parse.js';
import { Directory } from '../../src/directory/directory.js';
import type { CompletedOperation } from '../../src/server/model.js';
import { WireClient } from '../support/wire/client.js';
import { scramLogin } from '../support/wire/scram-client.js';

const text = `authz-regexp "^uid=([^,]+),cn=scram-sha-256,cn=auth$" "cn=$1,dc=test"
database mdb
suffix dc=test
rootdn cn=root,dc=test
rootpw root-pw
access to attrs=userPassword by anonymous auth by users =c
access to * by * read
`;

interface Running {
  readonly server: LdapServer;
  readonly directory: Directory;
  readonly port: number;
  readonly warnings: string[];
  readonly completed: { op: string; throttledMs: number; tried: string | undefined }[];
}

let running: Running | undefined;

afterEach(async () => {
  await running?.server.close();
  await running?.directory.close();
});

async function start(): Promise<Running> {
  const { config } = parseConfig({ file: 'test.conf', text });
  const directory = await Directory.open(config!, { inMemory: true });
  const warnings: string[] = [];
  const completed: Running['completed'] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => warnings.push((JSON.parse(line) as { msg: string }).msg) });
  const observer = {
    wants: () => true,
    completed: ({ request, throttledMs, triedName }: CompletedOperation) => {
      completed.push({ op: request.op, throttledMs, tried: triedName?.toString() });
    },
  };
  const server = createServer({ directory, config: config!, logger, observers: [observer] });
  const [url] = await server.listen('ldap://127.0.0.1:0/');
  running = { server, directory, port: Number(/:(\d+)\/$/.exec(url!)?.[1]), warnings, completed };
  const client = await connect('cn=root,dc=test', 'root-pw');
  const person = (cn: string): Promise<unknown> =>
    client.request({
      op: 'add',
      entry: `cn=${cn},dc=test`,
      attributes: { objectClass: ['person'], cn: [cn], sn: [cn], userPassword: [`${cn}-pw`] },
    });
  const root = { objectClass: ['dcObject', 'organization'], dc: ['test'], o: ['test'] };
  await client.request({ op: 'add', entry: 'dc=test', attributes: root });
  await person('ann');
  await person('bob');
  client.destroy();
  return running;
}

async function connect(name?: string, password = ''): Promise<WireClient> {
  const client = await WireClient.connect(running!.port);
  if (name !== undefined) expect((await client.request({ op: 'bind', name, password })).code).toBe(0);
  return client;
}

/** Lines without what differs from run to run. */
function shown(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/conn=\d+/, 'conn=C').replace(/\d\.\d\d s/, 'N s'));
}

async function guessed(times: number, guess: (attempt: number) => Promise<unknown>): Promise<string[]> {
  running!.warnings.length = 0;
  for (let attempt = 0; attempt < times; attempt++) await guess(attempt);
  return shown(running!.warnings);
}

/** Five are free; the sixth waits for 50 ms. */
const free = 5;
const bob = 'cn=bob,dc=test';

describe('wrong passwords', () => {
  it('of simple binds are logged with their wait', async () => {
    await start();
    const client = await connect();
    const failed = `conn=C bind failed: dn="${bob}" err=49`;
    expect(await guessed(free + 1, (n) => client.request({ op: 'bind', name: bob, password: `guess ${n}` }))).toEqual([
      ...Array<string>(free).fill(failed),
      `conn=C bind delayed by N s after wrong passwords: dn="${bob}"`,
      failed,
    ]);
    expect(running!.server.statistics.bindsThrottled).toBe(1);
    client.destroy();
  });

  it('in Compare are logged with their wait', async () => {
    await start();
    const client = await connect('cn=ann,dc=test', 'ann-pw');
    const compare = (value: string): Promise<unknown> =>
      client.request({ op: 'compare', entry: 'CN=Bob, dc=test', attribute: 'userPassword', value });
    const wrong = 'conn=C wrong password in compare: dn="cn=Bob,dc=test"';
    expect(await guessed(free + 1, (n) => compare(`guess ${n}`))).toEqual([
      ...Array<string>(free).fill(wrong),
      'conn=C compare delayed by N s after wrong passwords: dn="cn=Bob,dc=test"',
      wrong,
    ]);
    // The right one waits, too, and is not called wrong.
    expect(await guessed(1, () => compare('bob-pw'))).toEqual([
      'conn=C compare delayed by N s after wrong passwords: dn="cn=Bob,dc=test"',
    ]);
    expect(running!.completed.at(-1)).toEqual({ op: 'compare', throttledMs: 100, tried: 'cn=Bob,dc=test' });
    client.destroy();
  });

  it('in Password Modify are logged with their wait', async () => {
    await start();
    const client = await connect('cn=ann,dc=test', 'ann-pw');
    const wrong = `conn=C wrong password in Password Modify: dn="${bob}"`;
    const change = (old: string): Promise<unknown> => client.request({ op: 'passwordModify', user: bob, old, new: 'x' });
    expect(await guessed(free + 1, (n) => change(`guess ${n}`))).toEqual([
      ...Array<string>(free).fill(wrong),
      `conn=C Password Modify delayed by N s after wrong passwords: dn="${bob}"`,
      wrong,
    ]);
    expect(running!.completed.at(-1)).toMatchObject({ op: 'extended', throttledMs: 50 });
    client.destroy();
  });

  it('in SCRAM are logged with the name that they were to log in as, and with their wait', async () => {
    await start();
    const client = await connect();
    const login = (password: string): Promise<unknown> => scramLogin(client, { user: 'bob', password });
    const failed = `conn=C bind failed: dn="${bob}" err=49`;
    expect(await guessed(free + 1, (n) => login(`guess ${n}`))).toEqual([
      ...Array<string>(free).fill(failed),
      `conn=C bind delayed by N s after wrong passwords: dn="${bob}"`,
      failed,
    ]);
    const { statistics } = running!.server;
    expect(pick(statistics)).toEqual({ bindFailures: free + 1, bindsThrottled: 1 });
    expect(running!.completed.slice(-2)).toEqual([
      { op: 'bind', throttledMs: 0, tried: 'uid=bob,cn=scram-sha-256,cn=auth' },
      { op: 'bind', throttledMs: 50, tried: bob },
    ]);
    // The first half of a login is no failure.
    expect(await guessed(1, () => login('bob-pw'))).toEqual([`conn=C bind delayed by N s after wrong passwords: dn="${bob}"`]);
    expect(await guessed(1, () => login('bob-pw'))).toEqual([]);
    client.destroy();
  });

  it('in SCRAM of a name that leads nowhere are logged as well', async () => {
    await start();
    const client = await connect();
    expect(await guessed(1, () => scramLogin(client, { user: 'nobody', password: 'x' }))).toEqual([
      'conn=C bind failed: dn="cn=nobody,dc=test" err=49',
    ]);
    client.destroy();
  });
});

function pick({ bindFailures, bindsThrottled }: ServerStatistics): Partial<ServerStatistics> {
  return { bindFailures, bindsThrottled };
}
