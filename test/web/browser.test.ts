/**
 * The pages in a real browser, as each of the three roles: what the script adds, that all goes without it, that axe finds
 * nothing, in both colour schemes and on a phone. With JAMMD_SCREENSHOTS=1 the pictures of docs/images are taken anew.
 */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { getAccount, getAlias } from '../../src/mail/entries.js';
import { getDomain } from '../../src/mail/domains.js';
import { ClientServers } from '../../src/mail/client-servers.js';
import { FactorKey } from '../../src/mail/factor-key.js';
import { MailRelay } from '../../src/mail/mail-relay.js';
import { stepAt, totpCode } from '../../src/mail/totp.js';
import { welcomeSettings } from '../../src/mail/welcome-settings.js';
import { startBrowser } from '../support/browser.js';
import { people } from '../support/hosting-tree.js';
import { baseLdif } from '../support/howto.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { runOrFail } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds } from '../support/reference-server.js';
import { deafDns, Logins, settings } from '../mail/support.js';
import { freshName, startWebUnderTest, type WebUnderTest } from './support.js';

const axeSource = readFileSync(resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const images = resolve(import.meta.dirname, '../../docs/images');
const password = 'correct horse battery';

type Who = keyof typeof people | 'root';

describe.skipIf(requirePrograms('chromium')).each(serverKinds)('in a browser, on %s', (kind) => {
  let site: WebUnderTest;
  let browser: Browser;
  let logins: Logins;
  let logFolder: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    const clientServers = ClientServers.parse({ imap: ['mail.host.example'], smtp: ['mail.host.example'] });
    logFolder = await makeFolder('activity');
    const auditLog = join(logFolder, 'audit.jsonl');
    const change = { event: 'modify', who: people.user.dn, dn: people.user.dn, changes: [{ attribute: 'cn' }] };
    const line = JSON.stringify({ time: '2026-11-28T17:50:13.100Z', ...change, code: 0 });
    await writeFile(auditLog, `${line}\n${line.replace('"code":0', '"code":50')}\n`);
    const relay = new MailRelay({ host: '127.0.0.1', port: 9, security: 'none' });
    const welcome = welcomeSettings({
      relay,
      language: 'en',
      template: undefined,
      from: undefined,
      site: undefined,
      clientServers,
    });
    site = await startWebUnderTest(kind, {
      secondFactor: { key: new FactorKey(Buffer.alloc(32, 9)), requiredOf: 'nobody' },
      settings: {
        ...settings,
        welcome,
        dns: deafDns,
        activity: { kind: 'audit-log', path: auditLog },
        ...(clientServers === undefined ? {} : { clientServers }),
      },
    });
    logins = new Logins(site.ldap.url);
    browser = await startBrowser();
  });
  afterAll(async () => {
    expect(site?.errors ?? []).toEqual([]);
    for (const context of contexts) await context.close();
    await browser?.close();
    await logins?.close();
    await site?.stop();
    await removeFolder(logFolder);
  });

  async function open(who: Who | undefined, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1200, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      ...options,
    });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text());
    });
    await page.goto(`${site.url}/login`);
    if (who !== undefined) {
      await page.fill('#name', who === 'root' ? 'root' : people[who].mail);
      await page.fill('#password', who === 'root' ? 'secret' : people[who].password);
      await Promise.all([page.waitForURL((url) => url.pathname !== '/login'), page.click('main button.primary')]);
    }
    expect(complaints).toEqual([]);
    return page;
  }

  async function violations(page: Page): Promise<string[]> {
    // Not as a script element: the site's policy forbids that, which is as it should be.
    await page.evaluate(axeSource);
    return page.evaluate(async () => {
      const axe = (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
        }
      ).axe;
      const result = await axe.run();
      return result.violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
      );
    });
  }

  const pagesOf: Readonly<Record<string, readonly [Who | undefined, readonly string[]]>> = {
    nobody: [undefined, ['/login', '/api/v1/docs']],
    'the site admin': [
      'root',
      [
        ...[
          '/domains',
          '/domains?status=deleted',
          '/domains/new',
          '/domains/one.example',
          '/domains/one.example/aliases',
          '/domains/one.example/catch-all',
        ],
        ...[
          '/domains/one.example/postmasters',
          '/domains/one.example/import',
          '/domains/one.example/tokens',
          '/domains/one.example/dns',
          '/domains/one.example/activity',
          '/domains/one.example/settings',
          '/domains/one.example/accounts/new',
          '/nowhere',
        ],
        ...[
          `/domains/one.example/accounts/${people.user.mail}`,
          '/domains/one.example/aliases/new',
          `/domains/one.example/aliases/${people.alias.mail}`,
        ],
      ],
    ],
    'a postmaster': [
      'postmaster',
      [
        '/domains/one.example',
        '/domains/one.example?q=nobody-at-all',
        `/domains/one.example/accounts/${people.deleted.mail}`,
        '/me',
      ],
    ],
    'a user': ['user', ['/me', '/second-factor', '/domains']],
    'an alias user': ['alias', ['/me']],
  };

  // The pages are the same whatever directory is behind them.
  if (kind === 'jammd') {
    describe.each(Object.entries(pagesOf))('axe finds nothing on the pages of %s', (_, [who, paths]) => {
      test.each([
        ['light', { colorScheme: 'light' }],
        ['dark', { colorScheme: 'dark' }],
        ['phone', { viewport: { width: 390, height: 800 }, hasTouch: true }],
      ] as const)('%s', async (_name, options) => {
        const page = await open(who, options);
        for (const path of paths) {
          await page.goto(site.url + path);
          expect([path, await violations(page)]).toEqual([path, []]);
          const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
          expect([path, overflow]).toEqual([path, 0]);
          for (const tab of await page.locator('.tabs [aria-current]').all()) {
            const { x = -1, width = 0 } = (await tab.boundingBox()) ?? {};
            expect([path, x >= 0 && x + width <= (page.viewportSize()?.width ?? 0)]).toEqual([path, true]);
          }
        }
      });
    });
  }

  test('the site admin: a domain, its flags in place, its deletion with a question', async () => {
    const page = await open('root');
    const name = `${freshName()}.example`;
    await page.click('text=Add a domain');
    await page.fill('#domain', name);
    await page.click('main button.primary');
    await page.waitForSelector(`text=Added ${name} with postmaster and abuse`);
    await page.goto(`${site.url}/domains?q=${name}`);
    const flag = page.getByRole('switch', { name: `Postmasters may edit accounts: ${name}` });
    await flag.click();
    await page.waitForSelector('.message.done');
    expect(await flag.getAttribute('aria-checked')).toBe('false');
    // Still here, and the keyboard still on the switch: nothing was reloaded.
    expect(await page.locator('*:focus').getAttribute('aria-label')).toBe(`Postmasters may edit accounts: ${name}`);
    expect((await getDomain(await logins.manager(), name)).can.editAccounts).toBe(false);
    await page.goto(`${site.url}/domains/${name}/settings`);
    await page.click('text=Delete this domain');
    expect(await page.locator('dialog').innerText()).toContain('Mail to it is refused and nobody in it can log in');
    expect(await violations(page)).toEqual([]);
    await page.locator('dialog').getByText('Cancel').click();
    expect((await getDomain(await logins.manager(), name)).deleted).toBe(false);
    await page.click('text=Delete this domain');
    await page.locator('dialog button.danger').click();
    await page.waitForSelector(`text=${name} is deleted`);
    expect((await getDomain(await logins.manager(), name)).deleted).toBe(true);
  });

  test('a postmaster: an account from the form to the list, found while typing, switched off in place', async () => {
    const page = await open('postmaster');
    const local = freshName();
    await page.click('text=Add an account');
    await page.fill('#address', local);
    await page.fill('#name', 'Ñame <b>');
    await page.fill('#password', 'short');
    expect(await page.locator('.strength-text').innerText()).toContain('too short');
    await page.fill('#password', password);
    expect(await page.locator('.strength-text').innerText()).toMatch(/good/i);
    await page.getByRole('button', { name: 'Show: New password' }).click();
    expect(await page.locator('#password').getAttribute('type')).toBe('text');
    await page.fill('#repeat', password);
    await page.click('text=Add account');
    await page.waitForSelector('.message.done');
    await page.locator('#q').pressSequentially(local.slice(0, 6));
    await expect.poll(() => page.locator('#results tbody tr').count()).toBe(1);
    expect(page.url()).toContain(`q=${local.slice(0, 6)}`);
    expect(await page.locator('#results tbody').innerText()).toContain('Ñame <b>');
    const active = page.getByRole('switch', { name: `Active: ${local}@one.example` });
    await active.click();
    await page.waitForSelector('text=is inactive: mail is refused');
    expect((await getAccount(await logins.manager(), 'one.example', `${local}@one.example`)).active).toBe(false);
  });

  test('a user: an app password, then a second factor, which the next login asks for', async () => {
    const page = await open('neighbour');
    await page.fill('#app-label', 'Phone');
    await page.fill('#app-old', people.neighbour.password);
    await page.click('text=Make an app password');
    expect(await page.locator('#app-password').innerText()).toMatch(/^(\w{5}-){3}\w{5}$/);
    expect(await violations(page)).toEqual([]);
    await page.click('text=Done');
    await page.click('a[href="/second-factor"]');
    const secret = (await page.locator('#secret').innerText()).replaceAll(' ', '');
    if (requirePrograms('zbarimg') === undefined) {
      const folder = await makeFolder('qr');
      const picture = join(folder, 'code.png');
      await page.locator('svg.qr').screenshot({ path: picture });
      const { stdout } = await runOrFail('zbarimg', ['--quiet', '--raw', picture]);
      await removeFolder(folder);
      expect(stdout.trim()).toBe(await page.locator('a[href^="otpauth:"]').getAttribute('href'));
    }
    await page.fill('#code', totpCode(secret, stepAt(new Date())));
    await page.fill('#old', people.neighbour.password);
    await page.click('text=Switch on');
    const recovery = await page.locator('#recovery code').allInnerTexts();
    expect(recovery).toHaveLength(10);
    expect(await violations(page)).toEqual([]);
    const again = await open('neighbour');
    expect(new URL(again.url()).pathname).toBe('/second-factor');
    expect(await violations(again)).toEqual([]);
    await again.fill('#code', totpCode(secret, stepAt(new Date()) + 1));
    await again.keyboard.press('Enter');
    await again.waitForURL(`${site.url}/me`);
    await again.click('a[href="/second-factor"]');
    await again.fill('#code', recovery[0] ?? '');
    await again.click('text=Switch off');
    await again.waitForSelector('text=Your second factor is off.');
  });

  test('times are shown in the viewer’s zone', async () => {
    const page = await open('postmaster');
    const time = page.locator('#results time').first();
    expect(await time.getAttribute('title')).toMatch(/CEST|CET|Central European|GMT\+[12]/);
  });

  test('an alias user edits destinations with the keyboard alone', async () => {
    const page = await open('alias');
    await page.focus('input[value="stranger@two.example"]');
    await page.keyboard.press('Space');
    await page.focus('#destinations');
    await page.keyboard.type('key@board.example');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Added key@board.example. Removed stranger@two.example.');
    const { destinations } = await getAlias(await logins.manager(), 'one.example', people.alias.mail);
    expect([...destinations].sort()).toEqual(['far@away.example', 'key@board.example', 'user@one.example']);
  });

  test('everything goes without script: switches, questions, search', async () => {
    const page = await open('root', { javaScriptEnabled: false });
    await page.fill('#q', 'two');
    await page.click('main >> text=Search >> nth=-1');
    await page.waitForURL(/q=two/);
    await page.getByRole('switch', { name: 'Active: two.example' }).click();
    await page.waitForSelector('h1:has-text("Deactivate two.example?")');
    await page.click('button.danger');
    await page.waitForSelector('text=two.example is now inactive');
    await page.waitForSelector('tr.off .badge:has-text("inactive")');
    await page.getByRole('switch', { name: 'Active: two.example' }).click();
    await page.waitForSelector('text=two.example is active again');
  });

  test('a form that was sent after the session had ended comes back after the login', async () => {
    const page = await open('postmaster');
    const local = freshName();
    await page.goto(`${site.url}/domains/one.example/aliases/new`);
    await page.fill('#address', local);
    await page.fill('#destinations', 'long@list.example\nof@addresses.example');
    for (const session of site.web.sessions.all()) site.web.sessions.end(session);
    await page.click('main button.primary');
    await page.waitForSelector('text=everything you typed is kept');
    await page.fill('#name', people.postmaster.mail);
    await page.fill('#password', people.postmaster.password);
    await page.click('main button.primary');
    await page.waitForSelector('text=Continue where you left off');
    expect(await violations(page)).toEqual([]);
    await page.click('text=Send again');
    await page.waitForSelector(`text=${local}@one.example delivers to long@list.example, of@addresses.example`);
  });

  test('accounts from CSV: preview, then report', async () => {
    const page = await open('root');
    const [one, two] = [freshName('csv'), freshName('csv')];
    await page.goto(`${site.url}/domains/one.example/import`);
    await page.setInputFiles('#file', {
      name: 'accounts.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`address;name\n${one};One\n${two};Zwö\nabuse;No\n`),
    });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Preview' }).first().click();
    await page.waitForSelector('h1:has-text("Preview")');
    expect(await page.locator('main .card > p').first().innerText()).toContain('2 of 3 accounts can be added');
    expect(await violations(page)).toEqual([]);
    await page.click('text=Add 2 accounts');
    await page.waitForSelector('text=Added 2 accounts. Skipped 1.');
    expect(await violations(page)).toEqual([]);
    const [, secret = ''] = (await page.locator('textarea.report').inputValue()).split('\n')[1]?.split(',') ?? [];
    expect((await logins.as(`${two}@one.example`, secret)).actor.level).toBe('user');

    const alias = freshName('csv');
    await page.goto(`${site.url}/domains/one.example/import`);
    await page.fill('#alias-csv', `${alias},"${one}@one.example, ${two}@one.example"\nbad,notanaddress`);
    await page.getByRole('button', { name: 'Preview' }).last().click();
    await page.waitForSelector('text=it is not an address');
    expect(await violations(page)).toEqual([]);
    await page.click('text=Add 1 alias');
    await page.waitForSelector('text=Added 1 alias. Skipped 1.');
    expect(await violations(page)).toEqual([]);
    await page.goto(`${site.url}/domains/one.example/import`);
    expect((await page.request.get(`${site.url}/export/domains.csv`)).headers()['content-type']).toMatch(/^text\/csv/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Aliases' }).last().click()]);
    expect(file.suggestedFilename()).toBe('aliases-one.example.csv');
    expect(readFileSync(await file.path(), 'utf8')).toContain(`${alias}@one.example,"${one}@one.example, ${two}@one.example"`);
  });
});

