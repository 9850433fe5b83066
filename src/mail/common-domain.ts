/** Domains that can have addresses: neither another name of a domain nor deleted. */
import { displayDomain } from './address.js';
import { MailError } from './errors.js';

/** @throws MailError `conflict` for a domain that is another name of one */
export function requireCommonDomain(domain: { readonly name: string; readonly aliasOf: string | undefined }): void {
  if (domain.aliasOf === undefined) return;
  const [name, other] = [displayDomain(domain.name), displayDomain(domain.aliasOf)];
  throw new MailError(
    'conflict',
    `${name} is another name of ${other} and has no addresses of its own. Go to ${other} for that.`,
  );
}

/** @throws MailError `conflict` where nothing can be added */
export function requireOpenDomain(domain: Parameters<typeof requireCommonDomain>[0] & { readonly deleted: boolean }): void {
  requireCommonDomain(domain);
  if (domain.deleted) throw new MailError('conflict', 'This domain is deleted. Restore it before you add to it.');
}
