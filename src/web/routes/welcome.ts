/** Welcome mails: with a new account, and again. */
import { displayAddress } from '../../mail/address.js';
import type { Domain } from '../../mail/domains.js';
import { isMailError } from '../../mail/errors.js';
import { sendWelcome } from '../../mail/welcome.js';
import { mailOf, textsOf, type WebContext } from '../environment.js';

/** After an account was made, which stays whatever becomes of the mail. */
export async function welcomed(context: WebContext, domain: Domain, address: string): Promise<void> {
  try {
    await sendWelcome(mailOf(context), domain, address);
    context.get('session').say('done', textsOf(context).welcomeMail.onItsWay({ address: displayAddress(address) }));
  } catch (error) {
    if (!isMailError(error, 'not-sent', 'conflict')) throw error;
    const { welcomeMail, said } = textsOf(context);
    context.get('session').say('failed', welcomeMail.notSent({ reason: said(error) }));
  }
}

export async function welcomeAgain(context: WebContext, domain: Domain, address: string): Promise<string> {
  const account = await sendWelcome(mailOf(context), domain, address);
  return textsOf(context).welcomeMail.onItsWay({ address: displayAddress(account.address) });
}
