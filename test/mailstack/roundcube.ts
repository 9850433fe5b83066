/** Roundcube on a host of its own, with the files that `jammd config roundcube` prints, and a person who uses it in a browser. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { accepts, freePort } from '../support/place.js';
import type { Daemon } from '../support/process.js';
import type { Host } from './host.js';
import { fileOf, type PrintedFiles } from './printed-config.js';

const configFile = '/etc/roundcube/config.inc.php';
const publicFolder = '/var/lib/roundcube/public_html';

export class Roundcube {
  readonly url: string;
  #daemon: Daemon | undefined;

  private constructor(
    private readonly host: Host,
    private readonly packaged: string,
    private readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}/`;
  }

  static async start(host: Host, files: PrintedFiles): Promise<Roundcube> {
    const roundcube = new Roundcube(host, await host.read(configFile), await freePort());
    await roundcube.configure(files);
    return roundcube;
  }

  /** As an administrator does it: lines go to the end of the package's file, whole files take the place of others. */
  async configure(files: PrintedFiles): Promise<void> {
    await this.#daemon?.stop();
    await this.host.write(configFile, `${this.packaged}\n${fileOf(files, configFile)}`);
    for (const [path, text] of files) if (path !== configFile) await this.host.write(path, text);
    // As the web server's user; PHP's own server takes one request at a time, unless it has workers.
    const asWebUser = ['--pdeathsig', 'KILL', '--reuid', 'www-data', '--regid', 'www-data', '--init-groups'];
    const php = ['env', 'PHP_CLI_SERVER_WORKERS=4', 'php', '-S', `127.0.0.1:${this.port}`, '-t', publicFolder];
    this.#daemon = this.host.start('setpriv', [...asWebUser, ...php]);
    await this.#daemon.waitUntil(() => accepts(this.port));
  }

  /** What Roundcube and PHP complained of, but for passwords that were wrong. */
  async complaints(): Promise<string> {
    const { stdout } = await this.host.run('sh', ['-c', 'grep -v "Login failed for" /var/log/roundcube/errors.log']);
    return stdout;
  }
}

/** Somebody with a browser of their own, without cookies. */
export class WebmailUser {
  private constructor(
    private readonly context: BrowserContext,
    private readonly page: Page,
    private readonly url: string,
  ) {}

  static async open(browser: Browser, url: string): Promise<WebmailUser> {
    const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return new WebmailUser(context, page, url);
  }

  close(): Promise<void> {
    return this.context.close();
  }

  /** 'in', or what the page says instead. */
  async logIn(user: string, password: string): Promise<string> {
    await this.#go('');
    await this.page.fill('#rcmloginuser', user);
    await this.page.fill('#rcmloginpwd', password);
    await this.page.click('#rcmloginsubmit');
    await this.page.waitForSelector('#mailboxlist, #messagestack .ui.alert');
    return (await this.page.locator('#mailboxlist').count()) > 0 ? 'in' : this.#said();
  }

  /** The text of the first message with this subject. */
  async read(subject: string): Promise<string> {
    await this.#go('?_task=mail&_mbox=INBOX');
    await this.page.locator('#messagelist .subject a', { hasText: subject }).first().click();
    return this.page.frameLocator('#messagecontframe').locator('#messagebody').innerText();
  }

  /** Begins a message and types into its field for recipients; answers with what the address books offer. */
  async suggestions(letters: string): Promise<string[]> {
    await this.#compose();
    await this.page.locator('#compose-headers .recipient-input input').first().pressSequentially(letters, { delay: 30 });
    const offered = this.page.locator('#rcmKSearchpane li');
    await offered.first().waitFor();
    return (await offered.allInnerTexts()).map((text) => text.trim());
  }

  /** 'sent', or what the page says instead. */
  async send(to: string, subject: string, body: string): Promise<string> {
    await this.#compose();
    await this.page.locator('#compose-headers .recipient-input input').first().fill(`${to},`);
    await this.page.fill('#compose-subject', subject);
    await this.page.fill('#composebody', body);
    await this.page.click('#toolbar-menu a.send, button.send');
    // A message that is sent takes the page along, and what it said of that.
    const left = this.page.waitForURL((url) => !url.search.includes('_action=compose')).then(() => 'sent');
    const trouble = this.page.locator('#messagestack .alert-danger, #messagestack .alert-warning').first();
    return Promise.any([left, trouble.waitFor().then(() => trouble.innerText())]);
  }

  /** What the page says after the change. */
  async changePassword(old: string, fresh: string): Promise<string> {
    await this.#go('?_task=settings&_action=plugin.password');
    await this.page.fill('#curpasswd', old);
    await this.page.fill('#newpasswd', fresh);
    await this.page.fill('#confpasswd', fresh);
    await this.page.click('button.submit');
    return this.#said();
  }

  /** The names that the directory's address book shows for a search. */
  async lookUp(words: string): Promise<string[]> {
    await this.#go('?_task=addressbook&_source=jammd');
    await this.page.locator('#directorylist a', { hasText: 'Mail accounts' }).click();
    await this.#idle();
    await this.page.fill('#searchform', words);
    const searched = this.page.waitForResponse((response) => response.url().includes('_action=search'));
    await this.page.press('#searchform', 'Enter');
    await (await searched).finished();
    await this.#idle();
    return (await this.page.locator('#contacts-table tbody tr:visible').allInnerTexts()).map((text) => text.trim());
  }

  async #go(query: string): Promise<void> {
    await this.page.goto(this.url + query);
    await this.#idle();
  }

  /** While it waits for an answer, Roundcube drops what its user asks for. */
  async #idle(): Promise<void> {
    await this.page.waitForFunction('window.rcmail && !rcmail.busy');
  }

  async #compose(): Promise<void> {
    await this.#go('?_task=mail&_action=compose');
    await this.page.locator('#compose-headers .recipient-input input').first().waitFor();
  }

  async #said(): Promise<string> {
    const message = this.page.locator('#messagestack .ui.alert:not(.loading)').first();
    await message.waitFor();
    return (await message.innerText()).trim();
  }
}
