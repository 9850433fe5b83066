#!/bin/sh
# ldapts 8.2.0: a search with a sizeLimit that the server cuts off resolves as if it were complete.
#
# The server holds three entries. Asked for at most two, it sends two and ends with sizeLimitExceeded (4). search()
# resolves, and nothing in the result says that there are more. Without a sizeLimit of its own, the same code rejects.
#
# Seen (the server is ldapjs 3.0.7):
#   sizeLimit 2: resolved with 2 entries and the keys searchEntries, searchReferences
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ldapts@8.2.0 ldapjs@3.0.7
cat >probe.mjs <<'JS'
import ldapjs from 'ldapjs';
import { Client } from 'ldapts';

const server = ldapjs.createServer();
server.on('error', () => undefined);
server.search('dc=x', (request, response, next) => {
  for (let n = 0; n < 2; n++) response.send({ dn: `cn=${n},dc=x`, attributes: { objectclass: 'person', cn: `${n}` } });
  response.end(4);
  next();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new Client({ url: `ldap://127.0.0.1:${server.address().port}` });
try {
  const result = await client.search('dc=x', { filter: '(objectclass=*)', sizeLimit: 2 });
  console.log(`resolved with ${result.searchEntries.length} entries and the keys ${Object.keys(result).join(', ')}`);
} catch (error) {
  console.log(`rejected with ${error.code}`);
}
process.exit();
JS
output=$(node --no-warnings probe.mjs | grep -E '^(resolved|rejected)')
printf 'sizeLimit 2: %s\n' "$output"
[ "$output" = 'resolved with 2 entries and the keys searchEntries, searchReferences' ]
