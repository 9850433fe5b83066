/** A provider goes back: to a backup, to an older export, by the clock. Replicas that have seen more come to hold what it holds. */
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import type { ReferenceServer } from '../support/reference-server.js';
import { slapdPrograms } from '../support/slapd-programs.js';
import { suffix } from './random-changes.js';
import {
  contents,
  contextCsn,
  expectEqual,
  startFollower,
  startOriginal,
  startProvider,
  startReplica,
  write,
  type Program,
} from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');
const servers: ReferenceServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function pair(follower: Program): Promise<readonly [ReferenceServer, ReferenceServer]> {
  const provider = await startProvider('serverID 5\n');
  servers.push(provider);
  const mode = 'refreshAndPersist';
  const version = follower === 'slapd 2.6' ? '2.6' : '2.5';
  const replica = await (follower === 'jammd' ? startFollower([provider], { mode }) : startReplica(provider, mode, version));
  servers.push(replica);
  return [provider, replica];
}

async function jammd(server: ReferenceServer, command: string, ...args: string[]): Promise<string> {
  return (await runOrFail(process.execPath, [program, command, '-f', server.configFile, ...args])).stdout;
}

const modify = (dn: string, description: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: description\ndescription: ${description}\n\n`;
const add = (ou: string): string => `dn: ou=${ou},${suffix}\nchangetype: add\nobjectClass: organizationalUnit\nou: ${ou}\n\n`;
const remove = (ou: string): string => `dn: ou=${ou},${suffix}\nchangetype: delete\n\n`;
const rename = (ou: string, to: string): string =>
  `dn: ou=${ou},${suffix}\nchangetype: modrdn\nnewrdn: ou=${to}\ndeleteoldrdn: 1\n\n`;

/** Of every kind one that going back takes back: `a` modified, `b` deleted, `n` renamed, `late` added. */
async function goOn(provider: ReferenceServer): Promise<void> {
  await write(provider, modify(`ou=a,${suffix}`, 'later') + remove('b') + rename('n', 'm') + add('late'));
}

async function expectGoneBack(provider: ReferenceServer, replica: ReferenceServer, about: string): Promise<void> {
  await expectEqual(provider, replica, about);
  const held = await contents(replica);
  expect(Object.keys(held), about).toEqual([suffix, `ou=a,${suffix}`, `ou=b,${suffix}`, `ou=n,${suffix}`]);
  expect(held[`ou=a,${suffix}`], about).toMatchObject({ description: ['first'] });
  await write(provider, modify(suffix, about));
  await expectEqual(provider, replica, `${about}, and a change`);
}

async function restored(follower: Program): Promise<void> {
  const [provider, replica] = await pair(follower);
  await write(provider, add('n') + modify(`ou=a,${suffix}`, 'first'));
  const backup = join(provider.folder, 'backup');
  await jammd(provider, 'backup', backup);
  await goOn(provider);
  await expectEqual(provider, replica, 'before');
  await provider.halt();
  await jammd(provider, 'restore', backup, '--replace');
  await provider.resume();
  await expectGoneBack(provider, replica, 'restored');
}

async function imported(follower: Program): Promise<void> {
  const [provider, replica] = await pair(follower);
  await write(provider, add('n') + modify(`ou=a,${suffix}`, 'first'));
  const older = join(provider.folder, 'older.ldif');
  await writeFile(older, await jammd(provider, 'export'));
  await goOn(provider);
  await expectEqual(provider, replica, 'before');
  await provider.halt();
  await rm(join(provider.folder, 'data'), { recursive: true });
  await jammd(provider, 'import', '-q', '-l', older);
  await provider.resume();
  await expectGoneBack(provider, replica, 'imported');
  // What was deleted while the replica was away comes back as it was, into the database there is.
  await replica.halt();
  await write(provider, remove('n'));
  await provider.halt();
  await jammd(provider, 'import', '-c', '-l', older).catch(() => undefined);
  await provider.resume();
  await replica.resume();
  await expectGoneBack(provider, replica, 'imported over what there was');
  // The position in the data is taken for what replicas go on from.
  const latest = join(provider.folder, 'latest.ldif');
  await provider.halt();
  await writeFile(latest, await jammd(provider, 'export'));
  await rm(join(provider.folder, 'data'), { recursive: true });
  await jammd(provider, 'import', '-w', '-l', latest);
  await provider.resume();
  expect(await contextCsn(provider)).toBe(await contextCsn(replica));
  await expectGoneBack(provider, replica, 'imported with its position');
}

/** What Node.js is told so that it takes the time for an hour less. */
const anHourBack = `--import="data:text/javascript,${encodeURIComponent(
  'const Real = Date; const now = () => Real.now() - 3_600_000;' +
    'globalThis.Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(now()); } static now() { return now(); } };',
)}"`;

