/** The programs in examples/, run as a reader would run them. `npm run build` comes first. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { runOrFail } from '../support/process.js';

const root = join(import.meta.dirname, '../..');

async function example(name: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await runOrFail(process.execPath, [join(root, 'examples', name), ...args], { cwd: root });
  expect(stderr).toBe('');
  return stdout;
}

test('embed: in an application, twice on the same folder', async () => {
  const folder = await makeFolder('example');
  try {
    for (let run = 0; run < 2; run++) {
      const output = await example('embed.mjs', join(folder, 'data'));
      expect(output).toContain('mail=ann@example.org,jvd=example.org,o=hosting,dc=example,dc=org: Changed by herself');
      expect(output).toContain('ann@example.org has its mail in example.org/ann/');
      expect(output).toMatch(/ldapsearch -x -H ldap:\/\/127\.0\.0\.1:\d+\/ /);
    }
  } finally {
    await removeFolder(folder);
  }
});

test('test-directory: for integration tests', async () => {
  const file = join(root, 'examples/test-directory.test.mjs');
  // The outer test runner tells the inner one to speak to it.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await runOrFail(process.execPath, ['--test', '--test-reporter=tap', file], { cwd: root, env });
  expect(stdout).toMatch(/^# pass 2$/m);
});

test('mount-on-ldapjs: beside a route of the program', async () => {
  expect(await example('mount-on-ldapjs.mjs')).toBe('dc=example,dc=org: From the directory\no=status: From the program\n');
});

test('stream-changes: a cache and a log', async () => {
  const lines = (await example('stream-changes.mjs')).trim().split('\n');
  // When the log's reader gets its turn is its own affair.
  expect(lines.filter((line) => line.startsWith('in the cache'))).toEqual(['in the cache: Everybody', 'in the cache: 1']);
  expect(lines.filter((line) => !line.startsWith('in the cache'))).toEqual([
    'cn=Manager,dc=example,dc=org: add dc=example,dc=org',
    'cn=Manager,dc=example,dc=org: add ou=people,dc=example,dc=org',
    'cn=Manager,dc=example,dc=org: modify ou=people,dc=example,dc=org',
    'cn=Manager,dc=example,dc=org: rename ou=people,dc=example,dc=org to ou=staff,dc=example,dc=org',
    'cn=Manager,dc=example,dc=org: delete ou=staff,dc=example,dc=org',
  ]);
});
