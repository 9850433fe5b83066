/**
 * Follows a directory: a cache that is always in step with it, and a log of who changed what.
 *
 *     node examples/stream-changes.mjs
 */
import { openDirectory } from 'jammd';

const suffix = 'dc=example,dc=org';
const directory = await openDirectory({ memory: true, suffix });

// A listener hears of a change before the write that made it resolves: what it keeps is never behind.
const descriptions = new Map();
directory.onChange((change) => {
  if (change.kind === 'delete') descriptions.delete(change.dn);
  if (change.kind === 'rename') descriptions.delete(change.dn);
  if ('after' in change) descriptions.set(change.after.dn, change.after.value('description'));
});

// A stream is read at its reader's pace, and ends when the directory closes.
const log = logChanges(directory.changes());

const root = directory.root();
await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'example' });
await root.add(`ou=people,${suffix}`, { objectClass: 'organizationalUnit' });
await root.modify(`ou=people,${suffix}`, [{ operation: 'add', type: 'description', values: 'Everybody' }]);
console.log(`in the cache: ${descriptions.get(`ou=people,${suffix}`)}`);
await root.rename(`ou=people,${suffix}`, { newRDN: 'ou=staff' });
await root.delete(`ou=staff,${suffix}`);
console.log(`in the cache: ${descriptions.size}`);

await directory.close();
await log;

async function logChanges(changes) {
  for await (const change of changes) {
    const to = change.kind === 'rename' ? ` to ${change.newDN}` : '';
    console.log(`${change.author}: ${change.kind} ${change.dn}${to}`);
  }
}
