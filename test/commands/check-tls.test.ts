/** What is wrong with certificate and key is found by `check`, and keeps the server from starting. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { runOrFail } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { jammd } from './jammd.js';

let folder: string;

async function openssl(...args: string[]): Promise<void> {
  await runOrFail(findProgram('openssl')!, args, { cwd: folder });
}

async function makePair(name: string, algorithm: readonly string[]): Promise<void> {
  const to = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  await openssl('req', '-x509', '-newkey', ...algorithm, ...to);
}

async function configuration(lines: string): Promise<string> {
  const file = join(folder, 'slapd.conf');
  await writeFile(file, `${lines.replaceAll('@', `${folder}/`)}\ndatabase mdb\nsuffix dc=example\ndirectory ${folder}/data\n`);
  return file;
}

describe.skipIf(requirePrograms('openssl') !== undefined)('TLS files', () => {
  beforeAll(async () => {
    folder = await makeFolder('check-tls');
    await makePair('rsa', ['rsa:2048']);
    await makePair('ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
    await openssl('x509', '-in', 'rsa.pem', '-outform', 'der', '-out', 'rsa.der');
    await openssl('pkey', '-in', 'rsa.key', '-outform', 'der', '-out', 'key.der');
    await openssl('pkey', '-in', 'rsa.key', '-aes256', '-passout', 'pass:x', '-out', 'encrypted.key');
  });
  afterAll(() => removeFolder(folder));

  it.each([
    ['a missing certificate', '@missing.pem', '@rsa.key', 'missing.pem'],
    ['a certificate in DER', '@rsa.der', '@rsa.key', 'looks like DER; "openssl x509'],
    ['a key in DER', '@rsa.pem', '@key.der', 'looks like DER; "openssl pkey'],
    ['an encrypted key', '@rsa.pem', '@encrypted.key', 'encrypted.key is encrypted'],
    ['a key of another certificate', '@rsa.pem', '@ec.key', 'ec.key does not belong to the certificate in'],
    ['a key where the certificate should be', '@rsa.key', '@rsa.key', 'no certificate can be read from'],
    ['ciphers that do not exist', '@rsa.pem', '@rsa.key\nTLSCipherSuite NOSUCH', 'cipher'],
  ])('%s', async (_, certificate, key, words) => {
    const config = await configuration(`TLSCertificateFile ${certificate}\nTLSCertificateKeyFile ${key}`);
    const checked = await jammd(['check', '-f', config]);
    expect([checked.code, checked.stderr]).toEqual([1, expect.stringContaining(words)]);
    const { code, stdout, stderr } = await jammd(['serve', '-f', config, '-h', `ldap://127.0.0.1:${await freePort()}/`]);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(words)]);
  });

  it("are fine, with Debian's words for ciphers, too", async () => {
    const lines = 'TLSCertificateFile @rsa.pem\nTLSCertificateKeyFile @rsa.key\nTLSCipherSuite SECURE256:-VERS-SSL3.0';
    expect((await jammd(['check', '-f', await configuration(lines)])).code).toBe(0);
  });
});
