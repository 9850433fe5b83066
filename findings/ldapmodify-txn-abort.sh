#!/bin/sh
# ldapmodify of OpenLDAP 2.5.13 (Debian 12): with -E txn=abort, changes are made for good where the server has no transactions.
#
# `-E txn=abort` asks for a transaction (RFC 5805) that is given up at the end, so that nothing is changed. If the server does not
# know transactions, ldapmodify says so and goes on without one. Given as critical (`-E '!txn=abort'`), it stops instead.
#
# Seen (the server is ldapjs 3.0.7, which knows no transactions):
#   txn=abort: exit 0, 1 entry added
#   !txn=abort: exit 1, 0 entries added
#
# Needs apt-get with the sources of Debian 12 and dpkg-deb, besides Node.js and npm; nothing is installed on the machine.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq ldap-utils=2.5.13+dfsg-5 libldap-2.5-0=2.5.13+dfsg-5 libsasl2-2 >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -dumpmachine)
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ldapjs@3.0.7
cat >server.mjs <<'JS'
import { appendFileSync, writeFileSync } from 'node:fs';
import ldapjs from 'ldapjs';

const server = ldapjs.createServer();
server.on('error', () => undefined);
server.add('o=test', (request, response, next) => {
  appendFileSync('added', `${request.dn}\n`);
  response.end();
  next();
});
server.listen(0, '127.0.0.1', () => writeFileSync('port', String(server.address().port)));
JS
node --no-warnings server.mjs >/dev/null 2>&1 &
server=$!
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -s port ] && break
  sleep 0.5
done
printf 'dn: ou=a,o=test\nchangetype: add\nobjectClass: organizationalUnit\nou: a\n' >change.ldif
try() {
  : >added
  code=0
  LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/ldapmodify -x -H "ldap://127.0.0.1:$(cat port)" -E "$1" -f change.ldif \
    >output 2>&1 || code=$?
  echo "$code $(wc -l <added)"
}
first=$(try txn=abort)
echo "txn=abort: exit ${first% *}, ${first#* } entry added"
second=$(try '!txn=abort')
echo "!txn=abort: exit ${second% *}, ${second#* } entries added"
[ "$first" = '0 1' ]
[ "$second" = '1 0' ]
