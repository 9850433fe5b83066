import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { closePasswordWorkers, defaultPasswordSettings, hashPassword, verify } from '../../src/password/password.js';
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

describe.skipIf(requirePrograms('slappasswd'))("slapd's argon2 module", () => {
  it.each(['argon2', 'argon2 m=8192 t=2 p=2'])('%s: values are verified', async (module) => {
    const stored = Buffer.from(run('slappasswd', '-o', `module-load=${module}`, '-h', '{ARGON2}', '-s', password));
    expect(await verify(stored, Buffer.from(password))).toBe(true);
    expect(await verify(stored, Buffer.from(password.slice(1)))).toBe(false);
  });
});

describe.skipIf(requirePrograms('doveadm'))("Dovecot's doveadm pw", () => {
  it.each(['ARGON2I', 'ARGON2ID', 'CRYPT', 'SSHA512', 'SSHA256', 'SSHA', 'SMD5'])('%s values are verified', async (scheme) => {
    const stored = Buffer.from(run('doveadm', 'pw', '-s', scheme, '-p', password));
    expect(await verify(stored, Buffer.from(password))).toBe(true);
    expect(await verify(stored, Buffer.from(password.slice(1)))).toBe(false);
  });

  it.each(['{ARGON2I}', '{ARGON2ID}', '{SSHA512}'])('verifies %s values made here', async (scheme) => {
    const stored = (await hashPassword(scheme, Buffer.from(password))).toString();
    expect(run('doveadm', 'pw', '-t', stored, '-p', password)).toContain('(verified)');
  });
});

describe.skipIf(requirePrograms('perl'))("this machine's crypt(3), by way of perl", () => {
  it.each(['$y$j75$%.22s', '$2b$05$%.22s', '$5$%.16s', '$6$rounds=1000$%.8s', '%.2s', '$7$6U..../....%.8s', '$sha1$100$%.8s'])(
    'makes the same hash as %s makes here',
    async (cryptSaltFormat) => {
      const settings = { ...defaultPasswordSettings, cryptSaltFormat };
      const hash = (await hashPassword('{CRYPT}', Buffer.from(password), undefined, settings)).toString().slice('{CRYPT}'.length);
      expect(run('perl', '-e', 'print crypt($ARGV[0], $ARGV[1])', password, hash)).toBe(hash);
    },
  );
});

describe.skipIf(requirePrograms('openssl'))('openssl passwd on this machine', () => {
  it.each(['-1', '-5', '-6'])('%s hashes are verified', async (method) => {
    const stored = Buffer.from(`{CRYPT}${run('openssl', 'passwd', method, password)}`);
    expect(await verify(stored, Buffer.from(password))).toBe(true);
    expect(await verify(stored, Buffer.from(password.slice(1)))).toBe(false);
  });
});
