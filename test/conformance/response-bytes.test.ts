/** Every kind of response, byte for byte as slapd sends it, its own BER lengths and optional fields included. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates } from '../server/certificates.js';
import { hosting, manager, managerPassword } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { encodeMessage, type Operation } from '../support/wire/operation.js';
import { startContestant } from './servers.js';

const quietMs = 400;
const startTls = '1.3.6.1.4.1.1466.20037';
const whoAmI = '1.3.6.1.4.1.4203.1.11.3';
const cancel = '1.3.6.1.1.8';
const asManager: Operation = { op: 'bind', name: manager, password: managerPassword };
const entry = `cn=bytes,${hosting}`;
const referral = `ou=elsewhere,${hosting}`;
const manageDsaIT = { oid: '2.16.840.1.113730.3.4.2', critical: true };

/** Each is one connection, its messages numbered from 1. */
const dialogues: Readonly<Record<string, readonly Operation[]>> = {
  'bind, right and wrong': [asManager, { op: 'bind', name: manager, password: 'wrong' }, { op: 'bind', name: '', password: '' }],
  add: [
    asManager,
    { op: 'add', entry, attributes: { objectClass: ['organizationalRole'], cn: ['bytes'], description: ['x'] } },
    { op: 'add', entry, attributes: { objectClass: ['organizationalRole'], cn: ['bytes'] } },
    {
      op: 'add',
      entry: referral,
      attributes: { objectClass: ['referral', 'extensibleObject'], ou: ['elsewhere'], ref: [`ldap://127.0.0.1:9/${referral}`] },
      controls: [manageDsaIT],
    },
  ],
  'search with entry and done': [asManager, { op: 'search', base: entry, scope: 'base', attributes: ['cn', 'description'] }],
  'search with a reference': [asManager, { op: 'search', base: hosting, scope: 'one', filter: '(ou=*)', attributes: ['1.1'] }],
  'search at a referral': [asManager, { op: 'search', base: referral, scope: 'base', attributes: ['1.1'] }],
  'search without a base': [asManager, { op: 'search', base: `cn=none,${hosting}`, scope: 'base' }],
  modify: [
    asManager,
    { op: 'modify', entry, changes: [['replace', 'description', 'y']] },
    { op: 'modify', entry, changes: [['delete', 'description', 'none']] },
  ],
  compare: [
    asManager,
    { op: 'compare', entry, attribute: 'description', value: 'y' },
    { op: 'compare', entry, attribute: 'description', value: 'z' },
    { op: 'compare', entry, attribute: 'seeAlso', value: hosting },
  ],
  rename: [
    asManager,
    { op: 'modifyDN', entry, newRDN: 'cn=other', deleteOldRDN: true },
    { op: 'modifyDN', entry, newRDN: 'cn=none', deleteOldRDN: true },
  ],
  delete: [asManager, { op: 'delete', entry: `cn=other,${hosting}` }, { op: 'delete', entry }],
  'who am I': [{ op: 'extended', oid: whoAmI }, asManager, { op: 'extended', oid: whoAmI }],
  'password modify': [asManager, { op: 'passwordModify', user: people.user.dn, new: 'changed' }],
  'an unknown extended operation': [{ op: 'extended', oid: '1.2.3.4' }],
  'cancel of nothing': [asManager, { op: 'extended', oid: cancel, value: { hex: '3003020163' } }],
  StartTLS: [{ op: 'extended', oid: startTls }],
  'an anonymous update': [{ op: 'delete', entry: people.user.dn }],
};

const certificates = new Certificates();
const servers: ReferenceServer[] = [];

beforeAll(async () => {
  const { certificate, key } = certificates.issue('server', '/CN=localhost');
  const tls = `TLSCertificateFile ${certificate}\nTLSCertificateKeyFile ${key}\n`;
  for (const kind of serverKinds) servers.push(await startContestant(kind, (text) => tls + text));
}, 60_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  certificates.remove();
});

/** All that comes back, in hexadecimal, one message after the other for each request. */
async function answers(port: number, requests: readonly Buffer[]): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  const received: string[] = [];
  for (const request of requests) {
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer): void => void chunks.push(chunk);
    socket.on('data', take);
    socket.write(request);
    for (let bytes = -1; bytes !== chunks.length || bytes === 0;) {
      bytes = chunks.length;
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      if (socket.destroyed) break;
    }
    socket.off('data', take);
    received.push(Buffer.concat(chunks).toString('hex'));
  }
  socket.destroy();
  return received;
}

describe.skipIf(serverKinds.length < 2)('the bytes of', () => {
  test.each(Object.entries(dialogues))(
    '%s',
    async (_, operations) => {
      const requests = operations.map((operation, index) => encodeMessage(index + 1, operation));
      const [slapd, jammd] = await Promise.all(servers.map(({ port }) => answers(port, requests)));
      expect(jammd).toEqual(slapd);
    },
    20_000,
  );

  test('a Notice of Disconnection', async () => {
    // An LDAPMessage with a protocolOp that there is none of.
    const unknown = Buffer.from('30050201017d00', 'hex');
    const [slapd, jammd] = await Promise.all(servers.map(({ port }) => answers(port, [unknown])));
    expect(slapd![0]).toContain(Buffer.from('1.3.6.1.4.1.1466.20036').toString('hex'));
    expect(jammd).toEqual(slapd);
  });
});
