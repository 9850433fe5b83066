/** What a mail site on the web can be told, with its defaults, and the limits it keeps. */
import type { ConnectionOptions } from '../mail/connection.js';
import type { MailSettings } from '../mail/context.js';

export interface WebOptions {
  readonly directory: ConnectionOptions;
  readonly settings: MailSettings;
  /**
   * The address people type, where a proxy stands in front (`https://mail.example.com`). With https the cookie is for
   * TLS only. Without it the site answers under whatever name it is called by, over plain HTTP.
   */
  readonly publicUrl?: string;
  /** Milliseconds without a request after which a session ends. */
  readonly sessionIdleMs?: number;
  /** Called with what nobody expected; the person sees a page without details. */
  readonly onError?: (error: unknown) => void;
}

export const webLimits = {
  sessionIdleMs: 30 * 60_000,
  /** However busy a session is, it ends after this long. */
  sessionAgeMs: 12 * 60 * 60_000,
  /** Sessions in all: each holds a connection to the directory. The longest idle one makes room. */
  sessions: 1_000,
  sessionsPerPerson: 20,
  /** Bytes of an ordinary form, and of one with a CSV file. */
  formBytes: 256 * 1024,
  uploadBytes: 3 * 1024 * 1024,
  /** Bytes of a form that is kept for after the login. */
  stashBytes: 128 * 1024,
  /** Failed logins from one address for one name, within the window, before the next must wait. */
  failedLogins: 10,
  failedLoginsPerName: 100,
  failedLoginWindowMs: 15 * 60_000,
  failedLoginKeys: 20_000,
  /** Entries a bulk action takes at once. */
  bulk: 500,
} as const;
