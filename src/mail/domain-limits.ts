/** The limits of a domain: what its entry says, what people type for it, and how that is shown. */
import { invalid } from './errors.js';
import { told } from './told.js';
import type { MailEntry } from './mail-entry.js';
import { parseQuota, quotaBytes } from './quota.js';

export const limitedDomainClass = 'jammdDomain';

/** Undefined: no limit. */
export interface DomainLimits {
  readonly accounts: number | undefined;
  /** Beside postmaster, abuse and the catch-all. */
  readonly aliases: number | undefined;
  /** What the quotas of all accounts may add up to. */
  readonly quotaBytes: number | undefined;
  /** As stored; empty for none. New accounts get it where nothing else is said. */
  readonly defaultQuota: string;
}

const attributeOf = {
  accounts: 'jammdAccountsMax',
  aliases: 'jammdAliasesMax',
  quotaBytes: 'jammdQuotaSumMax',
  defaultQuota: 'jammdDefaultQuota',
} as const satisfies Record<keyof DomainLimits, string>;

export const limitAttributes: readonly string[] = Object.values(attributeOf);

export function limitsOf(entry: MailEntry): DomainLimits {
  const number = (name: string): number | undefined => {
    const value = entry.first(name);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  return {
    accounts: number(attributeOf.accounts),
    aliases: number(attributeOf.aliases),
    quotaBytes: number(attributeOf.quotaBytes),
    defaultQuota: entry.first(attributeOf.defaultQuota) ?? '',
  };
}

/** Limits as people type them; an empty text takes a limit away, an absent one leaves it. */
export interface TypedLimits {
  readonly accounts?: string | undefined;
  readonly aliases?: string | undefined;
  /** `20 GB` */
  readonly quotaSum?: string | undefined;
  readonly defaultQuota?: string | undefined;
}

/** The attributes' new values. @throws MailError `invalid` */
export function limitChanges(typed: TypedLimits): (readonly ['replace', string, readonly string[]])[] {
  const values: readonly (readonly [string, string | undefined])[] = [
    [attributeOf.accounts, parseCount(typed.accounts, 'accounts')],
    [attributeOf.aliases, parseCount(typed.aliases, 'aliases')],
    [attributeOf.quotaBytes, parseSum(typed.quotaSum)],
    [attributeOf.defaultQuota, typed.defaultQuota === undefined ? undefined : parseQuota(typed.defaultQuota, 'defaultQuota')],
  ];
  return values.flatMap(([name, value]) =>
    value === undefined ? [] : [['replace', name, value === '' ? [] : [value]] as const],
  );
}

function parseCount(text: string | undefined, field: string): string | undefined {
  const typed = text?.trim();
  if (typed === undefined || typed === '') return typed;
  if (!/^\d{1,7}$/.test(typed)) throw invalid(field, told('limitInvalid', { typed }));
  return String(Number(typed));
}

function parseSum(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const stored = parseQuota(text, 'quotaSum');
  if (stored === '') return '';
  const bytes = quotaBytes(stored);
  if (bytes === undefined) throw invalid('quotaSum', told('sumInvalid', { typed: text.trim() }));
  return String(bytes);
}
