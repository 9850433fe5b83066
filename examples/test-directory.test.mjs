/**
 * A directory for the integration tests of your own program: in memory, on a free port, thrown away afterwards.
 *
 *     node --test examples/test-directory.test.mjs
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Client } from 'ldapts';
import { createServer, openDirectory } from 'jammd';

const suffix = 'dc=example,dc=org';
const tree = `
dn: ${suffix}
objectClass: domain
dc: example

dn: ou=people,${suffix}
objectClass: organizationalUnit

dn: uid=ann,ou=people,${suffix}
objectClass: inetOrgPerson
cn: Ann
sn: Example
mail: ann@example.org
userPassword: secret
`;

let directory;
let url;

before(async () => {
  directory = await openDirectory({
    memory: true,
    configText: `
      include core.schema
      include cosine.schema
      include inetorgperson.schema
      database mdb
      suffix "${suffix}"
      rootdn "cn=admin,${suffix}"
      directory "unused"
      index objectClass,mail eq
      access to attrs=userPassword by anonymous auth by * none
      access to * by * read
    `.replace(/^ +/gm, ''),
  });
  [url] = await createServer(directory).listen('ldap://127.0.0.1:0/');
});

after(() => directory.close());

// Each test starts from the same tree.
beforeEach(async () => {
  const root = directory.root();
  const entries = await root
    .search(suffix, { attributes: ['1.1'] })
    .toArray()
    .catch(() => []);
  for (const { dn } of entries.reverse()) await root.delete(dn);
  await directory.importLdif(tree);
});

test('people can log in with their passwords', async () => {
  const client = new Client({ url });
  await client.bind(`uid=ann,ou=people,${suffix}`, 'secret');
  await assert.rejects(client.bind(`uid=ann,ou=people,${suffix}`, 'wrong'), { code: 49 });
  await client.unbind();
});

test('people are found by their addresses', async () => {
  const client = new Client({ url });
  const { searchEntries } = await client.search(suffix, { filter: '(mail=ann@example.org)' });
  assert.deepEqual(
    searchEntries.map(({ cn }) => cn),
    ['Ann'],
  );
  await client.unbind();
});
