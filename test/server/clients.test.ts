/** Independent clients against the server. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import ldapjs from 'ldapjs';
import { Client } from 'ldapts';
import { afterEach, describe, expect, it } from 'vitest';
import { startServer, stopServers, type TestServer } from './fake-directory.js';
import { requirePrograms } from '../support/programs.js';

afterEach(stopServers);

describe('ldapts', () => {
  it('binds, searches, updates, compares and unbinds', async () => {
    const { url, directory } = await startServer();
    const client = new Client({ url });
    await client.bind('cn=Manager', 'secret');
    const { searchEntries } = await client.search('o=hosting', { filter: '(&(mail=jd@d.example)(!(cn=a*b)))' });
    expect(searchEntries).toEqual([{ dn: 'mail=jd@d.example,o=hosting', mail: 'jd@d.example', mailbox: 'd/jd' }]);
    expect(await client.compare('cn=x', 'mail', 'jd')).toBe(true);
    await client.add('cn=x', { cn: 'x', description: ['a', 'b'] });
    await client.modifyDN('cn=x', 'cn=y');
    await client.del('cn=y');
    await expect(client.bind('cn=Manager', 'wrong')).rejects.toMatchObject({ code: 49 });
    await client.unbind();
    expect(directory.sessions[0]!.seen.map(({ op }) => op)).toEqual([
      'bind',
      'search',
      'compare',
      'add',
      'modifyDN',
      'delete',
      'bind',
    ]);
  });
});

describe("ldapjs's client", () => {
  it('binds, searches and unbinds', async () => {
    const { url } = await startServer();
    const client = ldapjs.createClient({ url });
    await promisify((name: string, password: string, done: (error: Error | null) => void) => client.bind(name, password, done))(
      'cn=Manager',
      'secret',
    );
    const names = await new Promise<string[]>((resolve, reject) => {
      client.search('o=hosting', { scope: 'sub', filter: '(mail=jd@d.example)' }, (error, response) => {
        if (error) return reject(error);
        const found: string[] = [];
        response.on('searchEntry', (entry) => found.push(entry.objectName?.toString() ?? ''));
        response.on('error', reject);
        response.on('end', () => resolve(found));
      });
    });
    expect(names).toEqual(['mail=jd@d.example,o=hosting']);
    await new Promise<void>((resolve) => client.unbind(() => resolve()));
  });
});

describe.skipIf(requirePrograms('ldapsearch'))('ldapsearch', () => {
  it('reads entries, and goes on where StartTLS is optional and not there', async () => {
    const { url }: TestServer = await startServer();
    const search = promisify(execFile)('ldapsearch', ['-x', '-LLL', '-Z', '-H', url, '-b', 'o=hosting', '(mail=x)', 'mail']);
    expect((await search).stdout).toBe('dn: mail=jd@d.example,o=hosting\nmail: jd@d.example\nmailbox: d/jd\n\n');
  });
});
