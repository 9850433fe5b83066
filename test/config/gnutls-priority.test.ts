/** GnuTLS's priority strings offer here what GnuTLS itself offers for them. */
import { describe, expect, it } from 'vitest';
import { gnutlsPriority } from '../../src/config/gnutls-priority.js';
import { run } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';

const missing = requirePrograms('gnutls-cli', 'openssl');

/** Suites by their numbers on the wire: `C0,2C`. */
async function offeredByGnutls(priority: string): Promise<string[]> {
  const { stdout } = await run(findProgram('gnutls-cli')!, ['--list', '--priority', priority]);
  return [...stdout.matchAll(/^TLS_\S+\s+0x([0-9a-f]{2}), 0x([0-9a-f]{2})/gim)].map(([, a, b]) => `${a},${b}`.toUpperCase());
}

async function offeredHere(ciphers: string): Promise<string[]> {
  const names = ciphers.split(':');
  const of13 = names.filter((name) => name.startsWith('TLS_'));
  const of12 = names.filter((name) => !name.startsWith('TLS_'));
  const args = ['ciphers', '-V', '-ciphersuites', of13.join(':'), `${of12.join(':')}:@SECLEVEL=0`];
  const { stdout, stderr } = await run(findProgram('openssl')!, args);
  expect(stderr).toBe('');
  return [...stdout.matchAll(/0x([0-9A-F]{2}),0x([0-9A-F]{2})/g)].map(([, a, b]) => `${a},${b}`);
}

describe.skipIf(missing !== undefined)('as gnutls-cli says', () => {
  it.each([
    ...['NORMAL', 'PERFORMANCE', 'PFS', 'SECURE128', 'SECURE192', 'SECURE256', 'SUITEB128', 'SUITEB192', 'LEGACY'],
    'SECURE256:-VERS-SSL3.0',
    'NORMAL:-VERS-TLS1.3',
    'NORMAL:-RSA:-DHE-RSA',
    'NORMAL:!RSA:%SERVER_PRECEDENCE',
    'NORMAL:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM',
    'NORMAL:-AES-128-CBC:-AES-256-CBC:-3DES-CBC',
    'NORMAL:-MAC-ALL:+AEAD',
    'NORMAL:+SHA256:+SHA384',
    'SECURE128:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3',
    'NONE:+VERS-TLS1.2:+CIPHER-ALL:+KX-ALL:+MAC-ALL:+SIGN-ALL:+GROUP-ALL:+COMP-NULL',
  ])('%s', async (priority) => {
    const { ciphers } = gnutlsPriority(priority, (message) => expect.fail(message))!;
    expect((await offeredHere(ciphers)).sort()).toEqual((await offeredByGnutls(priority)).sort());
  });
});

describe('a priority string', () => {
  it.each([
    ['NORMAL', ['1.2', '1.3']],
    ['NORMAL:-VERS-TLS1.2', ['1.3', '1.3']],
    ['NORMAL:-VERS-TLS1.3', ['1.2', '1.2']],
    ['NORMAL:-VERS-ALL:+VERS-TLS1.3', ['1.3', '1.3']],
    ['SUITEB192', ['1.2', '1.2']],
  ])('%s chooses the versions %j', (priority, versions) => {
    const { protocolMin, protocolMax } = gnutlsPriority(priority, () => undefined)!;
    expect([protocolMin, protocolMax]).toEqual(versions);
  });

  it.each(['HIGH:!aNULL', 'ECDHE-RSA-AES128-GCM-SHA256', 'DEFAULT'])('is not what %s is', (list) => {
    expect(gnutlsPriority(list, () => undefined)).toBeUndefined();
  });

  it.each([
    ['NORMAL:-NOSUCH', '"-NOSUCH" is not part of a GnuTLS priority string'],
    ['NORMAL:AES-128-GCM', 'needs + or - before it'],
    ['NORMAL:-CIPHER-ALL', 'leaves no cipher suite'],
    ['NONE:+VERS-TLS1.0', 'leaves no cipher suite'],
    ['@OWN', 'GnuTLS'],
  ])('%s is refused', (priority, words) => {
    expect(() => gnutlsPriority(priority, () => undefined)).toThrow(words);
  });

  it('tells what is not offered and what it does not decide', () => {
    const told: string[] = [];
    gnutlsPriority('NORMAL:+3DES-CBC:+VERS-TLS1.0:-GROUP-X25519:%NO_TICKETS:-VERS-SSL3.0', (message) => told.push(message));
    expect(told).toEqual([
      expect.stringContaining('"+3DES-CBC" is never offered'),
      expect.stringContaining('"+VERS-TLS1.0" is never offered'),
      expect.stringContaining('"-GROUP-X25519" has no effect'),
      expect.stringContaining('"%NO_TICKETS" has no effect'),
    ]);
  });
});
