import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { statusLines } from '../../src/commands/status-text.js';
import type { StatusAnswer } from '../../src/control/client.js';
import { ControlServer } from '../../src/control/server.js';
import type { Directory } from '../../src/directory/directory.js';
import { databaseFigures } from '../../src/directory/figures.js';
import { createServer } from '../../src/server/server.js';
import { Client, fill, openDirectory } from '../directory/support.js';
import { ControlClient } from './control-client.js';

let directory: Directory;
let control: ControlServer;
afterEach(async () => {
  await control.close();
  await directory.close();
});

it('tells of indexes that are being built, and that searches do without them', async () => {
  directory = await openDirectory();
  await fill(new Client(directory));
  const logger = pino({ level: 'silent' });
  control = await ControlServer.open({
    directory,
    server: createServer({ directory, config: directory.config, logger }),
    logger,
  });
  const [database] = directory.databases;
  const { store } = database!;
  const status = async (): Promise<StatusAnswer> => {
    const client = await ControlClient.connect(store.folder);
    return (await client.ask('status').untilClosed()).json('end') as unknown as StatusAnswer;
  };
  const before = await status();
  expect(before.databases[0]!.indexes).toMatchObject({ pending: [] });
  expect(before.databases[0]!.indexes.building).toBeUndefined();

  let during: StatusAnswer | undefined;
  await store.reindex({
    scope: 'indexes',
    onProgress: () => {
      const told = JSON.parse(JSON.stringify(databaseFigures(database!))) as StatusAnswer['databases'][number];
      during = { ...before, databases: [told] };
    },
  });
  const { built, pending, building } = during!.databases[0]!.indexes;
  expect([built, pending]).toEqual([[], before.databases[0]!.indexes.built]);
  expect(building).toMatchObject({ done: store.entryCount, total: store.entryCount });
  expect(statusLines(during!).join('\n')).toMatch(/indexes +none\n +being built for .*: (\d+) of \1 entries\n/);

  const after = await status();
  expect(after.databases[0]!.indexes).toEqual(before.databases[0]!.indexes);
});
