import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPasswordTrouble, verify, whyUnverifiable } from '../../src/password/password.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { findProgram, requirePrograms } from '../support/programs.js';

/** As little of IMAP as saslauthd's rimap asks for; tells what it was asked. */
function imapServer(asked: string[]): Server {
  return createServer((socket) => {
    socket.write('* OK ready\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const line = data.toString();
      const [tag = '*', command = ''] = line.trim().split(' ');
      if (command.toUpperCase() !== 'LOGIN') {
        socket.write(`* BYE\r\n${tag} OK\r\n`);
        return;
      }
      asked.push(line.trim());
      socket.write(line.includes('"anna@example.org"') && line.includes('"se\\"cret"') ? `${tag} OK\r\n` : `${tag} NO\r\n`);
    });
  });
}

describe.skipIf(requirePrograms('saslauthd'))('{SASL} asks a real saslauthd', () => {
  let folder: string;
  let imap: Server;
  let program: ChildProcess;
  const asked: string[] = [];
  const confPath = process.env['SASL_CONF_PATH'];

  beforeAll(async () => {
    folder = await makeFolder('saslauthd');
    imap = imapServer(asked).listen(0, '127.0.0.1');
    await new Promise((resolve) => imap.once('listening', resolve));
    const { port } = imap.address() as { port: number };
    const place = ['-O', `127.0.0.1/${port}`, '-m', folder, '-n', '2', '-r', '-d'];
    // In a process group of its own: it ends all of its group with itself.
    program = spawn(findProgram('saslauthd')!, ['-a', 'rimap', ...place], { stdio: 'ignore', detached: true });
    for (let round = 0; round < 200 && !existsSync(join(folder, 'mux')); round++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await writeFile(join(folder, 'slapd.conf'), `pwcheck_method: saslauthd\nsaslauthd_path: ${join(folder, 'mux')}\n`);
    process.env['SASL_CONF_PATH'] = `${join(folder, 'absent')}:${folder}`;
  });

  afterAll(async () => {
    if (confPath === undefined) delete process.env['SASL_CONF_PATH'];
    else process.env['SASL_CONF_PATH'] = confPath;
    program.kill('SIGTERM');
    imap.close();
    await removeFolder(folder);
  });

  const check = async (stored: string, offered: string): Promise<boolean> => verify(Buffer.from(stored), Buffer.from(offered));

  it('which decides', async () => {
    expect(whyUnverifiable(Buffer.from('{SASL}anna@example.org'))).toBeUndefined();
    expect(await check('{SASL}anna@example.org', 'se"cret')).toBe(true);
    expect(await check('{sasl}anna@example.org', 'secret')).toBe(false);
    expect(await check('{SASL}bert@example.org', 'se"cret')).toBe(false);
    expect(asked).toHaveLength(3);
  });

  it('many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => check('{SASL}anna@example.org', index % 2 === 0 ? 'se"cret' : 'x')),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => index % 2 === 0));
  });

  it('and no password is right when it has gone, which is told', async () => {
    program.kill('SIGTERM');
    await new Promise((resolve) => program.once('exit', resolve));
    const told: string[] = [];
    const end = onPasswordTrouble((reason, target) => told.push(`${target}: ${reason}`));
    const right = await verify(Buffer.from('{SASL}anna@example.org'), Buffer.from('se"cret'), { target: 'cn=anna' });
    end();
    expect(right).toBe(false);
    expect(told).toEqual([expect.stringMatching(/^cn=anna: saslauthd at .*mux: /)]);
  });
});
