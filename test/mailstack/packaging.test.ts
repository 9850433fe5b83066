/** The systemd units: systemd's own check of them, and the script that tells when the server is ready. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultServerLimits } from '../../src/config/limits.js';
import { PduFramer } from '../../src/protocol/framing.js';
import { RequestDecoder } from '../../src/protocol/request-decoder.js';
import { root } from '../commands/jammd.js';
import { pause } from '../robustness/jammd-server.js';
import { presentConfig } from '../support/howto.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { startJammd } from '../support/reference-server.js';

let folder: string;

beforeEach(async () => {
  folder = await makeFolder('packaging');
});

afterEach(() => removeFolder(folder));

describe.skipIf(requirePrograms('systemd-analyze'))('jammd.service and jammd.socket', () => {
  /** The units with this tree in the place of /opt/jammd. */
  const unitsHere = async (): Promise<string[]> =>
    Promise.all(
      ['jammd.service', 'jammd.socket'].map(async (name) => {
        const unit = join(folder, name);
        await writeFile(unit, (await readFile(join(root, 'packaging', name), 'utf8')).replaceAll('/opt/jammd', root));
        return unit;
      }),
    );

  test('systemd finds nothing wrong with them', async () => {
    const { code, stdout, stderr } = await run('systemd-analyze', ['verify', ...(await unitsHere())]);
    const words = (stdout + stderr).split('\n').filter((line) => line.includes('jammd'));
    expect({ code, words }).toEqual({ code: 0, words: [] });
  });

  test('the service is shut in well', async () => {
    // Exposure as systemd counts it, in tenths: 0 is nothing, 100 everything.
    const [service] = await unitsHere();
    const { code, stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=18', service!]);
    expect(code, stdout).toBe(0);
  });
});

describe('wait-until-ready', () => {
  const program = join(root, 'packaging/wait-until-ready');

  test('waits for somebody who answers at the socket, not for one who only takes connections', async () => {
    const path = join(folder, 'socket');
    let waiting = true;
    const finished = run(process.execPath, [program, path]).finally(() => (waiting = false));
    await pause(300);
    let answers = false;
    const asked: Buffer[] = [];
    const server = createServer((socket) => {
      if (!answers) return void setTimeout(() => socket.destroy(), 100);
      socket.on('data', (chunk) => {
        asked.push(chunk);
        socket.write('answer');
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await pause(300);
    expect(waiting).toBe(true);
    answers = true;
    expect((await finished).code).toBe(0);
    const framer = new PduFramer(defaultServerLimits.pduBytesAnonymous);
    framer.push(asked[0]!);
    expect(framer.next()).toBe(true);
    const { request } = new RequestDecoder(defaultServerLimits).decode(framer.buffer, framer.start, framer.end);
    expect(request).toMatchObject({ op: 'search', scope: 'base', base: Buffer.alloc(0), attributes: ['1.1'] });
    server.close();
  });

  test('is content with jammd', async () => {
    const path = join(folder, 'ldapi');
    const jammd = await startJammd({ config: presentConfig, urls: [`ldapi://${encodeURIComponent(path)}`] });
    expect((await run(process.execPath, [program, path])).code).toBe(0);
    await jammd.stop();
  });
});
