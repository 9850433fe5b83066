/** DNS advice: what is made of the records of a domain, on the command line, on the page and by the API. No network is asked. */
import { generateKeyPairSync } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientServers } from '../../src/mail/client-servers.js';
import { isSpf, judgeDkim, judgeDmarc, judgeSpf } from '../../src/mail/dns-records.js';
import { checkDnsServer } from '../../src/mail/dns-lookup.js';
import { DnsServer, type Zone } from '../support/dns-server.js';
import { people } from '../support/hosting-tree.js';
import { run } from '../support/process.js';
import { settings } from '../mail/support.js';
import { startWebUnderTest, Visitor, type WebUnderTest } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');
const clientServers = ClientServers.parse({ imap: ['mail.host.example'], smtp: ['mail.host.example:587'] });

function rsaKey(bits: number): string {
  return generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}
const [shortKey, usualKey] = [rsaKey(1024), rsaKey(2048)];

/** Of one.example all is well. */
const good: Zone = {
  'one.example MX': ['20 second.host.example', '10 mail.host.example'],
  'one.example TXT': ['v=spf1 mx -all', 'something else'],
  'mail.host.example A': ['192.0.2.1'],
  'second.host.example AAAA': ['2001:db8:0:0:0:0:0:1'],
  'k1._domainkey.one.example TXT': [`v=DKIM1; k=rsa; p=${usualKey}`],
  '_dmarc.one.example TXT': ['v=DMARC1; p=reject; rua=mailto:postmaster@one.example'],
  'autoconfig.one.example CNAME': ['web.host.example'],
  'autoconfig.one.example A': ['192.0.2.9'],
  'autodiscover.one.example A': ['192.0.2.9'],
  'web.host.example A': ['192.0.2.9'],
  '_imaps._tcp.one.example SRV': ['0 1 993 mail.host.example'],
  '_submission._tcp.one.example SRV': ['0 1 587 mail.host.example'],
};

interface Found {
  readonly subject: string;
  readonly name: string;
  readonly state: string;
  readonly says: string;
  readonly found: readonly string[];
  readonly putIn: string | null;
}

