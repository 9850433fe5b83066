/** `jammd domain dns`: which DNS records a mail domain has, and which it should have. */
import { Command } from 'commander';
import { parseDomain } from '../mail/address.js';
import { dnsAdvice, type DnsFinding } from '../mail/dns-advice.js';
import type { MailContext } from '../mail/context.js';
import { inEnglish } from '../mail/told.js';
import { report, withMail, type MailOptions } from './mail.js';
import {
  addClientServerOptions,
  addDnsOptions,
  clientServers,
  dnsSettings,
  type ClientServerOptions,
  type DnsOptions,
} from './site-services.js';

type Options = MailOptions & ClientServerOptions & DnsOptions;

export function dnsCommand(): Command {
  return addDnsOptions(addClientServerOptions(new Command('dns')))
    .argument('<domain>')
    .description(
      'look up MX, SPF, DKIM, DMARC and what mail programs look for, and say what to put in; exit code 1 if something is wrong',
    )
    .option('--public-url <url>', 'the address of the web pages, which serve the settings of mail programs')
    .action(dns);
}

async function dns(typed: string, options: Options): Promise<void> {
  const look = async (mail: MailContext): Promise<void> => {
    const findings = await dnsAdvice(mail, parseDomain(typed));
    report(options, findings.map(dnsJson), findings.flatMap(lines));
    if (findings.some(({ state }) => state === 'wrong' || state === 'missing')) process.exitCode = 1;
  };
  await withMail(options, look, { ...clientServers(options), ...dnsSettings(options) });
}

function dnsJson({ subject, name, state, says, found, putIn }: DnsFinding): Readonly<Record<string, unknown>> {
  return { subject, name, state, says: inEnglish(says), found, putIn: putIn ?? null };
}

function lines({ subject, name, state, says, found, putIn }: DnsFinding): readonly string[] {
  return [
    `${state.padEnd(8)} ${subject} ${name}: ${inEnglish(says)}`,
    ...found.map((record) => `           found   ${record}`),
    ...(putIn === undefined ? [] : [`           put in  ${putIn}`]),
  ];
}
