/**
 * Quotas that mail servers cannot read: before pages and commands wrote Courier's form, and in directories that other programs
 * filled, the attribute may hold `10 MB` or a bare number. Found, and brought into the form that Courier, Dovecot and Exim read.
 */
import { lastChangeNow, requireDomainAdmin, type MailContext } from './context.js';
import type { Domain } from './domains.js';
import { isMailError } from './errors.js';
import { accountClass, isA } from './filters.js';
import { parseQuota, quotaBytes } from './quota.js';
import { toPerson } from './entries.js';
import { listWhole } from './whole-list.js';

const listMax = 100_000;

/** What a number without a unit counts; nothing in it says so. */
export type BareNumber = 'bytes' | 'megabytes';

export interface QuotaConversion {
  readonly address: string;
  readonly before: string;
  /** Undefined: it is not known what was meant. */
  readonly after: string | undefined;
}

/** Tells of every quota that is not in the stored form, and with `apply` changes those whose meaning is known. */
export async function convertQuotas(
  context: MailContext,
  domain: Domain,
  options: { readonly bareNumber: BareNumber; readonly apply: boolean },
): Promise<readonly QuotaConversion[]> {
  requireDomainAdmin(context, domain.name);
  const { entries } = await listWhole(context.directory, domain.dn, {
    filter: isA(accountClass),
    attributes: ['objectClass', 'mail', 'quota'],
    max: listMax,
  });
  const conversions: QuotaConversion[] = [];
  for (const entry of entries) {
    const before = entry.first('quota');
    if (before === undefined || isStoredForm(before)) continue;
    const after = convertedQuota(before, options.bareNumber);
    conversions.push({ address: toPerson(entry)?.address ?? entry.dn, before, after });
    if (!options.apply || after === undefined) continue;
    await context.directory.modify(entry.dn, [
      ['replace', 'quota', after === '' ? [] : [after]],
      ['replace', 'lastChange', [lastChangeNow()]],
    ]);
  }
  return conversions.sort((left, right) => (left.address < right.address ? -1 : 1));
}

/** What Courier's maildirquota and the configurations that jammd prints for Dovecot and Exim take apart. */
export function isStoredForm(quota: string): boolean {
  return /^\d{1,15}[SC](,\d{1,15}[SC])?$/.test(quota) && (quotaBytes(quota) ?? 1) > 0;
}

/** Empty: no limit. */
export function convertedQuota(text: string, bareNumber: BareNumber): string | undefined {
  const typed = text.trim().replace(/\s*([SC])\s*/gi, (_, letter: string) => letter.toUpperCase());
  if (isStoredForm(typed)) return typed;
  if (/^0*[SC]?$/.test(typed)) return '';
  if (/^\d+$/.test(typed) && bareNumber === 'bytes') return `${Number(typed)}S`;
  try {
    return parseQuota(typed);
  } catch (error) {
    if (isMailError(error, 'invalid')) return undefined;
    throw error;
  }
}
