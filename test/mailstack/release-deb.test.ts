/** The .deb on a clean Debian 13: installed, used, upgraded, removed and purged; the data stays. */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { baseLdif, manager, managerPassword, suffix } from '../support/howto.js';
import { ldapSearch, ldapTool } from '../support/ldap-utils.js';
import { freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { ReleaseHost } from './release-host.js';

describe.skipIf(releaseObstacle() ?? requirePrograms('dpkg-deb'))('the package', () => {
  let host: ReleaseHost;
  let packaged: string;

  beforeAll(async () => {
    const { stdout } = await runOrFail(process.execPath, [join(root, 'scripts/deb/package.mjs')], { timeoutMs: 120_000 });
    host = await ReleaseHost.create('node');
    packaged = stdout.trim();
    await copyFile(packaged, host.outside(`/root/${basename(packaged)}`));
  }, releaseMakingMs);

  afterAll(() => host.stop());

  const shell = async (script: string): Promise<string> => (await host.runOrFail('sh', ['-ec', script])).stdout;
  const packageField = async (name: string): Promise<string> =>
    (await host.runOrFail('dpkg-query', ['-W', '-f', ['${', name, '}'].join(''), 'jammd'])).stdout;
  const asJammd = (...args: string[]): string[] => ['-u', 'jammd', '--', '/usr/bin/jammd', ...args];
  const configuration = '/etc/jammd/jammd.conf';

  const serve = async (): Promise<{ url: string; daemon: Daemon }> => {
    const url = `ldap://127.0.0.1:${await freePort()}`;
    const daemon = host.start('runuser', asJammd('serve', '-f', configuration, '-h', `${url}/`));
    await daemon.waitUntil(() => daemon.output.includes('listening on'));
    return { url, daemon };
  };

  test('is installed, with its dependencies met', async () => {
    await host.runOrFail('dpkg', ['--install', `/root/${basename(packaged)}`]);
    expect(await packageField('db:Status-Abbrev')).toBe('ii ');
    expect(await shell(`stat -c '%U %G %a' ${configuration} /var/lib/jammd`)).toBe('root jammd 640\njammd jammd 700\n');
    expect(await shell('jammd --version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('checks, imports and serves as its own user', async () => {
    await host.edit(configuration, (text) => text.replace(/^# (rootpw +).*$/m, `$1${managerPassword}`));
    await host.write('/tmp/base.ldif', baseLdif);
    await host.runOrFail('runuser', asJammd('check', '-f', configuration));
    await host.runOrFail('runuser', asJammd('import', '-f', configuration, '-l', '/tmp/base.ldif'));
    const { url, daemon } = await serve();
    expect((await ldapTool('ldapwhoami', { url }, { dn: manager, password: managerPassword }, [])).stdout).toBe(
      `dn:${manager}\n`,
    );
    expect(await ldapSearch({ url }, undefined, ['-b', suffix, '1.1'])).toHaveLength(3);
    await daemon.stop('SIGTERM');
  });

  test('brings manual pages, completion, logrotate’s and fail2ban’s files that those read', async () => {
    const manual = await shell('man --warnings=w -P cat 8 jammd 2>&1; man --warnings=w -P cat 5 jammd.conf 2>&1');
    for (const words of ['jammd serve', '--log-format', '/etc/jammd/jammd.conf', 'rootpw']) expect(manual).toContain(words);
    expect(manual).not.toMatch(/^(?:troff|groff|an\.tmac|<standard input>|.*macro error).*:/m);
    const complete =
      "bash -c '. /usr/share/bash-completion/completions/jammd; " +
      'COMP_WORDS=(jammd config po); COMP_CWORD=2; _jammd; echo "${COMPREPLY[@]}"\'';
    expect(await shell(complete)).toBe('postfix\n');
    expect(await shell('logrotate --debug /etc/logrotate.d/jammd 2>&1')).not.toMatch(/error/);
    expect(await readFile(host.outside('/etc/fail2ban/filter.d/jammd.conf'), 'utf8')).toContain('before = slapd.conf');
    expect(await shell('cat /usr/lib/systemd/system/jammd.service')).not.toContain('/opt/');
  });

  test('is upgraded with configuration and data kept', async () => {
    await shell(`mkdir /root/new && dpkg-deb -R /root/${basename(packaged)} /root/new &&
      sed -i 's/^Version: .*/Version: 9.9.9/' /root/new/DEBIAN/control && dpkg-deb -Znone -b /root/new /root/new.deb >/dev/null`);
    await host.runOrFail('dpkg', ['--install', '/root/new.deb']);
    expect(await packageField('Version')).toBe('9.9.9');
    expect(await host.read(configuration)).toContain(managerPassword);
    const { url, daemon } = await serve();
    expect(await ldapSearch({ url }, undefined, ['-b', suffix, '1.1'])).toHaveLength(3);
    await daemon.stop('SIGTERM');
  });

  test('is removed and purged, and leaves the data', async () => {
    await host.runOrFail('dpkg', ['--remove', 'jammd']);
    expect(await shell(`ls ${configuration}; ls -A /var/lib/jammd; test ! -e /usr/bin/jammd`)).toContain('data');
    expect((await host.runOrFail('dpkg', ['--purge', 'jammd'])).stdout).toContain('/var/lib/jammd holds data');
    expect(await shell('ls -d /etc/jammd /etc/logrotate.d/jammd /var/log/jammd 2>/dev/null || true; ls -A /var/lib/jammd')).toBe(
      'data\n',
    );
  });
});
