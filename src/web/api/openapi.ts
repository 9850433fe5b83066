/** The API's document (OpenAPI 3.1), made of its operations. */
import { pathParameters, queryFields, type Operation } from './operation.js';
import { problemShape, problemType } from './problem.js';
import { components, type JsonSchema } from './shape.js';

export const apiPath = '/api/v1';

const problems: Readonly<Record<string, string>> = {
  '400': 'The request cannot be understood',
  '401': 'Nobody has logged in',
  '403': 'Not allowed',
  '404': 'Not found',
  '409': 'Something has to change first',
  '411': 'The length of the body is missing',
  '413': 'The body is too large',
  '415': 'The body is not of the type that is asked for',
  '422': 'A value cannot be used',
  '429': 'Too many requests; Retry-After says when to come again',
  '503': 'The directory, or the mail server, is unavailable',
};

const always = ['400', '401', '403', '404', '409', '422', '429', '503'];
const withBody = [...always, '411', '413', '415'];

export function openApiDocument(operations: readonly Operation[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const one of operations) (paths[one.path] ??= {})[one.method] = operationObject(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jamm',
      version,
      description: 'Domains, accounts, aliases and postmasters of a mail host, over the same use cases as the web pages.',
    },
    servers: [{ url: apiPath }],
    security: [{ password: [] }, { token: [] }],
    paths,
    components: {
      schemas: components(),
      responses: Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [`Problem${status}`, { description, content: problemContent }]),
      ),
      securitySchemes: {
        password: { type: 'http', scheme: 'basic', description: 'Login name or mail address, and password' },
        token: { type: 'http', scheme: 'bearer', description: 'An API token of a domain' },
      },
    },
  };
}

const problemContent = { [problemType]: { schema: problemShape.json } };

function operationObject(one: Operation): JsonSchema {
  const { id, tag, summary, description, scope, body, result, creates } = one;
  const content = result && { [one.resultType ?? 'application/json']: { schema: result.json } };
  const done = { description: 'Done', ...(content === undefined ? {} : { content }) };
  const made = { description: 'Made', ...(content === undefined ? {} : { content }) };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-token-scope': scope ?? null,
    parameters: [
      ...pathParameters(one.path).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(queryFields(one)).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [one.bodyType ?? 'application/json']: { schema: body.json } } } }),
    responses: {
      ...(creates === 'always' ? {} : { [result === undefined ? '204' : '200']: done }),
      ...(creates === undefined ? {} : { '201': made }),
      ...Object.fromEntries(
        (body === undefined ? always : withBody).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
  };
}