async function clockSetBack(follower: Program): Promise<void> {
  const [provider, replica] = await pair(follower);
  await write(provider, add('n') + modify(`ou=a,${suffix}`, 'first'));
  await expectEqual(provider, replica, 'before');
  await provider.halt();
  process.env['NODE_OPTIONS'] = anHourBack;
  try {
    await provider.resume();
  } finally {
    delete process.env['NODE_OPTIONS'];
  }
  await write(provider, remove('b') + modify(`ou=a,${suffix}`, 'an hour back') + rename('n', 'm'));
  await expectEqual(provider, replica, 'an hour back');
  const { modifyTimestamp, entryCSN } = (await contents(replica))[`ou=a,${suffix}`] as Record<string, [string]>;
  expect(modifyTimestamp![0].slice(0, 14) < entryCSN![0].slice(0, 14)).toBe(true);
  await provider.halt();
  await provider.resume();
  await write(provider, add('late'));
  await expectEqual(provider, replica, 'with the right time again');
}

const kinds = [
  ['to a backup', restored],
  ['to an older export', imported],
  ['by an hour of the clock', clockSetBack],
] as const;

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('slapd 2.5 follows a provider that goes back', () => {
  test.each(kinds)('%s', (_, follow) => follow('slapd 2.5'), 120_000);
});

describe.skipIf(requirePrograms('slapd', 'ldapsearch') !== undefined)('jammd follows a provider that goes back', () => {
  test.each(kinds)('%s', (_, follow) => follow('jammd'), 120_000);

  test('slapd, to an older export', async () => {
    const provider = await startOriginal('slapd 2.5');
    servers.push(provider);
    const replica = await startFollower([provider]);
    servers.push(replica);
    await write(provider, add('n') + modify(`ou=a,${suffix}`, 'first'));
    await expectEqual(provider, replica, 'at first');
    await provider.halt();
    const programs = await slapdPrograms('2.5');
    const slap = async (tool: 'slapcat' | 'slapadd', ...args: string[]): Promise<string> => {
      const [program, ...fixed] = programs.command(tool);
      return (await runOrFail(program, [...fixed, '-f', provider.configFile, ...args])).stdout;
    };
    const older = join(provider.folder, 'older.ldif');
    await writeFile(older, await slap('slapcat'));
    await provider.resume();
    await goOn(provider);
    await expectEqual(provider, replica, 'later');
    await provider.halt();
    for (const file of ['data.mdb', 'lock.mdb']) await rm(join(provider.folder, 'data', file));
    await slap('slapadd', '-l', older);
    await provider.resume();
    // slapd refuses a replica that knows more, so this one begins anew.
    await expectGoneBack(provider, replica, 'gone back');
    expect(replica.log()).toContain('everything is fetched anew');
  }, 120_000);
});

describe.skipIf(releaseObstacle() !== undefined)('slapd 2.6 follows a provider that goes back', () => {
  test.each(kinds)('%s', (_, follow) => follow('slapd 2.6'), releaseMakingMs + 120_000);
});
