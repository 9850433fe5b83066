/** SASL SCRAM-SHA-256 by ldapwhoami: with clear text beside slapd, and with RFC 5803's form. */
import { execFile } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Contestant } from '../conformance/contestant.js';
import { bind, by, whoAmI } from '../conformance/directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree } from '../conformance/settings/setting.js';
import { hashPassword } from '../../src/password/password.js';
import { WireClient } from '../support/wire/client.js';
import { scramSaltOf, type ScramSalt } from '../support/wire/scram-client.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

const config = `${head}authz-policy to
authz-regexp "^uid=([^,]+),cn=scram-sha-256,cn=auth$" "ldap:///dc=test??sub?(sn=$1)"
${database('dc=test', 'test', 'access to attrs=userPassword by anonymous auth by * none\naccess to * by * read')}`;

const person = (sn: string, userPassword: string[], more = {}) => personEntry({ sn: [sn], userPassword, ...more });
const hasScram = existsSync('/usr/lib/x86_64-linux-gnu/sasl2/libscram.so');
const missing = hasScram ? requirePrograms('slapd', 'ldapwhoami') : 'libsasl2-modules';

describe.skipIf(missing !== undefined || serverKinds.length < 2)('SCRAM-SHA-256', () => {
  const servers: ReferenceServer[] = [];

  beforeAll(async () => {
    const stored = (await hashPassword('{SCRAM-SHA-256}', Buffer.from('stored-pw'))).toString();
    const entries = {
      'dc=test': domainEntry(),
      'cn=ann,dc=test': person('ann', ['ann-pw'], { authzTo: ['dn.exact:cn=bob,dc=test'] }),
      'cn=bob,dc=test': person('bob', ['{SSHA}NUlr+O3+69l2uVVZg/cqgaH41dsbYY2b']),
      'cn=stored,dc=test': person('stored', [stored]),
    };
    for (const kind of serverKinds) {
      const server = await startServer(kind, { config });
      servers.push(server);
      const contestant = new Contestant(server.port);
      await contestant.answerAll([bind(root, rootPassword, { as: '#root' }), ...tree(entries)]);
      contestant.close();
    }
  }, 30_000);

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  const ours = (): ReferenceServer => servers.find(({ kind }) => kind === 'jammd')!;

  it.each([
    ['ann', 'ann-pw'],
    ['Ann', 'ann-pw'],
    ['ann', 'wrong'],
    ['nobody', 'ann-pw'],
    ['bob', 'x'],
    ['*', 'ann-pw'],
    ['ann', 'ann-pw', 'dn:cn=bob,dc=test'],
    ['ann', 'ann-pw', 'dn:cn=stored,dc=test'],
    ['ann', 'ann-pw', 'dn:'],
  ])('%s %s %s ends as with slapd', async (user, password, authzId?: string) => {
    const [first, second] = await Promise.all(servers.map((server) => scramWhoAmI(server, user, password, authzId)));
    expect(second).toEqual(first);
  });

  it('takes the stored form, by SCRAM and in a simple bind', async () => {
    expect(await scramWhoAmI(ours(), 'stored', 'stored-pw')).toEqual({ exitCode: 0, output: 'dn:cn=stored,dc=test\n' });
    expect((await scramWhoAmI(ours(), 'stored', 'wrong')).exitCode).toBe(49);
    const contestant = new Contestant(ours().port);
    const steps = by('#x', [bind('cn=stored,dc=test', 'stored-pw'), bind('cn=stored,dc=test', 'wrong')]);
    expect((await contestant.answerAll(steps)).map(({ code }) => code)).toEqual([0, 49]);
    contestant.close();
  });

  it('gives an unknown name a salt that stays, and ends where another request comes in between', async () => {
    const first = async (user: string): Promise<string> => {
      const client = await WireClient.connect(ours().port);
      const result = await client.request(sasl(`n,,n=${user},r=abc`));
      client.destroy();
      expect(result.code).toBe(14);
      return saltOf(result);
    };
    expect(await first('nobody')).toBe(await first('nobody'));
    const client = await WireClient.connect(ours().port);
    const operations = [
      sasl('n,,n=ann,r=abc'),
      whoAmI().operation,
      sasl('c=biws,r=abc,p=AAAA'),
      sasl('n,,n=ann,r=abc'),
      sasl('c=biws,r=abc,p=AAAA'),
    ];
    const codes: number[] = [];
    for (const operation of operations) codes.push((await client.request(operation)).code);
    expect(codes).toEqual([14, 0, 49, 14, 49]);
    client.destroy();
  });

  it('gives an unknown name what others have: a salt that a restart does not change, and the usual iterations', async () => {
    const saltOfName = async (user: string): Promise<ScramSalt> => {
      const client = await WireClient.connect(ours().port);
      const salt = await scramSaltOf(client, user);
      client.destroy();
      return salt;
    };
    const unknown = await saltOfName('nobody-else');
    const clear = await saltOfName('ann');
    expect(unknown).toMatchObject({ iterations: 4_096, salt: expect.stringMatching(/^.{22}==$/) as string });
    await ours().halt();
    await ours().resume();
    expect(await saltOfName('nobody-else')).toEqual(unknown);
    expect(await saltOfName('ann')).toEqual(clear);
    expect((await saltOfName('nobody')).salt).not.toBe(unknown.salt);
    // Two entries have other iterations, and salts of another length.
    const contestant = new Contestant(ours().port);
    const stored = `{SCRAM-SHA-256}10000:${Buffer.alloc(12, 7).toString('base64')}$${'A'.repeat(43)}=:${'A'.repeat(43)}=`;
    const others = { 'cn=o1,dc=test': person('o1', [stored]), 'cn=o2,dc=test': person('o2', [stored]) };
    await contestant.answerAll([bind(root, rootPassword, { as: '#root' }), ...tree(others)]);
    contestant.close();
    for (const user of ['o1', 'o2']) expect((await saltOfName(user)).iterations).toBe(10_000);
    const other = { iterations: 10_000, salt: expect.stringMatching(/^.{16}$/) as string };
    for (const user of ['nobody-else', 'ann', 'bob']) expect(await saltOfName(user)).toMatchObject(other);
    expect(await scramWhoAmI(ours(), 'ann', 'ann-pw')).toEqual({ exitCode: 0, output: 'dn:cn=ann,dc=test\n' });
  });

  it('is announced where authz-regexp can lead to an entry', async () => {
    const client = await WireClient.connect(ours().port);
    const result = await client.request({
      op: 'search',
      base: '',
      scope: 'base',
      filter: '(objectClass=*)',
      attributes: ['supportedSASLMechanisms'],
    });
    expect(JSON.stringify(result.entries)).toContain('supportedSASLMechanisms');
    client.destroy();
  });
});

