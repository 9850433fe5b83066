/** What ldapts throws, as MailErrors: what the directory answered, or that it answers no more. */
import {
  AlreadyExistsError,
  ConstraintViolationError,
  InsufficientAccessError,
  InvalidSyntaxError,
  NoSuchAttributeError,
  NoSuchObjectError,
  ResultCodeError,
  StrongAuthRequiredError,
  TypeOrValueExistsError,
} from 'ldapts';
import { MailError } from './errors.js';
import { told, type Told } from './told.js';

type ErrorClass = abstract new (...args: never[]) => Error;

export function isAnyOf(error: unknown, ...classes: readonly ErrorClass[]): boolean {
  return classes.some((errorClass) => error instanceof errorClass);
}

export function isCode(error: unknown, code: number): boolean {
  return error instanceof ResultCodeError && error.code === code;
}

export function wrongCredentials(): MailError {
  return new MailError('credentials', told('wrongLogin'), 'password');
}

export function sessionLost(): MailError {
  return new MailError('session-lost', told('connectionEnded'));
}

export function unavailable(url: string, cause: unknown): MailError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MailError('unavailable', told('noAnswer', { url, reason }), undefined, {
    cause,
  });
}

export function translate(cause: unknown): Error {
  if (cause instanceof MailError) return cause;
  if (!(cause instanceof ResultCodeError)) {
    // Whatever is not an answer from the server ended the connection, and with it the identity.
    return new MailError('session-lost', told('connectionEnded'), undefined, {
      cause,
    });
  }
  const said = cause.message.replace(/ ?Code: 0x[0-9a-f]+$/, '');
  const failure = (kind: MailError['kind'], what: Told): MailError => new MailError(kind, what, undefined, { cause });
  if (isAnyOf(cause, InsufficientAccessError, StrongAuthRequiredError)) {
    return failure('denied', told('notAllowed'));
  }
  if (cause instanceof NoSuchObjectError) return failure('not-found', told('entryGone'));
  if (cause instanceof AlreadyExistsError) return failure('exists', told('entryExists'));
  if (isAnyOf(cause, InvalidSyntaxError, ConstraintViolationError))
    return failure('invalid', told('valueRejected', { reason: said }));
  if (isAnyOf(cause, NoSuchAttributeError, TypeOrValueExistsError)) {
    return failure('conflict', told('changedMeanwhile'));
  }
  return failure('unavailable', told('directoryRefuses', { reason: said || `code ${cause.code}` }));
}
