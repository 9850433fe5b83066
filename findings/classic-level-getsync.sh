#!/bin/sh
# classic-level 3.0.0: getSync() can look up a shortened key, and answer with another key's value.
#
# getSync() writes string keys into a buffer that is reused, and that is enlarged when a key has filled it. A key whose last
# character takes several bytes may leave a byte free and yet not fit: the buffer is not enlarged, and the key is looked
# up without that character. After getSync('a') the buffer has 65 bytes. get() is not affected.
#
# Seen, with the keys 64 x and 64 x + é in the database:
#   get: long, getSync: short
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund classic-level@3.0.0
cat >probe.mjs <<'JS'
import { ClassicLevel } from 'classic-level';

const database = new ClassicLevel('database');
await database.open();
const short = 'x'.repeat(64);
await database.put(short, 'short');
await database.put(`${short}é`, 'long');
database.getSync('a');
console.log(`get: ${await database.get(`${short}é`)}, getSync: ${database.getSync(`${short}é`)}`);
await database.close();
JS
output=$(node probe.mjs)
printf '%s\n' "$output"
[ "$output" = 'get: long, getSync: short' ]