describe('the stored form', () => {
  it('is RFC 5803’s under its scheme', async () => {
    const value = (await hashPassword('{SCRAM-SHA-256}', Buffer.from('pencil'))).toString();
    const [, iterations, salt, storedKey] = /^\{SCRAM-SHA-256\}(\d+):([^$]+)\$([^:]+):(.+)$/.exec(value)!;
    const salted = pbkdf2Sync('pencil', Buffer.from(salt!, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey);
  });
});

function sasl(credentials: string): { op: 'saslBind'; mechanism: string; credentials: string } {
  return { op: 'saslBind', mechanism: 'SCRAM-SHA-256', credentials };
}

function saltOf(result: object): string {
  const text = Buffer.from(JSON.stringify(result, bytesAsText)).toString();
  return /s=([A-Za-z0-9+/=]+),i=4096/.exec(text)![1]!;
}

function bytesAsText(_: string, value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]).toString('latin1') : value;
}

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

function scramWhoAmI({ url }: ReferenceServer, user: string, password: string, authzId?: string): Promise<Outcome> {
  const words = ['-Q', '-Y', 'SCRAM-SHA-256', '-H', url, '-U', user, '-w', password];
  if (authzId !== undefined) words.push('-X', authzId);
  return new Promise((resolve) => {
    const child = execFile('ldapwhoami', words, { timeout: 10_000 }, (_, stdout) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout }),
    );
  });
}
