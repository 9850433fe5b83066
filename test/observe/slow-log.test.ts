/** The log of slow operations: with a threshold of 0, everything that the real program does is in it, with its plan. */
import { readFile, writeFile } from 'node:fs/promises';
import { hashSync } from 'bcryptjs';
import { afterEach, describe, expect, it } from 'vitest';
import { account, domainDn, people, places } from '../support/hosting-tree.js';
import { manager } from '../support/howto.js';
import type { JammdServer } from '../robustness/jammd-server.js';
import { RawClient } from '../server/raw-client.js';
import { encodeMessage, type Operation } from '../support/wire/operation.js';
import { asManager, cleanUp, connected, installation, started } from './support.js';

afterEach(cleanUp);

/** What the program has logged as slow, without what differs from run to run. */
function slowLines(server: JammdServer): string[] {
  const logged = server.daemon.output.split('\n').filter((line) => line.startsWith('{'));
  return logged
    .map((line) => JSON.parse(line) as { level: number; peer: string; msg: string })
    .filter(({ msg }) => msg.includes(' slow: '))
    .map(({ level, peer, msg }) => {
      expect(level).toBe(40);
      expect(peer).toMatch(/^IP=127\.0\.0\.1:\d+$/);
      return msg.replace(/etime=\d+\.\d{6}/, 'etime=T').replace(/(queued|batch|receiver|throttled)=\d+\.\d{6}/g, '$1=T');
    });
}

async function lastLine(server: JammdServer, holding: string): Promise<string> {
  await expect.poll(() => slowLines(server).some((line) => line.includes(holding))).toBe(true);
  return slowLines(server).findLast((line) => line.includes(holding))!;
}

const search = (filter: string, more: object = {}): Operation => ({
  op: 'search',
  base: places.hosting,
  scope: 'sub',
  filter,
  attributes: ['mail'],
  ...more,
});

