/** Welcome mails: their template, and how pages, commands and API send them, in front of slapd and jammd. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClientServers } from '../../src/mail/client-servers.js';
import { getDomain } from '../../src/mail/domains.js';
import { isPlainAddress, MailRelay, parseRelay } from '../../src/mail/mail-relay.js';
import { welcomeSettings } from '../../src/mail/welcome-settings.js';
import { fillTemplate, parseTemplate, placeholders } from '../../src/mail/welcome-template.js';
import { welcomeLanguages, welcomeTemplates } from '../../src/mail/welcome-texts.js';
import { sendWelcome } from '../../src/mail/welcome.js';
import { people } from '../support/hosting-tree.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { serverKinds } from '../support/reference-server.js';
import { SmtpSink, type TakenMail } from '../support/smtp-sink.js';
import { freshName, startWebUnderTest, Visitor, type WebUnderTest } from '../web/support.js';
import { Logins, settings } from './support.js';

const program = resolve(import.meta.dirname, '../../bin/jammd');
const clientServers = ClientServers.parse({ imap: ['mail.host.example'], smtp: ['mail.host.example:587'] });
const password = 'correct horse battery';

/** A header's value, encoded words and folds undone; all of that name. */
function headers({ data }: TakenMail, name: string): readonly string[] {
  const head = data.slice(0, data.indexOf('\n\n')).replace(/\n[ \t]+/g, ' ');
  return head
    .split('\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => decodeWords(line.slice(name.length + 1).trim()));
}

function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, encoded: string) =>
      kind.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64').toString('utf8') : unquote(encoded.replaceAll('_', ' ')),
    );
}

