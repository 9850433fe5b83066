/** What strangers can do to the site before anybody logs in: guess, make others wait, take its memory and its connections. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyLimits, loginLimits } from '../../src/web/limits.js';
import { LoginThrottle } from '../../src/web/login-throttle.js';
import { Peers } from '../../src/web/peers.js';
import { Daemon } from '../support/process.js';
import { people } from '../support/hosting-tree.js';
import { serverKinds } from '../support/reference-server.js';
import { freshName, startWebUnderTest, Visitor, type WebUnderTest } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');

describe('the login throttle', () => {
  const fail = (throttle: LoginThrottle, name: string, address: string | undefined, password: string): number => {
    const attempt = throttle.begin(name, address, password);
    attempt.end('wrong');
    return attempt.delayMs;
  };
  const ask = (throttle: LoginThrottle, name: string, address: string | undefined): number => {
    const attempt = throttle.begin(name, address, 'right');
    attempt.end(undefined);
    return attempt.delayMs;
  };

  test('delays grow, and stay short: nobody is locked out', () => {
    const throttle = new LoginThrottle(() => 0);
    const delays = Array.from({ length: 1_000 }, (_, count) => fail(throttle, 'dn', undefined, `guess ${count}`));
    expect(delays.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 50, 100, 200]);
    expect(Math.max(...delays)).toBe(loginLimits.perName.delayMsMax);
    expect(ask(throttle, 'dn', '192.0.2.1')).toBe(loginLimits.perName.delayMsMax);
    expect(ask(throttle, 'other', undefined)).toBe(0);
  });
  test('an address is slowed for all names, another is not', () => {
    const throttle = new LoginThrottle(() => 0);
    for (let count = 0; count < 100; count++) fail(throttle, `name ${count}`, '192.0.2.1', 'guess');
    expect(ask(throttle, 'new name', '192.0.2.1')).toBe(loginLimits.perAddress.delayMsMax);
    expect(ask(throttle, 'new name', '192.0.2.2')).toBe(0);
  });
  test('attempts that are under way count, so that many at once are not all free', () => {
    const throttle = new LoginThrottle(() => 0);
    const attempts = Array.from({ length: 20 }, (_, count) => throttle.begin('dn', undefined, `guess ${count}`));
    expect(attempts.filter(({ delayMs }) => delayMs === 0)).toHaveLength(loginLimits.perName.freeFailures);
    for (const attempt of attempts) attempt.end(undefined);
    expect(ask(throttle, 'dn', undefined)).toBe(0);
  });
  test('a right password clears its name; time halves a count; the same wrong password counts once', () => {
    let now = 0;
    const throttle = new LoginThrottle(() => now);
    for (let count = 0; count < 50; count++) fail(throttle, 'dn', undefined, 'old password in a phone');
    expect(ask(throttle, 'dn', undefined)).toBe(0);
    for (let count = 0; count < 8; count++) fail(throttle, 'dn', undefined, `guess ${count}`);
    expect(ask(throttle, 'dn', undefined)).toBe(800);
    now += loginLimits.halfLifeMs;
    expect(ask(throttle, 'dn', undefined)).toBe(0);
    for (let count = 0; count < 8; count++) fail(throttle, 'dn', undefined, `again ${count}`);
    throttle.begin('dn', undefined, 'right').end('right');
    expect(ask(throttle, 'dn', undefined)).toBe(0);
  });
});

describe('whose address a request comes from', () => {
  const peers = new Peers(['192.0.2.0/24', '2001:db8::7']);
  test.each([
    ['192.0.2.9', '203.0.113.5', '203.0.113.5'],
    ['::ffff:192.0.2.9', '203.0.113.5', '203.0.113.5'],
    ['192.0.2.9', '10.1.1.1, 203.0.113.5, 192.0.2.8', '203.0.113.5'],
    ['192.0.2.9', 'forged, 203.0.113.5', '203.0.113.5'],
    ['192.0.2.9', 'not an address', '192.0.2.9'],
    ['192.0.2.9', undefined, '192.0.2.9'],
    ['2001:db8::7', '203.0.113.5', '203.0.113.5'],
    ['198.51.100.1', '203.0.113.5', '198.51.100.1'],
    ['127.0.0.1', '203.0.113.5', '127.0.0.1'],
  ])('%s that names %s: %s', (socket, header, address) => {
    expect(peers.addressOf(socket, header)).toBe(address);
  });
  test('local addresses and proxies are not counted, IPv6 hosts by their network', () => {
    expect(['127.0.0.1', '::1', '', '192.0.2.9'].map((address) => peers.countedAs(address))).toEqual(Array(4).fill(undefined));
    expect(peers.countedAs('2001:db8:1:2:3::4')).toBe('2001:db8:1:2::/64');
    expect(peers.countedAs('2001:db8::9')).toBe('2001:db8:0:0::/64');
    expect(peers.countedAs('203.0.113.5')).toBe('203.0.113.5');
  });
  test.each(['', 'proxy.example', '10.0.0.0/33', '10.0.0.0/x', '10.0.0/8', '2001:db8::/129'])('“%s” is refused', (text) => {
    expect(() => new Peers([text])).toThrow(/not an address or a network/);
  });
});

describe.each(serverKinds)('strangers on %s', (kind) => {
  let site: WebUnderTest;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    site = await startWebUnderTest(kind);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    expect(site?.errors ?? []).toEqual([]);
    await site?.stop();
  });

  /** A request whose body does not come to its end. What is answered meanwhile comes back. */
  function unfinished(url: string, path: string, length: number, body: string, headers = ''): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
        `${headers}Content-Length: ${length}\r\n\r\n${body}`,
    );
    return new Promise((resolve) => {
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk.toString();
        if (answer.includes('</html>')) resolve(answer);
      });
      socket.on('close', () => resolve(answer));
    });
  }

  test('a hundred wrong passwords at once do not keep the owner out', async () => {
    const { mail, password } = people.user;
    const guesses = Array.from({ length: 100 }, (_, count) => new Visitor(site.url).logIn(mail, `guess ${count}`));
    expect(new Set((await Promise.all(guesses)).map(({ status }) => status))).toEqual(new Set([401]));
    expect((await new Visitor(site.url).logIn(mail, password)).status).toBe(303);
  });
  test('one after the other they take ever longer, by whichever spelling of the name', async () => {
    const { mail, dn } = people.neighbour;
    const spellings = [
      mail,
      dn,
      mail.toUpperCase(),
      dn.replace(/^mail=/, 'rfc822Mailbox='),
      dn.replace('o=', 'organizationName='),
    ];
    for (const [count, name] of [...spellings, ...spellings].entries()) {
      expect((await new Visitor(site.url).logIn(name, `guess ${count}`)).status).toBe(401);
    }
    const start = performance.now();
    expect((await new Visitor(site.url).logIn(mail, 'one more')).status).toBe(401);
    expect(performance.now() - start).toBeGreaterThan(1_500);
    expect((await new Visitor(site.url).logIn(mail, people.neighbour.password)).status).toBe(303);
  });
  test('a form to upload is not received from anybody who has no session', async () => {
    const answer = await unfinished(site.url, '/domains/one.example/import', bodyLimits.uploadBytes - 1, 'csv=');
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    expect(answer).toMatch(/^Connection: close/im);
  });
  test('big unfinished forms of strangers are bounded together, and plain log-ins go on', async () => {
    const big = Array.from({ length: 60 }, () =>
      unfinished(site.url, '/domains/one.example/aliases/new', bodyLimits.formBytes, 'x'.repeat(1_000)),
    );
    const refused = await Promise.race([Promise.any(big), new Promise((resolve) => setTimeout(resolve, 5_000, 'none'))]);
    expect(refused).toContain('Your session has ended. Log in again.');
    expect((await new Visitor(site.url).logIn(people.stranger.mail, people.stranger.password)).status).toBe(303);
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  test('a form without a length is refused', async () => {
    const { hostname, port } = new URL(site.url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
    socket.write(`POST /login HTTP/1.1\r\nHost: ${hostname}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nname\r\n`);
    expect(await answer).toMatch(/^HTTP\/1.1 411 /);
  });
  test('a request that its client ends is told in one line', async () => {
    const told = site.notices.length;
    void unfinished(site.url, '/login', 2_000, 'name=x', 'X-Forwarded-For: 203.0.113.5\r\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const socket of sockets.splice(0)) socket.destroy();
    await expect.poll(() => site.notices.slice(told)).toEqual(['POST /login from 127.0.0.1: the client ended the request']);
  });
  test('a proxy that is trusted says who is there', async () => {
    const behind = await startWebUnderTest(kind, { trustedProxies: ['127.0.0.1'] });
    try {
      void unfinished(behind.url, '/login', 2_000, 'name=x', 'X-Forwarded-For: 198.51.100.9, 203.0.113.5\r\n');
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const socket of sockets.splice(0)) socket.destroy();
      await expect.poll(() => behind.notices).toEqual(['POST /login from 203.0.113.5: the client ended the request']);
    } finally {
      await behind.stop();
    }
  });
});

test('200 unfinished uploads cost little memory', async () => {
  const daemon = Daemon.start(process.execPath, [program, 'web', '-H', 'ldap://127.0.0.1:1', '--listen', '127.0.0.1:0']);
  const sockets: Socket[] = [];
  try {
    await daemon.waitUntil(() => daemon.output.includes('listening on '));
    const port = Number(/listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(daemon.output)?.[1]);
    const megabytes = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]) / 1024;
    const before = megabytes();
    const part = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 200; count++) {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write(
        `POST /domains/${freshName()}/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 3000000\r\n\r\n`,
      );
      socket.write(part);
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(megabytes() - before).toBeLessThan(100);
  } finally {
    for (const socket of sockets) socket.destroy();
    await daemon.stop();
  }
});
