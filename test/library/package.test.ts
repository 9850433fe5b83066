/**
 * The package as others get it: what is in the tarball, installed in an empty project, used as the documentation says.
 * `npm run build` comes first.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { run, runOrFail } from '../support/process.js';

const root = join(import.meta.dirname, '../..');

interface PackedFile {
  readonly path: string;
}

let folder: string;
let project: string;
let files: readonly string[];

beforeAll(async () => {
  folder = await makeFolder('package');
  project = join(folder, 'project');
  await mkdir(project);
  const { stdout } = await runOrFail('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [packed] = JSON.parse(stdout) as [{ readonly filename: string; readonly files: readonly PackedFile[] }];
  files = packed.files.map(({ path }) => path);
  await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
  await install(join(folder, packed.filename));
}, 240_000);

afterAll(() => removeFolder(folder));

/** From the registry; where that is out of reach, with the dependencies that are installed here, so that npm asks nobody. */
async function install(tarball: string): Promise<void> {
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  const { code, stderr } = await run('npm', args, { cwd: project, timeoutMs: 200_000 });
  if (code === 0) return;
  if (!/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENETUNREACH|ENOTCACHED/.test(stderr)) throw new Error(stderr);
  const place = join(project, 'node_modules');
  await mkdir(join(place, 'jammd'), { recursive: true });
  spawnSync('tar', ['-xzf', tarball, '-C', join(place, 'jammd'), '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(place, name));
  }
  const note = process.env['JAMMD_SKIPPED_FILE'];
  if (note) appendFileSync(note, 'npm-registry\n');
}

/** Runs a program of the project's. */
function node(source: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return run(process.execPath, ['--input-type=module', '-e', source], { cwd: project });
}

describe('the tarball', () => {
  test('has the program, its declarations, schemas and data, and nothing else', () => {
    const expected = [
      /^(package\.json|README\.md|CONTRIBUTING\.md|LICENSE|bin\/jammd)$/,
      /^dist\/.+\.(js|d\.ts)$/,
      /^schema\/\w+\.schema$/,
      /^docs\/.+\.(md|png)$/,
      /^(data|packaging)\/.+$/,
    ];
    expect(files.filter((file) => !expected.some((form) => form.test(file)))).toEqual([]);
    const wanted = [
      'bin/jammd',
      'dist/program/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/ldapjs/index.js',
      'data/base.ldif',
    ];
    expect(wanted.filter((file) => !files.includes(file))).toEqual([]);
    expect(files).toContain('LICENSE');
  });

  test('has what its README links to', async () => {
    const packed = new Set(
      files.flatMap((file) => [file, ...file.split('/').map((_, end, parts) => parts.slice(0, end).join('/'))]),
    );
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const targets = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target.replace(/\/$/, ''));
    expect(targets.length).toBeGreaterThan(10);
    expect(targets.filter((target) => !packed.has(target))).toEqual([]);
  });

  test('has every module that src/ has, and no other', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const modules = sources.filter((path) => /\.tsx?$/.test(path)).map((path) => `dist/${path.replace(/\.tsx?$/, '.js')}`);
    const compiled = files.filter((path) => /^dist\/.*\.js$/.test(path) && !path.startsWith('dist/program/'));
    expect(compiled.sort()).toEqual(modules.sort());
  });
});

describe('installed', () => {
  test.each(['README.md', 'docs/library.md'])('the example in %s runs', async (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const examples = [...text.matchAll(/^```(?:js|ts)\n(import [^`]*? from 'jammd';[^`]*(?:`[^`]*`[^`]*)*?)^```$/gm)].map(
      ([, code]) => code!,
    );
    expect(examples).toHaveLength(1);
    for (const example of examples) {
      const { code, stdout, stderr } = await node(example);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^dc=example,dc=org$/m);
    }
  });

  test('its names are these', async () => {
    const { stdout } = await node(`
      console.log(Object.keys(await import('jammd')).sort().join(' '));
      console.log(Object.keys(await import('jammd/ldapjs')).sort().join(' '));
    `);
    expect(stdout.trim().split('\n')).toEqual([
      'Entry LdapError ResultCode createServer openDirectory resultCodeName',
      'mountDirectory',
    ]);
  });

  test.each(['jammd/dist/store/store.js', 'jammd/store', 'jammd/package.json', 'jammd/library/core.js'])(
    'internals are out of reach: %s',
    async (name) => {
      const { code, stderr } = await node(`await import('${name}');`);
      expect(code).not.toBe(0);
      expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
    },
  );

  test('the command is there', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const command = join(project, 'node_modules/.bin/jammd');
    const program = existsSync(command) ? command : join(project, 'node_modules/jammd/bin/jammd');
    expect((await runOrFail(process.execPath, [program, '--version'], { cwd: project })).stdout).toContain(version);
  });
});

