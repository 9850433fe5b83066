/** `jammd second-factor`: who has a second factor for the web pages, and a way out for those who lost theirs. */
import { Command } from 'commander';
import { getPerson } from '../mail/entries.js';
import { removeSecondFactor, secondFactorOf } from '../mail/second-factor.js';
import { addressArgument, mailCommandGroup, report, withMail, type MailOptions } from './mail.js';

export function secondFactorCommand(): Command {
  return mailCommandGroup(
    'second-factor',
    'show and switch off second factors of the web pages',
    'Second factors: codes of an authenticator app that the web pages ask for after the password. People set theirs up there.',
    [
      new Command('show').argument('<address>').description('show whether somebody has one').action(show),
      new Command('off')
        .argument('<address>')
        .description('switch it off for somebody who has lost it: then the password alone logs in')
        .action(off),
    ],
  );
}

function show(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const { isOn, recoveryLeft } = await secondFactorOf(mail, (await getPerson(mail, domain, address)).dn);
    const line = isOn ? `on, ${recoveryLeft} recovery codes left` : 'off';
    report(options, { address, on: isOn, recoveryLeft }, [`${address}: ${line}`]);
  });
}

function off(text: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const { address, domain } = addressArgument(text);
    const changed = await removeSecondFactor(mail, (await getPerson(mail, domain, address)).dn);
    report(options, { address, changed }, [`${address} ${changed ? 'no longer has a second factor' : 'has no second factor'}`]);
  });
}
