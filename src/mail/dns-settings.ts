/** What a site says about the DNS of its domains. */
import { invalid } from './errors.js';
import { told } from './told.js';

export interface DnsSettings {
  /** Asked in the place of the system's resolver, if any. */
  readonly servers: readonly string[];
  /** Where the mail of every domain should go; none where it is not known. */
  readonly mailHosts: readonly string[];
  /** Of the keys that the site signs with. */
  readonly selectors: readonly string[];
  /** Where the settings of mail programs are served. */
  readonly webHost: string | undefined;
}

export const noDnsSettings: DnsSettings = { servers: [], mailHosts: [], selectors: [], webHost: undefined };

/** @throws MailError `invalid` */
export function parseSelector(text: string, field = 'selector'): string {
  const selector = text.trim().toLowerCase();
  if (/^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(selector)) return selector;
  throw invalid(field, told('selectorInvalid', { selector: text.trim().slice(0, 100) }));
}
