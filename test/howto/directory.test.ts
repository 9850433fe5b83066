/** The HOWTO's section 4.3 step by step, from its slapd.conf to the command line tools, as a reader would type it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseLdif, hosting, manager, managerPassword, presentConfig, printedConfig, suffix } from '../support/howto.js';
import { account, domainDn, hostingLdif, people } from '../support/hosting-tree.js';
import { ldapSearch, ldapTool, type Identity } from '../support/ldap-utils.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

// slapd 2.5 no longer reads the HOWTO's spelling; jammd reads both.
const cases = serverKinds.flatMap((kind) => [
  ...(kind === 'jammd' ? [{ kind, spelling: 'as printed', config: printedConfig }] : []),
  { kind, spelling: 'in present spelling', config: presentConfig },
]);

const tools = ['ldapadd', 'ldapsearch', 'ldapmodify', 'ldapmodrdn', 'ldapdelete', 'ldapcompare', 'ldapwhoami', 'ldappasswd'];
const asManager: Identity = { dn: manager, password: managerPassword };

describe.skipIf(requirePrograms(...tools)).each(cases)(
  "the HOWTO's directory on $kind, slapd.conf $spelling",
  ({ kind, config }) => {
    let server: ReferenceServer;
    const tool = (name: string, identity: Identity | undefined, args: readonly string[], input = '') =>
      ldapTool(name, server, identity, args, input);
    const read = (dn: string, attributes: readonly string[] = [], identity: Identity | undefined = undefined) =>
      ldapSearch(server, identity, ['-b', dn, '-s', 'base', '(objectClass=*)', ...attributes]);

    beforeAll(async () => {
      server = await startServer(kind, { config });
    });

    afterAll(() => server.stop());

    test('ldapadd of base.ldif prints the three lines of section 4.3.2.1', async () => {
      const file = join(server.folder, 'base.ldif');
      await writeFile(file, baseLdif);
      const { code, stdout } = await tool('ldapadd', asManager, ['-f', file]);
      expect(code).toBe(0);
      expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
        'adding new entry "dc=myhosting, dc=example"',
        'adding new entry "cn=Manager, dc=myhosting, dc=example"',
        'adding new entry "o=hosting, dc=myhosting, dc=example"',
      ]);
    });

    test('ldapsearch shows the base tree, domainComponent as dc', async () => {
      const entries = await ldapSearch(server, undefined, ['-b', suffix]);
      expect(entries.map((entry) => entry.dn).sort()).toEqual([manager, suffix, hosting]);
      const [root] = await read(suffix);
      expect([...(root?.attributes ?? [])]).toEqual([
        ['objectClass', ['top', 'domain']],
        ['dc', ['myhosting']],
      ]);
    });

    test('adding base.ldif again stops with 68 at the first entry', async () => {
      const { code, stderr } = await tool('ldapadd', asManager, [], baseLdif);
      expect(code).toBe(68);
      expect(stderr).toContain('ldap_add: Already exists (68)');
    });

    test('a wrong Manager password is 49 and nothing is added', async () => {
      const { code, stderr } = await tool('ldapadd', { dn: manager, password: 'Secret' }, [], baseLdif);
      expect(code).toBe(49);
      expect(stderr).toContain('ldap_bind: Invalid credentials (49)');
    });

    test('ldapadd fills the hosting tree', async () => {
      const { code, stderr } = await tool('ldapadd', asManager, [], hostingLdif);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const accounts = await ldapSearch(server, undefined, ['-b', hosting, '(objectClass=JammMailAccount)', '1.1']);
      expect(accounts).toHaveLength(21);
    });

    test('ldapwhoami names the anonymous, the Manager and an account', async () => {
      const names = await Promise.all([
        tool('ldapwhoami', undefined, []),
        tool('ldapwhoami', asManager, []),
        tool('ldapwhoami', people.user, []),
      ]);
      expect(names.map((name) => name.stdout.trim())).toEqual(['anonymous', `dn:${manager}`, `dn:${people.user.dn}`]);
    });

    test('ldapsearch filters as Postfix and people do', async () => {
      const find = async (filter: string): Promise<string[]> => {
        const entries = await ldapSearch(server, undefined, ['-b', hosting, filter, 'mail']);
        return entries.flatMap((entry) => entry.attributes.get('mail') ?? []).sort();
      };
      expect(await find('(mail=USER@one.example)')).toEqual(['user@one.example']);
      expect(await find('(&(objectClass=JammMailAccount)(accountActive=FALSE))')).toEqual(['inactive@one.example']);
      expect(await find('(mail=chief@*)')).toEqual(['chief@one.example', 'chief@two.example']);
      expect(await find('(|(mail=@two.example)(mail=paren\\28s\\29@one.example))')).toEqual([
        '@two.example',
        'paren(s)@one.example',
      ]);
      expect(await find('(mail=nobody@one.example)')).toEqual([]);
    });

    test('anonymous reads an account without its password, its owner with it', async () => {
      const [seen] = await read(people.user.dn);
      const [own] = await read(people.user.dn, [], people.user);
      expect([...(seen?.attributes.keys() ?? [])]).not.toContain('userPassword');
      expect(seen?.attributes.get('mailbox')).toEqual(['one.example/user/']);
      expect(own?.attributes.get('userPassword')?.[0]).toMatch(/^\{SSHA\}/);
    });

    test('ldapmodify changes an entry as its owner and is refused for a neighbour', async () => {
      const change = `dn: ${people.user.dn}\nchangetype: modify\nreplace: description\ndescription: away\n-\nadd: cn\ncn: A User\n-\n`;
      const own = await tool('ldapmodify', people.user, [], change);
      const other = await tool('ldapmodify', people.neighbour, [], change);
      const nobody = await tool('ldapmodify', undefined, [], change);
      expect([own.code, other.code, nobody.code]).toEqual([0, 50, 8]);
      const [entry] = await read(people.user.dn, ['description', 'cn']);
      expect(entry?.attributes).toEqual(
        new Map([
          ['description', ['away']],
          ['cn', ['A User']],
        ]),
      );
    });

    test('ldapmodify refuses what the schema does not allow and changes nothing', async () => {
      const attempt = (change: string) =>
        tool('ldapmodify', asManager, [], `dn: ${people.user.dn}\nchangetype: modify\n${change}-\n`);
      const codes = [
        (await attempt('delete: mailbox\n')).code,
        (await attempt('replace: accountActive\naccountActive: yes\n')).code,
        (await attempt('add: jvd\njvd: x.example\n')).code,
        (await attempt('add: quota\nquota: 1\nquota: 2\n')).code,
        (await attempt('add: noSuchAttribute\nnoSuchAttribute: 1\n')).code,
        (await attempt('delete: quota\n')).code,
      ];
      expect(codes).toEqual([65, 21, 65, 19, 17, 16]);
      const [entry] = await read(people.user.dn, ['mailbox', 'accountActive', 'quota']);
      expect(entry?.attributes).toEqual(
        new Map([
          ['mailbox', ['one.example/user/']],
          ['accountActive', ['TRUE']],
        ]),
      );
    });

    test('ldapcompare tells true from false', async () => {
      const compare = (assertion: string, identity: Identity | undefined = undefined) =>
        tool('ldapcompare', identity, [people.user.dn, assertion]);
      expect((await compare('mailbox:one.example/user/')).code).toBe(6);
      expect((await compare('mailbox:one.example/User/')).code).toBe(5);
      expect((await compare('mail:USER@ONE.EXAMPLE')).code).toBe(6);
      expect((await compare('quota:1')).code).toBe(16);
      expect((await compare('userPassword:x')).code).toBe(50);
    });

    test('ldapmodrdn renames, in place and to another domain', async () => {
      const add = await tool('ldapadd', asManager, [], account('rename@one.example'));
      expect(add.code).toBe(0);
      const old = `mail=rename@one.example,${domainDn('one.example')}`;
      const renamed = await tool('ldapmodrdn', asManager, ['-r', old, 'mail=renamed@one.example']);
      const moved = await tool('ldapmodrdn', asManager, [
        '-s',
        domainDn('two.example'),
        `mail=renamed@one.example,${domainDn('one.example')}`,
        'mail=renamed@two.example',
      ]);
      const onto = await tool('ldapmodrdn', asManager, ['-r', people.user.dn, `mail=${people.neighbour.mail}`]);
      expect([renamed.code, moved.code, onto.code]).toEqual([0, 0, 68]);
      const [entry] = await read(`mail=renamed@two.example,${domainDn('two.example')}`, ['mail']);
      expect(entry?.attributes.get('mail')?.toSorted()).toEqual(['renamed@one.example', 'renamed@two.example']);
      await expect(read(old)).rejects.toThrow('No such object (32)');
    });

    test('ldappasswd: by oneself, by the postmaster, by a stranger, generated', async () => {
      const whoami = (dn: string, password: string) => tool('ldapwhoami', { dn, password }, []);
      const { dn } = people.neighbour;

      const own = await tool('ldappasswd', people.neighbour, ['-s', 'first', '-a', people.neighbour.password]);
      expect(own).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await whoami(dn, 'first')).code).toBe(0);
      expect((await whoami(dn, people.neighbour.password)).code).toBe(49);

      expect((await tool('ldappasswd', people.postmaster, ['-s', 'second', dn])).code).toBe(0);
      expect((await whoami(dn, 'second')).code).toBe(0);
      expect((await tool('ldappasswd', people.otherPostmaster, ['-s', 'third', dn])).code).not.toBe(0);
      expect((await whoami(dn, 'third')).code).toBe(49);

      const generated = await tool('ldappasswd', asManager, [dn]);
      const password = /^New password: (\S+)$/m.exec(generated.stdout)?.[1] ?? '';
      expect(password.length).toBeGreaterThanOrEqual(8);
      expect((await whoami(dn, password)).code).toBe(0);
      const [entry] = await read(dn, ['userPassword'], asManager);
      expect(entry?.attributes.get('userPassword')?.[0]).toMatch(/^\{SSHA\}/);
    });

    test('ldapdelete: a leaf, a tree with -r, and neither a parent nor what is not there', async () => {
      expect((await tool('ldapdelete', asManager, [domainDn('off.example')])).code).toBe(66);
      expect((await tool('ldapdelete', asManager, [`mail=someone@off.example,${domainDn('off.example')}`])).code).toBe(0);
      expect((await tool('ldapdelete', asManager, [`mail=someone@off.example,${domainDn('off.example')}`])).code).toBe(32);
      expect((await tool('ldapdelete', asManager, ['-r', domainDn('off.example')])).code).toBe(0);
      await expect(read(domainDn('off.example'))).rejects.toThrow('No such object (32)');
    });

    test('what was written outlives a restart', async () => {
      const before = await ldapSearch(server, asManager, ['-b', suffix, '(objectClass=*)', '*', '+']);
      await server.halt();
      await server.resume();
      const after = await ldapSearch(server, asManager, ['-b', suffix, '(objectClass=*)', '*', '+']);
      expect(after).toEqual(before);
      expect(after.length).toBeGreaterThan(25);
    });
  },
);
