/** The web site: an LDAP client that renders pages. A browser's session is a connection bound as its person. */
import { Hono } from 'hono';
import { isMailError, MailError } from '../mail/errors.js';
import { refreshed } from '../mail/login.js';
import { addApi } from './api/api.js';
import { FormBounds, receiveForm, type NoForm } from './body.js';
import { CodeBrake } from './code-brake.js';
import { mailOf, pathOf, sentForm, textsOf, type Environment, type Site, type WebContext } from './environment.js';
import { Form, stashForm } from './form.js';
import { addLanguageRoute, chooseTexts } from './language.js';
import { LoginThrottle } from './login-throttle.js';
import type { WebOptions } from './options.js';
import { Peers } from './peers.js';
import { ErrorCard } from './pages/notices.js';
import { addAccountRoutes } from './routes/accounts.js';
import { addAliasRoutes } from './routes/aliases.js';
import { addClientSettingsRoutes, addOwnClientSettingsRoutes } from './routes/client-settings.js';
import { addActivityRoutes } from './routes/activity.js';
import { addDnsRoutes } from './routes/dns.js';
import { addDomainRoutes } from './routes/domains.js';
import { addImportRoutes } from './routes/import.js';
import { aborted, addLoginRoutes, findSession, logOut, loginPage, resumePage, startPage } from './routes/login.js';
import { addOwnRoutes } from './routes/me.js';
import { addPeopleRoutes } from './routes/people.js';
import { addPostmasterRoutes } from './routes/postmasters.js';
import { addSecondFactorRoutes, isOpenTo } from './routes/second-factor.js';
import { addTokenRoutes } from './routes/tokens.js';
import { lacks } from './second-factor-rules.js';
import { equalTexts, securityHeaders, senderOf, Signer } from './security.js';
import { SessionStore, type Session } from './session.js';
import { StaticFiles } from './static-files.js';
import type { Texts } from './texts/en.js';
import { page } from './view/layout.js';

export interface WebApp {
  readonly fetch: Hono<Environment>['fetch'];
  readonly app: Hono<Environment>;
  readonly sessions: SessionStore;
  /** Ends all sessions and their connections. */
  close(): Promise<void>;
}

export function createWebApp(options: WebOptions): WebApp {
  const site: Site = {
    options,
    sessions: new SessionStore(options.sessionIdleMs),
    throttle: new LoginThrottle(),
    codes: new CodeBrake(),
    peers: new Peers(options.trustedProxies),
    bounds: new FormBounds(),
    signer: new Signer(),
    files: new StaticFiles(),
    overTls: options.publicUrl?.startsWith('https:') ?? false,
  };
  const app = new Hono<Environment>();
  app.onError(answerError);
  app.notFound((context) => {
    const { failure } = textsOf(context as WebContext);
    return errorPage(context as WebContext, 404, failure.notFound, failure.noPage);
  });
  app.use(securityHeaders(site.overTls));
  app.use(async (context, next) => {
    context.set('site', site);
    await next();
  });
  app.use(chooseTexts);
  app.get('/static/*', serveStatic);
  app.get('/healthz', (context) => context.text('ok\n'));
  addApi(app);
  addClientSettingsRoutes(app);
  app.use(guardMethod);
  addLanguageRoute(app);
  app.use('/login', receiveLogin);
  addLoginRoutes(app);
  app.use(requireSession);
  app.get('/', (context) => context.redirect(startPage(mailOf(context).actor), 303));
  app.get('/private/*', (context) => context.redirect(startPage(mailOf(context).actor), 303));
  app.post('/logout', logOut);
  addDomainRoutes(app);
  addDnsRoutes(app);
  addActivityRoutes(app);
  addPeopleRoutes(app);
  addAccountRoutes(app);
  addAliasRoutes(app);
  addPostmasterRoutes(app);
  addImportRoutes(app);
  addTokenRoutes(app);
  addOwnRoutes(app);
  addOwnClientSettingsRoutes(app);
  addSecondFactorRoutes(app);
  return { fetch: app.fetch, app, sessions: site.sessions, close: () => site.sessions.close() };
}

function serveStatic(context: WebContext): Response | Promise<Response> {
  const file = context.get('site').files.find(context.req.path);
  if (file === undefined) return context.notFound();
  context.header('Content-Type', file.type);
  context.header('Cache-Control', 'public, max-age=31536000, immutable');
  return context.body(file.body);
}

type Refused = keyof Texts['failure'];

const refusals: Readonly<Record<Exclude<NoForm, 'aborted'>, readonly [ErrorStatus, title: Refused, text: Refused]>> = {
  'no-length': [411, 'notUnderstood', 'noLength'],
  'too-big': [413, 'tooLarge', 'tooLargeText'],
  busy: [503, 'busy', 'busyText'],
  'too-slow': [408, 'tooSlow', 'tooSlowText'],
  malformed: [400, 'notUnderstood', 'malformed'],
};

/** What is left of a body is not read, so nothing else can follow on its connection. */
function refuseForm(context: WebContext, reason: NoForm): Response | Promise<Response> {
  if (reason === 'aborted') return aborted(context);
  context.header('Connection', 'close');
  const [status, title, text] = refusals[reason];
  const { failure } = textsOf(context);
  return errorPage(context, status, failure[title], failure[text]);
}

