/**
 * What a domain holds beside what it may hold. Limits bind its postmasters, not site admins. No LDAP server can count entries
 * or add up quotas for an access rule, so the use cases do; two postmasters at the very same moment may pass one by one.
 */
import { requireCommonDomain } from './common-domain.js';
import { modifyWithClass } from './auxiliary.js';
import { lastChangeNow, requireSiteAdmin, type MailContext } from './context.js';
import { displayDomain, isReserved, splitAddress } from './address.js';
import { limitChanges, limitedDomainClass, type DomainLimits, type TypedLimits } from './domain-limits.js';
import { type Domain } from './domains.js';
import { toPerson, type Account } from './entries.js';
import { MailError } from './errors.js';
import { told } from './told.js';
import { accountClass, aliasClass, and, equals, isA, not } from './filters.js';
import { quotaBytes } from './quota.js';
import { listWhole } from './whole-list.js';

const listMax = 100_000;

export interface DomainUse {
  /** Without deleted ones. */
  readonly accounts: number;
  /** Beside postmaster, abuse and the catch-all. */
  readonly aliases: number;
  /** The quotas of the accounts, added up. */
  readonly quotaBytes: number;
  /** Accounts whose quota has no size. */
  readonly unlimited: number;
  /** The directory did not show all: the numbers are lower bounds. */
  readonly cut: boolean;
}

export async function domainUse({ directory, tree }: MailContext, name: string): Promise<DomainUse> {
  const base = tree.domain(name);
  const [accounts, aliases] = await Promise.all([
    listWhole(directory, base, {
      filter: and(isA(accountClass), not(equals('delete', 'TRUE'))),
      attributes: ['quota'],
      max: listMax,
    }),
    listWhole(directory, base, { filter: isA(aliasClass), attributes: ['objectClass', 'mail'], max: listMax }),
  ]);
  const sizes = accounts.entries.map((entry) => quotaBytes(entry.first('quota') ?? ''));
  return {
    accounts: sizes.length,
    aliases: aliases.entries.map(toPerson).filter((person) => person !== undefined && isCounted(person.address)).length,
    quotaBytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    unlimited: sizes.filter((size) => size === undefined).length,
    cut: accounts.cut || aliases.cut,
  };
}

function isCounted(address: string): boolean {
  const [local] = splitAddress(address);
  return local !== '' && !isReserved(local);
}

/** Sets limits of a domain; what it holds already stays, and may be more. */
export async function setLimits(context: MailContext, domain: Domain, typed: TypedLimits): Promise<void> {
  requireSiteAdmin(context);
  requireCommonDomain(domain);
  const changes = limitChanges(typed);
  if (changes.length === 0) return;
  await modifyWithClass(context.directory, domain.dn, limitedDomainClass, [
    ...changes,
    ['replace', 'lastChange', [lastChangeNow()]],
  ]);
}

/** What of a domain's limits is left. It counts what it gives away, so that many can be made with one look. */
export class DomainRoom {
  readonly #domain: string;
  readonly #limits: DomainLimits;
  #accounts: number;
  #aliases: number;
  #quotaBytes: number;

  private constructor(domain: string, limits: DomainLimits, use: Pick<DomainUse, 'accounts' | 'aliases' | 'quotaBytes'>) {
    this.#domain = displayDomain(domain);
    this.#limits = limits;
    this.#accounts = use.accounts;
    this.#aliases = use.aliases;
    this.#quotaBytes = use.quotaBytes;
  }

  static async open(context: MailContext, domain: Domain): Promise<DomainRoom> {
    const { accounts, aliases, quotaBytes: sum } = domain.limits;
    const limited = [accounts, aliases, sum].some((limit) => limit !== undefined);
    if (context.actor.level === 'site' || !limited) {
      const none = { accounts: undefined, aliases: undefined, quotaBytes: undefined, defaultQuota: '' };
      return new DomainRoom(domain.name, none, { accounts: 0, aliases: 0, quotaBytes: 0 });
    }
    const use = await domainUse(context, domain.name);
    if (use.cut) {
      throw new MailError('unavailable', told('limitsUnknown', { domain: displayDomain(domain.name) }));
    }
    return new DomainRoom(domain.name, domain.limits, use);
  }

  /** @throws MailError `conflict`, with the field `quota` where another quota would do */
  takeAccount(quota: string): void {
    const { accounts } = this.#limits;
    if (accounts !== undefined && this.#accounts >= accounts)
      throw new MailError('conflict', told('accountsFull', { domain: this.#domain, most: accounts }));
    this.takeQuota(quota, '0S');
    this.#accounts += 1;
  }

  /** For an account that has `present` already. @throws MailError `conflict` */
  takeQuota(quota: string, present: string): void {
    const sum = this.#limits.quotaBytes;
    if (sum === undefined) return;
    const before = quotaBytes(present) ?? 0;
    const wanted = quotaBytes(quota);
    const left = Math.max(0, sum - this.#quotaBytes + before);
    const parameters = { domain: this.#domain, sum, left };
    if (wanted === undefined) throw new MailError('conflict', told('quotaNeeded', parameters), 'quota');
    if (wanted > left && wanted > before) throw new MailError('conflict', told('quotaTooLarge', parameters), 'quota');
    this.#quotaBytes += wanted - before;
  }

  /** @throws MailError `conflict` */
  takeAlias(): void {
    const { aliases } = this.#limits;
    if (aliases !== undefined && this.#aliases >= aliases)
      throw new MailError('conflict', told('aliasesFull', { domain: this.#domain, most: aliases }));
    this.#aliases += 1;
  }
}

/** A new quota of an account that is there. @throws MailError `conflict` */
export async function requireRoomForQuota(context: MailContext, domain: Domain, account: Account, quota: string): Promise<void> {
  if (quota === account.quota || account.deleted) return;
  (await DomainRoom.open(context, domain)).takeQuota(quota, account.quota);
}
