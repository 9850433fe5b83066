/** Who must have a second factor, and what a session still lacks because of it. */
import type { Actor, MailContext } from '../mail/context.js';
import { denied } from '../mail/errors.js';
import { told } from '../mail/told.js';
import { secondFactorOf } from '../mail/second-factor.js';
import type { SecondFactorOptions, WebOptions } from './options.js';
import type { Session } from './session.js';

export function requiresSecondFactor(options: SecondFactorOptions | undefined, { level }: Pick<Actor, 'level'>): boolean {
  switch (options?.requiredOf ?? 'nobody') {
    case 'nobody':
      return false;
    case 'postmasters':
      return level === 'domain';
    case 'admins':
      return level !== 'user';
    case 'everyone':
      return true;
  }
}

/** Has this person a second factor? @throws MailError `denied` where they have one and the site cannot check it */
export async function hasSecondFactor({ secondFactor }: WebOptions, mail: MailContext): Promise<boolean> {
  const { isOn } = await secondFactorOf(mail, mail.actor.dn);
  if (isOn && secondFactor === undefined) {
    throw denied(told('factorNoKey'));
  }
  return isOn;
}

/** What keeps a session from everything else: a code that is to come, or a second factor that is to be set up. */
export function lacks({ secondFactor }: WebOptions, session: Session): 'code' | 'enrolment' | undefined {
  if (session.factor === 'awaited') return 'code';
  return session.factor === 'none' && requiresSecondFactor(secondFactor, session.mail.actor) ? 'enrolment' : undefined;
}
