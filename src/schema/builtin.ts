/** Finds the schema files that come with the package. */
import { fileURLToPath } from 'node:url';

/** Base names of the files in the package's schema folder, in the order in which they build on each other. */
export const builtinSchemaNames = ['core', 'cosine', 'nis', 'inetorgperson', 'jamm', 'jammd'] as const;

export type BuiltinSchemaName = (typeof builtinSchemaNames)[number];

/** Files that nobody gets who does not include them. */
export const optionalSchemaNames = ['dyngroup'] as const;

const folder = new URL('../../schema/', import.meta.url);

/** The path of a built-in file, by base name with or without `.schema`; undefined where there is none. */
export function builtinSchemaPath(baseName: string): string | undefined {
  const wanted = baseName.replace(/\.schema$/i, '').toLowerCase();
  const name = [...builtinSchemaNames, ...optionalSchemaNames].find((candidate) => candidate === wanted);
  return name === undefined ? undefined : fileURLToPath(new URL(`${name}.schema`, folder));
}
