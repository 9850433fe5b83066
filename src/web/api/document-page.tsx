/** The API's document as a page for people: every operation, what it takes and what it gives. */
import type { FC } from 'hono/jsx';
import { apiPath } from './openapi.js';
import { pathParameters, queryFields, type Operation } from './operation.js';
import type { JsonSchema } from './shape.js';

export const ApiPage: FC<{ operations: readonly Operation[]; document: JsonSchema }> = ({ operations, document }) => {
  const { schemas } = document['components'] as { readonly schemas: Readonly<Record<string, JsonSchema>> };
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return (
    <>
      <div class="head">
        <h1>API</h1>
      </div>
      <section class="card">
        <p>
          JSON over HTTP, below <code>{apiPath}</code>. Log in with HTTP Basic (your login name or mail address and your
          password), or send an API token of a domain: <code>Authorization: Bearer jammd_…</code>. For programs, the same as this
          page is in <a href={`${apiPath}/openapi.json`}>openapi.json</a> (OpenAPI 3.1).
        </p>
        <p>
          What cannot be done is told as <code>application/problem+json</code> (RFC 9457).
        </p>
      </section>
      {tags.map((tag) => (
        <section class="card">
          <h2>{tag}</h2>
          {operations
            .filter((one) => one.tag === tag)
            .map((one) => (
              <OperationPart operation={one} schemas={schemas} />
            ))}
        </section>
      ))}
    </>
  );
};

type Schemas = Readonly<Record<string, JsonSchema>>;

const OperationPart: FC<{ operation: Operation; schemas: Schemas }> = ({ operation, schemas }) => (
  <article id={operation.id}>
    <h3>
      <code>
        {operation.method.toUpperCase()} {operation.path}
      </code>
    </h3>
    <p>
      {operation.summary}. {operation.description}
    </p>
    <p class="hint">{operation.scope === undefined ? 'Not for tokens.' : `Tokens need the scope ${operation.scope}.`}</p>
    <dl class="facts">
      {pathParameters(operation.path).length > 0 && (
        <>
          <dt>Path</dt>
          <dd>{pathParameters(operation.path).join(', ')}</dd>
        </>
      )}
      {Object.entries(queryFields(operation)).map(([name, schema]) => (
        <>
          <dt>?{name}</dt>
          <dd>{describe(schema)}</dd>
        </>
      ))}
      {operation.body && <Fields title="Takes" schema={operation.body.json} type={operation.bodyType} schemas={schemas} />}
      {operation.result ? (
        <Fields title="Gives" schema={operation.result.json} type={operation.resultType} schemas={schemas} />
      ) : (
        <>
          <dt>Gives</dt>
          <dd>nothing (204)</dd>
        </>
      )}
    </dl>
  </article>
);

interface FieldsProps {
  readonly title: string;
  readonly schema: JsonSchema;
  /** Of a text in place of JSON. */
  readonly type: string | undefined;
  readonly schemas: Schemas;
}

const Fields: FC<FieldsProps> = ({ title, schema, type, schemas }) => {
  if (type !== undefined) {
    return (
      <>
        <dt>{title}</dt>
        <dd>{type}</dd>
      </>
    );
  }
  const found = resolve(schema, schemas);
  const required = (found['required'] ?? []) as readonly string[];
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {Object.entries((found['properties'] ?? {}) as Schemas).map(([name, field]) => (
            <li>
              <code>{name}</code>
              {title === 'Takes' && required.includes(name) ? ' (required)' : ''}: {describe(field)}
            </li>
          ))}
        </ul>
      </dd>
    </>
  );
};

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = nameOf(schema);
  return name === undefined ? schema : (schemas[name] ?? {});
}

function nameOf(schema: JsonSchema): string | undefined {
  const reference = schema['$ref'];
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined;
}

function describe(schema: JsonSchema): string {
  const { description } = schema;
  return typeof description === 'string' ? `${typeText(schema)}. ${description}.` : typeText(schema);
}

function typeText(schema: JsonSchema): string {
  const name = nameOf(schema);
  if (name !== undefined) return name;
  const { type, format, items, minimum, maximum } = schema;
  if (Array.isArray(schema['enum'])) return schema['enum'].join(', ');
  if (Array.isArray(schema['anyOf'])) return (schema['anyOf'] as readonly JsonSchema[]).map(typeText).join(' or ');
  if (type === 'array') return `list of ${typeText(items as JsonSchema)}`;
  if (type === 'integer') return `whole number from ${String(minimum)} to ${String(maximum)}`;
  return typeof format === 'string' ? format : String(type);
}