/** The whole of a line, in parts; `##` stands for two digits. */
function matching(...parts: readonly string[]): RegExp {
  const escaped = parts.join('').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('##', '\\d\\d')}$`);
}

describe('the plan of a search', () => {
  /** More entries than are looked at without thinking, so that lists lie in containers. */
  const ldif = Array.from({ length: 700 }, (_, n) => account(`many${n}@two.example`, { description: `number ${n}` })).join('');

  async function plans(...filters: (readonly [string, object?])[]): Promise<string[]> {
    const server = await started(await installation({ ldif, global: 'sizelimit unlimited' }), '--slow', '0');
    const client = await connected(server);
    for (const [filter, more] of filters) expect((await client.request(search(filter, more))).code).toBe(0);
    await expect.poll(() => slowLines(server).length).toBe(filters.length);
    return slowLines(server).map((line) =>
      line
        .replace(/^.* filter=/, 'filter=')
        .replaceAll(places.suffix, 'S')
        .replace(' SRCH attr=mail', ''),
    );
  }

  it('says which index terms gave how many candidates, and which did not', async () => {
    expect(
      await plans(
        ['(mail=user@one.example)'],
        ['(mail=nobody@one.example)'],
        ['(&(objectClass=JammVirtualDomain)(mail=user@one.example))'],
        ['(|(mail=user@one.example)(mail=chief@one.example)(mail=nobody@one.example))'],
        ['(mail=*user@one*)'],
        ['(&(mail=user@one.example)(description=x))'],
        ['(&(mail=user@one.example)(!(description=x)))'],
      ),
    ).toEqual([
      'filter="(mail=user@one.example)" examined=1 plan="S: 1 candidates (mail eq: at most 1)"',
      'filter="(mail=nobody@one.example)" examined=0 plan="S: 0 candidates (mail eq: at most 0)"',
      'filter="(&(objectClass=JammVirtualDomain)(mail=user@one.example))" examined=0 ' +
        'plan="S: 0 candidates (objectClass eq: at most 3, mail eq: at most 1)"',
      'filter="(|(mail=user@one.example)(mail=chief@one.example)(mail=nobody@one.example))" examined=2 ' +
        'plan="S: 2 candidates (mail eq: at most 1, mail eq: at most 1, mail eq: at most 0)"',
      'filter="(mail=*user@one*)" examined=1 plan="S: 1 candidates (mail sub: at most 1)"',
      'filter="(&(mail=user@one.example)(description=x))" examined=1 ' +
        'plan="S: 1 candidates (mail eq: at most 1, description eq: not indexed)"',
      'filter="(&(mail=user@one.example)(!(description=x)))" examined=1 plan="S: 1 candidates (mail eq: at most 1, not: not indexed)"',
    ]);
  });

  it('says that everything was read, or the subtree, and which index is wanting', async () => {
    const [unindexed, ored, subtree, anded, hopeless, secret] = await plans(
      ['(description=number 7)'],
      ['(|(mail=user@one.example)(description=number 7)(telephoneNumber=*))'],
      ['(description=number 7)', { base: domainDn('off.example') }],
      ['(&(description=*7)(telephoneNumber=*5))'],
      ['(&(createTimestamp>=20000101000000Z)(mail=*a*))'],
      ['(userPassword=guess)'],
    );
    expect(unindexed).toMatch(
      matching(
        'filter="(description=number 7)" examined=7## plan="S: read everything (description eq: not indexed)"',
        ' hint="an index would help: index description eq"',
      ),
    );
    expect(ored).toMatch(
      matching(
        'filter="(|(mail=user@one.example)(description=number 7)(telephoneNumber=*))" examined=7## plan="S: read everything',
        ' (mail eq: at most 1, description eq: not indexed, telephoneNumber pres: not indexed)"',
        ' hint="an index would help: index description eq, index telephoneNumber pres"',
      ),
    );
    expect(subtree).toBe(
      'filter="(description=number 7)" examined=4 plan="S: read the subtree (description eq: not indexed)" ' +
        'hint="an index would help: index description eq"',
    );
    expect(anded).toMatch(
      new RegExp(
        / plan="S: read everything \(description sub: not indexed, telephoneNumber sub: not indexed\)"/.source +
          / hint="an index would help: index description sub, index telephoneNumber sub"$/.source,
      ),
    );
    // No index can help with an order, and the one on mail does not with parts as short as that.
    expect(hopeless).toMatch(/ plan="S: read everything \(createTimestamp >=: not indexed, mail sub: not indexed\)"$/);
    expect(secret).toMatch(
      /^filter="\(userPassword=<hidden>\)" examined=7\d\d plan="S: read everything \(userPassword eq: not indexed\)"$/,
    );
  });

  it('says how many candidates a long list left', async () => {
    const [long, level, base] = await plans(
      ['(&(objectClass=JammMailAccount)(mail=many1*))'],
      ['(description=number 7)', { scope: 'one', base: domainDn('two.example') }],
      ['(objectClass=*)', { scope: 'base', base: people.user.dn }],
    );
    expect(long).toMatch(/ examined=(\d+) plan="S: \1 candidates \(objectClass eq: at most \d+, mail sub: at most \d+\)"$/);
    expect(level).toMatch(
      / examined=(\d+) plan="S: \1 candidates among the children of the base \(description eq: not indexed\)"$/,
    );
    expect(base).toBe('filter="(objectClass=*)" examined=1 plan="S: the base alone"');
  });

  it('tells how long the search waited for a client that did not read', async () => {
    const wide = Array.from({ length: 3_000 }, (_, n) =>
      account(`wide${n}@two.example`, { description: 'x'.repeat(5_000) }),
    ).join('');
    const server = await started(await installation({ ldif: wide, global: 'sizelimit unlimited' }), '--slow', '200');
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    client.send(encodeMessage(1, { op: 'search', base: places.hosting, scope: 'sub', filter: '(description=x*)' }));
    await new Promise((resolve) => setTimeout(resolve, 600));
    client.socket.resume();
    await client.until(({ messages }) => messages.at(-1)?.type === 'search', 'the end of a search');
    const line = await lastLine(server, 'SRCH');
    expect(line).toContain('nentries=3000');
    expect(line).toContain('receiver=T');
    client.end();
  });
});

describe('the slow log', () => {
  it('tells who asked what, and how it ended', async () => {
    const server = await started(await installation(), '--slow', '0');
    const client = await asManager(server);
    await client.request({ op: 'modify', entry: people.user.dn, changes: [['replace', 'description', 'hunter2']] });
    await client.request({ op: 'delete', entry: `cn=nobody,${places.one}` });
    await client.request({ op: 'compare', entry: people.user.dn, attribute: 'userPassword', value: 'hunter2' });
    await client.request({ op: 'modifyDN', entry: places.one, newRDN: 'jvd=uno.example' });
    await client.request({ op: 'passwordModify', user: people.stranger.dn, new: 'hunter2' });
    await expect.poll(() => slowLines(server).length).toBe(6);
    const who = `who="${manager}"`;
    expect(slowLines(server)).toEqual([
      `conn=1000 op=0 slow: etime=T err=0 (success) ${who} BIND dn="${manager}" method=128`,
      expect.stringMatching(
        `^conn=1000 op=1 slow: etime=T err=0 \\(success\\) ${who} ` +
          `MOD dn="${people.user.dn}" MOD attr=description(?: queued=T)?(?: batch=T)?$`,
      ),
      `conn=1000 op=2 slow: etime=T err=32 (noSuchObject) ${who} DEL dn="cn=nobody,${places.one}"`,
      `conn=1000 op=3 slow: etime=T err=5 (compareFalse) ${who} CMP dn="${people.user.dn}" attr="userPassword"`,
      expect.stringContaining(`conn=1000 op=4 slow: etime=T err=0 (success) ${who} MODRDN dn="${places.one}"`),
      expect.stringContaining(`conn=1000 op=5 slow: etime=T err=0 (success) ${who} EXT oid=1.3.6.1.4.1.4203.1.11.1`),
    ]);
    expect(server.daemon.output).not.toContain('hunter2');
  });

  it('has what took longer than it was told, and nothing else', async () => {
    const slow = [
      `dn: cn=slow,${places.one}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      'cn: slow',
      `userPassword: {BCRYPT}${hashSync('slow-pw', 12)}`,
      '',
      '',
    ].join('\n');
    const server = await started(await installation({ ldif: slow }), '--slow', '100');
    const client = await connected(server);
    for (let n = 0; n < 5; n++) await client.request(search('(mail=user@one.example)'));
    expect((await client.request({ op: 'bind', name: `cn=slow,${places.one}`, password: 'slow-pw' })).code).toBe(0);
    const line = await lastLine(server, 'BIND');
    expect(line).toBe(
      `conn=1000 op=5 slow: etime=T err=0 (success) who="cn=slow,${places.one}" BIND dn="cn=slow,${places.one}" method=128`,
    );
    expect(slowLines(server)).toHaveLength(1);
  });

  it('tells that a login was made to wait', async () => {
    const server = await started(await installation(), '--slow', '40');
    const client = await connected(server);
    for (let n = 0; n < 7; n++) await client.request({ op: 'bind', name: people.user.dn, password: `guess ${n}` });
    expect(await lastLine(server, 'throttled=T')).toContain('err=49 (invalidCredentials) who="anonymous" BIND');
  });

  it('tells how long a change waited for its batch', async () => {
    const server = await started(await installation(), '--slow', '0');
    const client = await asManager(server);
    await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        client.request({
          op: 'modify',
          entry: people.user.dn,
          changes: [['replace', 'description', `${n} ${'x'.repeat(20_000)}`]],
        }),
      ),
    );
    expect(await lastLine(server, 'batch=T')).toContain('MOD attr=description');
  });

  it('is silent where nothing but errors is logged, and where nobody asked for it', async () => {
    const made = await installation();
    // slapd's -d adds to what the file asks for: 0 takes nothing away.
    for (const args of [['-d', '0', '--slow', '0'], []] as const) {
      const server = await started(made, ...args);
      const client = await asManager(server);
      await client.request(search('(description=x)'));
      await client.unbind();
      await server.stop();
      expect(slowLines(server).length > 0).toBe(args.length > 0);
    }
    await writeFile(made.config, (await readFile(made.config, 'utf8')).replace(/^loglevel .*$/m, 'loglevel 0'));
    const silent = await started(made, '--slow', '0');
    const client = await asManager(silent);
    await client.request(search('(description=x)'));
    await client.unbind();
    await silent.stop();
    expect(slowLines(silent)).toEqual([]);
  });

  it('takes a number of milliseconds', async () => {
    const made = await installation();
    for (const text of ['soon', '-1', '1e3', '']) {
      const refused = await made.jammd('serve', ['-h', 'ldap://127.0.0.1:0/', `--slow=${text}`]);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`--slow ${text}: not a number of milliseconds`);
    }
  });
});
