/** Attributes whose values are the names of attribute types, kept in the schema's spelling: pwdAttribute. */
import type { Schema } from '../ldap/schema.js';
import type { KnownRule } from './rules.js';
import type { SchemaTables } from './schema.js';
import type { KnownSyntax } from './syntaxes.js';

/** Names and OIDs of one type are equal. */
export function attributeNameRule(
  { matchingRules, syntaxes }: SchemaTables,
  schema: Schema,
): { readonly rule: KnownRule; readonly syntax: KnownSyntax } {
  const base = matchingRules.get('objectidentifiermatch')!;
  const find = (value: Buffer): ReturnType<Schema['attributeType']> => schema.attributeType(value.toString('latin1'));
  const syntax: KnownSyntax = {
    ...syntaxes.get(base.syntax.oid)!,
    validate: (value) => find(value) !== undefined,
    pretty: (value) => {
      const found = find(value);
      return found && Buffer.from(found.name);
    },
  };
  const rule: KnownRule = {
    ...base,
    syntax,
    normalize: (value) => find(value)?.oid,
    matches: (buffer, start, end, normalized) => find(buffer.subarray(start, end))?.oid === normalized,
  };
  return { rule, syntax };
}
