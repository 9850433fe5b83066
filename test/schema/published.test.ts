import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SchemaBuilder } from '../../src/schema/builder.js';
import { addSchemaFile } from '../../src/schema/file.js';
import { builtinSchemaNames, builtinSchemaPath } from '../../src/schema/builtin.js';
import { defaultSchema } from '../../src/schema/default.js';
import type { Schema } from '../../src/ldap/schema.js';
import { requirePrograms } from '../support/programs.js';
import { testAttributeTypes } from './attributes.js';
import { TestSlapd } from './slapd.js';

const stockFolder = '/etc/ldap/schema';

function schemaOf(files: readonly string[], attributeTypes: readonly string[] = []): Schema {
  const builder = new SchemaBuilder();
  for (const file of files) addSchemaFile(builder, file);
  for (const definition of attributeTypes) builder.attributeType(definition);
  return builder.build();
}

/** slapd also lists its configuration database's own elements, which jammd does not have. */
function withoutConfig(values: readonly string[]): string[] {
  return values.flatMap((value) => {
    if (/NAME (?:\( )?'olc/.test(value)) return [];
    const use = /^(.* APPLIES )(?:\( (.*) \)|(\S+)) \)$/.exec(value);
    if (!use) return [value];
    const names = (use[2] ?? use[3]!).split(' $ ').filter((name) => !name.startsWith('olc'));
    if (names.length === 0) return [];
    return [`${use[1]}${names.length === 1 ? names[0] : `( ${names.join(' $ ')} )`} )`];
  });
}

const attributes = ['ldapSyntaxes', 'matchingRules', 'matchingRuleUse', 'attributeTypes', 'objectClasses'] as const;

describe.skipIf(requirePrograms('slapd'))('cn=Subschema as slapd shows it', () => {
  let published: ReadonlyMap<string, readonly string[]>;
  let slapd: TestSlapd;

  beforeAll(async () => {
    slapd = await TestSlapd.start();
    published = await slapd.subschema();
  });

  afterAll(async () => {
    await slapd?.stop();
  });

  test.each(attributes)('%s: the built-in files give what the stock files give slapd, in its order', (attribute) => {
    const ours = schemaOf(
      builtinSchemaNames.map((name) => builtinSchemaPath(name)!),
      testAttributeTypes,
    );
    expect(ours.published(attribute)).toEqual(withoutConfig(published.get(attribute)!));
  });

  test.each(attributes)('%s: so do the stock files themselves', (attribute) => {
    const stock = ['core', 'cosine', 'nis', 'inetorgperson'].map((name) => join(stockFolder, `${name}.schema`));
    const ours = schemaOf([...stock, builtinSchemaPath('jamm')!, builtinSchemaPath('jammd')!], testAttributeTypes);
    expect(ours.published(attribute)).toEqual(withoutConfig(published.get(attribute)!));
  });

  const base = ['core', 'cosine', 'nis', 'inetorgperson'];
  const others = (existsSync(stockFolder) ? readdirSync(stockFolder) : [])
    .filter((file) => file.endsWith('.schema'))
    .map((file) => file.slice(0, -'.schema'.length))
    .filter((name) => !base.includes(name));

  // One at a time: two of them define the same objectidentifier, which slapd refuses as well.
  test.each(others)('the stock file %s.schema loads unchanged', (name) => {
    const builder = new SchemaBuilder();
    const unknown: string[] = [];
    for (const file of [...base, name]) {
      addSchemaFile(builder, join(stockFolder, `${file}.schema`), (message) => unknown.push(message));
    }
    // A misspelling in Debian's dsee.schema, over which slapd passes too.
    expect(unknown.filter((message) => !message.includes("'attributeype'"))).toEqual([]);
  });
});

test('published values are made once', () => {
  const schema = defaultSchema();
  expect(schema.published('attributeTypes')).toBe(schema.published('attributeTypes'));
  expect(schema.published('dITContentRules')).toEqual([]);
});
