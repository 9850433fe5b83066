/** Turns what programs pass to the library into requests: strings become UTF-8, bytes are taken as they are. */
import { parseFilter } from '../filter/text.js';
import type { Control } from '../ldap/control.js';
import { noControls, type Modification, type PartialAttribute } from '../ldap/request.js';

/** An attribute value: text, which is stored as UTF-8, or bytes. */
export type Value = string | Uint8Array;

/**
 * Attributes by description, each with one value or several:
 * `{ objectClass: ['top', 'JammMailAlias'], mail: 'info@one.example', maildrop: ['ann@one.example', 'bob@two.example'] }`
 */
export type Attributes = Readonly<Record<string, Value | readonly Value[]>>;

/**
 * One change of one attribute (RFC 4511 section 4.6). `delete` without values deletes the attribute; `replace` without
 * values does so too, and is content when it is absent; `increment` takes one number.
 */
export interface AttributeChange {
  readonly operation: 'add' | 'delete' | 'replace' | 'increment';
  /** An attribute description: `mail`, `description;lang-en`. */
  readonly type: string;
  /** One value or several; none to delete, or replace, all there are. */
  readonly values?: Value | readonly Value[];
}

/** What every operation on an existing entry takes. */
export interface OperationOptions {
  /** A filter that the entry must satisfy, else nothing is done and the call fails with 122 (RFC 4528). */
  readonly assertion?: string;
  /** Work on referral objects themselves instead of being sent elsewhere by them (RFC 3296). */
  readonly manageDsaIT?: boolean;
}

export function bytesOf(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`a value must be a string or bytes, not ${typeof value}`);
}

export function valuesOf(values: Value | readonly Value[] | undefined): Buffer[] {
  if (values === undefined) return [];
  return Array.isArray(values) ? values.map(bytesOf) : [bytesOf(values as Value)];
}

export function partialAttributes(attributes: Attributes): PartialAttribute[] {
  return Object.entries(attributes).map(([type, values]) => ({ type, values: valuesOf(values) }));
}

export function modifications(changes: readonly AttributeChange[]): Modification[] {
  return changes.map(({ operation, type, values }) => ({ operation, attribute: { type, values: valuesOf(values) } }));
}

/** Throws FilterSyntaxError. */
export function controlsOf({ assertion, manageDsaIT }: OperationOptions): readonly Control[] {
  if (assertion === undefined && !manageDsaIT) return noControls;
  const controls: Control[] = [];
  if (assertion !== undefined) controls.push({ type: 'assertion', critical: true, filter: parseFilter(assertion) });
  if (manageDsaIT) controls.push({ type: 'manageDsaIT', critical: true });
  return controls;
}
