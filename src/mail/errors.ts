/** What can go wrong in a mail use case, as one error type whose message says to a person what to do next. */

import { inEnglish, type Told } from './told.js';

export type MailErrorKind =
  /** A value that was given cannot be used; `field` names it. */
  | 'invalid'
  | 'not-found'
  | 'exists'
  /** The directory or the domain's capability flags do not let this person do it. */
  | 'denied'
  /** Something in the directory must change first. */
  | 'conflict'
  /** It may be done once the person has confirmed that they have read `message`. */
  | 'needs-confirmation'
  /** Login name and password do not belong together. */
  | 'credentials'
  /** A mail server did not take a mail. What was done before stays done. */
  | 'not-sent'
  /** The connection that carried the person's identity is gone: log in again. */
  | 'session-lost'
  /** The directory cannot be reached or refuses to work. */
  | 'unavailable';

export class MailError extends Error {
  override readonly name = 'MailError';
  /** What pages say in the viewer's language. The message is the same in English. */
  readonly told: Told | undefined;

  constructor(
    readonly kind: MailErrorKind,
    what: Told | string,
    /** The form field or command option that holds the offending value. */
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(typeof what === 'string' ? what : inEnglish(what), options);
    this.told = typeof what === 'string' ? undefined : what;
  }
}

export function invalid(field: string, what: Told | string): MailError {
  return new MailError('invalid', what, field);
}

export function denied(what: Told | string): MailError {
  return new MailError('denied', what);
}

/** Whether `error` is a MailError of one of these kinds. */
export function isMailError(error: unknown, ...kinds: readonly MailErrorKind[]): error is MailError {
  return error instanceof MailError && (kinds.length === 0 || kinds.includes(error.kind));
}
