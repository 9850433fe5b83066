/** `jammd config`: what it prints is taken by the programs it is for, and is what the README shows. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jammd, jammdProgram, root } from '../commands/jammd.js';
import { presentConfig, suffix } from '../support/howto.js';
import { ldapSearch } from '../support/ldap-utils.js';
import { wholeTreeLdif } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { serverKinds, startServer } from '../support/reference-server.js';
import { fileOf, printedConfig } from './printed-config.js';

let folder: string;

beforeEach(async () => {
  folder = await makeFolder('config');
});

afterEach(() => removeFolder(folder));

describe('jammd config', () => {
  test('takes the suffix and the authority of the server at hand', async () => {
    const file = join(folder, 'slapd.conf');
    const text = presentConfig
      .replaceAll(suffix, 'dc=other,dc=example')
      .replace('@DIRECTORY@', folder)
      .replace('@JAMM_SCHEMA@', join(root, 'schema/jamm.schema'));
    await writeFile(
      file,
      `TLSCACertificateFile ${folder}/ca.pem\nTLSCertificateFile ${folder}/server.pem\nTLSCertificateKeyFile ${folder}/server.key\n${text}`,
    );
    const files = await printedConfig(['postfix', '-f', file, '-Z']);
    const accounts = fileOf(files, '/etc/postfix/jammd-accounts.cf');
    expect(accounts).toContain('search_base = o=hosting,dc=other,dc=example\n');
    expect(accounts).toContain(`start_tls = yes\ntls_require_cert = yes\ntls_ca_cert_file = ${folder}/ca.pem\n`);
  });

  test('names the mail account as it is told to', async () => {
    const owner = ['--vmail-uid', '5000', '--vmail-gid', '5001', '--vmail-home', '/srv/mail', '--vmail-user', 'mailman'];
    const main = fileOf(await printedConfig(['postfix', ...owner]), '/etc/postfix/main.cf');
    expect(main).toContain('virtual_mailbox_base = /srv/mail/domains\n');
    expect(main).toContain('virtual_minimum_uid = 5000\nvirtual_uid_maps = static:5000\nvirtual_gid_maps = static:5001\n');
    expect(fileOf(await printedConfig(['courier', ...owner]), '/etc/courier/authldaprc')).toMatch(/^LDAP_GLOB_UID +mailman$/m);
    expect(
      fileOf(await printedConfig(['dovecot', '--dovecot', '2.3', ...owner]), '/etc/dovecot/dovecot-ldap.conf.ext'),
    ).toContain('=uid=5000, =gid=5001');
  });

  test('--write leaves what is there alone, and keeps passwords from others', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'pa"ss\\word\n');
    const args = ['config', 'postfix', '-D', `cn=postfix,${suffix}`, '-y', passwordFile, '--write', join(folder, 'postfix')];
    const first = await jammd(args);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('virtual_mailbox_maps = ') as string });
    const written = join(folder, 'postfix/jammd-domains.cf');
    expect(await readFile(written, 'utf8')).toContain(`bind = yes\nbind_dn = cn=postfix,${suffix}\nbind_pw = pa"ss\\word\n`);
    expect((await stat(written)).mode & 0o777).toBe(0o640);
    await writeFile(written, 'mine\n');
    expect(await jammd(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') as string });
    expect(await readFile(written, 'utf8')).toBe('mine\n');
    expect((await jammd([...args, '--force'])).code).toBe(0);
    expect(await readFile(written, 'utf8')).not.toBe('mine\n');
  });

  test('--write without a password: everybody may read, whatever the umask; what is printed names the folder', async () => {
    const place = join(folder, 'of one');
    expect(await jammd(['config', 'postfix', '--write', place])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('space') as string,
    });
    const inside = join(folder, 'postfix');
    const command = [process.execPath, jammdProgram, 'config', 'postfix', '--write', 'postfix'];
    const { code, stdout } = await run('sh', ['-c', 'umask 077; exec "$@"', 'sh', ...command], { cwd: folder });
    expect(code).toBe(0);
    expect((await stat(join(inside, 'jammd-accounts.cf'))).mode & 0o777).toBe(0o644);
    expect(stdout).toContain(`# ${inside}/main.cf: add`);
    expect(stdout).toContain(`virtual_mailbox_maps = ldap:${inside}/jammd-accounts.cf\n`);
    expect(stdout).not.toContain('/etc/postfix');
    const lmtp = await jammd(['config', 'postfix', '--lmtp', '--force', '--write', inside]);
    // All of it goes to main.cf: the service for master.cf is a file.
    expect(lmtp.stdout).toContain('virtual_transport = lmtp:');
    expect(lmtp.stdout.split('\n').filter((line) => !/^(?:#.*|\w+ = .*|)$/.test(line))).toEqual([]);
    expect(await readFile(join(inside, 'jammd-master.cf'), 'utf8')).toMatch(/^submission inet /);
    const dovecot = await jammd(['config', 'dovecot', '--dovecot', '2.3', '--write', join(folder, 'dovecot')]);
    expect(dovecot.stdout).toContain(`args = ${folder}/dovecot/dovecot-ldap.conf.ext\n`);
  });

  test('Roundcube: --write leaves one line for the file of the package', async () => {
    const place = join(folder, 'roundcube');
    const { code, stdout } = await jammd(['config', 'roundcube', '--write', place]);
    expect({ code, lines: stdout.split('\n').slice(1) }).toEqual({ code: 0, lines: [`include '${place}/jammd.inc.php';`, ''] });
    for (const file of ['jammd.inc.php', 'plugins/password/config.inc.php']) {
      expect(await readFile(join(place, file), 'utf8')).toMatch(/^<\?php\n\$config/);
    }
  });

  test('is for the Dovecot that is installed, and for today’s where there is none', async () => {
    const paths = async (version: string | undefined): Promise<string[]> => {
      const programs = join(folder, version ?? 'none');
      await mkdir(programs);
      if (version !== undefined) {
        await writeFile(join(programs, 'dovecot'), `#!/bin/sh\necho '${version} (9b53102964)'\n`, { mode: 0o755 });
      } else {
        await writeFile(join(programs, 'dovecot'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
      }
      const { stdout } = await jammd(['config', 'dovecot'], { env: { ...process.env, PATH: programs } });
      return [...stdout.matchAll(/^# (\/\S+?):?(?: |$)/gm)].map(([, path = '']) => path);
    };
    expect(await paths('2.3.19.1')).toEqual(['/etc/dovecot/local.conf', '/etc/dovecot/dovecot-ldap.conf.ext']);
    expect(await paths('2.4.1-4')).toEqual(['/etc/dovecot/conf.d/99-jammd.conf']);
    expect(await paths(undefined)).toEqual(['/etc/dovecot/conf.d/99-jammd.conf']);
  });

  test.skipIf(process.getuid?.() !== 0)('--write says so where the group of a file with a password cannot be set', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'word\n');
    await run('chmod', ['0777', folder]);
    const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const command = ['config', 'postfix', '-D', `cn=postfix,${suffix}`, '-y', passwordFile, '--write', join(folder, 'postfix')];
    const { code, stderr } = await run('setpriv', [...nobody, process.execPath, jammdProgram, ...command]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/could not set its group to postfix .*chgrp postfix .*jammd-accounts\.cf/) as string,
    });
    expect((await stat(join(folder, 'postfix/jammd-accounts.cf'))).mode & 0o777).toBe(0o640);
  });

  test.each([
    ['a URL of another kind', 1, ['postfix', '-H', 'http://127.0.0.1/'], /-H/],
    ['StartTLS on ldaps://', 1, ['courier', '-H', 'ldaps://127.0.0.1/', '-Z'], /-Z/],
    ['a suffix that is no name', 1, ['postfix', '-b', 'nonsense'], /-b nonsense/],
    ['mail that belongs to root', 2, ['dovecot', '--vmail-uid', '0'], /root/],
    ['reading hashes as nobody', 1, ['courier', '--read-hashes'], /-D/],
    ['a bind without a password', 1, ['postfix', '-D', `cn=x,${suffix}`], /-y/],
    ['a suffix in which Roundcube would put the login name', 1, ['roundcube', '-b', 'o=%login'], /login name/],
    ['a home that would begin another line', 1, ['postfix', '--vmail-home', '/home\nx'], /control characters/],
  ])('refuses %s', async (_, exit, args, words) => {
    const { code, stdout, stderr } = await jammd(['config', ...args]);
    expect({ code, stdout, stderr }).toEqual({ code: exit, stdout: '', stderr: expect.stringMatching(words) as string });
  });

  test.each(serverKinds)('slapd.conf: %s serves the tree with it', async (kind) => {
    const text = fileOf(await printedConfig(['slapd', '--directory', '@DIRECTORY@']), '/etc/ldap/slapd.conf');
    const server = await startServer(kind, { config: text, ldif: wholeTreeLdif });
    try {
      const [entry] = await ldapSearch(server, undefined, [
        '-b',
        `o=hosting,${suffix}`,
        '(mail=user@one.example)',
        'mailbox',
        'userPassword',
      ]);
      expect([...(entry?.attributes ?? [])]).toEqual([['mailbox', ['one.example/user/']]]);
    } finally {
      await server.stop();
    }
  });

  test('the README shows nothing but what it prints', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    for (const program of ['Postfix', 'Courier', 'Dovecot']) {
      const version = program === 'Dovecot' ? ['--dovecot', '2.4'] : [];
      const printed = (await jammd(['config', program.toLowerCase(), ...version])).stdout;
      const section = new RegExp(`### ${program}\\n([^]*?)\\n##`).exec(readme)?.[1] ?? '';
      const blocks = [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ''));
      const settings = blocks.filter((block) => !block.includes('bin/jammd'));
      expect(settings.length, program).toBeGreaterThan(0);
      for (const block of settings) expect(printed).toContain(block);
    }
  });
});
