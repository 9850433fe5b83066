/** Finds the file that an `include` names, and the schemas that a built-in schema depends on. */
import { basename } from 'node:path';
import { builtinSchemaNames, builtinSchemaPath } from '../schema/builtin.js';

/** Files read in all, and how deep they may include each other. */
export const includesMax = 500;
export const includeDepthMax = 20;

/** What each built-in file builds on. */
const prerequisites: Readonly<Record<(typeof builtinSchemaNames)[number], readonly string[]>> = {
  core: [],
  cosine: ['core'],
  nis: ['core', 'cosine'],
  inetorgperson: ['core', 'cosine'],
  jamm: ['core', 'cosine', 'nis'],
  jammd: ['core', 'cosine', 'nis', 'jamm'],
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
  const known = builtinSchemaNames.find((name) => name === baseName);
  return known === undefined ? [] : prerequisites[known];
}
