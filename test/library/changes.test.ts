/** Change notifications: every write, in order, whole, on disk. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ResultCode, type Change, type Directory } from '../../src/index.js';
import { people } from '../support/hosting-tree.js';
import { account, failureOf, hosting, manager, one, openHosting } from './support.js';

let directory: Directory;

beforeEach(async () => {
  directory = await openHosting();
});

afterEach(() => directory.close());

const describe_ = { operation: 'replace', type: 'description' } as const;

test('each kind of write tells who did it and the entry before and after', async () => {
  const told: Change[] = [];
  directory.onChange((change) => told.push(change));
  const root = directory.root();
  const dn = `mail=new@one.example,${one}`;
  await root.add(dn, account('new@one.example'));
  await root.modify(dn, [{ ...describe_, values: 'x' }]);
  await root.changePassword({ dn, newPassword: 'pw' });
  await root.rename(dn, { newRDN: 'mail=newer@one.example' });
  await root.delete(`mail=newer@one.example,${one}`);
  await directory.as(people.user.dn).modify(people.user.dn, [{ ...describe_, values: 'own' }]);
  expect(told.map((change) => change.kind)).toEqual(['add', 'modify', 'modify', 'rename', 'delete', 'modify']);
  const [added, modified, password, renamed, deleted, own] = told;
  expect(added).toMatchObject({ dn, author: manager });
  expect(added?.kind === 'add' && added.after.value('entryUUID')).toBeTruthy();
  expect(modified?.kind === 'modify' && [modified.before.has('description'), modified.after.value('description')]).toEqual([
    false,
    'x',
  ]);
  expect(password?.kind === 'modify' && password.after.value('userPassword')).toMatch(/^\{SSHA\}/);
  expect(renamed).toMatchObject({ dn, newDN: `mail=newer@one.example,${one}` });
  expect(deleted?.kind === 'delete' && deleted.before.value('description')).toBe('x');
  expect(own).toMatchObject({ author: people.user.dn });
});

test('a write that fails tells nothing', async () => {
  const told: Change[] = [];
  directory.onChange((change) => told.push(change));
  await failureOf(() => directory.root().delete(hosting));
  await failureOf(() => directory.as(people.user.dn).delete(people.neighbour.dn));
  expect(told).toEqual([]);
});

test('the listener hears before the writer does, and the change can be read', async () => {
  const events: string[] = [];
  directory.onChange((change) => void (change.kind === 'modify' && events.push(`told ${change.after.value('description')!}`)));
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      directory
        .root()
        .modify(people.user.dn, [{ ...describe_, values: String(index) }])
        .then(() => events.push(`resolved ${index}`)),
    ),
  );
  for (let index = 0; index < 20; index++) {
    expect(events.indexOf(`told ${index}`)).toBeLessThan(events.indexOf(`resolved ${index}`));
    if (index > 0) expect(events.indexOf(`told ${index - 1}`)).toBeLessThan(events.indexOf(`told ${index}`));
  }
});

test('a subtree is told as one rename', async () => {
  const told: Change[] = [];
  directory.onChange((change) => told.push(change));
  await directory.root().rename(one, { newRDN: 'jvd=uno.example' });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ kind: 'rename', dn: one, newDN: `jvd=uno.example,${hosting}` });
});

test('an import is told as a whole; a dry run is not', async () => {
  const told: Change[] = [];
  directory.onChange((change) => told.push(change));
  const ldif = `dn: cn=a,${hosting}\nobjectClass: organizationalRole\ncn: a\n`;
  await directory.importLdif(ldif, { dryRun: true });
  await directory.importLdif(ldif);
  expect(told).toEqual([{ kind: 'import', suffix: 'dc=myhosting,dc=example', entries: 1 }]);
});

test('a listener that throws disturbs nobody; one that was ended hears nothing', async () => {
  const told: string[] = [];
  const warned = new Promise((resolve) => process.once('warning', resolve));
  directory.onChange(() => {
    throw new Error('a listener of no good');
  });
  const end = directory.onChange(({ kind }) => told.push(`ended ${kind}`));
  directory.onChange(({ kind }) => told.push(kind));
  end();
  await directory.root().modify(people.user.dn, [{ ...describe_, values: 'x' }]);
  expect(told).toEqual(['modify']);
  expect(String(await warned)).toContain('a listener of no good');
});

test('changes() gives all of them in order, and ends with the directory', async () => {
  const stream = directory.changes();
  const read = (async () => {
    const seen: (string | undefined)[] = [];
    for await (const change of stream) if (change.kind === 'modify') seen.push(change.after.value('description'));
    return seen;
  })();
  for (let index = 0; index < 50; index++) {
    await directory.root().modify(people.user.dn, [{ ...describe_, values: String(index) }]);
  }
  await directory.close();
  expect(await read).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
});

test('a reader that falls behind gets what was kept, then the error', async () => {
  const stream = directory.changes({ waitingMax: 3 });
  for (let index = 0; index < 5; index++) {
    await directory.root().modify(people.user.dn, [{ ...describe_, values: String(index) }]);
  }
  for (let index = 0; index < 3; index++) expect((await stream.next()).done).toBe(false);
  expect((await failureOf(() => stream.next())).code).toBe(ResultCode.busy);
  expect((await stream.next()).done).toBe(true);
});

test('a stream that was left takes nothing more', async () => {
  const stream = directory.changes();
  const waiting = stream.next();
  await stream.return();
  expect((await waiting).done).toBe(true);
  await directory.root().modify(people.user.dn, [{ ...describe_, values: 'x' }]);
  expect((await stream.next()).done).toBe(true);
});
