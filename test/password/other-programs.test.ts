import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, verify } from '../../src/password/password.js';
import { findProgram, requirePrograms } from '../support/programs.js';

afterAll(() => closePasswordWorkers());

const password = 'it\'s a "secret" ñ';
const run = (program: string, ...args: string[]): string =>
  execFileSync(findProgram(program)!, args, { encoding: 'utf8' }).trim();

describe.skipIf(requirePrograms('slappasswd'))('slappasswd on this machine', () => {
  it.each(['{SSHA}', '{SMD5}', '{SHA}', '{MD5}', '{CRYPT}', '{CLEARTEXT}'])('%s values are verified', async (scheme) => {
    const stored = Buffer.from(run('slappasswd', '-h', scheme, '-s', password));
    expect(await verify(stored, Buffer.from(password))).toBe(true);
    expect(await verify(stored, Buffer.from(password.slice(1)))).toBe(false);
  });
});

describe.skipIf(requirePrograms('openssl'))('openssl passwd on this machine', () => {
  it.each(['-1', '-5', '-6'])('%s hashes are verified', async (method) => {
    const stored = Buffer.from(`{CRYPT}${run('openssl', 'passwd', method, password)}`);
    expect(await verify(stored, Buffer.from(password))).toBe(true);
    expect(await verify(stored, Buffer.from(password.slice(1)))).toBe(false);
  });
});
