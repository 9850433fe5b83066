/** Opening, closing, LDIF in and out, and listeners. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client } from 'ldapts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import { createServer, openDirectory, ResultCode, type Directory, type ImportFailure } from '../../src/index.js';
import { jammd } from '../commands/jammd.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { failureOf, hosting, manager, openHosting, suffix } from './support.js';

let folder: string;
const opened: Directory[] = [];

async function open(...args: Parameters<typeof openDirectory>): Promise<Directory> {
  const directory = await openDirectory(...args);
  opened.push(directory);
  return directory;
}

function ownDatabase(): string {
  return `database mdb\nsuffix "o=here"\nrootdn "cn=boss,o=here"\nrootpw secret\ndirectory "${folder}/data"\n`;
}

beforeEach(async () => {
  folder = await makeFolder('library');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((directory) => directory.close()));
  await removeFolder(folder);
});

describe('opening', () => {
  test('a folder keeps what was written', async () => {
    const options = { folder, suffix: 'dc=example,dc=org' };
    const first = await open(options);
    await first.root().add('dc=example,dc=org', { objectClass: ['top', 'domain'], dc: 'example' });
    await first.close();
    const second = await open(options);
    expect((await second.anonymous().read('DC=example,DC=org'))?.value('dc')).toBe('example');
    expect(second.root().identity).toBe('cn=Manager,dc=example,dc=org');
  });

  test('memory is one for each', async () => {
    const [first, second] = await Promise.all([openHosting(), open({ memory: true })]);
    opened.push(first);
    expect(await first.root().read(suffix)).toBeDefined();
    expect(await second.root().read(suffix)).toBeUndefined();
  });

  test('a slapd.conf, as a file and as text', async () => {
    const conf = ownDatabase();
    const path = join(folder, 'slapd.conf');
    await writeFile(path, `include core.schema\n${conf}`);
    const warnings: string[] = [];
    const fromFile = await open({ configFile: path, onWarning: (warning) => warnings.push(warning) });
    expect(fromFile.suffixes).toEqual(['o=here']);
    expect((await fromFile.bind('cn=boss,o=here', 'secret')).identity).toBe('cn=boss,o=here');
    expect(warnings.join('\n')).toMatch(/slapd\.conf: line \d+: warning: /);
    const fromText = await open({ configText: `include core.schema\n${conf}`, memory: true });
    expect(fromText.root().identity).toBe('cn=boss,o=here');
  });

  test('a replica’s configuration: nothing follows, writers are refused, and somebody is told', async () => {
    const syncrepl = `syncrepl rid=001 provider=ldap://127.0.0.1:1 searchbase="o=here" retry="1 +" type=refreshAndPersist`;
    const configText = `include core.schema\n${ownDatabase()}${syncrepl}\n`;
    const warnings: string[] = [];
    const replica = await open({ configText, memory: true, onWarning: (warning) => warnings.push(warning) });
    const told = /^o=here: syncrepl has no effect here: only jammd serve follows a provider/;
    expect(warnings.filter((warning) => told.test(warning))).toHaveLength(1);
    const write = replica.root().add('o=here', { objectClass: ['organization'], o: 'here' });
    expect(await write.catch((error: unknown) => error)).toMatchObject({ code: ResultCode.unwillingToPerform });
    const emitted = once(process, 'warning');
    await open({ configText, memory: true });
    expect(String(((await emitted) as [Error])[0].message)).toMatch(told);
  });

  test('what is wrong is told with a code and in words', async () => {
    await open({ folder });
    const twice = await failureOf(() => openDirectory({ folder }));
    expect(twice).toMatchObject({ code: ResultCode.unavailable });
    expect(twice.diagnostic).toContain('in use');
    const conf = await failureOf(() => openDirectory({ configText: 'suffix "o=x"\nnonsense 1\n' }));
    expect(conf.code).toBe(ResultCode.unwillingToPerform);
    expect(conf.diagnostic).toContain('configText: line 2');
    expect((await failureOf(() => openDirectory({ configFile: join(folder, 'none') }))).diagnostic).toContain('ENOENT');
    const name = await failureOf(() => openDirectory({ memory: true, suffix: 'example.org' }));
    expect(name.code).toBe(ResultCode.invalidDNSyntax);
    // @ts-expect-error: neither a folder nor a configuration
    expect((await failureOf(() => openDirectory({}))).diagnostic).toContain('takes one of');
    // @ts-expect-error: both
    expect((await failureOf(() => openDirectory({ folder, configText: '' }))).diagnostic).toContain('takes one of');
  });

  test('after close everything is refused, and close may come twice', async () => {
    const directory = await open({ memory: true });
    const session = directory.root();
    await directory.close();
    await directory.close();
    for (const call of [
      () => session.read(suffix),
      () => session.delete(suffix),
      () => directory.anonymous(),
      () => directory.bind(manager, 'x'),
      () => directory.importLdif(''),
      () => directory.changes(),
      () => directory.backup(join(folder, 'late')),
      () => createServer(directory),
    ]) {
      expect((await failureOf(call)).code).toBe(ResultCode.unavailable);
    }
  });
});

describe('a backup', () => {
  test('is restored by the command line, to the same tree', async () => {
    const directory = await openHosting();
    opened.push(directory);
    const backup = join(folder, 'backup');
    await directory.backup(backup);
    const config = join(folder, 'slapd.conf');
    await writeFile(config, defaultConfigText({ suffix, directory: join(folder, 'data') }));
    expect(await jammd(['restore', '-f', config, backup])).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await jammd(['export', '-f', config]);
    expect(stdout).toBe(await text(Readable.from(directory.exportLdif())));
  });

  test('does not mix with what is in a folder', async () => {
    const directory = await openHosting();
    opened.push(directory);
    await writeFile(join(folder, 'mine'), '');
    expect((await failureOf(() => directory.backup(folder))).code).toBe(ResultCode.unavailable);
    expect(await readdir(folder)).toEqual(['mine']);
  });
});

describe('LDIF', () => {
  test('export, import into an empty directory, export again: identical', async () => {
    const first = await openHosting();
    opened.push(first);
    const ldif = await text(Readable.from(first.exportLdif()));
    const second = await open({ memory: true });
    const report = await second.importLdif(Readable.from([Buffer.from(ldif)]));
    expect(report.failures).toBe(0);
    expect(report.entries).toBe(ldif.match(/^dn:/gm)?.length);
    expect(await text(Readable.from(second.exportLdif()))).toBe(ldif);
  });

  test('a part of it, by base and by filter', async () => {
    const directory = await openHosting();
    opened.push(directory);
    const names = async (options: Parameters<typeof directory.exportLdif>[0]): Promise<string[]> =>
      (await text(Readable.from(directory.exportLdif(options)))).match(/^dn: .*$/gm) ?? [];
    expect(await names({ base: people.user.dn })).toEqual([`dn: ${people.user.dn}`.slice(0, 78)]);
    expect(await names({ filter: '(o=hosting)' })).toEqual([`dn: ${hosting}`]);
    expect((await failureOf(() => names({ filter: '(o' }))).code).toBe(ResultCode.protocolError);
    expect((await failureOf(() => names({ suffix: 'dc=none' }))).code).toBe(ResultCode.noSuchObject);
  });

  test('a file stream; the first failure names line and DN', async () => {
    const path = join(folder, 'tree.ldif');
    await writeFile(path, `${wholeTreeLdif}\ndn: o=hosting,${suffix}\nobjectClass: organization\no: hosting\n`);
    const directory = await open({ memory: true });
    const error = await failureOf(() => directory.importLdif(createReadStream(path)));
    expect(error.code).toBe(ResultCode.entryAlreadyExists);
    expect(error.diagnostic).toMatch(/^line \d+: dn "o=hosting,dc=myhosting,dc=example": /);
    expect(await directory.root().read(people.user.dn)).toBeDefined();
  });

  test('failures that are taken do not end the import', async () => {
    const directory = await open({ memory: true });
    const failures: ImportFailure[] = [];
    const broken = [
      `dn: ${suffix}`,
      'objectClass: top',
      'objectClass: domain',
      'dc: myhosting',
      '',
      'nonsense',
      '',
      `dn: ou=x,${suffix}`,
      'objectClass: organizationalUnit',
      'mail: x',
      '',
      `dn: ou=y,${suffix}`,
      'objectClass: organizationalUnit',
      '',
    ].join('\n');
    const report = await directory.importLdif(broken, { onFailure: (failure) => failures.push(failure) });
    expect(report).toEqual({ entries: 2, failures: 2 });
    expect(failures.map(({ line, error }) => [line, error.code])).toEqual([
      [6, ResultCode.protocolError],
      [8, ResultCode.objectClassViolation],
    ]);
  });
});

describe('listening', () => {
  test('clients see what the program sees, and the other way round', async () => {
    const directory = await openHosting();
    opened.push(directory);
    const server = createServer(directory);
    const [url] = await server.listen('ldap://127.0.0.1:0/');
    expect(url).toMatch(/^ldap:\/\/127\.0\.0\.1:\d+\/$/);
    const client = new Client({ url: url! });
    await client.bind(manager, 'secret');
    await client.add(`cn=wire,${hosting}`, { objectClass: 'organizationalRole', cn: 'wire' });
    expect(await directory.anonymous().read(`cn=wire,${hosting}`)).toBeDefined();
    await directory.root().delete(`cn=wire,${hosting}`);
    await expect(client.search(`cn=wire,${hosting}`, { scope: 'base' })).rejects.toMatchObject({ code: 32 });
    const { searchEntries } = await client.search('', { scope: 'base', attributes: ['namingContexts'] });
    expect(searchEntries[0]?.['namingContexts']).toBe(suffix);
    await client.unbind();
    await server.close();
    await expect(new Client({ url: url!, connectTimeout: 2_000 }).bind(manager, 'secret')).rejects.toThrow();
  });

  test('closing the directory closes its servers', async () => {
    const directory = await openHosting();
    const server = createServer(directory);
    const [url] = await server.listen('ldap://127.0.0.1:0/');
    await directory.close();
    await expect(new Client({ url: url!, connectTimeout: 2_000 }).bind(manager, 'secret')).rejects.toThrow();
  });

  test('what cannot be listened on is told', async () => {
    const directory = await open({ memory: true });
    const server = createServer(directory);
    const [url] = await server.listen('ldap://127.0.0.1:0/');
    const taken = await failureOf(() => createServer(directory).listen(url!));
    expect(taken.code).toBe(ResultCode.unavailable);
    expect(taken.diagnostic).toContain(url!);
    expect((await failureOf(() => server.listen('http://x/'))).code).toBe(ResultCode.unwillingToPerform);
    const tls = { certificateFile: join(folder, 'none.pem') };
    expect((await failureOf(() => createServer(directory, { tls }))).code).toBe(ResultCode.unwillingToPerform);
  });
});
