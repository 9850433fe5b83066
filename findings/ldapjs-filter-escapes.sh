#!/bin/sh
# ldapjs 3.0.7 (client): escapes in a filter string (RFC 4515) are sent as they are written.
#
# `(cn=a\2ab)` asserts the value a*b. The client sends the five characters a\2ab, so nothing matches. A filter built as
# an object (new EqualityFilter) is not affected.
#
# Seen:
#   (cn=a\2ab) asserts a\2ab
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ldapjs@3.0.7
cat >probe.mjs <<'JS'
import { createServer } from 'node:net';
import ldapjs from 'ldapjs';

const filter = '(cn=a\\2ab)';
const listener = createServer((socket) => {
  socket.once('data', (bytes) => {
    const at = bytes.indexOf(Buffer.from([0x04, 0x02, 0x63, 0x6e, 0x04])) + 5;
    console.log(`${filter} asserts ${bytes.subarray(at + 1, at + 1 + bytes[at]).toString()}`);
    process.exit();
  });
}).listen(0, '127.0.0.1', () => {
  const client = ldapjs.createClient({ url: [`ldap://127.0.0.1:${listener.address().port}`] });
  client.on('error', () => undefined);
  client.on('connect', () => client.search('dc=x', { filter }, () => undefined));
});
setTimeout(() => process.exit(1), 10_000);
JS
output=$(node --no-warnings probe.mjs)
printf '%s\n' "$output"
[ "$output" = '(cn=a\2ab) asserts a\2ab' ]
