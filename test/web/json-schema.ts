/** As much of JSON Schema as the API's document uses: whether a value fits, and values that do and that do not. */
import fc from 'fast-check';

export interface Schema {
  readonly $ref?: string;
  readonly type?: 'string' | 'boolean' | 'integer' | 'array' | 'object' | 'null';
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

export type Schemas = Readonly<Record<string, Schema>>;

function resolve(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref === undefined) return schema;
  const found = schemas[schema.$ref.replace('#/components/schemas/', '')];
  if (found === undefined) throw new Error(`${schema.$ref} leads nowhere`);
  return found;
}

/** What does not fit, each with its place; nothing where all does. */
export function misfits(value: unknown, schema: Schema, schemas: Schemas, place = ''): string[] {
  const { type, anyOf, properties = {}, required = [], ...rules } = resolve(schema, schemas);
  const wrong = (what: string): string[] => [`${place}: ${what}`];
  if (anyOf) return anyOf.some((one) => misfits(value, one, schemas, place).length === 0) ? [] : wrong('fits none');
  if (rules.enum) return rules.enum.some((one) => one === value) ? [] : wrong('not in the enum');
  switch (type) {
    case 'null':
      return value === null ? [] : wrong('not null');
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('no boolean');
    case 'integer': {
      const { minimum = -Infinity, maximum = Infinity } = rules;
      return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum ? [] : wrong('no such number');
    }
    case 'string':
      if (typeof value !== 'string' || value.length > (rules.maxLength ?? Infinity)) return wrong('no such string');
      return rules.format !== 'date-time' || !Number.isNaN(Date.parse(value)) ? [] : wrong('no time');
    case 'array':
      if (!Array.isArray(value) || value.length > (rules.maxItems ?? Infinity)) return wrong('no such list');
      return value.flatMap((item, index) => misfits(item, rules.items ?? {}, schemas, `${place}/${index}`));
    case 'object': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('no object');
      const fields = Object.entries(value);
      return [
        ...required.filter((name) => !(name in value)).map((name) => `${place}/${name}: missing`),
        ...fields.flatMap(([name, field]) => {
          const known = properties[name];
          return known ? misfits(field, known, schemas, `${place}/${name}`) : [`${place}/${name}: unknown`];
        }),
      ];
    }
    default:
      return [];
  }
}

const texts = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    '500 MB',
    'correct horse battery',
    'user@one.example',
    'far@away.example',
    'virtual:',
    'Ñame <b>',
    '*)(x=*',
  ),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** What a field of this name often holds. */
const plausible: Readonly<Record<string, readonly string[]>> = {
  password: ['correct horse battery'],
  quota: ['500 MB', ''],
  name: ['Jane Doe'],
  label: ['Phone', 'Script'],
  destinations: ['user@one.example', 'far@away.example'],
  postmaster: ['admin@one.example'],
  transport: ['virtual:'],
  address: ['renamed'],
  aliasOf: ['one.example', 'new.example'],
  quotaSum: ['20 GB'],
  defaultQuota: ['500 MB'],
  forwardTo: ['far@away.example'],
  senders: ['user@one.example'],
};

function textsOf(field: string): fc.Arbitrary<unknown> {
  const known = plausible[field];
  return known === undefined ? texts : fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...known) }, texts);
}

/** Values of a schema; of an object, any of its optional fields, and now and then one that it does not have. */
export function valuesOf(schema: Schema, schemas: Schemas, field = ''): fc.Arbitrary<unknown> {
  const { type, anyOf, items, properties = {}, required = [], ...rules } = resolve(schema, schemas);
  if (anyOf) return fc.oneof(...anyOf.map((one) => valuesOf(one, schemas, field)));
  if (rules.enum) return fc.constantFrom(...rules.enum);
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: (rules.minimum ?? 0) - 1, max: Math.min(rules.maximum ?? 0, 5_000) });
    case 'array':
      return fc.array(valuesOf(items ?? {}, schemas, field), { maxLength: 3 });
    case 'object': {
      const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one, schemas, name)]));
      const known = fc.record(fields, { requiredKeys: [...required] });
      return fc.oneof({ weight: 8, arbitrary: known }, fc.constantFrom<unknown>({ unknown: 1 }, [], null, 'text', {}));
    }
    default:
      return textsOf(field);
  }
}
