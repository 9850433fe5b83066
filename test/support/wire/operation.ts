/**
 * LDAP operations as plain JSON values that can be printed, shrunk and replayed, and their PDUs. Nothing is checked on
 * the way: what a test writes is what goes out.
 */
import { boolean, element, integer, octets, sequence } from './ber.js';
import { encodeFilter } from './filter.js';

/** Text as UTF-8, or any octets. */
export type Bytes = string | { readonly hex: string };

export interface WireControl {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value?: Bytes;
  /** A value that is a filter (RFC 4528), as text. */
  readonly filter?: string;
  /** A value that is a list of them (RFC 3876). */
  readonly filters?: readonly string[];
}

export type Attributes = Readonly<Record<string, readonly Bytes[]>>;
export type Change = readonly ['add' | 'delete' | 'replace' | 'increment' | number, string, ...Bytes[]];
export type Scope = 'base' | 'one' | 'sub' | 'children';

export type Operation = { readonly controls?: readonly WireControl[] } & (
  | { readonly op: 'bind'; readonly name: Bytes; readonly password: Bytes; readonly version?: number }
  | { readonly op: 'saslBind'; readonly name?: Bytes; readonly mechanism: string; readonly credentials?: Bytes }
  | {
      readonly op: 'search';
      readonly base: Bytes;
      readonly scope?: Scope | number;
      readonly filter?: string;
      /** A filter that has no text form, as BER. */
      readonly rawFilter?: { readonly hex: string };
      readonly attributes?: readonly string[];
      readonly sizeLimit?: number;
      readonly timeLimit?: number;
      readonly typesOnly?: boolean;
      readonly deref?: number;
    }
  | { readonly op: 'add'; readonly entry: Bytes; readonly attributes: Attributes | readonly (readonly [string, ...Bytes[]])[] }
  | { readonly op: 'modify'; readonly entry: Bytes; readonly changes: readonly Change[] }
  | { readonly op: 'delete'; readonly entry: Bytes }
  | {
      readonly op: 'modifyDN';
      readonly entry: Bytes;
      readonly newRDN: Bytes;
      readonly deleteOldRDN?: boolean;
      readonly newSuperior?: Bytes;
    }
  | { readonly op: 'compare'; readonly entry: Bytes; readonly attribute: string; readonly value: Bytes }
  | { readonly op: 'extended'; readonly oid: string; readonly value?: Bytes }
  /** RFC 3062, its fields in their own tags; one left out is not sent. */
  | { readonly op: 'passwordModify'; readonly user?: Bytes; readonly old?: Bytes; readonly new?: Bytes }
  /** A protocolOp in BER, whatever it may be. */
  | { readonly op: 'raw'; readonly protocolOp: { readonly hex: string } }
);

const scopes = { base: 0, one: 1, sub: 2, children: 3 } as const;
const changeKinds = { add: 0, delete: 1, replace: 2, increment: 3 } as const;
const passwordModifyOid = '1.3.6.1.4.1.4203.1.11.1';

/** The whole LDAPMessage. */
export function encodeMessage(messageId: number, operation: Operation): Buffer {
  const controls = operation.controls ?? [];
  return sequence(
    integer(messageId),
    encodeOperation(operation),
    ...(controls.length === 0 ? [] : [element(0xa0, ...controls.map(encodeControl))]),
  );
}

function encodeControl(control: WireControl): Buffer {
  return sequence(
    octets(control.oid),
    ...(control.critical === undefined ? [] : [boolean(control.critical)]),
    ...controlValue(control),
  );
}

function controlValue({ value, filter, filters }: WireControl): Buffer[] {
  if (value !== undefined) return [string(value)];
  if (filter !== undefined) return [octets(encodeFilter(filter))];
  return filters === undefined ? [] : [octets(sequence(...filters.map(encodeFilter)))];
}

function encodeOperation(operation: Operation): Buffer {
  switch (operation.op) {
    case 'bind':
      return element(0x60, integer(operation.version ?? 3), string(operation.name), string(operation.password, 0x80));
    case 'saslBind':
      return element(
        0x60,
        integer(3),
        string(operation.name ?? ''),
        element(
          0xa3,
          octets(operation.mechanism),
          ...(operation.credentials === undefined ? [] : [string(operation.credentials)]),
        ),
      );
    case 'search':
      return encodeSearch(operation);
    case 'add':
      return element(0x68, string(operation.entry), sequence(...attributeLists(operation.attributes)));
    case 'modify':
      return element(0x66, string(operation.entry), sequence(...operation.changes.map(encodeChange)));
    case 'delete':
      return string(operation.entry, 0x4a);
    case 'modifyDN':
      return element(
        0x6c,
        string(operation.entry),
        string(operation.newRDN),
        boolean(operation.deleteOldRDN ?? true),
        ...(operation.newSuperior === undefined ? [] : [string(operation.newSuperior, 0x80)]),
      );
    case 'compare':
      return element(0x6e, string(operation.entry), sequence(octets(operation.attribute), string(operation.value)));
    case 'extended':
      return element(
        0x77,
        octets(operation.oid, 0x80),
        ...(operation.value === undefined ? [] : [string(operation.value, 0x81)]),
      );
    case 'passwordModify':
      return element(0x77, octets(passwordModifyOid, 0x80), octets(encodePasswordModify(operation), 0x81));
    case 'raw':
      return bytes(operation.protocolOp);
  }
}

function encodeSearch(operation: Operation & { op: 'search' }): Buffer {
  const scope = operation.scope ?? 'base';
  return element(
    0x63,
    string(operation.base),
    integer(typeof scope === 'number' ? scope : scopes[scope], 0x0a),
    integer(operation.deref ?? 0, 0x0a),
    integer(operation.sizeLimit ?? 0),
    integer(operation.timeLimit ?? 0),
    boolean(operation.typesOnly ?? false),
    operation.rawFilter === undefined ? encodeFilter(operation.filter ?? '(objectClass=*)') : bytes(operation.rawFilter),
    sequence(...(operation.attributes ?? []).map((attribute) => octets(attribute))),
  );
}

function attributeLists(attributes: Attributes | readonly (readonly [string, ...Bytes[]])[]): Buffer[] {
  const list = isList(attributes) ? attributes : Object.entries(attributes).map(([type, values]) => [type, ...values] as const);
  return list.map(([type, ...values]) => attributeList(type, values));
}

function isList(
  attributes: Attributes | readonly (readonly [string, ...Bytes[]])[],
): attributes is readonly (readonly [string, ...Bytes[]])[] {
  return Array.isArray(attributes);
}

function attributeList(type: string, values: readonly Bytes[]): Buffer {
  return sequence(octets(type), element(0x31, ...values.map((value) => string(value))));
}

function encodeChange([kind, type, ...values]: Change): Buffer {
  return sequence(integer(typeof kind === 'number' ? kind : changeKinds[kind], 0x0a), attributeList(type, values));
}

function encodePasswordModify(operation: Operation & { op: 'passwordModify' }): Buffer {
  return sequence(
    ...(operation.user === undefined ? [] : [string(operation.user, 0x80)]),
    ...(operation.old === undefined ? [] : [string(operation.old, 0x81)]),
    ...(operation.new === undefined ? [] : [string(operation.new, 0x82)]),
  );
}

function string(value: Bytes, tag = 0x04): Buffer {
  return octets(bytes(value), tag);
}

export function bytes(value: Bytes): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value.hex, 'hex');
}
