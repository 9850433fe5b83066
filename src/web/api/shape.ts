/**
 * The shapes of what the API takes and gives: each checks a value and describes itself as JSON Schema, so that the document and the
 * checks cannot differ. Bodies are flat objects: this is all that they need.
 */
import { invalid } from '../../mail/errors.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Shape<T> {
  readonly json: JsonSchema;
  /** @throws MailError `invalid` that names the field */
  parse(value: unknown, field: string): T;
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

export interface StringRules {
  readonly description?: string;
  readonly maxLength?: number;
  readonly example?: string;
}

export function string(rules: StringRules = {}): Shape<string> {
  const { maxLength = 4_096, ...others } = rules;
  return {
    json: { type: 'string', maxLength, ...others },
    parse: (value, field) => {
      if (typeof value !== 'string') throw invalid(field, `${field} has to be a string.`);
      if ([...value].length > maxLength) throw invalid(field, `${field} can have at most ${maxLength} characters.`);
      return value;
    },
  };
}

/** A point in time; only given, never taken. */
export const time: Shape<string> = { ...string(), json: { type: 'string', format: 'date-time' } };

export function boolean(description?: string): Shape<boolean> {
  return {
    json: { type: 'boolean', ...(description === undefined ? {} : { description }) },
    parse: (value, field) => {
      if (typeof value !== 'boolean') throw invalid(field, `${field} has to be true or false.`);
      return value;
    },
  };
}

export function integer(minimum: number, maximum: number, description?: string): Shape<number> {
  return {
    json: { type: 'integer', minimum, maximum, ...(description === undefined ? {} : { description }) },
    parse: (value, field) => {
      if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
      throw invalid(field, `${field} has to be a whole number from ${minimum} to ${maximum}.`);
    },
  };
}

export function oneOf<const T extends string>(values: readonly T[], description?: string): Shape<T> {
  return {
    json: { type: 'string', enum: values, ...(description === undefined ? {} : { description }) },
    parse: (value, field) => {
      const found = values.find((one) => one === value);
      if (found === undefined) throw invalid(field, `${field} has to be one of: ${values.join(', ')}.`);
      return found;
    },
  };
}

export function list<T>(items: Shape<T>, maxItems: number, description?: string): Shape<readonly T[]> {
  return {
    json: { type: 'array', items: items.json, maxItems, ...(description === undefined ? {} : { description }) },
    parse: (value, field) => {
      if (!Array.isArray(value)) throw invalid(field, `${field} has to be a list.`);
      if (value.length > maxItems) throw invalid(field, `${field} can have at most ${maxItems} items.`);
      return value.map((item) => items.parse(item, field));
    },
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    json: { anyOf: [shape.json, { type: 'null' }] },
    parse: (value, field) => (value === null ? null : shape.parse(value, field)),
  };
}

export interface Optional<T> extends Shape<T | undefined> {
  readonly isOptional: true;
}

export function optional<T>(shape: Shape<T>): Optional<T> {
  return {
    json: shape.json,
    parse: (value, field) => (value === undefined ? undefined : shape.parse(value, field)),
    isOptional: true,
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];
export type ObjectOf<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: TypeOf<F[K]>;
};

export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const entries = Object.entries(fields);
  const required = entries.filter(([, shape]) => !('isOptional' in shape)).map(([name]) => name);
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    },
    parse: (value, field) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalid(field, `${field} has to be an object.`);
      const given = new Map(Object.entries(value));
      for (const name of given.keys()) {
        if (!entries.some(([known]) => known === name)) throw invalid(name, `There is no field ${name} here.`);
      }
      for (const name of required) if (!given.has(name)) throw invalid(name, `${name} is missing.`);
      const parsed = entries.map(([name, shape]) => [name, shape.parse(given.get(name), name)] as const);
      return Object.fromEntries(parsed.filter(([, one]) => one !== undefined)) as ObjectOf<F>;
    },
  };
}

const named = new Map<string, JsonSchema>();

/** The same, by its name in the document. */
export function component<T>(name: string, shape: Shape<T>): Shape<T> {
  named.set(name, shape.json);
  return { ...shape, json: { $ref: `#/components/schemas/${name}` } };
}

/** All that have a name. */
export function components(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(named);
}
