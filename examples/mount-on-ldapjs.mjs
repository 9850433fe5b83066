/**
 * A directory on an ldapjs server that a program runs already, beside a route of its own.
 *
 *     node examples/mount-on-ldapjs.mjs
 */
import ldapjs from 'ldapjs';
import { Client } from 'ldapts';
import { openDirectory } from 'jammd';
import { mountDirectory } from 'jammd/ldapjs';

const suffix = 'dc=example,dc=org';
const directory = await openDirectory({ memory: true, suffix });
await directory.root().add(suffix, { objectClass: ['top', 'domain'], dc: 'example', description: 'From the directory' });

const server = ldapjs.createServer();
server.search('o=status', (request, response, next) => {
  response.send({ dn: 'o=status', attributes: { objectclass: ['organization'], o: 'status', description: 'From the program' } });
  response.end();
  return next();
});
mountDirectory(server, directory, { onError: (error) => console.error(error.message) });
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const client = new Client({ url: server.url });
for (const base of [suffix, 'o=status']) {
  const { searchEntries } = await client.search(base, { scope: 'base' });
  console.log(`${base}: ${searchEntries[0]?.description}`);
}
await client.unbind();

// The server first: then nobody asks a directory that is closed.
await new Promise((resolve) => server.close(resolve));
await directory.close();
