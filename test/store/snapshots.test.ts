/** What a snapshot shows must not change, whatever is written before, while and after it is taken. */
import { expect, it, onTestFinished } from 'vitest';
import { Database, defaultDatabaseOptions } from '../../src/store/level/database.js';
import { temporaryFolder } from './fixture.js';

async function openDatabase(): Promise<Database> {
  const database = await Database.open(await temporaryFolder(), { ...defaultDatabaseOptions, durable: false });
  onTestFinished(() => database.close());
  return database;
}

function write(database: Database, value: string): Promise<void> {
  const batch = database.batch();
  batch.put('x', Buffer.from(value));
  return batch.write({ sync: false });
}

it('shows what was there when it was taken, before and after a write', async () => {
  const database = await openDatabase();
  await write(database, 'old');
  const snapshot = database.snapshot();
  expect(database.getAt(snapshot, 'x')?.toString()).toBe('old');
  await write(database, 'new');
  expect(database.getAt(snapshot, 'x')?.toString()).toBe('old');
  expect(database.get('x')?.toString()).toBe('new');
  await snapshot.close();
});

it('shows the same all the time where it is taken while a write is under way', async () => {
  const database = await openDatabase();
  await write(database, '0');
  for (let round = 1; round <= 200; round++) {
    const settled = database.get('x')?.toString();
    const before = database.snapshot();
    const written = write(database, String(round));
    const during = database.snapshot();
    const shown = database.getAt(during, 'x')?.toString();
    // The write is done on another thread, and told here only after this turn of the event loop.
    for (const end = performance.now() + 5; performance.now() < end && database.get('x')?.toString() === settled;);
    expect(database.getAt(before, 'x')?.toString()).toBe(settled);
    expect(database.getAt(during, 'x')?.toString()).toBe(shown);
    await written;
    expect(database.getAt(during, 'x')?.toString()).toBe(shown);
    await Promise.all([before.close(), during.close()]);
  }
});
