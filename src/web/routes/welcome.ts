/** Welcome mails: with a new account, and again. */
import { displayAddress } from '../../mail/address.js';
import type { Domain } from '../../mail/domains.js';
import { isMailError } from '../../mail/errors.js';
import { sendWelcome } from '../../mail/welcome.js';
import { mailOf, type WebContext } from '../environment.js';

/** After an account was made, which stays whatever becomes of the mail. */
export async function welcomed(context: WebContext, domain: Domain, address: string): Promise<void> {
  try {
    await sendWelcome(mailOf(context), domain, address);
    context.get('session').say('done', `A welcome mail to ${displayAddress(address)} is on its way.`);
  } catch (error) {
    if (!isMailError(error, 'not-sent', 'conflict')) throw error;
    context.get('session').say('failed', `The account is made, but not its welcome mail. ${error.message}`);
  }
}

export async function welcomeAgain(context: WebContext, domain: Domain, address: string): Promise<string> {
  const account = await sendWelcome(mailOf(context), domain, address);
  return `A welcome mail to ${displayAddress(account.address)} is on its way.`;
}
