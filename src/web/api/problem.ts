/** What the API answers where it cannot do what it was asked: problem details (RFC 9457). */
import type { MailError, MailErrorKind } from '../../mail/errors.js';
import { component, integer, list, object, optional, string } from './shape.js';

export const problemType = 'application/problem+json';

export const problemShape = component(
  'Problem',
  object({
    type: string({ description: 'Stays the same for one kind of problem' }),
    title: string(),
    status: integer(400, 599),
    detail: string({ description: 'What to do about it' }),
    errors: optional(list(object({ field: string(), detail: string() }), 100, 'The fields at fault')),
  }),
);

export interface Problem {
  readonly kind: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly field?: string | undefined;
}

const titles: Readonly<Record<MailErrorKind, readonly [status: number, title: string]>> = {
  invalid: [422, 'A value cannot be used'],
  'not-found': [404, 'Not found'],
  exists: [409, 'It exists already'],
  denied: [403, 'Not allowed'],
  conflict: [409, 'Something has to change first'],
  'needs-confirmation': [409, 'A choice is missing'],
  credentials: [422, 'A password is wrong'],
  'not-sent': [503, 'A mail could not be sent'],
  'session-lost': [503, 'The directory has ended the connection'],
  unavailable: [503, 'The directory is unavailable'],
};

export function problemOf({ kind, message, field }: MailError): Problem {
  const [status, title] = titles[kind];
  return { kind, title, status, detail: message, field };
}

export function problemResponse({ kind, title, status, detail, field }: Problem, headers: Record<string, string> = {}): Response {
  const body = {
    type: `/api/v1/docs#${kind}`,
    title,
    status,
    detail,
    ...(field === undefined ? {} : { errors: [{ field, detail }] }),
  };
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': problemType, ...headers } });
}
