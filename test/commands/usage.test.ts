/** What the command says to people: one line of what was done, the way out of a failure, help where it is asked for. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { jammd, jammdProgram, root } from './jammd.js';

let folder: string;
let config: string;

beforeAll(async () => {
  folder = await makeFolder('usage');
  config = join(folder, 'slapd.conf');
  await writeFile(config, `include core.schema\nthreads 4\ndatabase mdb\nsuffix dc=example\ndirectory ${folder}/data\n`);
});
afterAll(() => removeFolder(folder));

describe('jammd', () => {
  it('check and reindex end with one line of what they did, and are quiet when told to', async () => {
    expect((await jammd(['check', '-f', config])).stdout).toBe(`${config}: no errors, 1 warning; 1 database\n`);
    expect((await jammd(['check', '-q', '-f', config])).stdout).toBe('');
    const ldif = 'dn: dc=example\nobjectClass: domain\ndc: example\n';
    const cosine = (
      await jammd(['import', '-f', config], { input: ldif.replace('domain', 'dcObject\nobjectClass: organization\no: x') })
    ).code;
    expect(cosine).toBe(0);
    expect((await jammd(['reindex', '-f', config])).stderr).toContain('dc=example: 1 entry indexed\n');
    expect((await jammd(['reindex', '-q', '-f', config])).stderr).not.toContain('indexed');
    expect((await jammd(['check', '-f', config, '--database'])).stdout).toContain('dc=example: 1 entry, no problems\n');
  });

  it('shows the help of a command below another', async () => {
    const { code, stdout } = await jammd(['help', 'account', 'add']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Usage: jammd account add.*\n {2}--quota .*\nThe directory, and who asks:\n.*\n {2}-y, --password-file /s,
    );
    expect(stdout).not.toContain('--transport');
  });

  it('tells a wrong command line from a failure by its exit code', async () => {
    const wrong = [['nosuch'], ['check', '--nosuch'], ['access', '-f', config], ['export', '-b', 'dc=example', '-n', '1']];
    for (const args of wrong) expect((await jammd(args)).code, args.join(' ')).toBe(2);
    expect((await jammd(['account', 'list'])).stderr).toBe(
      "error: missing required argument 'domain'\n(see jammd account list --help)\n",
    );
    expect((await jammd(['check', '-f', join(folder, 'absent.conf')])).code).toBe(1);
    expect((await jammd(['check', '--help'])).code).toBe(0);
  });

  it('says what is wrong with a file in words', async () => {
    const absent = join(folder, 'absent.csv');
    expect((await jammd(['import', '-f', config, '-l', absent])).stderr).toContain(`${absent}: no such file or folder`);
    expect((await jammd(['init', '-b', 'dc=a,dc=example', '-w', 'secret', join(config, 'below')])).stderr).toContain(
      'it is not in a folder',
    );
  });

  it('takes a scheme without its braces', async () => {
    const { code, stdout } = await jammd(['passwd', '-h', 'BCRYPT', '-s', 'secret']);
    expect([code, stdout.slice(0, 8)]).toEqual([0, '{BCRYPT}']);
  });

  it('says what to do where a port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await jammd(['serve', '-f', config, '-h', `ldap://127.0.0.1:${port}/`]);
    const web = await jammd(['web', '--listen', `127.0.0.1:${port}`]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot listen on ldap://127.0.0.1:${port}/: another program listens there`);
    expect([web.code, web.stderr]).toEqual([
      1,
      `jammd web: cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port\n`,
    ]);
  });

  it.each([jammdProgram, join(root, 'scripts/start.mjs')])('needs Node.js 20.19, and says so first: %s', async (program) => {
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })";
    const { code, stdout, stderr } = await run(process.execPath, [
      '--import',
      `data:text/javascript,${older}`,
      program,
      '--version',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('needs Node.js 20.19 or later; this is 18.20.4');
  });
});
