/** `jammd domain`: the site admin's work on domains, from the command line. */
import { Command, Option } from 'commander';
import { parseDomain } from '../mail/address.js';
import { aliasDomainsOf, createAliasDomain, pointAliasDomain } from '../mail/alias-domains.js';
import type { MailContext } from '../mail/context.js';
import { exportDomainsCsv } from '../mail/domain-csv.js';
import { domainUse, setLimits, type DomainUse } from '../mail/domain-room.js';
import {
  activateDomain,
  countDomain,
  createDomain,
  deactivateDomain,
  deleteDomain,
  describeDomain,
  getOwnDomain,
  listDomains,
  purgeDomain,
  restoreDomain,
  setCapability,
  type Domain,
  type DomainCounts,
  type DomainStatus,
} from '../mail/domains.js';
import { displayBytes, displayQuota } from '../mail/sizes.js';
import { activityCommand } from './domain-activity.js';
import { dnsCommand } from './domain-dns.js';
import { CommandFailure } from './failure.js';
import {
  collect,
  generateOption,
  mailCommandGroup,
  newPassword,
  onOff,
  report,
  stateWord,
  table,
  withMail,
  type MailOptions,
} from './mail.js';

export function domainCommand(): Command {
  return mailCommandGroup(
    'domain',
    'list, add and change mail domains',
    'Mail domains, each with a postmaster and an abuse alias.',
    [
      new Command('list')
        .description('list the domains you administer')
        .option('--text <text>', 'only names that contain this text')
        .addOption(
          new Option('--status <status>', 'which ones').choices(['current', 'active', 'inactive', 'deleted']).default('current'),
        )
        .action(list),
      new Command('show').argument('<domain>').description('show one domain and count its accounts and aliases').action(show),
      new Command('add')
        .argument('<domain>')
        .description('create a domain with postmaster and abuse')
        .option('--postmaster <address>', 'where mail to postmaster goes; repeatable', collect)
        .option('--alias-of <domain>', 'make it another name of this domain, without addresses of its own')
        .option('--password-from-input', 'give postmaster@DOMAIN the password read from standard input')
        .option(...generateOption)
        .action(add),
      new Command('set')
        .argument('<domain>')
        .description('change a domain; activating it also activates everything that was active before')
        .option('--active <on|off>', 'receive mail and let people log in', onOff)
        .option('--edit-accounts <on|off>', 'let its postmasters add, rename and delete accounts', onOff)
        .option('--edit-postmasters <on|off>', 'let its postmasters appoint postmasters', onOff)
        .option('--max-accounts <number>', 'how many accounts its postmasters may make; empty for no limit')
        .option('--max-aliases <number>', 'how many aliases beside postmaster, abuse and catch-all; empty for no limit')
        .option('--max-quota <size>', 'what the quotas of its accounts may add up to: 20 GB; empty for no limit')
        .option('--default-quota <size>', 'the quota of new accounts; empty for none')
        .option('--alias-of <domain>', 'for an alias domain: the domain that it is another name of')
        .option('--description <text>', 'a description')
        .option('--new-transport <transport>', 'its Postfix transport')
        .action(set),
      dnsCommand(),
      activityCommand(),
      new Command('delete')
        .argument('<domain>')
        .description('delete a domain; it can be restored until it is purged')
        .action(remove),
      new Command('restore').argument('<domain>').description('restore a deleted domain').action(restore),
      new Command('purge')
        .argument('<domain>')
        .description("remove a deleted domain's entries permanently (its mail stays on disk; `jammd clean` removes both)")
        .requiredOption('--yes', 'confirm that this cannot be undone')
        .action(purge),
      new Command('export').description('print the domains, their other names and limits as CSV').action((options: MailOptions) =>
        withMail(options, async (mail) => {
          process.stdout.write(await exportDomainsCsv(mail));
        }),
      ),
    ],
  );
}

function domainJson(domain: Domain, counts?: DomainCounts): Readonly<Record<string, unknown>> {
  const { dn, name, active, deleted, transport, description, can, lastChange, limits, aliasOf } = domain;
  const base = {
    ...{ dn, name, active, deleted, transport, description, can, lastChange: lastChange?.toISOString() ?? null },
    aliasOf: aliasOf ?? null,
    limits: {
      accounts: limits.accounts ?? null,
      aliases: limits.aliases ?? null,
      quotaBytes: limits.quotaBytes ?? null,
      defaultQuota: limits.defaultQuota,
    },
  };
  return counts === undefined ? base : { ...base, accounts: counts.accounts, aliases: counts.aliases };
}

function list(options: MailOptions & { text?: string; status: DomainStatus }): Promise<void> {
  return withMail(options, async (mail) => {
    const { text, status } = options;
    const { domains, cut } = await listDomains(mail, { status, pageSize: 1_000_000, ...(text === undefined ? {} : { text }) });
    report(
      options,
      domains.map((domain) => domainJson(domain)),
      table(domains.map((domain) => [domain.name, stateWord(domain), summary(domain)])),
    );
    if (domains.length === 0 && !options.json)
      process.stderr.write('jammd domain list: no domain matches; jammd domain add makes one\n');
    if (cut)
      process.stderr.write('jammd domain list: the size limit of the directory cut this list off; log in as the Manager\n');
  });
}

function summary({ aliasOf, description }: Domain): string {
  return aliasOf === undefined ? description : `another name of ${aliasOf}`;
}

function show(name: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(name));
    await tell(mail, options, domain);
  });
}

