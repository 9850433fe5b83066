/** What mail programs ask without a login: read by parsers of others, the same for every address of a domain, and bounded. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientServers } from '../../src/mail/client-servers.js';
import { elementText, xml } from '../../src/web/client-settings/xml.js';
import { startWeb, type RunningWeb } from '../../src/web/start.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { settings } from '../mail/support.js';

const servers = ClientServers.parse({
  imap: ['mail.host.example', 'two.example=imap.two.example:143/starttls'],
  pop: ['pop.host.example'],
  smtp: ['mail.host.example:587'],
});

/** Elements as [name, attributes, text, children], and a property list as what it holds. */
const reader = `
import json, plistlib, sys, xml.etree.ElementTree as tree
data = sys.stdin.buffer.read()
def form(e): return [e.tag, dict(e.attrib), (e.text or '').strip(), [form(child) for child in e]]
print(json.dumps(plistlib.loads(data) if b'<plist' in data else form(tree.fromstring(data))))
`;

type Element = readonly [name: string, attributes: Record<string, string>, text: string, children: readonly Element[]];

async function parse<T>(document: string): Promise<T> {
  const { code, stdout, stderr } = await run('python3', ['-c', reader], { input: document });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}

/** The texts of an element's children by their names. */
const fields = (element: Element | undefined): Record<string, string> =>
  Object.fromEntries((element?.[3] ?? []).map(([name, , text]) => [name.replace(/^{.*}/, ''), text]));

/** All elements of a name at any depth. */
const all = (element: Element, name: string): readonly Element[] => [
  ...(element[0].replace(/^{.*}/, '') === name ? [element] : []),
  ...element[3].flatMap((child) => all(child, name)),
];