// The directory says only who may ask.
describe('on jammd', () => {
  let dns: DnsServer;
  let site: WebUnderTest;

  beforeAll(async () => {
    dns = await DnsServer.start(good);
    const known = { servers: [dns.address], mailHosts: ['mail.host.example'], selectors: ['k1'], webHost: 'web.host.example' };
    site = await startWebUnderTest('jammd', {
      settings: { ...settings, dns: known, ...(clientServers === undefined ? {} : { clientServers }) },
    });
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await site?.stop();
    await dns?.stop();
  });

  async function ask(
    zone: Zone,
    query = '',
    who: { mail: string; password: string } = people.postmaster,
  ): Promise<readonly Found[]> {
    dns.zone = zone;
    const credentials = Buffer.from(`${who.mail}:${who.password}`).toString('base64');
    const response = await fetch(`${site.url}/api/v1/domains/one.example/dns${query}`, {
      headers: { Authorization: `Basic ${credentials}` },
    });
    const { items } = (await response.json()) as { items: readonly Found[] };
    return items;
  }
  const without = (...keys: readonly string[]): Zone =>
    Object.fromEntries(Object.entries(good).filter(([key]) => !keys.includes(key)));
  const one = async (zone: Zone, subject: string, query = ''): Promise<Found | undefined> =>
    (await ask(zone, query)).find((found) => found.subject === subject);

  test('all is well', async () => {
    const items = await ask(good);
    expect(items.map(({ subject, state, putIn }) => [subject, state, putIn])).toEqual(
      ['mx', 'spf', 'dkim', 'dmarc', 'autoconfig', 'autodiscover', 'service', 'service'].map((subject) => [
        subject,
        'good',
        null,
      ]),
    );
    expect(items.map(({ found }) => found[0])).toEqual([
      'MX 10 mail.host.example.',
      'TXT "v=spf1 mx -all"',
      expect.stringMatching(/^TXT "v=DKIM1/),
      expect.stringMatching(/^TXT "v=DMARC1/),
      'CNAME web.host.example.',
      'A 192.0.2.9',
      'SRV 993 mail.host.example.',
      'SRV 587 mail.host.example.',
    ]);
  });

  test.each<[string, Zone, string, string, RegExp, string | null]>([
    ['no MX', without('one.example MX'), 'mx', 'missing', /No server/, 'one.example. IN MX 10 mail.host.example.'],
    [
      'another MX',
      { ...good, 'one.example MX': ['5 mx.else.example'] },
      'mx',
      'wrong',
      /to mx\.else\.example, and not to mail/,
      'one.example. IN MX 10 mail.host.example.',
    ],
    [
      'a null MX',
      { ...good, 'one.example MX': ['0 .'] },
      'mx',
      'wrong',
      /takes no mail/,
      'one.example. IN MX 10 mail.host.example.',
    ],
    [
      'an MX without address',
      without('mail.host.example A'),
      'mx',
      'wrong',
      /mail\.host\.example has no address/,
      'one.example. IN MX 10 mail.host.example.',
    ],
    [
      'an MX that is an alias',
      { ...good, 'mail.host.example CNAME': ['real.host.example'] },
      'mx',
      'advice',
      /another name of real/,
      'one.example. IN MX 10 mail.host.example.',
    ],
    ['a server that fails', { ...good, 'one.example MX': 'failure' }, 'mx', 'unknown', /no answer/, null],
    ['no SPF', without('one.example TXT'), 'spf', 'missing', /Nothing says/, 'one.example. IN TXT "v=spf1 mx ~all"'],
    ['no DKIM key', without('k1._domainkey.one.example TXT'), 'dkim', 'missing', /no key/, null],
    [
      'no DMARC',
      without('_dmarc.one.example TXT'),
      'dmarc',
      'missing',
      /Nothing says/,
      '_dmarc.one.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@one.example"',
    ],
    [
      'autoconfig elsewhere',
      { ...without('autoconfig.one.example CNAME'), 'autoconfig.one.example A': ['198.51.100.1'] },
      'autoconfig',
      'wrong',
      /elsewhere than web/,
      'autoconfig.one.example. IN CNAME web.host.example.',
    ],
    [
      'no autodiscover',
      without('autodiscover.one.example A'),
      'autodiscover',
      'advice',
      /find none/,
      'autodiscover.one.example. IN CNAME web.host.example.',
    ],
    [
      'no IMAP service',
      without('_imaps._tcp.one.example SRV'),
      'service',
      'advice',
      /works without/,
      '_imaps._tcp.one.example. IN SRV 0 1 993 mail.host.example.',
    ],
    [
      'another IMAP service',
      { ...good, '_imaps._tcp.one.example SRV': ['0 1 993 old.example'] },
      'service',
      'wrong',
      /does not name mail\.host\.example:993/,
      '_imaps._tcp.one.example. IN SRV 0 1 993 mail.host.example.',
    ],
  ])('%s', async (_, zone, subject, state, says, putIn) => {
    expect(await one(zone, subject)).toMatchObject({ state, putIn, says: expect.stringMatching(says) as unknown });
  });

  test('what strangers write into the DNS is shown as plain characters', async () => {
    const found = await one({ ...good, 'one.example TXT': ['v=spf1 \u001b[2J\u00e9 -all'] }, 'spf');
    expect(found?.found).toEqual(['TXT "v=spf1 ?[2J? -all"']);
  });

  test('whose key it is can be said; nobody asks for domains of others, nor for names of their own making', async () => {
    expect(await one(good, 'dkim', '?selector=K9')).toMatchObject({ name: 'k9._domainkey.one.example', state: 'missing' });
    const asked = dns.asked.length;
    expect(await ask(good, '?selector=a%20b')).toBeUndefined();
    expect(await ask(good, '', people.user)).toBeUndefined();
    expect(dns.asked).toHaveLength(asked);
  });

  test('the page shows it in the visitor’s language; the command ends with 1 where something is wrong', async () => {
    const chief = new Visitor(site.url);
    await chief.logIn(people.postmaster.mail, people.postmaster.password);
    dns.zone = without('one.example MX');
    const page = await chief.get('/domains/one.example/dns', { 'Accept-Language': 'de' });
    expect(page.text).toContain('Kein Server nimmt E-Mails für diese Domain an.');
    expect(page.text).toContain('one.example. IN MX 10 mail.host.example.');
    expect((await chief.get('/domains/one.example/dns?selector=a+b')).status).toBe(422);
    const jammd = (...args: readonly string[]): ReturnType<typeof run> =>
      run(process.execPath, [program, 'domain', 'dns', 'one.example', '--dns-server', dns.address, ...args], {
        env: { ...process.env, JAMMD_LDAP_URL: site.ldap.url, JAMMD_PASSWORD: 'secret' },
      });
    const bad = await jammd();
    expect([bad.code, bad.stderr, bad.stdout]).toEqual([1, '', expect.stringMatching(/^missing {2}mx one\.example: No server/)]);
    expect(bad.stdout).toMatch(/^unknown {2}dkim .*Enter its selector/m);
    dns.zone = good;
    const told = await jammd('--dkim-selector', 'k1', '--mx', 'mail.host.example', '--json');
    expect([told.code, (JSON.parse(told.stdout) as readonly Found[]).map(({ state }) => state)]).toEqual([
      0,
      Array(6).fill('good'),
    ]);
    expect((await jammd('--dns-server', 'x')).stderr).toMatch(/--dns-server: “x” is not the address/);
  });
});

describe('records', () => {
  test.each([
    [['v=spf1 a mx ~all'], 'good', 'spfGood'],
    [['v=spf1 redirect=_spf.host.example'], 'good', 'spfGood'],
    [['v=spf1 mx'], 'advice', 'spfOpen'],
    [['v=spf1 mx +all'], 'wrong', 'spfAll'],
    [['v=spf1 all'], 'wrong', 'spfAll'],
    [['v=spf1 -all', 'v=spf1 mx -all'], 'wrong', 'spfSeveral'],
    [[`v=spf1 ${'include:a.example '.repeat(11)}-all`], 'wrong', 'spfLookups'],
    [[], 'missing', 'spfMissing'],
  ])('SPF %j: %s', (records, state, code) => {
    expect(judgeSpf(records)).toMatchObject({ state, says: { code } });
  });

  test('what is SPF', () => {
    expect(['v=spf1', 'V=SPF1 mx', 'v=spf10 mx', 'spf1', 'v=spf1;'].map(isSpf)).toEqual([true, true, false, false, false]);
  });

  test.each([
    [[`v=DKIM1; p=${usualKey}`], 'good', 'dkimGood'],
    [[`k=ed25519; p=${Buffer.alloc(32, 1).toString('base64')}`], 'good', 'dkimGood'],
    [[`v=DKIM1; p=${shortKey}`], 'advice', 'dkimShort'],
    [[`v=DKIM1; t=s:y; p=${usualKey}`], 'advice', 'dkimTesting'],
    [[`v=DKIM1; p=${usualKey.slice(0, 80)}`], 'wrong', 'dkimUnreadable'],
    [['v=DKIM1; p='], 'wrong', 'dkimRevoked'],
    [['v=DKIM1'], 'wrong', 'dkimUnreadable'],
    [['k=dsa; p=AAAA'], 'wrong', 'dkimUnreadable'],
    [[`p=${usualKey}`, `p=${usualKey}`], 'wrong', 'dkimSeveral'],
    [[], 'missing', 'dkimMissing'],
  ])('DKIM %j: %s', (records, state, code) => {
    expect(judgeDkim(records)).toMatchObject({ state, says: { code } });
  });

  test.each([
    [['v=DMARC1; p=quarantine'], undefined, 'good', 'dmarcGood'],
    [['v=DMARC1; p=none; sp=reject'], 'example.com', 'good', 'dmarcInherited'],
    [['v=DMARC1; p=none'], undefined, 'advice', 'dmarcNone'],
    [['v=DMARC1; p=block'], undefined, 'wrong', 'dmarcInvalid'],
    [['v=DMARC1; p=none', 'v=DMARC1; p=reject'], undefined, 'wrong', 'dmarcSeveral'],
    [[], undefined, 'missing', 'dmarcMissing'],
  ])('DMARC %j of %s: %s', (records, from, state, code) => {
    expect(judgeDmarc(records, from)).toMatchObject({ state, says: { code } });
  });

  test('addresses of DNS servers', () => {
    expect(['192.0.2.53', '127.0.0.1:5353', '[::1]:53'].map((text) => checkDnsServer(text))).toHaveLength(3);
    for (const text of ['', 'dns.example', '192.0.2.300'])
      expect(() => checkDnsServer(text)).toThrow(/not the address of a DNS server/);
  });
});
