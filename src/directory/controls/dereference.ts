/** The Dereference control: with each entry, attributes of the entries that it names. */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Control, DereferenceSpec, ResponseControl } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { dereferenceResponse, type Dereferenced } from '../../protocol/dereference-values.js';
import type { Database } from '../database.js';
import { dereferencedMax } from '../limits.js';
import { valueKey } from '../operations/attribute-values.js';

const namesSyntaxes = new Set(['1.3.6.1.4.1.1466.115.121.1.12', '1.3.6.1.4.1.1466.115.121.1.34']);

interface Spec {
  readonly reference: AttributeDescription;
  readonly attributes: readonly AttributeDescription[];
}

export class Dereference {
  private constructor(private readonly specs: readonly Spec[]) {}

  /** Undefined where there is nothing to do. Throws 2. */
  static of(control: Extract<Control, { type: 'dereference' }>, schema: Schema): Dereference | undefined {
    const specs: Spec[] = [];
    for (const spec of control.specs) {
      const read = readSpec(spec, schema);
      if (specs.some(({ reference }) => reference === read.reference)) {
        throw protocolError('derefAttr must be unique within control');
      }
      if (!namesSyntaxes.has(read.reference.type.syntax.oid)) {
        // As slapd: then the whole control is as if it had not been sent.
        if (!control.critical) return undefined;
        throw protocolError('derefAttr syntax not distinguishedName');
      }
      specs.push(read);
    }
    return specs.length === 0 ? undefined : new Dereference(specs);
  }

  /** What goes with an entry; undefined where it names nothing that the client may read. Throws 11. */
  responseFor(record: EntryRecord, access: AccessEvaluator, { store }: Database): ResponseControl | undefined {
    const results: Dereferenced[] = [];
    for (const { reference, attributes } of this.specs) {
      if (!access.allows(record, reference, Privilege.read)) continue;
      for (const value of record.values(reference)) {
        if (access.dependsOnValues && !access.allows(record, reference, Privilege.read, value)) continue;
        if (results.length === dereferencedMax) {
          throw new LdapError(ResultCode.adminLimitExceeded, `an entry names more than ${dereferencedMax} entries`);
        }
        const target = store.entryByNdn(valueKey(reference, value));
        const found = target ? readable(target, attributes, access) : [];
        results.push({ reference: reference.text, value, attributes: found });
      }
    }
    return results.length === 0 ? undefined : dereferenceResponse(results);
  }
}

function readable(
  target: EntryRecord,
  attributes: readonly AttributeDescription[],
  access: AccessEvaluator,
): { readonly type: string; readonly values: readonly Buffer[] }[] {
  if (!access.allows(target, 'entry', Privilege.read)) return [];
  return attributes.flatMap((description) => {
    if (!access.allows(target, description, Privilege.read)) return [];
    const all = target.values(description);
    const values = access.dependsOnValues
      ? all.filter((value) => access.allows(target, description, Privilege.read, value))
      : all;
    return values.length === 0 ? [] : [{ type: description.text, values }];
  });
}

function readSpec({ reference, attributes }: DereferenceSpec, schema: Schema): Spec {
  const describe = (name: string, what: string): AttributeDescription => {
    const description = schema.attributeDescription(name);
    if (!description) throw protocolError(`${what} decoding error`);
    return description;
  };
  return {
    reference: describe(reference, 'derefAttr'),
    attributes: attributes.map((name) => describe(name, 'attribute')),
  };
}

function protocolError(what: string): LdapError {
  return new LdapError(ResultCode.protocolError, `Dereference control: ${what}`);
}
