/** What the API can do, one operation each: the routes, the checks and the document are made of these. */
import type { MailContext } from '../../mail/context.js';
import type { TokenScope } from '../../mail/api-tokens.js';
import { denied } from '../../mail/errors.js';
import type { WebOptions } from '../options.js';
import type { JsonSchema, Shape } from './shape.js';

export type Method = 'get' | 'put' | 'post' | 'delete';

export interface Outcome<R> {
  /** Something is there that was not before. */
  readonly created?: boolean;
  readonly value: R;
}

export interface OperationRequest<B, Q> {
  readonly mail: MailContext;
  readonly site: WebOptions;
  /** What a token may be used for; undefined for a person. */
  readonly scopes: readonly TokenScope[] | undefined;
  /** A parameter of the path, decoded. */
  readonly param: (name: string) => string;
  readonly query: Q;
  readonly body: B;
}

interface Common {
  readonly id: string;
  readonly method: Method;
  /** With parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What a token needs; undefined where no token may do it. */
  readonly scope: TokenScope | undefined;
  readonly query?: Shape<unknown>;
  readonly body?: Shape<unknown>;
  /** A text in place of JSON. */
  readonly bodyType?: 'text/csv';
  /** Undefined for no content. */
  readonly result?: Shape<unknown>;
  readonly resultType?: 'text/csv';
  /** It may answer 201 as well, or always does. */
  readonly creates?: 'sometimes' | 'always';
}

export interface Operation extends Common {
  run(request: OperationRequest<unknown, unknown>): Promise<Outcome<unknown>>;
}

interface Definition<B, Q, R> extends Common {
  readonly query?: Shape<Q>;
  readonly body?: Shape<B>;
  readonly result?: Shape<R>;
  readonly run: (request: OperationRequest<B, Q>) => Promise<Outcome<R>>;
}

export function operation<B = undefined, Q = undefined, R = undefined>(definition: Definition<B, Q, R>): Operation {
  const { query, body, run, ...common } = definition;
  return {
    ...common,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    run: ({ query: givenQuery, body: givenBody, ...request }) =>
      run({
        ...request,
        query: query?.parse(givenQuery, 'query') as Q,
        body: body?.parse(givenBody, 'body') as B,
      }),
  };
}

/** What one scope allows may need another in part. @throws MailError `denied` */
export function requireScope(scopes: readonly TokenScope[] | undefined, scope: TokenScope): void {
  if (scopes !== undefined && !scopes.includes(scope)) throw denied(`The token lacks the scope ${scope}.`);
}

/** The names of the parameters in a path. */
export function pathParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}

/** The fields of a query. */
export function queryFields({ query }: Operation): Readonly<Record<string, JsonSchema>> {
  return (query?.json['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
}
