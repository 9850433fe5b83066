/**
 * logrotate of Debian 13 under a server that is writing its audit log: with the file that docs/operations.md prints and the
 * package's, no line is lost, torn or written twice.
 */
import { copyFile, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { printedBlock } from '../support/documents.js';
import { manager, managerPassword, suffix } from '../support/howto.js';
import { freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import { WireClient } from '../support/wire/client.js';
import { projectInside, ReleaseHost } from './release-host.js';

const printed = await printedBlock('operations.md', '/var/log/jammd/audit.jsonl {');
const packaged = await readFile(join(root, 'packaging/debian/logrotate'), 'utf8');
const unit = await printedBlock('operations.md', '[Service]');

describe.skipIf(releaseObstacle()).each([
  ['the docs', printed],
  ['the package', packaged],
])('logrotate with the file of %s', (_, rotation) => {
  const folder = '/var/log/jammd';
  const asJammd = ['--reuid', 'jammd', '--regid', 'jammd', '--init-groups'];
  let host: ReleaseHost;
  let server: Daemon;
  let port: number;

  beforeAll(async () => {
    host = await ReleaseHost.create('mail');
    await host.runOrFail('useradd', ['--system', '--user-group', '--home-dir', '/var/lib/jammd', 'jammd']);
    await host.runOrFail('install', ['-d', '-o', 'jammd', '-g', 'jammd', '-m', '0700', '/var/lib/jammd', folder]);
    const program = `${projectInside}/bin/jammd`;
    await host.runOrFail('setpriv', [...asJammd, program, 'init', '-b', suffix, '-w', managerPassword, '/var/lib/jammd']);
    const standIn = `${projectInside}/test/mailstack/stand-in-systemctl`;
    await host.write('/usr/local/sbin/systemctl', `#!/bin/sh\necho "$@" >>/var/log/asked\nexec ${standIn} "$@"\n`);
    await host.runOrFail('chmod', ['+x', '/usr/local/sbin/systemctl']);
    await copyFile(join(root, 'packaging/jammd.service'), host.outside('/etc/systemd/system/jammd.service'));
    await host.write('/etc/logrotate.d/jammd', rotation);
    port = await freePort();
    const command = /^ExecStart=(.+)$/m.exec(unit)![1]!.replace('127.0.0.1:9646', '127.0.0.1:0').split(' ');
    server = host.start('setpriv', [...asJammd, ...command, '-h', `ldap://127.0.0.1:${port}/`]);
    await server.waitUntil(() => server.output.includes('listening on'));
    await host.write('/run/jammd.service.pid', `${server.pid}\n`);
  }, releaseMakingMs);

  afterAll(() => host.stop());

  /** Adds entries until it is told to end; answers the names of those that were acknowledged. */
  async function addEntries(writer: number, isOver: () => boolean): Promise<string[]> {
    const client = await WireClient.connect(port);
    await client.request({ op: 'bind', name: manager, password: managerPassword });
    const names: string[] = [];
    while (!isOver()) {
      const entry = `cn=${writer}-${names.length},${suffix}`;
      const attributes = { objectClass: ['organizationalRole'], cn: [`${writer}-${names.length}`] };
      expect(await client.request({ op: 'add', entry, attributes })).toMatchObject({ code: 0 });
      names.push(entry);
    }
    await client.unbind();
    return names;
  }

  /** Rotates as on a later day: what was rotated before gets an earlier date, or logrotate would leave it alone. */
  async function rotate(day: number): Promise<void> {
    const { code, stdout, stderr } = await host.run('logrotate', ['--force', '/etc/logrotate.d/jammd']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout: today } = await host.runOrFail('date', ['+%Y%m%d']);
    const rotated = host.outside(`${folder}/audit.jsonl-${today.trim()}`);
    await rename(rotated, rotated.replace(/\d{8}$/, `2026010${day}`));
  }

  const lines = async (): Promise<string[]> => {
    const files = `cd ${folder} && for file in audit.jsonl-*.gz; do zcat "$file"; done; cat audit.jsonl-*[0-9] audit.jsonl`;
    return (await host.runOrFail('sh', ['-ec', files])).stdout.split('\n').slice(0, -1);
  };

  test('every change has its line, once, in order', async () => {
    let over = false;
    const writers = Promise.all([1, 2, 3, 4].map((writer) => addEntries(writer, () => over)));
    // What ends them early is told at the end.
    writers.catch(() => undefined);
    const size = async (): Promise<number> => (await stat(host.outside(`${folder}/audit.jsonl`))).size;
    for (let day = 1; day <= 3; day++) {
      await expect.poll(size, { timeout: 10_000, interval: 20 }).toBeGreaterThan(20_000);
      await rotate(day);
    }
    await expect.poll(size, { timeout: 10_000, interval: 20 }).toBeGreaterThan(2_000);
    over = true;
    const added = await writers;
    await expect.poll(async () => (await lines()).length).toBe(added.flat().length);
    const logged = (await lines()).map((line) => (JSON.parse(line) as { dn: string }).dn);
    for (const [index, names] of added.entries()) {
      expect(logged.filter((dn) => dn.startsWith(`cn=${index + 1}-`))).toEqual(names);
    }
  });

  test('the last but one is compressed, and the new file is the server’s alone', async () => {
    const { stdout } = await host.runOrFail('sh', ['-ec', `cd ${folder} && stat -c '%n %U %a' *`]);
    expect(stdout).toBe(`audit.jsonl jammd 600
audit.jsonl-20260101.gz jammd 600
audit.jsonl-20260102.gz jammd 600
audit.jsonl-20260103 jammd 600
`);
    expect((await host.read('/var/log/asked')).match(/^reload jammd\.service$/gm)).toHaveLength(3);
    expect(server.output).not.toMatch(/audit log/);
  });
});
