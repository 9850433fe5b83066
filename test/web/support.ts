/** The web site in front of a hosting tree and a client without a browser. */
import { randomBytes } from 'node:crypto';
import { startWeb, type RunningWeb, type StartWebOptions } from '../../src/web/start.js';
import type { ReferenceServer, ServerKind } from '../support/reference-server.js';
import { settings, startHosting } from '../mail/support.js';

export interface WebUnderTest {
  readonly ldap: ReferenceServer;
  readonly web: RunningWeb;
  readonly url: string;
  readonly errors: unknown[];
  /** Lines about what clients did wrong. */
  readonly notices: string[];
  stop(): Promise<void>;
}

export async function startWebUnderTest(
  kind: ServerKind,
  options: Partial<StartWebOptions> & { readonly ldif?: string; readonly limits?: string } = {},
): Promise<WebUnderTest> {
  const { ldif, limits, ...webOptions } = options;
  const ldap = await startHosting(kind, ldif, limits);
  const errors: unknown[] = [];
  const notices: string[] = [];
  const web = await startWeb({
    ldapUrl: ldap.url,
    listen: '127.0.0.1:0',
    settings,
    onError: (error) => errors.push(error),
    onNotice: (line) => notices.push(line),
    ...webOptions,
  });
  return {
    ldap,
    web,
    url: web.url.replace(/\/$/, ''),
    errors,
    notices,
    stop: async () => {
      await web.close();
      await ldap.stop();
    },
  };
}

/** A visitor without script: keeps cookies, follows nothing by itself, fills in tokens. */
export class Visitor {
  readonly #cookies = new Map<string, string>();

  constructor(readonly url: string) {}

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#answer(await fetch(this.url + path, { redirect: 'manual', headers: { ...headers, Cookie: this.cookies } }));
  }

  /** Sends a form as a page of the site would, with the token of `from` (by default the page the visitor starts on). */
  async post(
    path: string,
    fields: Record<string, string | string[]>,
    options: { readonly from?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const token = (await this.get(options.from ?? '/me')).token || (await this.get('/domains')).token;
    return this.postRaw(path, { _token: token, ...fields }, options.headers);
  }

  async postRaw(path: string, fields: Record<string, string | string[]>, headers: Record<string, string> = {}): Promise<Answer> {
    const body = new URLSearchParams();
    for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, value);
    return this.#answer(
      await fetch(this.url + path, { method: 'POST', redirect: 'manual', body, headers: { ...headers, Cookie: this.cookies } }),
    );
  }

  async logIn(name: string, password: string): Promise<Answer> {
    const { token } = await this.get('/login');
    return this.postRaw('/login', { _token: token, name, password });
  }

  /** After a form: what the page it leads to says. */
  async follow(answer: Answer): Promise<Answer> {
    return answer.location === undefined ? answer : this.get(answer.location);
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async #answer(response: Response): Promise<Answer> {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return new Answer(response, await response.text());
  }
}

export class Answer {
  constructor(
    readonly response: Response,
    readonly text: string,
  ) {}

  get status(): number {
    return this.response.status;
  }

  get location(): string | undefined {
    return this.response.headers.get('Location') ?? undefined;
  }

  get token(): string {
    return /name="_token" value="([^"]*)"/.exec(this.text)?.[1] ?? '';
  }

  /** The messages and errors of the page, without markup. */
  get says(): string {
    return [...this.text.matchAll(/<p class="(?:message [^"]*|error)"[^>]*>([^<]*)/g)].map((match) => match[1]).join('\n');
  }
}

/** A name no other test uses. */
export function freshName(prefix = 'n'): string {
  return `${prefix}${randomBytes(4).toString('hex')}`;
}
