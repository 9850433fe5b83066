/**
 * A process that is killed in the middle of writing: what it said was written is there, of the rest each write is there
 * as a whole or not at all, and indexes, tree and counters agree with the entries.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { collect, openStore, temporaryFolder } from './fixture.js';
import { transpileStore } from './transpiled.js';

/** Each write adds a pair of entries or removes one; `+n` and `-n` on standard output once it is on disk. */
const program = `
import { DN } from './dn/dn.js';
import { EntryDraft } from './entry/draft.js';
import { defaultSchema } from './schema/default.js';
import { Store } from './store/store.js';

const schema = defaultSchema();
const at = (text) => schema.attributeDescription(text);
const indexes = ['mail', 'cn'].map((name) => ({ description: at(name), kinds: new Set(['pres', 'eq', 'sub']) }));
const store = await Store.open({ location: process.argv[2], schema, indexes });
const round = process.argv[3];

function draft(dn, values) {
  const entry = new EntryDraft(DN.parse(dn, schema));
  for (const [type, value] of Object.entries(values)) entry.set(at(type), [Buffer.from(value)]);
  return entry;
}

if (!store.idOf('dc=example')) await store.write((tx) => tx.insert(draft('dc=example', { dc: 'example' }), 0, 0));
process.stdout.write('ready\\n');

async function client(number) {
  for (let n = 0; ; n++) {
    const name = 'r' + round + 'c' + number + 'n' + n;
    await store.write((tx) => {
      const entry = draft('cn=' + name + ',dc=example', { cn: name, mail: name + '@example' });
      const parent = tx.insert(entry, tx.idOf('dc=example'), 0);
      tx.insert(draft('cn=below,cn=' + name + ',dc=example', { cn: 'below', mail: 'below@' + name }), parent.id, 0);
    });
    process.stdout.write('+' + name + '\\n');
    if (n % 3 === 2) {
      await store.write((tx) => {
        tx.remove(tx.entryByNdn('cn=below,cn=' + name + ',dc=example'));
        tx.remove(tx.entryByNdn('cn=' + name + ',dc=example'));
      });
      process.stdout.write('-' + name + '\\n');
    }
  }
}
for (let number = 0; number < 6; number++) void client(number);
`;

it('loses nothing it has acknowledged, and halves nothing', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'src'));
  await transpileStore(folder);
  await writeFile(join(folder, 'src/crash.js'), program);
  const location = join(folder, 'db');
  const acknowledged = new Map<string, boolean>();
  for (let round = 0; round < 6; round++) {
    await writeUntilKilled(folder, location, round, acknowledged);
    await expectSound(location, acknowledged);
  }
  expect(acknowledged.size).toBeGreaterThan(50);
}, 120_000);

async function writeUntilKilled(
  folder: string,
  location: string,
  round: number,
  acknowledged: Map<string, boolean>,
): Promise<void> {
  const child = spawn(process.execPath, [join(folder, 'src/crash.js'), location, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    if (line === 'ready') setTimeout(() => child.kill('SIGKILL'), 30 + Math.random() * 250);
    else acknowledged.set(line.slice(1), line.startsWith('+'));
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

async function expectSound(location: string, acknowledged: ReadonlyMap<string, boolean>): Promise<void> {
  const store = await openStore({ location });
  const problems: string[] = [];
  await store.verify(({ message }) => problems.push(message));
  expect(problems).toEqual([]);
  const names = new Set((await collect(store.scan())).map(({ ndn }) => ndn));
  for (const name of names) {
    const pair = /^cn=(below,cn=)?(r\d+c\d+n\d+),/.exec(name)?.[2];
    if (!pair) continue;
    expect(names.has(`cn=${pair},dc=example`) && names.has(`cn=below,cn=${pair},dc=example`), pair).toBe(true);
  }
  for (const [name, present] of acknowledged) {
    const found = names.has(`cn=${name},dc=example`);
    // A removal may have reached the disk without word of it having reached us.
    if (present && !isLastOfThree(name)) expect(found, name).toBe(true);
    if (!present) expect(found, name).toBe(false);
  }
  await store.close();
}

function isLastOfThree(name: string): boolean {
  return Number(/n(\d+)$/.exec(name)![1]) % 3 === 2;
}