describe.skipIf(requirePrograms('python3'))('a site that names its servers', () => {
  let web: RunningWeb;
  let url: string;

  beforeAll(async () => {
    const given = { ...settings, ...(servers === undefined ? {} : { clientServers: servers }) };
    // The directory is not asked: there is none.
    web = await startWeb({
      ldapUrl: 'ldap://127.0.0.1:9',
      listen: '127.0.0.1:0',
      settings: given,
      trustedProxies: ['127.0.0.1'],
    });
    url = web.url.replace(/\/$/, '');
  });
  afterAll(() => web?.close());

  const get = (path: string, headers = {}): Promise<Response> => fetch(url + path, { headers });
  const text = async (path: string): Promise<string> => (await get(path)).text();
  const ask = (body: string): Promise<Response> => fetch(`${url}/autodiscover/autodiscover.xml`, { method: 'POST', body });
  const question = (
    address: string,
    schema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a',
  ): string =>
    xml`<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request>
</Autodiscover>`.text;

  test('Thunderbird reads the servers of a domain, its own where it has some', async () => {
    const path = '/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=a%26b%40one.example';
    const [config, own] = await Promise.all([parse<Element>(await text(path)), text(path.replace('one', 'two'))]);
    expect(config.slice(0, 2)).toEqual(['clientConfig', { version: '1.1' }]);
    const [imap, pop] = all(config, 'incomingServer');
    const common = { authentication: 'password-cleartext', username: '%EMAILADDRESS%' };
    expect([imap?.[1], fields(imap)]).toEqual([
      { type: 'imap' },
      { ...common, hostname: 'mail.host.example', port: '993', socketType: 'SSL' },
    ]);
    expect([pop?.[1], fields(pop)['port']]).toEqual([{ type: 'pop3' }, '995']);
    expect(fields(all(config, 'outgoingServer')[0])).toEqual({
      ...common,
      hostname: 'mail.host.example',
      port: '587',
      socketType: 'STARTTLS',
    });
    expect(fields(all(await parse<Element>(own), 'incomingServer')[0])).toMatchObject({
      hostname: 'imap.two.example',
      port: '143',
      socketType: 'STARTTLS',
    });
    const byHost = await text(`/mail/config-v1.1.xml?emailaddress=x%40xn--bcher-kva.example`);
    expect(fields((await parse<Element>(byHost))[3][0])).toMatchObject({ domain: 'xn--bcher-kva.example' });
  });

  test('Outlook reads them, in the answer to what it posts', async () => {
    const answer = await ask(question("o'brien&co@one.example"));
    expect(answer.headers.get('Content-Type')).toBe('text/xml; charset=utf-8');
    const document = await parse<Element>(await answer.text());
    expect(all(document, 'Protocol').map((protocol) => fields(protocol))).toMatchObject([
      { Type: 'IMAP', Server: 'mail.host.example', Port: '993', Encryption: 'SSL', LoginName: "o'brien&co@one.example" },
      { Type: 'POP3', Server: 'pop.host.example', Port: '995', SSL: 'on' },
      { Type: 'SMTP', Server: 'mail.host.example', Port: '587', Encryption: 'TLS', AuthRequired: 'on' },
    ]);
    const errors = [question('nobody'), question('a@one.example', 'http://other.example/schema'), 'no XML at all'];
    for (const [place, code] of ['600', '601', '600'].entries()) {
      const refused = await parse<Element>(await (await ask(errors[place] ?? '')).text());
      expect([place, fields(all(refused, 'Error')[0])['ErrorCode']]).toEqual([place, code]);
    }
    expect((await ask('x'.repeat(20_000))).status).toBe(413);
  });

  test('Apple’s programs read a profile, which is the same for the same settings', async () => {
    const path = '/mail/apple.mobileconfig?emailaddress=j%3Coe%26%40one.example';
    const response = await get(path.replace('%3C', ''));
    expect(response.headers.get('Content-Type')).toBe('application/x-apple-aspen-config');
    const profile = await response.text();
    const address = 'joe&@one.example';
    expect(await parse(profile)).toMatchObject({
      PayloadType: 'Configuration',
      PayloadDisplayName: address,
      PayloadUUID: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/) as unknown,
      PayloadContent: [
        {
          PayloadType: 'com.apple.mail.managed',
          EmailAccountType: 'EmailTypeIMAP',
          EmailAddress: address,
          IncomingMailServerHostName: 'mail.host.example',
          IncomingMailServerPortNumber: 993,
          IncomingMailServerUseSSL: true,
          IncomingMailServerUsername: address,
          OutgoingMailServerPortNumber: 587,
          OutgoingPasswordSameAsIncomingPassword: true,
        },
      ],
    });
    expect(await text(path.replace('%3C', ''))).toBe(profile);
    expect((await get(path)).status).toBe(404);
  });

  test('nobody learns which addresses there are; what is no address gets nothing; too much is refused', async () => {
    for (const name of ['thing', 'other']) {
      const [user, nobody] = [`user@${name}.example`, `nobody@${name}.example`];
      const thunderbird = (address: string): Promise<string> => text(`/mail/config-v1.1.xml?emailaddress=${address}`);
      expect(await thunderbird(user)).toBe(await thunderbird(nobody));
      expect(await (await ask(question(user))).text()).toBe(
        (await (await ask(question(nobody))).text()).replaceAll(nobody, user),
      );
    }
    for (const typed of ['', 'x', '@one.example', '"><script>@one.example', 'a@one.example%0d%0aX: y']) {
      for (const path of ['/mail/config-v1.1.xml', '/mail/apple.mobileconfig']) {
        expect([typed, (await get(`${path}?emailaddress=${encodeURIComponent(typed)}`)).status]).toEqual([typed, 404]);
      }
    }
    const statuses = new Set<number>();
    const from = { 'X-Forwarded-For': '192.0.2.7' };
    for (let request = 0; request < 300 && !statuses.has(429); request++) {
      statuses.add((await get('/mail/config-v1.1.xml?emailaddress=a@one.example', from)).status);
    }
    expect([...statuses]).toEqual([200, 429]);
    expect((await get('/mail/config-v1.1.xml?emailaddress=a@one.example')).status).toBe(200);
  });
});

test.each([
  [{ imap: ['mail.host.example'] }, 'smtp', /send through is missing/],
  [{ smtp: ['mail.host.example'] }, 'imap', /read from is missing/],
  [{ imap: ['a.example=i.example'], smtp: ['b.example=s.example'] }, 'smtp', /of a\.example send through/],
  [{ imap: ['mail.host.example:70000'], smtp: ['s.example'] }, 'imap', /names no server/],
  [{ imap: ['mail.host.example/ssl'], smtp: ['s.example'] }, 'imap', /names no server/],
  [{ imap: ['a.example', 'b.example'], smtp: ['s.example'] }, 'imap', /a second one for all domains/],
  [{ imap: ['imap://a.example'], smtp: ['s.example'] }, 'imap', /names no server/],
] as const)('servers %j are refused', (typed, field, message) => {
  expect(() => ClientServers.parse(typed)).toThrow(
    expect.objectContaining({ kind: 'invalid', field, message: expect.stringMatching(message) as unknown }),
  );
});

test('what is written into XML is read from it again', () => {
  const value = `<&>"' é 𝄞 ]]>`;
  expect(elementText(`<a><x:b c="d">\n${xml`${value}`.text}</x:b></a>`, 'b')).toBe(value);
  expect([elementText('<b>&#65;&#x42;&nbsp;</b>', 'b'), elementText('<b><c/></b>', 'b')]).toEqual(['AB&nbsp;', undefined]);
  expect(xml`${'a\u0000\u001bb\ud800c'}`.text).toBe('abc');
});
