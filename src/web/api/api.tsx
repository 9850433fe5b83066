/** The API beside the pages: JSON over the same use cases, its document, and a page to read that on. */
import type { Hono } from 'hono';
import { createHash } from 'node:crypto';
import { isMailError, MailError } from '../../mail/errors.js';
import type { Environment, WebContext } from '../environment.js';
import { apiLimits, bodyLimits } from '../limits.js';
import { peerOf } from '../login-attempt.js';
import { senderOf } from '../security.js';
import { page } from '../view/layout.js';
import { authenticate, type Caller } from './authenticate.js';
import { ApiPage } from './document-page.js';
import { apiPath, openApiDocument } from './openapi.js';
import type { Operation } from './operation.js';
import { accountOperations } from './operations/accounts.js';
import { domainOperations } from './operations/domains.js';
import { aliasOperations } from './operations/aliases.js';
import { passwordOperations } from './operations/passwords.js';
import { postmasterOperations } from './operations/postmasters.js';
import { transferOperations } from './operations/transfer.js';
import { tokenOperations } from './operations/tokens.js';
import { activityOperations } from './operations/activity.js';
import { dnsOperations } from './operations/dns.js';
import { mailProgramOperations } from './operations/mail-programs.js';
import { problemOf, problemResponse, type Problem } from './problem.js';
import { RateLimit } from './rate-limit.js';
import type { PageOf } from './shapes.js';

export const operations: readonly Operation[] = [
  ...domainOperations,
  ...accountOperations,
  ...passwordOperations,
  ...mailProgramOperations,
  ...dnsOperations,
  ...activityOperations,
  ...aliasOperations,
  ...postmasterOperations,
  ...tokenOperations,
  ...transferOperations,
];

/** Of the API, not of jammd. */
const version = '1.0.0';

class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    readonly headers: Record<string, string> = {},
  ) {
    super(problem.detail);
  }
}

function refusal(status: number, kind: string, title: string, detail: string, headers?: Record<string, string>): Refusal {
  return new Refusal({ kind, title, status, detail }, headers);
}

export function addApi(app: Hono<Environment>): void {
  const document = openApiDocument(operations, version);
  const limit = new RateLimit();
  app.get(`${apiPath}/openapi.json`, (context) => context.json(document));
  app.get(`${apiPath}/docs`, (context) =>
    page(context as WebContext, { title: 'API', children: <ApiPage operations={operations} document={document} /> }),
  );
  for (const operation of operations) {
    const path = apiPath + operation.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(operation.method.toUpperCase(), path, (context) => answer(context as WebContext, operation, limit));
  }
  app.all(`${apiPath}/*`, () =>
    problemResponse({
      kind: 'not-found',
      title: 'Not found',
      status: 404,
      detail: `There is no such operation: see ${apiPath}/docs.`,
    }),
  );
}

async function answer(context: WebContext, operation: Operation, limit: RateLimit): Promise<Response> {
  let caller: Caller | undefined;
  try {
    guard(context, limit);
    caller = await callerOf(context);
    requireScope(caller, operation);
    const body = operation.body === undefined ? undefined : await readBody(context, operation);
    const query = context.req.query();
    const param = (name: string): string => context.req.param(name) ?? '';
    const { options: site } = context.get('site');
    const { created = false, value } = await operation.run({
      mail: caller.mail,
      scopes: caller.scopes,
      site,
      param,
      query,
      body,
    });
    if (operation.result === undefined) return new Response(null, { status: 204 });
    if (operation.resultType !== undefined) return fileResponse(operation, operation.resultType, String(value));
    const headers = linkHeader(context, value);
    return Response.json(value, { status: created ? 201 : 200, headers });
  } catch (error) {
    return failed(context, error);
  } finally {
    await caller?.mail.directory.close();
  }
}

function failed(context: WebContext, error: unknown): Response {
  if (error instanceof Refusal) return problemResponse(error.problem, error.headers);
  if (error instanceof MailError) return problemResponse(problemOf(error));
  context.get('site').options.onError?.(error);
  const detail = 'This is an error in the site, and it has been logged. If it happens again, tell your site admin.';
  return problemResponse({ kind: 'fault', title: 'Something went wrong', status: 500, detail });
}

