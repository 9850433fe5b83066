/** The default schema: all built-in files. */
import { SchemaBuilder } from './builder.js';
import { builtinSchemaNames, builtinSchemaPath } from './builtin.js';
import { addSchemaFile } from './file.js';
import type { Schema } from '../ldap/schema.js';

let cached: Schema | undefined;

/** Read from the package's schema folder at the first call. */
export function defaultSchema(): Schema {
  cached ??= loadBuiltinSchema();
  return cached;
}

function loadBuiltinSchema(): Schema {
  const builder = new SchemaBuilder();
  for (const name of builtinSchemaNames) addSchemaFile(builder, builtinSchemaPath(name)!);
  return builder.build();
}
