/**
 * What mail programs ask for by themselves, without a login: server names and ports of a domain. Accounts are not looked up, so the
 * answers say nothing about which there are.
 */
import type { Hono } from 'hono';
import { parseClientAddress } from '../../mail/client-servers.js';
import { parseDomain } from '../../mail/address.js';
import { isMailError } from '../../mail/errors.js';
import { readPerson } from '../../mail/entries.js';
import { RateLimit } from '../api/rate-limit.js';
import { appleProfile, profileType } from '../client-settings/apple.js';
import { outlookConfig, outlookError, outlookSchema } from '../client-settings/outlook.js';
import { thunderbirdConfig } from '../client-settings/thunderbird.js';
import { elementText } from '../client-settings/xml.js';
import { mailOf, type Environment, type WebContext } from '../environment.js';
import { openLimits } from '../limits.js';
import { peerOf } from '../login-attempt.js';
import { aborted } from './login.js';

export function addClientSettingsRoutes(app: Hono<Environment>): void {
  const limit = new RateLimit(openLimits.perAddress);
  const open = (
    paths: readonly string[],
    methods: string[],
    answer: (context: WebContext) => Response | Promise<Response>,
  ): void => {
    app.on(methods, [...paths], (context) => {
      const address = context.get('site').peers.countedAs(peerOf(context));
      const seconds = address === undefined ? 0 : limit.take(address);
      if (seconds === 0) return answer(context);
      return context.text('Too many requests: wait, and send fewer.\n', 429, { 'Retry-After': String(seconds) });
    });
  };
  open(['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'], ['GET'], thunderbird);
  // Outlook's own spelling is not always the same.
  open(
    ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml', '/AutoDiscover/AutoDiscover.xml'],
    ['GET', 'POST'],
    outlook,
  );
  open(['/mail/apple.mobileconfig'], ['GET'], (context) => apple(context, context.req.query('emailaddress') ?? ''));
}

export function addOwnClientSettingsRoutes(app: Hono<Environment>): void {
  app.get('/me/apple.mobileconfig', async (context) => {
    const mail = mailOf(context);
    const person = await readPerson(mail, mail.actor.dn);
    return person?.kind === 'account' ? apple(context, person.address) : context.notFound();
  });
}

const noSettings = 'There are no settings for that address.\n';

function thunderbird(context: WebContext): Response {
  const domain = domainAsked(context);
  const settings = domain === undefined ? undefined : context.get('site').options.settings.clientServers?.of(domain);
  if (domain === undefined || settings === undefined) return context.text(noSettings, 404);
  return context.body(thunderbirdConfig(domain, settings), 200, { 'Content-Type': 'text/xml; charset=utf-8' });
}

/** Of the address in the query or, where it has none, of the name that the server is asked by. */
function domainAsked(context: WebContext): string | undefined {
  const typed = context.req.query('emailaddress');
  return orUndefined(() =>
    typed === undefined
      ? parseDomain((context.req.header('Host') ?? '').replace(/:\d+$/, '').replace(/^autoconfig\./i, ''))
      : parseClientAddress(typed).domain,
  );
}

async function outlook(context: WebContext): Promise<Response> {
  const answer = (body: string): Response => context.body(body, 200, { 'Content-Type': 'text/xml; charset=utf-8' });
  if (context.req.method !== 'POST') return answer(outlookError(600, 'Invalid Request'));
  const length = context.req.header('Content-Length');
  if (length === undefined || !/^\d{1,9}$/.test(length) || Number(length) > openLimits.bodyBytes) {
    // What is left of the body is not read, so nothing else can follow on its connection.
    context.header('Connection', 'close');
    return context.text('Send a small request with a Content-Length.\n', length === undefined ? 411 : 413);
  }
  let request: string;
  try {
    request = await context.req.text();
  } catch (error) {
    if (context.req.raw.signal.aborted) return aborted(context);
    throw error;
  }
  const asked = orUndefined(() => parseClientAddress(elementText(request, 'EMailAddress') ?? ''));
  if (asked === undefined) return answer(outlookError(600, 'Invalid Request'));
  const settings = context.get('site').options.settings.clientServers?.of(asked.domain);
  const wanted = elementText(request, 'AcceptableResponseSchema') ?? outlookSchema;
  if (settings === undefined || wanted !== outlookSchema) return answer(outlookError(601, 'Provider is not available'));
  return answer(outlookConfig(asked.address, settings));
}

function apple(context: WebContext, typed: string): Response {
  const asked = orUndefined(() => parseClientAddress(typed));
  const settings = asked && context.get('site').options.settings.clientServers?.of(asked.domain);
  if (asked === undefined || settings === undefined) return context.text(noSettings, 404);
  return context.body(appleProfile(asked.address, settings), 200, {
    'Content-Type': profileType,
    'Content-Disposition': `attachment; filename="${asked.domain}.mobileconfig"`,
  });
}

/** A stranger's mail program has no use for what is wrong with an address. */
function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (isMailError(error, 'invalid')) return undefined;
    throw error;
  }
}
