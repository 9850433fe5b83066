#!/bin/sh
# ldapts 8.2.0: escaped octets of a filter string (RFC 4515) beyond ASCII are taken for characters and encoded again.
#
# `(cn=\c3\a4)` asserts the two octets c3 a4, the letter ä in UTF-8. ldapts sends four, c3 83 c2 a4. The letter
# itself in the filter string is sent correctly.
#
# Seen:
#   (cn=\c3\a4) asserts c383c2a4
#   (cn=ä) asserts c3a4
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ldapts@8.2.0
cat >probe.mjs <<'JS'
import { createServer } from 'node:net';
import { Client } from 'ldapts';

/** The assertion value of the first request that comes: what follows the OCTET STRING "cn". */
const assertion = (filter) =>
  new Promise((resolve) => {
    const listener = createServer((socket) => {
      socket.once('data', (bytes) => {
        const at = bytes.indexOf(Buffer.from([0x04, 0x02, 0x63, 0x6e, 0x04])) + 5;
        resolve(bytes.subarray(at + 1, at + 1 + bytes[at]).toString('hex'));
        socket.destroy();
        listener.close();
      });
    }).listen(0, '127.0.0.1', () => {
      const client = new Client({ url: `ldap://127.0.0.1:${listener.address().port}` });
      client.search('dc=x', { filter }).catch(() => undefined);
    });
  });

for (const filter of ['(cn=\\c3\\a4)', '(cn=ä)']) console.log(`${filter} asserts ${await assertion(filter)}`);
process.exit();
JS
output=$(node --no-warnings probe.mjs)
printf '%s\n' "$output"
[ "$output" = '(cn=\c3\a4) asserts c383c2a4
(cn=ä) asserts c3a4' ]