/** Only forms of our own pages are looked at. */
async function guardMethod(context: WebContext, next: () => Promise<void>): Promise<Response | void> {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
  context.header('Connection', 'close');
  const { failure } = textsOf(context);
  if (context.req.method !== 'POST') return errorPage(context, 400, failure.notUnderstood, failure.method);
  if (senderOf(context, context.get('site').options.publicUrl) === 'foreign') {
    return errorPage(context, 403, failure.notAllowed, failure.foreign);
  }
  context.header('Connection', undefined);
  return next();
}

/** The login form is the only one that strangers may have done; others wait until they have logged in. */
async function receiveLogin(context: WebContext, next: () => Promise<void>): Promise<Response | void> {
  if (context.req.method !== 'POST') return next();
  const form = await receiveForm(context, context.get('site').bounds.stranger);
  if (!(form instanceof Form)) return refuseForm(context, form);
  context.set('form', form);
  return next();
}

/**
 * Everything below is for people who are logged in, with what they may do by now. The session comes first: nobody
 * else's form is read for doing what it asks. A form proves that it is this session's.
 */
async function requireSession(context: WebContext, next: () => Promise<void>): Promise<Response | void> {
  const session = await findSession(context);
  if (session === undefined) return askToLogIn(context);
  context.set('session', session);
  if (context.req.method === 'POST') {
    const isUpload = context.req.path.endsWith('/import') && session.mail.actor.level !== 'user';
    const form = await receiveForm(context, context.get('site').bounds.member(isUpload));
    if (!(form instanceof Form)) return refuseForm(context, form);
    context.set('form', form);
    if (!equalTexts(form.text('_token'), session.token)) return wrongToken(context);
  }
  try {
    await refresh(session);
  } catch (error) {
    if (!isMailError(error, 'denied', 'session-lost')) throw error;
    return endSession(context, textsOf(context).said(error));
  }
  const lacking = lacks(context.get('site').options, session);
  if (lacking !== undefined && !isOpenTo(lacking, context.req.path)) return context.redirect('/second-factor', 303);
  return next();
}

/** A request that runs beside this one may have changed the password, and what the session knows of it. */
async function refresh(session: Session): Promise<void> {
  const before = session.mail;
  try {
    const now = await refreshed(before);
    if (session.mail === before) session.mail = now;
  } catch (error) {
    if (session.mail === before) throw error;
    session.mail = await refreshed(session.mail);
  }
}

/** A page of ours whose token is not this session's was opened under an earlier one: its form is not lost. */
function wrongToken(context: WebContext): Promise<Response> {
  const form = context.get('form');
  if (senderOf(context, context.get('site').options.publicUrl) === 'same' && form.text('_token') !== '') {
    return resumePage(context, { path: pathOf(context), fields: form.lasting, hadSecrets: form.hadSecrets });
  }
  const { failure } = textsOf(context);
  return errorPage(context, 403, failure.notDone, failure.wrongToken);
}

async function askToLogIn(context: WebContext, reason?: string): Promise<Response> {
  if (context.req.method !== 'POST') {
    if (reason !== undefined) return loginPage(context, { reason, next: pathOf(context) }, 401);
    return context.redirect(context.req.path === '/' ? '/login' : `/login?next=${encodeURIComponent(pathOf(context))}`, 303);
  }
  const form = sentForm(context) ?? (await receiveForm(context, context.get('site').bounds.stranger));
  if (form === 'aborted') return aborted(context);
  if (!(form instanceof Form)) context.header('Connection', 'close');
  if (context.req.path === '/logout') return context.redirect('/login', 303);
  const stash = form instanceof Form ? stashForm(context.get('site').signer, form, pathOf(context)) : '';
  const { login } = textsOf(context);
  const kept = stash === '' ? login.ended : login.endedKept;
  return loginPage(context, { reason: reason === undefined ? kept : `${reason} ${kept}`, stash }, 401);
}

function endSession(context: WebContext, reason: string): Promise<Response> {
  context.get('site').sessions.end(context.get('session'));
  context.set('session', undefined as never);
  return askToLogIn(context, reason);
}

async function answerError(error: Error, context: WebContext): Promise<Response> {
  const session = context.get('session') as unknown;
  const { failure, ...t } = textsOf(context);
  if (error instanceof MailError) {
    const text = t.said(error);
    switch (error.kind) {
      case 'session-lost':
        if (session !== undefined) return endSession(context, text);
        break;
      case 'not-found':
        return errorPage(context, 404, failure.notFound, text);
      case 'denied':
        return errorPage(context, 403, failure.notAllowed, text);
      case 'not-sent':
        return errorPage(context, 503, failure.notDone, text);
      case 'unavailable':
        return errorPage(context, 503, failure.unavailable, text);
      default:
        return errorPage(context, 422, failure.notDone, text);
    }
  }
  context.get('site').options.onError?.(error);
  return errorPage(context, 500, failure.wrong, failure.wrongText);
}

type ErrorStatus = 400 | 403 | 404 | 408 | 411 | 413 | 422 | 500 | 503;

function errorPage(context: WebContext, status: ErrorStatus, title: string, text: string): Promise<Response> {
  return page(context, { title, narrow: true, children: <ErrorCard title={title} text={text} /> }, status);
}
