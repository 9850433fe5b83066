/**
 * What docs/decisions/ldapjs-server.md says about the ldapjs server, point by point, on the installed version. All
 * requests here are well-formed; what crashes or hangs ldapjs is deliberately not in this repository.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Daemon } from '../support/process.js';
import { WireClient } from '../support/wire/client.js';

const program = join(import.meta.dirname, 'stock-server.mjs');
const whoAmI = { op: 'extended', oid: '1.3.6.1.4.1.4203.1.11.3' } as const;
const readAll = { op: 'search', base: 'o=y', scope: 'sub', filter: '(cn=x)' } as const;

let daemon: Daemon | undefined;
const clients: WireClient[] = [];

async function start(): Promise<Daemon> {
  const started = (daemon = Daemon.start(process.execPath, [program]));
  await started.waitUntil(() => started.output.includes('listening on '));
  return started;
}

async function dial(server: Daemon): Promise<WireClient> {
  const client = await WireClient.connect(Number(/listening on (\d+)/.exec(server.output)?.[1]));
  clients.push(client);
  return client;
}

function description(
  entries: readonly { attributes: readonly { type: string; values: readonly Buffer[] }[] }[],
): Record<string, unknown> {
  const value = entries[0]?.attributes.find(({ type }) => type === 'description')?.values[0]?.toString() ?? '{}';
  return JSON.parse(value) as Record<string, unknown>;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await daemon?.stop('SIGKILL');
  daemon = undefined;
});

test('the record is about the version that is installed', () => {
  const root = join(import.meta.dirname, '../..');
  const installed = JSON.parse(readFileSync(join(root, 'node_modules/ldapjs/package.json'), 'utf8')) as { version: string };
  expect(installed.version).toBe('3.0.7');
  expect(readFileSync(join(root, 'docs/decisions/ldapjs-server.md'), 'utf8')).toContain('ldapjs 3.0.7');
});

describe('what handlers are given is not what was sent', () => {
  test('a DN with an escaped plus before a hex digit', async () => {
    const client = await dial(await start());
    const { entries } = await client.request({ ...readAll, base: 'mail=jd\\+abc@one.example,o=y' });
    expect(description(entries)['base']).toBe('mail=jd\\0abc@one.example,o=y');
  });

  test('bytes of a filter', async () => {
    const client = await dial(await start());
    const { entries } = await client.request({ ...readAll, filter: '(cn=\\ff\\fe\\41)' });
    expect(description(entries)['value']).not.toBe('fffe41');
  });

  test('bytes of a modification', async () => {
    const client = await dial(await start());
    await client.request({ op: 'modify', entry: 'cn=x,o=y', changes: [['replace', 'photo', { hex: 'ffd8ff' }]] });
    const { entries } = await client.request(readAll);
    expect(description(entries)['values']).toEqual([Buffer.from('\ufffd\ufffd\ufffd').toString('hex')]);
  });

  test('requests it does not know: SASL, increment, an empty assertion value, the children scope', async () => {
    const server = await start();
    for (const operation of [
      { op: 'saslBind', mechanism: 'PLAIN' },
      { op: 'modify', entry: 'cn=x,o=y', changes: [['increment', 'uidNumber', '1']] },
      { ...readAll, filter: '(cn=)' },
      { ...readAll, scope: 'children' },
    ] as const) {
      await expect((await dial(server)).request(operation, 3_000)).rejects.toThrow('connection closed');
    }
  });
});

describe('what clients get is not what was meant', () => {
  test('an attribute asked for by a name with capitals is never returned', async () => {
    const client = await dial(await start());
    const types = async (...attributes: string[]): Promise<(string | undefined)[]> =>
      (await client.request({ ...readAll, attributes })).entries[0]?.attributes.map(({ type }) => type) ?? [];
    expect(await types('homeDirectory')).toEqual([]);
    expect(await types('homedirectory')).toEqual(['homeDirectory']);
  });

  test('NOT is not three-valued: (!(quota=x)) matches an entry of which nothing is known', async () => {
    const client = await dial(await start());
    expect((await client.request({ ...readAll, filter: '(!(quota=x))' })).entries).toHaveLength(1);
  });

  test('a bind that fails leaves the connection what it was', async () => {
    const client = await dial(await start());
    await client.request({ op: 'bind', name: 'cn=boss', password: 'right' });
    expect((await client.request({ op: 'bind', name: 'cn=boss', password: 'wrong' })).code).toBe(49);
    expect((await client.request(whoAmI)).responseValue?.toString()).toBe('cn=boss');
  });

  test('StartTLS, Cancel and limits there are none', async () => {
    const client = await dial(await start());
    expect((await client.request({ op: 'extended', oid: '1.3.6.1.4.1.1466.20037' })).code).toBe(2);
    expect((await client.request({ op: 'extended', oid: '1.3.6.1.1.8' })).code).toBe(2);
    expect((await client.request({ ...readAll, filter: `${'(!'.repeat(500)}(cn=x)${')'.repeat(500)}` })).code).toBe(0);
  });

  test('a lookup takes as long as a delayed acknowledgement: some 23 a second', async () => {
    const client = await dial(await start());
    await client.request(readAll);
    const started = performance.now();
    for (let count = 0; count < 10; count++) await client.request(readAll);
    expect(performance.now() - started).toBeGreaterThan(10 * 30);
  });
});