/** Before anybody is known. A browser may hold somebody's password: other sites' pages cannot make it use that. */
function guard(context: WebContext, limit: RateLimit): void {
  const site = context.get('site');
  if (senderOf(context, site.options.publicUrl) === 'foreign')
    throw refusal(403, 'denied', 'Not allowed', 'Another site’s page sent that request, so nothing was done.');
  const credentials = createHash('sha256')
    .update(context.req.header('Authorization') ?? '')
    .digest('base64url');
  const address = site.peers.countedAs(peerOf(context));
  for (const who of address === undefined ? [credentials] : [credentials, `address ${address}`]) {
    const seconds = limit.take(who);
    if (seconds === 0) continue;
    const detail = `You send more than ${apiLimits.perCaller.perSecond} requests a second. Wait, and send fewer.`;
    throw refusal(429, 'too-many', 'Too many requests', detail, { 'Retry-After': String(seconds) });
  }
}

const challenges = 'Basic realm="Jamm", charset="UTF-8", Bearer realm="Jamm"';

async function callerOf(context: WebContext): Promise<Caller> {
  const unknown = (detail: string): Refusal => refusal(401, 'credentials', 'Log in', detail, { 'WWW-Authenticate': challenges });
  try {
    const caller = await authenticate(context);
    if (caller !== undefined) return caller;
  } catch (error) {
    if (isMailError(error, 'credentials')) throw unknown('Name or password, or the token, is wrong.');
    throw error;
  }
  throw unknown('Send a login name and password (HTTP Basic) or a token (Authorization: Bearer).');
}

function requireScope({ scopes }: Caller, { scope }: Operation): void {
  if (scopes === undefined) return;
  if (scope !== undefined && scopes.includes(scope)) return;
  const detail = scope === undefined ? 'No token may do that: log in with a password.' : `The token lacks the scope ${scope}.`;
  throw refusal(403, 'denied', 'Not allowed', detail);
}

/** After the caller is known: nobody else's body is read. What is left unread ends its connection. */
async function readBody(context: WebContext, operation: Operation): Promise<unknown> {
  const length = context.req.header('Content-Length');
  const close = { Connection: 'close' };
  const isJson = operation.bodyType === undefined;
  const bodyType = operation.bodyType ?? 'application/json';
  const type = (context.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== bodyType) throw refusal(415, 'wrong-type', 'Wrong type', `Send the body as ${bodyType}.`, close);
  if (length === undefined || !/^\d{1,12}$/.test(length))
    throw refusal(411, 'no-length', 'No length', 'Send a Content-Length with the body.', close);
  const bytesMax = isJson ? apiLimits.bodyBytes : bodyLimits.uploadBytes;
  if (Number(length) > bytesMax) throw refusal(413, 'too-big', 'Too large', `A body can have at most ${bytesMax} bytes.`, close);
  const { budget, freeBytes } = context.get('site').bounds.member(!isJson);
  const giveBack = Number(length) <= freeBytes ? () => undefined : budget.take(Number(length));
  if (giveBack === undefined) {
    const detail = 'Many large bodies are being sent just now. Try again in a moment.';
    throw refusal(503, 'busy', 'Busy', detail, { ...close, 'Retry-After': '5' });
  }
  try {
    const text = await context.req.text();
    return isJson ? (JSON.parse(text) as unknown) : text;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refusal(400, 'malformed', 'Not understood', 'The body is not JSON.');
  } finally {
    giveBack();
  }
}

function fileResponse({ id }: Operation, type: string, text: string): Response {
  const disposition = `attachment; filename="${id.replace(/^export/, '').toLowerCase()}.csv"`;
  return new Response(text, { headers: { 'Content-Type': `${type}; charset=utf-8`, 'Content-Disposition': disposition } });
}

/** RFC 8288: where the neighbouring pages of a list are. */
function linkHeader(context: WebContext, value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || !('pages' in value)) return {};
  const { page: current, pages } = value as PageOf<unknown>;
  const link = (to: number, rel: string): string => {
    const url = new URL(context.req.url);
    url.searchParams.set('page', String(to));
    return `<${url.pathname}${url.search}>; rel="${rel}"`;
  };
  const links = [...(current > 1 ? [link(current - 1, 'prev')] : []), ...(current < pages ? [link(current + 1, 'next')] : [])];
  return links.length === 0 ? {} : { Link: links.join(', ') };
}
