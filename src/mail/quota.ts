/** Mailbox quotas: what people type (`500 MB`) and what the directory stores for Courier (`524288000S`). */
import { invalid } from './errors.js';
import { told } from './told.js';

const units: Readonly<Record<string, number>> = { '': 1024 ** 2, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/**
 * The stored form of a typed quota; empty for none. A bare number counts megabytes; Courier's own form
 * (`524288000S,10000C`) is kept as it is.
 *
 * @throws MailError `invalid`
 */
export function parseQuota(text: string, field = 'quota'): string {
  const typed = text.trim();
  if (/^(|0|none|no limit|unlimited)$/i.test(typed)) return '';
  if (/^\d+[SC](,\d+[SC])?$/.test(typed)) return typed;
  const match = /^(\d{1,9}(?:[.,]\d{1,3})?)\s*([kmgt]?)i?[bo]?$/i.exec(typed);
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  if (match?.[1] === undefined || unit === undefined) {
    throw invalid(field, told('quotaInvalid', { typed }));
  }
  const bytes = Math.round(Number(match[1].replace(',', '.')) * unit);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw invalid(field, told('quotaRange', { typed }));
  return `${bytes}S`;
}

/** The bytes that a stored quota allows; undefined where it has no size. */
export function quotaBytes(stored: string): number | undefined {
  const digits = /(?:^|,)(\d{1,15})S/.exec(stored)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
