/**
 * Who a request of the API is: somebody with a password (HTTP Basic), or a token. Each request has a connection of its own, bound
 * as that identity, so the directory decides what it may do.
 */
import { loginByToken, type TokenScope } from '../../mail/api-tokens.js';
import type { MailContext } from '../../mail/context.js';
import { denied } from '../../mail/errors.js';
import { throttledLogin } from '../login-attempt.js';
import type { WebContext } from '../environment.js';
import { hasSecondFactor, requiresSecondFactor } from '../second-factor-rules.js';

export interface Caller {
  readonly mail: MailContext;
  /** What a token may be used for; undefined for a person, who may do all that the directory lets them. */
  readonly scopes: readonly TokenScope[] | undefined;
}

/** Undefined where nobody is named. @throws MailError `credentials`, `denied`, `unavailable` */
export async function authenticate(context: WebContext): Promise<Caller | undefined> {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(context.req.header('Authorization') ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return byPassword(context, Buffer.from(credentials, 'base64').toString('utf8'));
    case 'bearer': {
      const { options } = context.get('site');
      const { context: mail, scopes } = await loginByToken(options.directory, options.settings, credentials);
      return { mail, scopes };
    }
    default:
      return undefined;
  }
}

async function byPassword(context: WebContext, credentials: string): Promise<Caller | undefined> {
  const colon = credentials.indexOf(':');
  if (colon < 0) return undefined;
  const mail = await throttledLogin(context, credentials.slice(0, colon).trim(), credentials.slice(colon + 1));
  if (mail === undefined) return undefined;
  try {
    await requirePasswordSuffices(context, mail);
    return { mail, scopes: undefined };
  } catch (error) {
    await mail.directory.close();
    throw error;
  }
}

/** A second factor would be none if the password alone opened the API. */
async function requirePasswordSuffices(context: WebContext, mail: MailContext): Promise<void> {
  const { options } = context.get('site');
  if (options.secondFactor?.passwordOpensApi) return;
  if ((await hasSecondFactor(options, mail)) || requiresSecondFactor(options.secondFactor, mail.actor)) {
    throw denied('Your account has a second factor, or needs one, so its password does not open the API. Use a token.');
  }
}
