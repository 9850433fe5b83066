/** Mailbox quotas: what people type (`500 MB`) and what the directory stores for Courier (`524288000S`). */
import { invalid } from './errors.js';

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
  const match = /^(\d{1,9}(?:[.,]\d{1,3})?)\s*([kmgt]?)i?b?$/i.exec(typed);
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  if (match?.[1] === undefined || unit === undefined) {
    throw invalid(field, `“${typed}” is not a size: enter for example 500 MB or 2 GB, or leave it empty for no limit.`);
  }
  const bytes = Math.round(Number(match[1].replace(',', '.')) * unit);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw invalid(field, `“${typed}” is out of range for a quota.`);
  return `${bytes}S`;
}

/** The bytes that a stored quota allows; undefined where it has no size. */
export function quotaBytes(stored: string): number | undefined {
  const digits = /(?:^|,)(\d{1,15})S/.exec(stored)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** As people read it: `500 MB`; what is not a plain size stays as it is stored. */
export function displayQuota(stored: string): string {
  const bytes = /^(\d+)S$/.exec(stored)?.[1];
  if (bytes === undefined) return stored;
  let size = Number(bytes);
  if (size < 1024) return `${size}S`;
  const names = ['KB', 'MB', 'GB', 'TB'];
  let unit = -1;
  while (size >= 1024 && unit < names.length - 1) {
    size /= 1024;
    unit += 1;
  }
  // Only a form that reads back as the same number of bytes may be shown in a field.
  const rounded = Math.round(size * 1000) / 1000;
  return rounded === size ? `${rounded} ${names[unit]}` : stored;
}
