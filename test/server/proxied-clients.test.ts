/** What comes through a proxy, on slapd and on jammd side by side: whom access rules take it for, and what is cut off. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { message } from '../protocol/client-messages.js';
import { freePort } from '../support/place.js';
import { requirePrograms } from '../support/programs.js';
import { type ReferenceServer, serverKinds, startServer } from '../support/reference-server.js';
import { Certificates } from './certificates.js';
import { addressBlock, four, fourBlock, local, option, proxyHeader, proxySignature, six, sixBlock } from './proxy-headers.js';
import { RawClient } from './raw-client.js';

const suffix = 'dc=example';
/** Each is seen by those whose peer name fits. */
const seenBy = {
  'four-address': 'peername.ip=192.0.2.7',
  'four-name': 'peername.exact="IP=192.0.2.7:4660"',
  'six-address': 'peername.ipv6=2001:db8::7',
  'six-name': 'peername.exact="IP=[2001:db8::7]:4660"',
  'mapped-name': 'peername.exact="IP=192.0.2.9:4660"',
  'proxy-address': 'peername.ip=127.0.0.1',
  'proxied-listener': 'sockurl.regex="^pldaps?://127.0.0.1:[0-9]+/"',
};

const config = `
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile @FOLDER@/server.crt
TLSCertificateKeyFile @FOLDER@/server.key
database mdb
suffix "${suffix}"
directory @DIRECTORY@
${Object.entries(seenBy)
  .map(([name, who]) => `access to dn.base="ou=${name},${suffix}" by ${who} read by * none`)
  .join('\n')}
access to * by * read
`;

const ldif = [
  `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: example\n`,
  ...Object.keys(seenBy).map((name) => `dn: ou=${name},${suffix}\nobjectClass: organizationalUnit\nou: ${name}\n`),
].join('\n');

const search = message(1, {
  op: 'search',
  base: Buffer.from(suffix),
  scope: 'one',
  derefAliases: 0,
  sizeLimit: 0,
  timeLimit: 0,
  typesOnly: false,
  filter: { kind: 'present', attribute: 'objectClass' },
  attributes: ['ou'],
});

/** What a connection that begins with `header` sees; undefined where it is cut off unanswered. */
async function seen(client: RawClient): Promise<string[] | undefined> {
  client.send(search);
  await client.until(({ messages, closed }) => closed || messages.at(-1)?.type === 'search');
  client.end();
  if (client.messages.at(-1)?.type !== 'search') return undefined;
  return client.messages.flatMap((answer) => (answer.type === 'entry' ? (answer.attributes['ou'] ?? []) : [])).sort();
}

describe.skipIf(requirePrograms('openssl')).each(serverKinds)('clients of a proxy, on %s', (kind) => {
  const certificates = new Certificates();
  let server: ReferenceServer;
  let plainPort: number;
  let securePort: number;

  beforeAll(async () => {
    const { certificate, key } = certificates.issue('server', '/CN=localhost');
    plainPort = await freePort();
    securePort = await freePort();
    server = await startServer(kind, {
      config,
      ldif,
      files: { 'server.crt': readFileSync(certificate, 'latin1'), 'server.key': readFileSync(key, 'latin1') },
      urls: [`pldap://127.0.0.1:${plainPort}/`, `pldaps://127.0.0.1:${securePort}/`],
    });
  });
  afterAll(async () => {
    await server.stop();
    certificates.remove();
  });

  const asFour = ['four-address', 'four-name', 'proxied-listener'];
  const asSix = ['proxied-listener', 'six-address', 'six-name'];
  const asProxy = ['proxied-listener', 'proxy-address'];

  it.each<[string, Buffer, string[] | undefined]>([
    ['TCP over IPv4', four(), asFour],
    ['TCP over IPv4 with options', four(option(7), option(30)), asFour],
    ['options of 520 bytes', four(option(520)), asFour],
    ['options of 521 bytes', four(option(521)), undefined],
    ['options that are none', four(Buffer.from('ffffff', 'hex')), asFour],
    ['TCP over IPv6', six(), asSix],
    ['TCP over IPv6 with options of 520 bytes', six(option(520)), asSix],
    [
      'an IPv4 address as IPv6',
      proxyHeader({ family: 0x21, block: addressBlock('00000000000000000000ffffc0000209', 4_660) }),
      ['mapped-name', 'proxied-listener'],
    ],
    ['LOCAL', local(), asProxy],
    ['LOCAL with addresses', proxyHeader({ versionAndCommand: 0x20, block: fourBlock }), asProxy],
    ['LOCAL with 520 bytes', local(Buffer.alloc(520)), asProxy],
    ['LOCAL with 521 bytes', local(Buffer.alloc(521)), undefined],
    ['UNSPEC', proxyHeader({ family: 0x00, block: Buffer.alloc(0) }), undefined],
    ['UDP over IPv4', proxyHeader({ family: 0x12, block: fourBlock }), undefined],
    ['UDP over IPv6', proxyHeader({ family: 0x22, block: sixBlock }), undefined],
    ['UNIX', proxyHeader({ family: 0x31, block: Buffer.alloc(216) }), undefined],
    ['an address too short', proxyHeader({ block: fourBlock.subarray(1) }), undefined],
    ['IPv4 where IPv6 is announced', proxyHeader({ family: 0x21, block: fourBlock }), undefined],
    ['an unknown command', proxyHeader({ versionAndCommand: 0x22, block: fourBlock }), undefined],
    ['version 1 in binary', proxyHeader({ versionAndCommand: 0x11, block: fourBlock }), undefined],
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 4660 389\r\n'), undefined],
    [
      'a broken signature',
      Buffer.concat([proxySignature.subarray(0, 11), Buffer.from('0b', 'hex'), four().subarray(12)]),
      undefined,
    ],
    ['no header', Buffer.alloc(0), undefined],
  ])('%s', async (_, header, expected) => {
    expect(await seen((await RawClient.connect(plainPort)).send(header))).toEqual(expected);
  });

  it('over TLS, which begins after the header', async () => {
    const plain = (await RawClient.connect(securePort)).send(four(option(9)));
    plain.socket.removeAllListeners('data');
    const socket = tls.connect({ socket: plain.socket, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    expect(await seen(new RawClient(socket))).toEqual(asFour);
  });

  it('are no others than before at the listener without proxies', async () => {
    expect(await seen(await RawClient.connect(server.port))).toEqual(['proxy-address']);
    const headed = (await RawClient.connect(server.port)).send(four());
    expect(await seen(headed)).toBeUndefined();
  });
});
