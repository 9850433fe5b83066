/** What a mail site on the web can be told. Its limits are in limits.ts. */
import type { ConnectionOptions } from '../mail/connection.js';
import type { MailSettings } from '../mail/context.js';
import type { FactorKey } from '../mail/factor-key.js';

export interface SecondFactorOptions {
  readonly key: FactorKey;
  /** Who must have one; the others may. `admins`: postmasters and site admins. */
  readonly requiredOf: 'nobody' | 'postmasters' | 'admins' | 'everyone';
  /** The password alone opens the API (HTTP Basic) for those who have one. */
  readonly passwordOpensApi?: boolean;
}

export interface WebOptions {
  readonly directory: ConnectionOptions;
  readonly settings: MailSettings;
  /**
   * The address people type, where a proxy stands in front (`https://mail.example.com`). With https the cookie is for
   * TLS only. Without it the site answers under whatever name it is called by, over plain HTTP.
   */
  readonly publicUrl?: string;
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose X-Forwarded-For is believed. None by default. */
  readonly trustedProxies?: readonly string[];
  /** Milliseconds without a request after which a session ends. */
  readonly sessionIdleMs?: number;
  /** Undefined where the pages have no second factor; who has one cannot log in then. */
  readonly secondFactor?: SecondFactorOptions;
  /** Called with what nobody expected; the person sees a page without details. */
  readonly onError?: (error: unknown) => void;
  /** Called with one line about what went wrong on a client's side. */
  readonly onNotice?: (line: string) => void;
}
