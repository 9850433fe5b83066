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
import { told } from './told.js';

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
  return new MailError('unavailable', `The directory at ${url} does not answer (${reason}). Try again in a moment.`, undefined, {
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
  const failure = (kind: MailError['kind'], message: string): MailError => new MailError(kind, message, undefined, { cause });
  if (isAnyOf(cause, InsufficientAccessError, StrongAuthRequiredError)) {
    return failure('denied', 'The directory does not allow you to do that. Ask your postmaster or site admin.');
  }
  if (cause instanceof NoSuchObjectError)
    return failure('not-found', 'That entry does not exist (any longer). Go back and reload the list.');
  if (cause instanceof AlreadyExistsError) return failure('exists', 'An entry of that name already exists. Choose another name.');
  if (isAnyOf(cause, InvalidSyntaxError, ConstraintViolationError))
    return failure('invalid', `The directory rejects a value: ${said}`);
  if (isAnyOf(cause, NoSuchAttributeError, TypeOrValueExistsError)) {
    return failure('conflict', 'Someone else has changed this in the meantime. Reload the page and check.');
  }
  return failure(
    'unavailable',
    `The directory refuses (${said || `code ${cause.code}`}). If it happens again, tell your site admin.`,
  );
}
