/** A refresh of 10,000 entries that are all new: who reads meanwhile sees what there was, or what there is then, and nothing between. */
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'ldapts';
import { afterEach, expect, test } from 'vitest';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { startLdif, suffix } from './random-changes.js';
import { contextCsn, expectEqual, root, startFollower, startProvider } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');
const people = 10_000;
const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function running(server: Promise<ReferenceServer>): Promise<ReferenceServer> {
  servers.push(await server);
  return server;
}

/** The same people with another description, which each of them has in any one moment. */
function generation(description: string): string {
  const person = (n: number): string =>
    `dn: cn=p${n},ou=${n % 2 ? 'a' : 'b'},${suffix}\nobjectClass: inetOrgPerson\ncn: p${n}\nsn: ${n}\n` +
    `mail: p${n}@one.example\ndescription: ${description}\n\n`;
  return startLdif + Array.from({ length: people }, (_, n) => person(n)).join('');
}

async function load(server: ReferenceServer, description: string): Promise<void> {
  const file = join(server.folder, `${description}.ldif`);
  await writeFile(file, generation(description));
  await rm(join(server.folder, 'data'), { recursive: true });
  await runOrFail(process.execPath, [program, 'import', '-q', '-f', server.configFile, '-l', file]);
}

/** What a few of them say, the first and the last among them. */
async function seen(client: Client): Promise<string> {
  const some = [0, 1, 2_500, 7_777, people - 1].map((n) => `(sn=${n})`).join('');
  const { searchEntries } = await client.search(suffix, { filter: `(|${some})`, attributes: ['description'] });
  return searchEntries.map(({ description }) => String(description)).join(' ');
}

test.skipIf(requirePrograms('ldapsearch') !== undefined)(
  'a large refresh is seen as a whole',
  async () => {
    const provider = await running(startProvider('index sn eq\n'));
    await provider.halt();
    await load(provider, 'first');
    await provider.resume();
    const replica = await running(startFollower([provider], { lines: 'index sn eq' }));
    const client = new Client({ url: replica.url });
    await client.bind(root.dn, root.password);
    const told = new Set<string>();
    const watch = async (until: string): Promise<void> => {
      const wanted = Array.from({ length: 5 }, () => until).join(' ');
      const deadline = Date.now() + 60_000;
      for (let now = ''; now !== wanted && Date.now() < deadline; told.add(now)) now = await seen(client).catch(() => 'nothing');
    };
    try {
      await watch('first');
      await provider.halt();
      await load(provider, 'second');
      await provider.resume();
      await watch('second');
    } finally {
      await client.unbind();
    }
    const all = (what: string): string => Array.from({ length: 5 }, () => what).join(' ');
    expect([...told].filter((one) => ![all('first'), all('second'), 'nothing', ''].includes(one))).toEqual([]);
    expect(await contextCsn(replica)).toBe(await contextCsn(provider));
    await expectEqual(provider, replica, 'at last');
  },
  180_000,
);
