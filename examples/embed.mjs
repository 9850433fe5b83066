/**
 * A directory inside an application: it is opened with the application, asked in the same process, and served to mail
 * programs on a port.
 *
 *     node examples/embed.mjs [folder]
 */
import { createServer, LdapError, openDirectory, ResultCode } from 'jammd';

const folder = process.argv[2] ?? 'example-data';
const suffix = 'dc=example,dc=org';
const domain = `jvd=example.org,o=hosting,${suffix}`;

const directory = await openDirectory({ folder, suffix, onWarning: (warning) => console.error(warning) });
const server = createServer(directory);
try {
  await seed();
  const dn = `mail=ann@example.org,${domain}`;

  // Somebody's own view: access rules hold, so this one may change her own entry and not read others' passwords.
  const ann = await directory.bind(dn, 'correct horse');
  await ann.modify(dn, [{ operation: 'replace', type: 'description', values: 'Changed by herself' }]);
  console.log(`${ann.identity}: ${(await ann.read(dn))?.value('description')}`);

  // The program's own view, above all access rules.
  for await (const entry of directory.root().search(domain, { scope: 'one', filter: '(objectClass=JammMailAccount)' })) {
    console.log(`${entry.value('mail')} has its mail in ${entry.value('mailbox')}`);
  }

  // And everybody else's, over the network.
  const [url] = await server.listen('ldap://127.0.0.1:0/');
  console.log(`ldapsearch -x -H ${url} -b ${suffix} mail=ann@example.org mailbox`);
} finally {
  await directory.close();
}

/** What the tree must have; a second run finds it there. */
async function seed() {
  const root = directory.root();
  const common = { accountActive: 'TRUE', lastChange: '0', delete: 'FALSE' };
  await add(suffix, { objectClass: ['top', 'domain'], dc: 'example' });
  await add(`o=hosting,${suffix}`, { objectClass: ['top', 'organization'], o: 'hosting' });
  await add(domain, { objectClass: ['top', 'JammVirtualDomain'], editAccounts: 'TRUE', editPostmasters: 'TRUE', ...common });
  const dn = `mail=ann@example.org,${domain}`;
  await add(dn, {
    objectClass: ['top', 'JammMailAccount'],
    homeDirectory: '/home/vmail/domains',
    mailbox: 'example.org/ann/',
    ...common,
  });
  await root.changePassword({ dn, newPassword: 'correct horse' });

  async function add(name, attributes) {
    try {
      await root.add(name, attributes);
    } catch (error) {
      if (!(error instanceof LdapError && error.code === ResultCode.entryAlreadyExists)) throw error;
    }
  }
}
