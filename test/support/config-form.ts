/** A Config as plain data that can be compared: without the places it was read from. */
import type { Config } from '../../src/config/model.js';

/** What only a slapd.d brings: the definitions of cn=config. */
const ofCnConfig = '1.3.6.1.4.1.4203.1.12.2.';

/** What says where something was written, not what was; and the rights on cn=config, which only a slapd.d has. */
const places = new Set(['file', 'line', 'warnings', 'configDatabase']);

/** All conditions of a `by` clause have to hold, whichever comes first; an index is as good as the next. */
const unordered = new Set(['who', 'indexes']);

export function configForm({ schema, ...config }: Config): object {
  return { ...(plain(config) as object), schema: schemaForm(schema) };
}

function schemaForm(schema: Config['schema']): unknown {
  const named = (elements: Iterable<{ readonly oid: string }>): string[] =>
    [...elements]
      .map(({ oid }) => oid)
      .filter((oid) => !oid.startsWith(ofCnConfig))
      .sort();
  return { attributeTypes: named(schema.attributeTypes), objectClasses: named(schema.objectClasses) };
}

function plain(value: unknown): unknown {
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)].map(plain).sort();
  if ('normalized' in value && 'isWithin' in value) return value.normalized;
  if ('key' in value && 'type' in value) return value.key;
  if ('oid' in value) return value.oid;
  const entries = Object.entries(value).filter(([name]) => !places.has(name));
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, unordered.has(name) ? inAnyOrder(plain(inner)) : plain(inner)]),
  );
}

function inAnyOrder(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return [...(value as readonly unknown[])].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
