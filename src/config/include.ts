/** Finds the file that an `include` names, and the schemas that a built-in schema depends on. */
import { basename } from 'node:path';
import { builtinSchemaPath, type builtinSchemaNames, type optionalSchemaNames } from '../schema/builtin.js';

/** Files read in all, and how deep they may include each other. */
export const includesMax = 500;
export const includeDepthMax = 20;

type BuiltinName = (typeof builtinSchemaNames | typeof optionalSchemaNames)[number];

/** What each built-in file builds on. */
const prerequisites: Readonly<Record<string, readonly string[]> & Record<BuiltinName, readonly string[]>> = {
  core: [],
  cosine: ['core'],
  nis: ['core', 'cosine'],
  inetorgperson: ['core', 'cosine'],
  jamm: ['core', 'cosine', 'nis'],
  jammd: ['core', 'cosine', 'nis', 'jamm'],
  dyngroup: ['core'],
};

/** `/usr/local/etc/openldap/schema/cosine.schema` is `cosine`. */
export function schemaBaseName(path: string): string {
  return basename(path)
    .replace(/\.schema$/i, '')
    .toLowerCase();
}

export function isBareName(path: string): boolean {
  return basename(path) === path;
}

export function builtinFor(path: string): string | undefined {
  return /\.schema$/i.test(path) ? builtinSchemaPath(schemaBaseName(path)) : undefined;
}

/** Base names that have to be read before the built-in file `baseName`. */
export function prerequisitesOf(baseName: string): readonly string[] {
  return prerequisites[baseName] ?? [];
}
