/** The brakes on guessing for people who have a session: their own password, and codes of their second factor. */
import { setTimeout } from 'node:timers/promises';
import { isMailError, MailError } from '../mail/errors.js';
import { told } from '../mail/told.js';
import type { FactorKey } from '../mail/factor-key.js';
import { normalizedDn } from '../mail/names.js';
import { passSecondFactor } from '../mail/second-factor.js';
import type { MailContext } from '../mail/context.js';
import type { Site } from './environment.js';

/** Runs what checks the own password, as slowly as a login would be. */
export async function withPasswordBrake<T>(site: Site, mail: MailContext, password: string, check: () => Promise<T>): Promise<T> {
  const attempt = site.throttle.begin(normalizedDn(mail.actor.dn), undefined, password);
  let outcome: 'right' | 'wrong' | undefined;
  try {
    if (attempt.delayMs > 0) await setTimeout(attempt.delayMs, undefined, { ref: false });
    const done = await check();
    outcome = 'right';
    return done;
  } catch (error) {
    if (isMailError(error, 'credentials') && error.field === 'old') outcome = 'wrong';
    throw error;
  } finally {
    attempt.end(outcome);
  }
}

/** @throws MailError `credentials` (field `code`), also while no code is looked at */
export async function passCode(site: Site, mail: MailContext, key: FactorKey, code: string): Promise<void> {
  const who = normalizedDn(mail.actor.dn);
  const waitMs = site.codes.begin(who);
  if (waitMs > 0) {
    const minutes = Math.ceil(waitMs / 60_000);
    throw new MailError('credentials', told('tooManyCodes', { minutes }), 'code');
  }
  await passSecondFactor(mail, key, code);
  site.codes.passed(who);
}
