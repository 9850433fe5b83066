import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, verify } from '../../src/password/password.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { jammd } from './jammd.js';

let folder: string;
beforeAll(async () => {
  folder = await makeFolder('passwd');
});
afterAll(async () => {
  await closePasswordWorkers();
  await removeFolder(folder);
});

const verified = async (stored: string, password: string): Promise<boolean> => verify(Buffer.from(stored), Buffer.from(password));

describe('jammd passwd', () => {
  it('makes an {SSHA} value, as slappasswd', async () => {
    const { stdout, code } = await jammd(['passwd', '-s', 'secret']);
    expect(stdout).toMatch(/^\{SSHA\}[A-Za-z0-9+/]{32}\n$/);
    expect(await verified(stdout.trim(), 'secret')).toBe(true);
    expect(code).toBe(0);
  });

  it.each(['{BCRYPT}', '{crypt}', '{PBKDF2-SHA256}', '{SSHA512}'])('makes %s values and ends', async (scheme) => {
    const { stdout } = await jammd(['passwd', '-h', scheme, '-s', 'pässwörd']);
    expect(await verified(stdout.trim(), 'pässwörd')).toBe(true);
  });

  it('makes {SCRAM-SHA-256} values, as RFC 5803 has them, and ends', async () => {
    const { stdout, code } = await jammd(['passwd', '-h', '{SCRAM-SHA-256}', '-s', 'pässwörd']);
    const form = /^\{SCRAM-SHA-256\}4096:([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)\n$/;
    const [, salt, storedKey, serverKey] = form.exec(stdout) ?? [];
    const salted = pbkdf2Sync('pässwörd', Buffer.from(salt!, 'base64'), 4_096, 32, 'sha256');
    const keyOf = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
    expect(storedKey).toBe(createHash('sha256').update(keyOf('Client Key')).digest('base64'));
    expect(serverKey).toBe(keyOf('Server Key').toString('base64'));
    expect(await verified(stdout.trim(), 'pässwörd')).toBe(true);
    expect(await verified(stdout.trim(), 'passwort')).toBe(false);
    expect(code).toBe(0);
  });

  it('takes the password from a file, whole, and warns where others can read it', async () => {
    const file = join(folder, 'secret');
    await writeFile(file, 'secret\n', { mode: 0o600 });
    const kept = await jammd(['passwd', '-T', file]);
    expect(await verified(kept.stdout.trim(), 'secret\n')).toBe(true);
    expect(kept.stderr).toBe('');
    await chmod(file, 0o644);
    expect((await jammd(['passwd', '-T', file])).stderr).toContain('publicly readable');
  });

  it('takes the first line of standard input that is no terminal', async () => {
    const { stdout } = await jammd(['passwd'], { input: 'secret\nnot this\n' });
    expect(await verified(stdout.trim(), 'secret')).toBe(true);
  });

  it('generates: the password alone, or with its hash', async () => {
    const alone = await jammd(['passwd', '-g']);
    expect(alone.stdout).toMatch(/^[./0-9A-Za-z]{12}\n$/);
    const [password, hash] = (await jammd(['passwd', '-g', '-h', '{SSHA}'])).stdout.split('\n');
    expect(await verified(hash!, password!)).toBe(true);
  });

  it('leaves out the line end when told to', async () => {
    expect((await jammd(['passwd', '-n', '-h', '{CLEARTEXT}', '-s', 'secret'])).stdout).toBe('secret');
  });

  it.each([
    ['an unknown scheme', 1, ['-h', '{FOO}', '-s', 'x'], '{FOO}'],
    ['an empty password', 1, ['-s', ''], 'empty'],
    ['a missing file', 1, ['-T', '/nonexistent'], '/nonexistent'],
    ['two sources', 2, ['-s', 'x', '-g'], 'cannot be used with'],
    ['an unknown option', 2, ['--frobnicate'], '--frobnicate'],
  ])('refuses %s with exit code %i', async (_, exit, args, words) => {
    const { code, stdout, stderr } = await jammd(['passwd', ...args]);
    expect(code).toBe(exit);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
  });
});
