/** A login with name and password, which waits where others have failed before. */
import { getConnInfo } from '@hono/node-server/conninfo';
import { setTimeout } from 'node:timers/promises';
import type { MailContext } from '../mail/context.js';
import { isMailError } from '../mail/errors.js';
import { openLogin } from '../mail/login.js';
import type { WebContext } from './environment.js';

/** Waits where others have failed before: the name is looked up first, so that spelling it differently does not help. */
export async function throttledLogin(context: WebContext, name: string, password: string): Promise<MailContext | undefined> {
  const { options, throttle, peers } = context.get('site');
  let pending = await openLogin(options.directory, options.settings, name);
  const attempt = throttle.begin(pending.identity, peers.countedAs(peerOf(context)), password);
  let outcome: 'right' | 'wrong' | undefined;
  try {
    if (attempt.delayMs > 0) {
      // Who waits holds no connection to the directory meanwhile.
      await pending.close();
      const { signal } = context.req.raw;
      await setTimeout(attempt.delayMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return undefined;
      pending = await openLogin(options.directory, options.settings, name);
    }
    const mail = await pending.finish(password);
    outcome = 'right';
    return mail;
  } catch (error) {
    if (isMailError(error, 'credentials')) outcome = 'wrong';
    // The password was right.
    if (isMailError(error, 'denied', 'session-lost')) outcome = 'right';
    throw error;
  } finally {
    attempt.end(outcome);
  }
}

export function peerOf(context: WebContext): string {
  return context.get('site').peers.addressOf(socketAddress(context), context.req.header('X-Forwarded-For'));
}

function socketAddress(context: WebContext): string | undefined {
  try {
    return getConnInfo(context).remote.address;
  } catch {
    // Not behind a socket: the app is called directly.
    return undefined;
  }
}
