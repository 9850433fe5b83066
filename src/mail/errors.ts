/** What can go wrong in a mail use case, as one error type whose message says to a person what to do next. */

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
  /** The connection that carried the person's identity is gone: log in again. */
  | 'session-lost'
  /** The directory cannot be reached or refuses to work. */
  | 'unavailable';

export class MailError extends Error {
  override readonly name = 'MailError';

  constructor(
    readonly kind: MailErrorKind,
    message: string,
    /** The form field or command option that holds the offending value. */
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function invalid(field: string, message: string): MailError {
  return new MailError('invalid', message, field);
}

export function denied(message: string): MailError {
  return new MailError('denied', message);
}

/** Whether `error` is a MailError of one of these kinds. */
export function isMailError(error: unknown, ...kinds: readonly MailErrorKind[]): error is MailError {
  return error instanceof MailError && (kinds.length === 0 || kinds.includes(error.kind));
}
