/** `jammd config slapd --ldif`: Debian's own slapd takes it into its cn=config, and serves the tree with it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { wholeTreeLdif, people } from '../support/hosting-tree.js';
import { hosting, manager, managerPassword } from '../support/howto.js';
import { accepts, freePort } from '../support/place.js';
import { fileOf, printedConfig } from './printed-config.js';
import { ReleaseHost } from './release-host.js';

describe.skipIf(releaseObstacle())('cn=config', () => {
  let host: ReleaseHost;
  let url: string;

  beforeAll(async () => {
    host = await ReleaseHost.create('mail');
    // For its socket; the package's init script would make it.
    await host.runOrFail('install', ['-d', '/run/slapd']);
    const port = await freePort();
    url = `ldap://127.0.0.1:${port}`;
    const slapd = host.start('slapd', ['-F', '/etc/ldap/slapd.d', '-h', `${url}/ ldapi:///`, '-d', '0']);
    await slapd.waitUntil(() => accepts(port));
  }, releaseMakingMs);

  afterAll(() => host.stop());

  test('the changes are taken, and the access rules hold', async () => {
    const hash = (await host.runOrFail('slappasswd', ['-s', managerPassword])).stdout.trim();
    const args = ['slapd', '--ldif', '--directory', '/var/lib/hosting', '--root-password', hash];
    const changes = fileOf(await printedConfig(args), '/etc/ldap/jammd.ldif');
    await host.runOrFail('install', ['-d', '-m', '0700', '/var/lib/hosting']);
    await host.runOrFail('ldapmodify', ['-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'], { input: changes });
    await host.runOrFail('ldapadd', ['-x', '-H', url, '-D', manager, '-w', managerPassword], { input: wholeTreeLdif });
    const search = ['-x', '-LLL', '-H', url, '-b', hosting, `(mail=${people.user.mail})`, 'mailbox', 'userPassword'];
    expect((await host.runOrFail('ldapsearch', search)).stdout).toBe(`dn: ${people.user.dn}\nmailbox: one.example/user/\n\n`);
    const bind = ['-x', '-H', url, '-D', people.user.dn, '-w', people.user.password];
    expect((await host.runOrFail('ldapwhoami', bind)).stdout).toBe(`dn:${people.user.dn}\n`);
  });
});
