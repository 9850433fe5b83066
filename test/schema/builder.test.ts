import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SchemaBuilder, SchemaError } from '../../src/schema/builder.js';
import { addSchemaFile } from '../../src/schema/file.js';
import { builtinSchemaPath } from '../../src/schema/builtin.js';
import { defaultSchema } from '../../src/schema/default.js';

const directoryString = '1.3.6.1.4.1.1466.115.121.1.15';

function withLines(lines: string): SchemaBuilder {
  const folder = mkdtempSync(join(tmpdir(), 'jammd-schema-'));
  try {
    const file = join(folder, 'test.schema');
    writeFileSync(file, lines);
    const builder = new SchemaBuilder();
    addSchemaFile(builder, file);
    return builder;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('built-in schema', () => {
  test('names come in the schema’s first spelling, whatever spelling asks', () => {
    const schema = defaultSchema();
    expect(schema.attributeType('DOMAINCOMPONENT')?.name).toBe('dc');
    expect(schema.attributeType('0.9.2342.19200300.100.1.3')?.name).toBe('mail');
    expect(schema.attributeType('RFC822mailbox')).toBe(schema.attributeType('mail'));
    expect(schema.objectClass('JAMMVIRTUALDOMAIN')?.name).toBe('JammVirtualDomain');
    expect(schema.attributeType('nosuch')).toBeUndefined();
  });

  test('Jamm’s classes and attributes are what the front ends and the HOWTO rely on', () => {
    const schema = defaultSchema();
    const names = (types: Iterable<{ name: string }>): string[] => [...types].map(({ name }) => name).sort();
    const account = schema.objectClass('1.3.6.1.4.1.12461.1.2.1')!;
    expect(names(account.must)).toEqual([
      'accountActive',
      'delete',
      'homeDirectory',
      'lastChange',
      'mail',
      'mailbox',
      'objectClass',
    ]);
    expect(names(account.may)).toEqual([
      'clearPassword',
      'cn',
      'description',
      'gidNumber',
      'quota',
      'uid',
      'uidNumber',
      'userPassword',
    ]);
    const alias = schema.objectClass('JammMailAlias')!;
    expect(names(alias.may)).toEqual(['cn', 'description', 'mailsource', 'userPassword']);
    expect(names(schema.objectClass('JammPostmaster')!.must)).toEqual(['objectClass', 'roleOccupant']);
    expect(schema.objectClass('JammPostmaster')?.kind).toBe('auxiliary');
    expect(schema.attributeType('lastChange')).toMatchObject({ singleValue: true, equality: undefined });
    expect(schema.attributeType('postfixTransport')).toMatchObject({ lengthBound: 20, substring: undefined });
    expect(schema.attributeType('1.3.6.1.4.1.12461.1.1.14')?.name).toBe('delete');
  });

  test('types and classes inherit', () => {
    const schema = defaultSchema();
    const cn = schema.attributeType('cn')!;
    expect(cn.lineage.map(({ name }) => name)).toEqual(['cn', 'name']);
    expect(cn).toMatchObject({ lengthBound: 32768, operational: false });
    expect(cn.substring?.name).toBe('caseIgnoreSubstringsMatch');
    expect(cn.approximate?.name).toBe('directoryStringApproxMatch');
    const person = schema.objectClass('inetOrgPerson')!;
    expect(person.lineage.map(({ name }) => name)).toEqual(['inetOrgPerson', 'organizationalPerson', 'person', 'top']);
    expect(person.must.has(schema.attributeType('sn')!)).toBe(true);
    expect(schema.objectClass('pilotOrganization')?.superiors).toHaveLength(2);
  });

  test('files are found by base name only', () => {
    expect(builtinSchemaPath('jamm')).toBe(builtinSchemaPath('JAMM.schema'));
    expect(builtinSchemaPath('../package')).toBeUndefined();
  });
});

describe('definitions in order', () => {
  test('macros stand for OIDs, with and without a suffix, and in syntaxes', () => {
    const builder = withLines(
      [
        'objectIdentifier here 1.3.6.1.4.1.99999',
        'objectIdentifier	attrs here:1',
        `objectidentifier text ${directoryString}`,
        'attributetype ( attrs:7',
        "\tNAME 'mine'",
        '# a comment between the lines of a definition',
        '',
        '\tEQUALITY caseIgnoreMatch SYNTAX text{10} )',
        "objectclass ( here:2.1 NAME 'thing' SUP top AUXILIARY MUST mine )",
      ].join('\n'),
    );
    const schema = builder.build();
    expect(schema.attributeType('1.3.6.1.4.1.99999.1.7')).toMatchObject({ name: 'mine', lengthBound: 10 });
    expect(schema.objectClass('thing')?.oid).toBe('1.3.6.1.4.1.99999.2.1');
    expect(schema.published('attributeTypes').at(-1)).toBe(
      `( 1.3.6.1.4.1.99999.1.7 NAME 'mine' EQUALITY caseIgnoreMatch SYNTAX ${directoryString}{10} )`,
    );
  });

  test('an error names file, line and word', () => {
    const text = "attributetype ( 1.2.3.4 NAME 'a' SUP name )\n\nobjectclass ( 1.2.3.5\n NAME 'b' MUST nosuch )\n";
    expect(() => withLines(text)).toThrow(/test\.schema: line 3: object class b: attribute type nosuch is not defined$/);
    expect(() => withLines('nonsense here')).toThrow(/line 1: 'nonsense' is no schema directive$/);
  });

  test.each([
    ["( 1.2.3.4 NAME 'a' SUP nosuch )", 'attribute type nosuch is not defined'],
    ["( 1.2.3.4 NAME 'a' SYNTAX 1.2.3 )", 'syntax 1.2.3 is not known'],
    [`( 1.2.3.4 NAME 'a' EQUALITY nosuch SYNTAX ${directoryString} )`, 'matching rule nosuch is not known'],
    [`( 1.2.3.4 NAME 'a' EQUALITY integerMatch SYNTAX ${directoryString} )`, 'integerMatch does not fit syntax'],
    [`( 1.2.3.4 NAME 'a' EQUALITY caseIgnoreOrderingMatch SYNTAX ${directoryString} )`, 'is not a matching rule for equality'],
    [`( 1.2.3.4 NAME 'a' SUBSTR caseIgnoreSubstringsMatch SYNTAX ${directoryString} )`, 'need an EQUALITY rule'],
    ["( 1.2.3.4 NAME 'a' SUP cn NO-USER-MODIFICATION )", 'needs an operational USAGE'],
    ["( 1.2.3.4 NAME 'a' SUP cn COLLECTIVE SINGLE-VALUE )", 'COLLECTIVE'],
    ["( 1.2.3.4 NAME 'a' SUP creatorsName )", 'USAGE differs'],
    ["( 1.2.3.4 NAME 'cn' SUP name )", 'name cn is already defined'],
    ["( 1.2.3.4 NAME ( 'a' 'A' ) SUP name )", 'name A is given twice'],
    ["( macro:4 NAME 'a' SUP name )", "'macro:4' is not an OID"],
  ])('%s is refused', (definition, message) => {
    const builder = new SchemaBuilder();
    expect(() => builder.attributeType(definition)).toThrow(SchemaError);
    expect(() => builder.attributeType(definition)).toThrow(message);
  });

  test.each([
    ["( 1.2.3.4 NAME 'x' SUP nosuch )", 'object class nosuch is not defined'],
    ["( 1.2.3.4 NAME 'x' SUP alias AUXILIARY )", 'auxiliary class cannot derive from structural alias'],
    ["( 1.2.3.4 NAME 'x' SUP extensibleObject STRUCTURAL )", 'cannot derive from auxiliary extensibleObject'],
    ["( 1.2.3.4 NAME 'x' SUP alias ABSTRACT )", 'abstract class cannot derive from structural alias'],
    ["( 1.2.3.4 NAME 'Top' )", 'name Top is already defined'],
  ])('%s is refused', (definition, message) => {
    expect(() => new SchemaBuilder().objectClass(definition)).toThrow(message);
  });

  test('the same definition twice is an error, but what is built in may be defined again without effect', () => {
    const builder = new SchemaBuilder();
    builder.attributeType("( 1.2.3.4 NAME 'a' SUP name )");
    expect(() => builder.attributeType("( 1.2.3.4 NAME 'a' SUP name )")).toThrow('OID 1.2.3.4 is already defined');
    builder.attributeType("( 2.5.4.3 NAME ( 'commonName' 'cn' ) SUP name )");
    builder.objectClass("( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )");
    expect(builder.build().attributeType('cn')?.name).toBe('cn');
  });

  test('objectidentifier is checked and never redefined; its names are case-sensitive', () => {
    const builder = new SchemaBuilder();
    builder.objectIdentifier('a 1.2.3');
    builder.objectIdentifier('A 1.2.4');
    builder.objectIdentifier('b a');
    builder.objectIdentifier('a 1.2.3');
    expect(() => builder.objectIdentifier('a 1.2.5')).toThrow('a is already defined as 1.2.3');
    expect(() => builder.objectIdentifier('c nosuch:1')).toThrow("'nosuch:1' is not an OID");
    expect(() => builder.objectIdentifier('c')).toThrow('needs a name and an OID');
    builder.objectClass("( A:9 NAME 'x' )");
    expect(builder.build().objectClass('1.2.4.9')?.name).toBe('x');
  });

  test("slapd's own macros are there, and what follows a definition is not looked at", () => {
    const builder = new SchemaBuilder();
    builder.attributeType("( olmGenericAttributes:99 NAME 'own' SYNTAX OMsIA5String{64} ) and 'more");
    const type = builder.build().attributeType('own');
    expect([type?.oid, type?.syntax.oid]).toEqual(['1.3.6.1.4.1.4203.666.1.55.0.0.99', '1.3.6.1.4.1.1466.115.121.1.26']);
    expect(() => builder.objectIdentifier('OMsyn 1.2.3')).toThrow('OMsyn is already defined');
  });

  test('an option that ends in = takes values', () => {
    const builder = new SchemaBuilder();
    const schema = builder.build();
    expect(schema.attributeDescription('cn;range=0-1499')).toBeUndefined();
    builder.attributeOptions('range= lang-');
    expect(schema.attributeDescription('cn;Range=0-1499')?.text).toBe('cn;range=0-1499');
    expect(schema.attributeDescription('cn;lang-en')?.text).toBe('cn;lang-en');
    expect(schema.attributeDescription('cn;range')).toBeUndefined();
    expect(() => builder.attributeOptions('a=b')).toThrow("'a=b' is not an attribute option");
  });

  test('content rules name their classes and attributes', () => {
    const builder = new SchemaBuilder();
    builder.objectClass("( 1.2.3.4 NAME 'x' AUXILIARY MUST uid )");
    const rule = "( 2.5.6.1 NAME 'aliasRule' AUX x MUST cn MAY description NOT seeAlso )";
    builder.ditContentRule(rule);
    expect(() => builder.ditContentRule(rule)).toThrow('content rule of alias is already defined');
    const contradiction = "( 2.5.17.0 NAME 'y' AUX x NOT uid )";
    expect(() => builder.ditContentRule(contradiction)).toThrow('uid is both required and precluded');
    expect(() => builder.ditContentRule("( 2.5.17.0 NAME 'y' AUX alias )")).toThrow('alias is not auxiliary');
    expect(() => builder.ditContentRule("( 1.2.3.4 NAME 'y' )")).toThrow('not structural');
    const schema = builder.build();
    const found = schema.contentRule(schema.objectClass('alias')!)!;
    expect([...found.auxiliary].map(({ name }) => name)).toEqual(['x']);
    expect(found.not.has(schema.attributeType('seeAlso')!)).toBe(true);
    expect(schema.published('dITContentRules')).toEqual([rule]);
  });

  test('a syntax of one’s own is checked as the one it stands for', () => {
    const builder = new SchemaBuilder();
    builder.ldapSyntax("( 1.2.3.9 DESC 'whole number' X-SUBST '1.3.6.1.4.1.1466.115.121.1.27' )");
    builder.attributeType("( 1.2.3.10 NAME 'count' SYNTAX 1.2.3.9 )");
    const { syntax } = builder.build().attributeType('count')!;
    expect([syntax.validate(Buffer.from('7')), syntax.validate(Buffer.from('x'))]).toEqual([true, false]);
    expect(() => builder.ldapSyntax("( 1.2.3.9 DESC 'again' )")).toThrow('syntax 1.2.3.9 is already defined');
  });
});
