/** What the verification of a database says of its change log, whole and with each thing that may be wrong with it. */
import { expect, it } from 'vitest';
import { CsnSet } from '../../src/ldap/csn.js';
import { logKey, metaKeys } from '../../src/store/level/keys.js';
import type { Store } from '../../src/store/store.js';
import { draft, openStore, reopenStore, temporaryFolder } from './fixture.js';
import { withLevel } from './level.js';

const changeLog = { changesMax: 8, bytesMax: 1 << 20 };

function csn(number: number): string {
  return `20261201100000.${String(number).padStart(6, '0')}Z#000000#000#000000`;
}

/** Changes 1 to 10, of which the log holds the last eight. */
async function filled(): Promise<Store> {
  const store = await openStore({ location: await temporaryFolder(), changeLog });
  await store.write((tx) => {
    tx.resetLog();
    tx.noteContext(csn(0));
  });
  for (let n = 1; n <= 10; n++) await store.write((tx) => void tx.insert(draft(`cn=${n}`, { cn: 'x', entryCSN: csn(n) }), 0, 0));
  return store;
}

type Level = Parameters<Parameters<typeof withLevel>[1]>[0];

async function problemsAfter(damage: (level: Level, first: number) => Promise<void>): Promise<string[]> {
  const store = await filled();
  const { first } = store.log;
  await store.close();
  await withLevel(store.folder, (level) => damage(level, first));
  const again = await reopenStore(store, { changeLog });
  const problems: string[] = [];
  await again.verify(({ about, message }) => problems.push(`${about}: ${message}`));
  return problems;
}

async function editState(level: Level, change: (state: Record<string, unknown>) => void): Promise<void> {
  const state = JSON.parse((await level.get(metaKeys.log))!.toString()) as Record<string, unknown>;
  change(state);
  await level.put(metaKeys.log, Buffer.from(JSON.stringify(state)));
}

it('finds nothing wrong with a whole one, trimmed and anew', async () => {
  expect(await problemsAfter(() => Promise.resolve())).toEqual([]);
  expect(await problemsAfter((level) => level.del(metaKeys.log))).toEqual([]);
});

it.each<[string, (level: Level, first: number) => Promise<void>, (first: number) => string[]]>([
  [
    'changes that are missing',
    async (level, first) => {
      for (const at of [first + 2, first + 3, first + 7]) await level.del(logKey(at));
    },
    (first) => [`changes ${first + 2} to ${first + 3} are missing`, `change ${first + 7} is missing`],
  ],
  [
    'a change that is damaged',
    async (level, first) => {
      const bytes = Buffer.from((await level.get(logKey(first + 1)))!);
      bytes[bytes.length - 3]! ^= 1;
      await level.put(logKey(first + 1), bytes);
    },
    (first) => [`change ${first + 1} of the change log is damaged`],
  ],
  [
    'changes in the wrong order',
    async (level, first) => {
      const [one, other] = [(await level.get(logKey(first + 1)))!, (await level.get(logKey(first + 2)))!];
      await level
        .batch()
        .put(logKey(first + 1), other)
        .put(logKey(first + 2), one)
        .write();
    },
    (first) => [`change ${first + 2} has the CSN ${csn(4)}, which does not come after ${csn(5)}`],
  ],
  [
    'a change beyond the end',
    async (level, first) => level.put(logKey(first + 8), (await level.get(logKey(first)))!),
    () => ['it holds a change beyond its end'],
  ],
  [
    'a wrong size',
    (level) => editState(level, (state) => (state['bytes'] = 5)),
    () => [expect.stringMatching(/^change log: it is recorded with 5 bytes; its changes have \d+$/) as string],
  ],
  [
    'positions that cannot be',
    (level) => editState(level, (state) => (state['next'] = 2)),
    () => ['it goes from change 4 to 2, which cannot be'],
  ],
  ['a state that cannot be read', (level) => level.put(metaKeys.log, Buffer.from('{')), () => ['its state cannot be read']],
  [
    'no beginning',
    (level) => editState(level, (state) => (state['base'] = null)),
    () => ['it holds changes, but not the context in which it begins'],
  ],
  [
    'a beginning after its changes',
    (level) => editState(level, (state) => (state['base'] = [csn(3)])),
    (first) => [`change ${first} has the CSN ${csn(3)}, which does not come after ${csn(3)}`],
  ],
  [
    'a context behind the changes and the entries',
    (level) => level.put(metaKeys.context, Buffer.from(csn(9))),
    () => [
      `the context is ${csn(9)}, and does not cover all changes in the log`,
      `the context is ${csn(9)}, and does not cover the entry with the CSN ${csn(10)}`,
    ],
  ],
  [
    'a context behind the beginning',
    (level) => level.put(metaKeys.context, Buffer.from(csn(1))),
    () => [
      `the context is ${csn(1)}, and does not cover the one in which the log begins`,
      `the context is ${csn(1)}, and does not cover the entry with the CSN ${csn(10)}`,
    ],
  ],
])('finds %s', async (_, damage, expected) => {
  let first = 0;
  const problems = await problemsAfter((level, at) => damage(level, (first = at)));
  expect(problems).toEqual(expected(first).map((one) => (typeof one === 'string' ? `change log: ${one}` : one)));
});

it('keeps nobody from writing who takes damaged changes off it', async () => {
  const store = await filled();
  const { first } = store.log;
  await store.close();
  await withLevel(store.folder, async (level) => {
    await level.put(logKey(first), Buffer.from('nothing'));
    await level.del(logKey(first + 2));
  });
  const again = await reopenStore(store, { changeLog });
  const write = (n: number): Promise<void> =>
    again.write((tx) => void tx.insert(draft(`cn=${n}`, { cn: 'x', entryCSN: csn(n) }), 0, 0));
  for (let n = 11; n <= 15; n++) await write(n);
  expect([again.log.first, again.log.next - again.log.first]).toEqual([first + 5, 8]);
  expect(again.log.positionAfter(CsnSet.of([csn(6)]))).toBeUndefined();
  expect(again.log.positionAfter(CsnSet.of([csn(15)]))).toBe(again.log.next);
});
