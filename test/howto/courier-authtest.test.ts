/** Section 4.5.2: Courier's own authentication daemon and authtest, with LDAP_AUTHBIND and with LDAP_BINDDN. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authBindSettings, CourierAuth, courierObstacle, readHashSettings, type AuthldapSettings } from '../support/courier.js';
import { manager, managerPassword, presentConfig } from '../support/howto.js';
import { people, wholeTreeLdif } from '../support/hosting-tree.js';
import { ldapTool } from '../support/ldap-utils.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

describe.skipIf(courierObstacle()).each(serverKinds)('authtest on %s', (kind) => {
  let server: ReferenceServer;
  let courier: CourierAuth | undefined;

  const startCourier = async (settings: AuthldapSettings): Promise<CourierAuth> => {
    courier = await CourierAuth.start(settings);
    return courier;
  };

  beforeAll(async () => {
    server = await startServer(kind, { config: presentConfig, ldif: wholeTreeLdif });
  });

  afterEach(async () => {
    await courier?.stop();
    courier = undefined;
  });

  afterAll(() => server.stop());

  test('LDAP_AUTHBIND accepts the right password and says where the mail is', async () => {
    const auth = await startCourier(authBindSettings(server.port));
    const { accepted, output } = await auth.authenticate(people.user.mail, people.user.password);
    expect(accepted).toBe(true);
    expect(output).toMatch(/Home Directory: \/home\/vmail\/domains$/m);
    expect(output).toMatch(/Maildir: one\.example\/user\/$/m);
  });

  test('LDAP_AUTHBIND refuses wrong, inactive, deleted and unknown', async () => {
    const auth = await startCourier(authBindSettings(server.port));
    const attempts = [
      [people.user.mail, 'wrong'],
      [people.user.mail, people.neighbour.password],
      [people.user.mail, '{SSHA}'],
      [people.inactive.mail, people.inactive.password],
      [people.deleted.mail, people.deleted.password],
      [people.alias.mail, people.alias.password],
      ['nobody@one.example', 'x'],
      ['*', people.user.password],
    ] as const;
    for (const [user, password] of attempts) {
      const { accepted, output } = await auth.authenticate(user, password);
      expect({ user, accepted }).toEqual({ user, accepted: false });
      expect(output).toContain('Operation not permitted');
    }
    expect((await auth.authenticate(people.user.mail, people.user.password)).accepted).toBe(true);
  });

  test('after ldappasswd the new password works and the old does not', async () => {
    const auth = await startCourier(authBindSettings(server.port));
    const changed = await ldapTool('ldappasswd', server, people.neighbour, ['-s', 'brand-new']);
    expect(changed.code).toBe(0);
    expect((await auth.authenticate(people.neighbour.mail, people.neighbour.password)).accepted).toBe(false);
    expect((await auth.authenticate(people.neighbour.mail, 'brand-new')).accepted).toBe(true);
  });

  test('LDAP_BINDDN with LDAP_CRYPTPW: Courier verifies the hash it reads', async () => {
    const auth = await startCourier(readHashSettings(server.port, manager, managerPassword));
    expect((await auth.authenticate(people.user.mail, people.user.password)).accepted).toBe(true);
    expect((await auth.authenticate(people.user.mail, 'wrong')).accepted).toBe(false);
  });

  test('a server restart between two logins is survived', async () => {
    const auth = await startCourier(authBindSettings(server.port));
    expect((await auth.authenticate(people.user.mail, people.user.password)).accepted).toBe(true);
    await server.halt();
    expect((await auth.authenticate(people.user.mail, people.user.password)).accepted).toBe(false);
    await server.resume();
    expect((await auth.authenticate(people.user.mail, people.user.password)).accepted).toBe(true);
  });
});