async function tell(mail: MailContext, options: MailOptions, domain: Domain): Promise<void> {
  const [counts, use, others] = await Promise.all([
    countDomain(mail, domain.name),
    domainUse(mail, domain.name),
    aliasDomainsOf(mail, domain.name),
  ]);
  const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
  report(
    options,
    { ...domainJson(domain, counts), use, aliasDomains: others.map(({ name }) => name) },
    table([
      ['domain', domain.name],
      ['state', stateWord(domain)],
      ...(domain.aliasOf === undefined ? [] : [['another name of', domain.aliasOf]]),
      ...others.map(({ name }) => ['also named', name]),
      ['accounts', String(counts.accounts)],
      ['aliases', String(counts.aliases)],
      ...limitRows(domain, use),
      ['may edit accounts', yesNo(domain.can.editAccounts)],
      ['may appoint postmasters', yesNo(domain.can.editPostmasters)],
      ['transport', domain.transport],
      ['description', domain.description],
      ['last change', domain.lastChange?.toISOString() ?? ''],
    ]),
  );
}

/** Only of what has a limit. */
function limitRows({ limits }: Domain, use: DomainUse): readonly (readonly string[])[] {
  const { accounts, aliases, quotaBytes, defaultQuota } = limits;
  return [
    ...(accounts === undefined ? [] : [['limit of accounts', `${use.accounts} of ${accounts}`]]),
    ...(aliases === undefined ? [] : [['limit of aliases', `${use.aliases} of ${aliases}`]]),
    ...(quotaBytes === undefined ? [] : [['limit of quotas', `${displayBytes(use.quotaBytes)} of ${displayBytes(quotaBytes)}`]]),
    ...(defaultQuota === '' ? [] : [['default quota', displayQuota(defaultQuota)]]),
  ];
}

interface AddOptions extends MailOptions {
  readonly postmaster?: readonly string[];
  readonly aliasOf?: string;
  readonly passwordFromInput?: true;
  readonly generate?: true;
}

function add(name: string, options: AddOptions): Promise<void> {
  const { aliasOf } = options;
  if (aliasOf !== undefined) return addAliasDomain(name, aliasOf, options);
  return withMail(options, async (mail) => {
    const wanted = options.generate === true || options.passwordFromInput === true;
    const made = wanted ? await newPassword(options, `postmaster@${name}`) : undefined;
    const domain = await createDomain(mail, { domain: name, destinations: (options.postmaster ?? []).join(','), ...made });
    const secret = made?.generated ? made.password : undefined;
    report(options, { ...domainJson(domain), ...(secret === undefined ? {} : { password: secret }) }, [
      `${domain.name} added, with postmaster@${domain.name} and abuse@${domain.name}`,
      ...(secret === undefined ? [] : [`password of postmaster@${domain.name}: ${secret}`]),
    ]);
  });
}

function addAliasDomain(name: string, aliasOf: string, options: AddOptions): Promise<void> {
  if (options.postmaster || options.passwordFromInput || options.generate)
    throw new CommandFailure('an alias domain has no postmaster of its own: give --alias-of alone');
  return withMail(options, async (mail) => {
    const domain = await createAliasDomain(mail, name, aliasOf);
    report(options, domainJson(domain), [`${domain.name} added, another name of ${domain.aliasOf}`]);
  });
}

interface SetOptions extends MailOptions {
  readonly maxAccounts?: string;
  readonly maxAliases?: string;
  readonly maxQuota?: string;
  readonly defaultQuota?: string;
  readonly aliasOf?: string;
  readonly active?: boolean;
  readonly editAccounts?: boolean;
  readonly editPostmasters?: boolean;
  readonly description?: string;
  readonly newTransport?: string;
}

function set(typed: string, options: SetOptions): Promise<void> {
  const { active, editAccounts, editPostmasters, description, newTransport, aliasOf } = options;
  const { maxAccounts, maxAliases, maxQuota, defaultQuota } = options;
  const limits = [maxAccounts, maxAliases, maxQuota, defaultQuota];
  const others = [active, editAccounts, editPostmasters, description, newTransport, aliasOf];
  if ([...limits, ...others].every((option) => option === undefined)) {
    throw new CommandFailure('nothing to change: see jammd domain set --help');
  }
  return withMail(options, async (mail) => {
    const name = parseDomain(typed);
    const before = await getOwnDomain(mail, name);
    if (editAccounts !== undefined) await setCapability(mail, name, 'editAccounts', editAccounts);
    if (editPostmasters !== undefined) await setCapability(mail, name, 'editPostmasters', editPostmasters);
    if (description !== undefined || newTransport !== undefined) {
      await describeDomain(mail, name, {
        description: description ?? before.description,
        transport: newTransport ?? before.transport,
      });
    }
    await setLimits(mail, before, { accounts: maxAccounts, aliases: maxAliases, quotaSum: maxQuota, defaultQuota });
    if (aliasOf !== undefined) await pointAliasDomain(mail, before, aliasOf);
    if (active !== undefined) await (active ? activateDomain(mail, name) : deactivateDomain(mail, name));
    await tell(mail, options, await getOwnDomain(mail, name));
  });
}

function remove(typed: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const name = parseDomain(typed);
    await deleteDomain(mail, name);
    report(options, domainJson(await getOwnDomain(mail, name)), [`${name} deleted; restore it with jammd domain restore`]);
  });
}

function restore(typed: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const name = parseDomain(typed);
    await restoreDomain(mail, name);
    report(options, domainJson(await getOwnDomain(mail, name)), [`${name} restored`]);
  });
}

function purge(typed: string, options: MailOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const name = parseDomain(typed);
    const entries = await purgeDomain(mail, name);
    report(options, { name, entries }, [`${name} purged, ${entries} entries`]);
  });
}