function unquote(text: string): string {
  return Buffer.from(
    text
      .replace(/=\n/g, '')
      .replace(/((?:=[\dA-F]{2})+)/gi, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8')),
  ).toString('utf8');
}

function body({ data }: TakenMail): string {
  const text = data.slice(data.indexOf('\n\n') + 2);
  if (/^Content-Transfer-Encoding: base64$/im.test(data)) return Buffer.from(text, 'base64').toString('utf8');
  return /^Content-Transfer-Encoding: quoted-printable$/im.test(data) ? unquote(text) : text;
}

describe.each(serverKinds)('on %s', (kind) => {
  let sink: SmtpSink;
  let site: WebUnderTest;
  let logins: Logins;
  let chief: Visitor;

  beforeAll(async () => {
    sink = await SmtpSink.start();
    const relay = new MailRelay({ host: '127.0.0.1', port: sink.port, security: 'none' });
    const others = { template: undefined, from: undefined, site: 'https://mail.host.example/', clientServers };
    const welcome = welcomeSettings({ relay, language: 'de', ...others });
    site = await startWebUnderTest(kind, {
      settings: { ...settings, welcome, ...(clientServers === undefined ? {} : { clientServers }) },
    });
    logins = new Logins(site.ldap.url);
    chief = new Visitor(site.url);
    await chief.logIn(people.postmaster.mail, people.postmaster.password);
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    await logins?.close();
    await site?.stop();
    await sink?.stop();
  });

  const newest = (): TakenMail => sink.mails.at(-1) ?? { from: '', to: [], data: '' };
  const make = async (fields: Record<string, string>): Promise<string> => {
    const path = '/domains/one.example/accounts/new';
    return (await chief.follow(await chief.post(path, { password, repeat: password, ...fields }))).says;
  };

  test('a new account is welcomed in its language; a refusal is told and the account stays; the button sends it again', async () => {
    expect((await chief.get('/domains/one.example/accounts/new')).text).toMatch(/name="welcome" value="on" checked/);
    const name = freshName();
    expect(await make({ address: name, name: 'Zoë “Z” O’Hara', welcome: 'on' })).toMatch(
      /^A welcome mail to .* is on its way\.\nAdded /,
    );
    const mail = newest();
    expect([mail.from, mail.to]).toEqual(['postmaster@one.example', [`${name}@one.example`]]);
    expect(headers(mail, 'Subject')).toEqual([`Ihr Postfach ${name}@one.example`]);
    expect(headers(mail, 'To')[0]).toContain('Zoë “Z” O’Hara');
    expect(headers(mail, 'Auto-Submitted')).toEqual(['auto-generated']);
    const text = body(mail);
    expect(text).toContain('Guten Tag Zoë “Z” O’Hara,');
    expect(text).toContain('Posteingang (IMAP): mail.host.example, Port 993, SSL/TLS\n');
    expect(text).toContain('https://mail.host.example/');

    const count = sink.mails.length;
    const other = freshName();
    sink.refusal = '451 4.3.0 the disk is full';
    const said = await make({ address: other, welcome: 'on' });
    expect(said).toMatch(/^The account is made, but not its welcome mail\. The mail could not be sent: .*the disk is full/);
    expect(said).toMatch(/Added /);
    expect(sink.mails).toHaveLength(count);
    const path = `/domains/one.example/accounts/${other}@one.example`;
    const send = async (): Promise<string> => (await chief.follow(await chief.post(`${path}/welcome`, {}, { from: path }))).says;
    expect(await send()).toMatch(/is on its way/);
    expect(newest().to).toEqual([`${other}@one.example`]);
    expect(await send()).toMatch(/sent a moment ago/);
    expect(await make({ address: freshName() })).toMatch(/^Added /);
    expect(sink.mails).toHaveLength(count + 1);
  });

  test('whatever a name holds, it makes no header, no line and no second recipient', async () => {
    const mail = await logins.manager();
    const odd = 'Eve\r\nBcc: x@two.example\nX-Other: 1\u2028, "Mallory" <y@two.example>';
    await mail.directory.modify(people.neighbour.dn, [['replace', 'cn', [odd]]]);
    const path = `/domains/one.example/accounts/${people.neighbour.mail}`;
    expect((await chief.follow(await chief.post(`${path}/welcome`, {}, { from: path }))).says).toMatch(/is on its way/);
    const taken = newest();
    expect(taken.to).toEqual([people.neighbour.mail]);
    expect([headers(taken, 'Bcc'), headers(taken, 'X-Other'), headers(taken, 'To')]).toEqual([
      [],
      [],
      [expect.stringMatching(/<neighbour@one\.example>$/)],
    ]);
    expect(body(taken)).toContain('Guten Tag Eve Bcc: x@two.example X-Other: 1 , "Mallory" <y@two.example>,');
  });

  test('who gets none: inactive and deleted accounts, those of others, and where nothing is said of a server', async () => {
    const mail = await logins.manager();
    const domain = await getDomain(mail, 'one.example');
    const withRelay = { ...mail, settings: { ...mail.settings, welcome: welcomeSettings({ ...unreachable, language: 'en' }) } };
    await expect(sendWelcome(mail, domain, people.user.mail)).rejects.toMatchObject({
      kind: 'conflict',
      message: /--mail-relay/,
    });
    for (const who of [people.inactive.mail, people.deleted.mail])
      await expect(sendWelcome(withRelay, domain, who)).rejects.toMatchObject({ kind: 'conflict', message: /refused/ });
    await expect(sendWelcome(withRelay, domain, people.user.mail)).rejects.toMatchObject({
      kind: 'not-sent',
      message: /127\.0\.0\.1:9: /,
    });
    const stranger = await logins.person('otherPostmaster');
    const theirs = { ...withRelay, directory: stranger.directory, actor: stranger.actor };
    await expect(sendWelcome(theirs, domain, people.user.mail)).rejects.toMatchObject({ kind: 'denied' });
  });

  test('on the command line, with a template of one’s own, and by the API', async () => {
    const folder = await makeFolder('welcome');
    try {
      const file = join(folder, 'welcome.txt');
      await writeFile(file, 'Subject: Hi {name}\n\nAt {domain}.\n\nOnly with {site}\n');
      const jammd = (args: readonly string[], input = ''): ReturnType<typeof run> =>
        run(process.execPath, [program, 'account', ...args], {
          env: { ...process.env, JAMMD_LDAP_URL: site.ldap.url, JAMMD_PASSWORD: 'secret' },
          input,
        });
      const relay = ['--mail-relay', `127.0.0.1:${sink.port}/none`, '--welcome-from', 'hello@host.example'];
      const template = ['--welcome-template', file];
      const address = `${freshName()}@two.example`;
      const add = ['add', address, '--welcome', '--json'];
      expect((await jammd(add, password)).stderr).toMatch(/--mail-relay/);
      expect((await jammd([...add, ...relay, ...template], password)).stderr).toMatch(/uses \{site\}.*--public-url/);
      await writeFile(file, 'Subject: Hi {name}\n\nAt {domain}.\n');
      const made = await jammd([...add, ...relay, ...template], `${password}\n`);
      expect([made.stderr, JSON.parse(made.stdout)]).toMatchObject(['', { address, welcomed: true }]);
      const { from, to } = newest();
      expect([from, to, headers(newest(), 'Subject'), body(newest()).trim()]).toEqual([
        'hello@host.example',
        [address],
        [`Hi ${address}`],
        'At two.example.',
      ]);
      sink.refusal = '550 5.7.1 not from you';
      const again = await jammd(['welcome', address, people.stranger.mail, ...relay]);
      expect([again.code, again.stdout]).toEqual([1, expect.stringMatching(/not from you.*\nstranger@two\.example welcomed\n$/)]);
    } finally {
      await removeFolder(folder);
    }
    const who = `Basic ${Buffer.from(`${people.postmaster.mail}:${people.postmaster.password}`).toString('base64')}`;
    const welcome = (name: string): Promise<Response> =>
      fetch(`${site.url}/api/v1/domains/one.example/accounts/${name}/welcome`, {
        method: 'POST',
        headers: { Authorization: who },
      });
    expect((await welcome('user')).status).toBe(204);
    sink.refusal = '550 no';
    const refused = await welcome('chief');
    expect([refused.status, await refused.json()]).toMatchObject([503, { title: 'A mail could not be sent' }]);
  });
});

const unreachable = {
  relay: new MailRelay({ host: '127.0.0.1', port: 9, security: 'none' }),
  template: undefined,
  from: undefined,
  site: undefined,
  clientServers: undefined,
};

describe('a template', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);

  test.each(welcomeLanguages)(
    'of jammd’s own, in %s, passes its own checks and uses every placeholder but the domain',
    (language) => {
      const { subject, body: text } = welcomeTemplates[language];
      const template = parseTemplate(bytes(`Subject: ${subject}\n\n${text}`));
      expect(template).toEqual(welcomeTemplates[language]);
      const used = placeholders.filter((name) => `${subject}${text}`.includes(`{${name}}`));
      expect(used).toEqual(placeholders.filter((name) => name !== 'domain'));
      const values = { name: 'N', address: 'A', domain: 'D', settings: '', site: '', postmaster: 'P' };
      expect(fillTemplate(template, values).body).not.toMatch(/[{}]|\n{3}/);
    },
  );

  test.each([
    ['Hello\n\ntext', /line 1: it has to begin with “Subject: ”/],
    ['Subject:  \n\ntext', /line 1/],
    ['Subject: a\ntext', /line 2: an empty line/],
    ['Subject: a\n\n \n', /line 3: the text is missing/],
    ['Subject: a {nam}\n\ntext', /line 1: there is no \{nam\}; use \{name\}, \{address\}/],
    ['Subject: a\r\n\r\none\r\n{password}\r\n', /line 4: there is no \{password\}/],
    ['Subject: a\n\nb\u0007', /line 3: it holds a control character/],
    [`Subject: a\n\n${'x'.repeat(70_000)}`, /more than 64 KiB/],
    [Buffer.from([0x53, 0xff]), /not UTF-8/],
  ])('%j is refused', (text, message) => {
    expect(() => parseTemplate(typeof text === 'string' ? bytes(text) : text)).toThrow(message);
  });

  test('values that look like placeholders stay as they are', () => {
    const template = parseTemplate(bytes('Subject: {name}\n\n{name} { not one } {address}\n'));
    const values = { name: '{site}', address: '$& $1', domain: '', settings: '', site: 'S', postmaster: '' };
    expect(fillTemplate(template, values)).toEqual({ subject: '{site}', body: '{site} { not one } $& $1\n' });
  });
});