/** A program that uses everything, with what must and must not compile. */
const consumer = `
import { createServer, Entry, LdapError, openDirectory, ResultCode, type Change, type Directory, type Session } from 'jammd';
import { mountDirectory, type LdapjsServer, type MountOptions } from 'jammd/ldapjs';

const directory: Directory = await openDirectory({ memory: true, suffix: 'dc=example,dc=org' });
// @ts-expect-error: one place, not two
await openDirectory({ folder: 'x', configFile: 'y' });
// @ts-expect-error: a configuration of one's own has its suffix in it
await openDirectory({ configText: '', suffix: 'dc=x' });
const session: Session = await directory.bind('cn=x', Buffer.from('pw'));
await session.add('cn=x', { cn: ['x', Buffer.from('y')], sn: 'z' });
await session.modify('cn=x', [{ operation: 'replace', type: 'cn', values: 'x' }, { operation: 'delete', type: 'sn' }]);
// @ts-expect-error: no such operation
await session.modify('cn=x', [{ operation: 'swap', type: 'cn' }]);
for await (const entry of session.search('cn=x', { scope: 'one', attributes: ['cn'] })) {
  const value: string | undefined = entry.value('cn');
  const bytes: Buffer[] = entry.buffers('cn');
  console.log(value, bytes);
}
const all: Entry[] = await session.search('cn=x').toArray();
const made: string | undefined = await session.changePassword({});
const end: () => void = directory.onChange((change: Change) => {
  if (change.kind === 'rename') console.log(change.newDN, change.before.dn);
  // @ts-expect-error: an import names no entry
  if (change.kind === 'import') console.log(change.dn);
});
end();
for await (const change of directory.changes({ waitingMax: 5 })) console.log(change.kind);
for await (const text of directory.exportLdif({ base: 'cn=x' })) console.log(text.length);
await directory.importLdif('dn: cn=x\\n', { onFailure: ({ line, error }) => console.log(line, error.code) });
const urls: string[] = await createServer(directory).listen('ldap://127.0.0.1:0/');
const options: MountOptions = { at: 'suffixes', onError: (error) => console.log(error.code) };
declare const server: LdapjsServer;
mountDirectory(server, directory, options);
try {
  await session.delete('cn=x');
} catch (error) {
  if (error instanceof LdapError && error.code === ResultCode.noSuchObject) console.log(error.matchedDN, error.diagnostic);
}
console.log(all, made, urls);
// @ts-expect-error: made by openDirectory only
export type Made = typeof import('jammd')['Directory'];
`;

const withTypes = `
import ldapjs from 'ldapjs';
import { openDirectory } from 'jammd';
import { mountDirectory } from 'jammd/ldapjs';
mountDirectory(ldapjs.createServer(), await openDirectory({ memory: true }));
`;

describe.each([
  ['node16', { module: 'node16', moduleResolution: 'node16' }],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
])('declarations under moduleResolution %s', (name, resolution) => {
  const compile = async (source: string, typeRoots: string): Promise<string> => {
    const place = join(project, name);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'consumer.ts'), source);
    const compilerOptions = {
      ...resolution,
      target: 'es2022',
      lib: ['es2023'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [typeRoots],
    };
    await writeFile(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return (await run(process.execPath, [compiler, '-p', join(place, 'tsconfig.json')], { cwd: project })).stdout;
  };

  test('a program that uses everything compiles, and what must not does not', async () => {
    expect(await compile(consumer, join(root, 'node_modules/@types'))).toBe('');
  });

  test('a server as @types/ldapjs declares it can be mounted on', async () => {
    const types = join(project, 'node_modules/@types');
    await mkdir(types, { recursive: true });
    for (const one of ['ldapjs', 'node']) {
      if (!existsSync(join(types, one))) await symlink(join(root, 'node_modules/@types', one), join(types, one));
    }
    expect(await compile(withTypes, types)).toBe('');
  });
});
