/** python-ldap's syncrepl client, as Debian packages it, follows jammd. */
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ldapSearch } from '../support/ldap-utils.js';
import { Daemon, runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { suffix } from './random-changes.js';
import { root, startProvider, write } from './support.js';

const python = '/usr/bin/python3';
const script = join(import.meta.dirname, 'python-client.py');
const missing = requirePrograms(python) ?? withoutModule();

function withoutModule(): string | undefined {
  if (spawnSync(python, ['-c', 'import ldap.syncrepl']).status === 0) return undefined;
  if (process.env['JAMMD_REQUIRE_ALL'] === '1') throw new Error('python3-ldap is missing, and JAMMD_REQUIRE_ALL is set');
  return 'python3-ldap is missing';
}

type Told = [what: string, ...rest: unknown[]];

function lines(output: string): Told[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told);
}

describe.skipIf(missing !== undefined)("python-ldap's client", () => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await startProvider();
  }, 60_000);
  afterAll(() => server.stop());

  const args = (mode: string, cookie?: string): string[] => [
    ...[script, server.url, root.dn, root.password, suffix, mode],
    ...(cookie === undefined ? [] : [cookie]),
  ];
  const uuidOf = async (dn: string): Promise<string> => {
    const [entry] = await ldapSearch(server, root, ['-b', dn, '-s', 'base', 'entryUUID']);
    return entry!.attributes.get('entryUUID')![0]!;
  };

  it('gets all entries, then what has changed since its cookie', async () => {
    const first = lines((await runOrFail(python, args('refreshOnly'))).stdout);
    expect(first.filter(([what]) => what === 'entry').map(([, dn]) => dn)).toEqual([suffix, `ou=a,${suffix}`, `ou=b,${suffix}`]);
    const cookie = first.at(-1)![1] as string;
    const gone = await uuidOf(`ou=b,${suffix}`);
    await write(server, `dn: ou=b,${suffix}\nchangetype: delete\n\ndn: ou=a,${suffix}\nchangetype: modify\nadd: l\nl: here\n\n`);
    const second = lines((await runOrFail(python, args('refreshOnly', cookie))).stdout);
    expect(second.filter(([what]) => ['entry', 'delete'].includes(what))).toEqual([
      ['delete', gone],
      ['entry', `ou=a,${suffix}`, await uuidOf(`ou=a,${suffix}`), ['l', 'objectClass', 'ou']],
    ]);
  });

  it('follows adds, changes, renames and deletions', async () => {
    const client = Daemon.start(python, args('refreshAndPersist'));
    const told = (): Told[] => lines(client.output.slice(0, client.output.lastIndexOf('\n') + 1));
    try {
      await client.waitUntil(() => told().some(([what]) => what === 'refreshed'));
      const before = told().length;
      const dn = `cn=x,ou=a,${suffix}`;
      await write(server, `dn: ${dn}\nchangetype: add\nobjectClass: person\ncn: x\nsn: y\n\n`);
      const uuid = await uuidOf(dn);
      await write(server, `dn: ${dn}\nchangetype: modrdn\nnewrdn: cn=z\ndeleteoldrdn: 1\n\n`);
      await write(server, `dn: cn=z,ou=a,${suffix}\nchangetype: delete\n\n`);
      await client.waitUntil(() => told().some(([what, one]) => what === 'delete' && one === uuid));
      expect(told().slice(before)).toEqual([
        ['entry', dn, uuid, ['cn', 'objectClass', 'sn']],
        ['entry', `cn=z,ou=a,${suffix}`, uuid, ['cn', 'objectClass', 'sn']],
        ['delete', uuid],
      ]);
    } finally {
      await client.stop('SIGKILL');
    }
  });
});