describe.skipIf(requirePrograms('chromium'))('pictures for the docs', () => {
  const shots: readonly (readonly [string, string, string, string, BrowserContextOptions])[] = [
    ['domains', 'root', 'secret', '/domains', { viewport: { width: 1100, height: 560 } }],
    ['accounts', 'ada@orchard.example', 'sample-ada', '/domains/orchard.example', { viewport: { width: 1100, height: 700 } }],
    [
      'account-dark',
      'root',
      'secret',
      '/domains/orchard.example/accounts/ben@orchard.example',
      { viewport: { width: 1100, height: 760 }, colorScheme: 'dark' },
    ],
    ['alias-phone', 'market@orchard.example', 'sample-market', '/me', { viewport: { width: 390, height: 760 } }],
  ];
  const renew = process.env['JAMMD_SCREENSHOTS'] === '1';
  let folder: string;
  let site: WebUnderTest;
  let browser: Browser;

  beforeAll(async () => {
    folder = renew ? images : await makeFolder('pictures');
    const sample = readFileSync(resolve(import.meta.dirname, '../../data/sample.ldif'), 'utf8');
    site = await startWebUnderTest('jammd', { ldif: `${baseLdif}\n${sample}` });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    if (!renew) await removeFolder(folder);
  });

  test.each(shots)('%s', async (file, name, secret, path, options) => {
    const page = await (await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options })).newPage();
    await page.goto(`${site.url}/login`);
    await page.fill('#name', name);
    await page.fill('#password', secret);
    await Promise.all([page.waitForURL((url) => url.pathname !== '/login'), page.click('main button.primary')]);
    const response = await page.goto(site.url + path);
    expect(response?.status()).toBe(200);
    const picture = await page.screenshot({ path: join(folder, `${file}.png`) });
    // A page without its style, or an empty one, is a few kilobytes.
    expect(picture.length).toBeGreaterThan(10_000);
  });
});