test.each([
  ['127.0.0.1', { host: '127.0.0.1', port: 25, security: 'may' }],
  ['[::1]:2525/none', { host: '::1', port: 2525, security: 'none' }],
  ['mail.example.com/starttls', { host: 'mail.example.com', port: 587, security: 'starttls' }],
  ['mail.example.com:465', { host: 'mail.example.com', port: 465, security: 'tls' }],
] as const)('the mail relay %s', (text, address) => {
  expect(parseRelay(text)).toEqual(address);
});

test('relays that are none, and passwords in clear over a network, are refused', () => {
  for (const text of ['', 'smtp://a', 'a:0', 'a:99999', 'a/ssl', 'a b'])
    expect(() => parseRelay(text)).toThrow(/names no server/);
  const credentials = { user: 'u', password: 'p' };
  expect(() => new MailRelay(parseRelay('mail.example.com:25'), credentials)).toThrow(/over TLS only/);
  expect(new MailRelay(parseRelay('127.0.0.1'), credentials).address.port).toBe(25);
  const plain = [
    'a@b.example',
    "o'brien+x@one.example",
    'a b@c.example',
    'a@b',
    'a,b@c.example',
    'a@b.example\nBcc: c',
    '"a"@b.example',
  ];
  expect(plain.map(isPlainAddress)).toEqual([true, true, false, false, false, false, false]);
});
