/** The systemd unit: systemd's own check of it, and the script that tells when the server is ready. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

let folder: string;

beforeEach(async () => {
  folder = await makeFolder('packaging');
});

afterEach(() => removeFolder(folder));

describe.skipIf(requirePrograms('systemd-analyze'))('jammd.service', () => {
  /** The unit with this tree in the place of /opt/jammd. */
  const unitHere = async (): Promise<string> => {
    const unit = join(folder, 'jammd.service');
    await writeFile(unit, (await readFile(join(root, 'packaging/jammd.service'), 'utf8')).replaceAll('/opt/jammd', root));
    return unit;
  };

  test('systemd finds nothing wrong with it', async () => {
    const { code, stdout, stderr } = await run('systemd-analyze', ['verify', await unitHere()]);
    const words = (stdout + stderr).split('\n').filter((line) => line.includes('jammd'));
    expect({ code, words }).toEqual({ code: 0, words: [] });
  });

  test('it is shut in well', async () => {
    // Exposure as systemd counts it, in tenths: 0 is nothing, 100 everything.
    const { code, stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=25', await unitHere()]);
    expect(code, stdout).toBe(0);
  });
});

describe('wait-until-ready', () => {
  const program = join(root, 'packaging/wait-until-ready');

  test('waits for somebody who answers at the socket', async () => {
    const path = join(folder, 'socket');
    const waiting = run(process.execPath, [program, path]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await waiting).code).toBe(0);
    server.close();
  });
});
