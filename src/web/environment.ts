/** What the handlers of the web site share: the request's session, form and person, and the site itself. */
import { domainToASCII } from 'node:url';
import type { Context } from 'hono';
import type { MailContext } from '../mail/context.js';
import type { FormBounds } from './body.js';
import type { CodeBrake } from './code-brake.js';
import type { Form } from './form.js';
import type { LoginThrottle } from './login-throttle.js';
import type { WebOptions } from './options.js';
import type { Peers } from './peers.js';
import type { Session, SessionStore } from './session.js';
import { localPath, type Signer } from './security.js';
import type { StaticFiles } from './static-files.js';
import type { Texts } from './texts/en.js';

export interface Site {
  readonly options: WebOptions;
  readonly sessions: SessionStore;
  readonly throttle: LoginThrottle;
  readonly codes: CodeBrake;
  readonly peers: Peers;
  readonly bounds: FormBounds;
  readonly signer: Signer;
  readonly files: StaticFiles;
  /** The site is reached over TLS. */
  readonly overTls: boolean;
}

export interface Environment {
  Variables: {
    site: Site;
    /** In the language of the request. */
    texts: Texts;
    /** Set on every route behind the login. */
    session: Session;
    /** Set on every POST. */
    form: Form;
  };
}

export type WebContext = Context<Environment, string>;

export function mailOf(context: WebContext): MailContext {
  return context.get('session').mail;
}

export function textsOf(context: WebContext): Texts {
  return context.get('texts');
}

/** The form that was sent, on pages that are shown for both GET and POST. */
export function sentForm(context: WebContext): Form | undefined {
  return context.get('form');
}

/** The path and query of this request, to come back to. */
export function pathOf(context: WebContext): string {
  const { pathname, search } = new URL(context.req.url);
  return localPath(`${pathname}${search}`, '/');
}

/** A parameter of the route, decoded. */
export function param(context: WebContext, name: string): string {
  return context.req.param(name) ?? '';
}

/** The domain in the route, in the one spelling that domains are compared in. */
export function domainParam(context: WebContext): string {
  const typed = param(context, 'domain');
  return (domainToASCII(typed) || typed).toLowerCase();
}

export function domainPath(domain: string, rest = ''): string {
  return `/domains/${encodeURIComponent(domain)}${rest}`;
}

export function personPath(domain: string, kind: 'account' | 'alias', address: string, rest = ''): string {
  return domainPath(domain, `/${kind === 'account' ? 'accounts' : 'aliases'}/${encodeURIComponent(address)}${rest}`);
}
