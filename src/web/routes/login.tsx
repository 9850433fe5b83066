/** In and out: the login form, with whatever form an ended session left behind, and the way back to it. */
import type { Hono } from 'hono';
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { randomBytes } from 'node:crypto';
import { isMailError } from '../../mail/errors.js';
import type { Actor, MailContext } from '../../mail/context.js';
import { domainPath, textsOf, type Environment, type Site, type WebContext } from '../environment.js';
import { unstashForm, type StashedForm } from '../form.js';
import { peerOf, throttledLogin } from '../login-attempt.js';
import { LoginForm, ResumeForm, type LoginState } from '../pages/login.js';
import type { Session } from '../session.js';
import { hasSecondFactor } from '../second-factor-rules.js';
import { localPath } from '../security.js';
import { page } from '../view/layout.js';

const loginCookie = 'jamm-login';
const loginPurpose = 'login form';

function sessionCookie({ overTls }: Site): string {
  return overTls ? '__Host-jamm' : 'jamm';
}

function cookieOptions({ overTls }: Site): { httpOnly: true; sameSite: 'Lax'; path: '/'; secure: boolean } {
  return { httpOnly: true, sameSite: 'Lax', path: '/', secure: overTls };
}

/** The session the request's cookie names, if it lives. */
export async function findSession(context: WebContext): Promise<Session | undefined> {
  const site = context.get('site');
  const id = await getSignedCookie(context, site.signer.secret, sessionCookie(site));
  return typeof id === 'string' ? site.sessions.find(id) : undefined;
}

export function startPage(actor: Actor): string {
  switch (actor.level) {
    case 'site':
      return '/domains';
    case 'user':
      return '/me';
    case 'domain':
      return actor.domains.length === 1 ? domainPath(actor.domains[0] ?? '') : '/domains';
  }
}

/** The login form. Its token is bound to this browser by a cookie, as there is no session yet. */
export async function loginPage(context: WebContext, state: LoginState, status: 200 | 401 | 403 | 503 = 200): Promise<Response> {
  const site = context.get('site');
  let browser = getCookie(context, loginCookie);
  if (browser === undefined || !/^[\w-]{22}$/.test(browser)) {
    browser = randomBytes(16).toString('base64url');
    setCookie(context, loginCookie, browser, { ...cookieOptions(site), sameSite: 'Strict' });
  }
  const token = site.signer.sign(loginPurpose, browser);
  return page(
    context,
    { title: textsOf(context).login.title, narrow: true, children: <LoginForm {...state} token={token} /> },
    status,
  );
}

export function addLoginRoutes(app: Hono<Environment>): void {
  app.get('/login', async (context) => {
    const session = await findSession(context);
    const next = context.req.query('next');
    if (session) return context.redirect(localPath(next, startPage(session.mail.actor)), 303);
    return loginPage(context, next === undefined ? {} : { next: localPath(next, '/') });
  });
  app.post('/login', logIn);
}

async function logIn(context: WebContext): Promise<Response> {
  const site = context.get('site');
  const form = context.get('form');
  const name = form.text('name').trim();
  const next = form.has('next') ? { next: localPath(form.text('next'), '/') } : {};
  const state: LoginState = { name, ...next, stash: form.text('stash') };
  if (!site.signer.isSigned(loginPurpose, getCookie(context, loginCookie) ?? '', form.text('_token'))) {
    return loginPage(context, { ...state, reason: textsOf(context).login.expired }, 403);
  }
  try {
    const mail = await throttledLogin(context, name, form.text('password'));
    if (mail === undefined) return aborted(context);
    const before = await findSession(context);
    if (before) site.sessions.end(before);
    const factor = await secondFactorAfter(site, mail);
    const session = site.sessions.start(mail);
    await setSignedCookie(context, sessionCookie(site), session.id, site.signer.secret, cookieOptions(site));
    if (factor) {
      session.factor = 'awaited';
      session.afterCode = { stash: form.text('stash'), next: form.text('next') || undefined };
      return context.redirect('/second-factor', 303);
    }
    const stashed = unstashForm(site.signer, form.text('stash'));
    if (stashed) {
      context.set('session', session);
      return await resumePage(context, stashed);
    }
    return context.redirect(localPath(form.text('next') || undefined, startPage(mail.actor)), 303);
  } catch (error) {
    if (!isMailError(error, 'credentials', 'denied', 'not-found')) throw error;
    const status = { credentials: 401, denied: 403, 'not-found': 503 } as const;
    return loginPage(context, { ...state, error }, status[error.kind as keyof typeof status]);
  }
}

/** Closes the connection where it throws. */
async function secondFactorAfter({ options }: Site, mail: MailContext): Promise<boolean> {
  try {
    return await hasSecondFactor(options, mail);
  } catch (error) {
    await mail.directory.close();
    throw error;
  }
}

/** For a client that has gone before its request was whole, or answered: one line, and an answer that nobody gets. */
export function aborted(context: WebContext): Response {
  const { method, path } = context.req;
  context.get('site').options.onNotice?.(`${method} ${path} from ${peerOf(context)}: the client ended the request`);
  return new Response(null, { status: 499 });
}

/** Ends the session and forgets its cookie. */
export async function logOut(context: WebContext): Promise<Response> {
  const site = context.get('site');
  const session = await findSession(context);
  if (session) site.sessions.end(session);
  deleteCookie(context, sessionCookie(site), cookieOptions(site));
  return context.redirect('/login', 303);
}

/** A form that was sent when its session was over: shown for its sender to send again. */
export async function resumePage(context: WebContext, stashed: StashedForm): Promise<Response> {
  const children = <ResumeForm stashed={stashed} token={context.get('session').token} />;
  return page(context, { title: textsOf(context).login.resumeTitle, narrow: true, children });
}
