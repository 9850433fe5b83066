/** Domains that can have addresses: neither another name of a domain nor deleted. */
import { displayDomain } from './address.js';
import { MailError } from './errors.js';
import { told } from './told.js';

/** @throws MailError `conflict` for a domain that is another name of one */
export function requireCommonDomain(domain: { readonly name: string; readonly aliasOf: string | undefined }): void {
  if (domain.aliasOf === undefined) return;
  const [name, other] = [displayDomain(domain.name), displayDomain(domain.aliasOf)];
  throw new MailError('conflict', told('anotherName', { domain: name, other }));
}

/** @throws MailError `conflict` where nothing can be added */
export function requireOpenDomain(domain: Parameters<typeof requireCommonDomain>[0] & { readonly deleted: boolean }): void {
  requireCommonDomain(domain);
  if (domain.deleted) throw new MailError('conflict', told('domainDeleted'));
}
