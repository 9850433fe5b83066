/** slapd with the test attributes and an open database, asked through ldapts. */
import { Attribute, Change, Client, NoSuchObjectError, ResultCodeError } from 'ldapts';
import { SchemaBuilder } from '../../src/schema/builder.js';
import { addSchemaFile } from '../../src/schema/file.js';
import { builtinSchemaPath } from '../../src/schema/builtin.js';
import type { Schema } from '../../src/ldap/schema.js';
import { startSlapd, type ReferenceServer } from '../support/reference-server.js';
import { testAttributeTypes } from './attributes.js';

const stockFiles = ['core', 'cosine', 'nis', 'inetorgperson'] as const;
const manager = { dn: 'cn=manager,dc=test', password: 'secret' };

/** The schema that the slapd below has. */
export function testSchema(): Schema {
  const builder = new SchemaBuilder();
  for (const name of stockFiles) addSchemaFile(builder, builtinSchemaPath(name)!);
  for (const definition of testAttributeTypes) builder.attributeType(definition);
  return builder.build();
}

export type Truth = 'true' | 'false' | 'undefined';

export class TestSlapd {
  private constructor(
    readonly server: ReferenceServer,
    readonly client: Client,
  ) {}

  static async start(): Promise<TestSlapd> {
    const server = await startSlapd({
      config: [
        ...stockFiles.map((name) => `include /etc/ldap/schema/${name}.schema`),
        'include @JAMM_SCHEMA@',
        'include @JAMMD_SCHEMA@',
        ...testAttributeTypes.map((definition) => `attributetype ${definition}`),
        'modulepath /usr/lib/ldap',
        'moduleload back_mdb',
        'sizelimit unlimited',
        'database mdb',
        'suffix dc=test',
        `rootdn ${manager.dn}`,
        `rootpw ${manager.password}`,
        'directory @DIRECTORY@',
        'dbnosync',
      ].join('\n'),
      ldif: 'dn: dc=test\nobjectClass: domain\ndc: test\n',
    });
    const client = new Client({ url: server.url });
    await client.bind(manager.dn, manager.password);
    return new TestSlapd(server, client);
  }

  /** Makes `cn=entry,dc=test` anew with one value; the result code. */
  async store(attribute: string, value: Buffer): Promise<number> {
    await this.client.del('cn=entry,dc=test').catch((error: unknown) => {
      if (!(error instanceof NoSuchObjectError)) throw error;
    });
    try {
      await this.client.add('cn=entry,dc=test', [
        new Attribute({ type: 'objectClass', values: ['device', 'extensibleObject'] }),
        new Attribute({ type: 'cn', values: ['entry'] }),
        new Attribute({ type: attribute, values: [value] }),
      ]);
      return 0;
    } catch (error) {
      if (error instanceof ResultCodeError) return error.code;
      throw error;
    }
  }

  /** Adds a second value to what `store` made; the result code. */
  async addValue(attribute: string, value: Buffer): Promise<number> {
    try {
      const modification = new Attribute({ type: attribute, values: [value] });
      await this.client.modify('cn=entry,dc=test', new Change({ operation: 'add', modification }));
      return 0;
    } catch (error) {
      if (error instanceof ResultCodeError) return error.code;
      throw error;
    }
  }

  /** The attribute's values as slapd answers them. */
  async values(attribute: string): Promise<Buffer[]> {
    const { searchEntries } = await this.client.search('cn=entry,dc=test', {
      scope: 'base',
      attributes: [attribute],
      explicitBufferAttributes: [attribute],
    });
    const values = searchEntries[0]?.[attribute];
    return (Array.isArray(values) ? values : [values]).filter((value) => Buffer.isBuffer(value));
  }

  /** What `filter` is of the entry. */
  async evaluate(filter: string): Promise<Truth> {
    if (await this.finds(filter)) return 'true';
    return (await this.finds(`(!${filter})`)) ? 'false' : 'undefined';
  }

  private async finds(filter: string): Promise<boolean> {
    const { searchEntries } = await this.client.search('cn=entry,dc=test', {
      scope: 'base',
      filter,
      attributes: ['1.1'],
    });
    return searchEntries.length > 0;
  }

  async subschema(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { searchEntries } = await this.client.search('cn=Subschema', { scope: 'base', attributes: ['+'] });
    return new Map(Object.entries(searchEntries[0] ?? {}).map(([name, values]) => [name, [values].flat().map(String)]));
  }

  async stop(): Promise<void> {
    await this.client.unbind();
    await this.server.stop();
  }
}

/** Text as a filter writes it; ldapts takes escaped octets beyond ASCII for characters, so those stay as they are. */
export function escaped(text: string): string {
  return text.replace(/[*()\\\0]/g, (mark) => `\\${mark.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
