import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseAttributeType,
  parseObjectClass,
  printAttributeType,
  printObjectClass,
  SchemaError,
} from '../../src/schema/definition.js';

describe('definition text', () => {
  test('keywords are read in any case and order, names quoted or bare', () => {
    const text = "( 1.2.3 single-value desc 'a $ ( b' Syntax 1.2.4{256} x-origin ( 'here' 'there' ) name ( one 'two' ) )";
    expect(parseAttributeType(text)).toMatchObject({
      oid: '1.2.3',
      names: ['one', 'two'],
      description: 'a $ ( b',
      syntax: '1.2.4',
      lengthBound: 256,
      singleValue: true,
      extensions: [{ name: 'X-ORIGIN', values: ['here', 'there'] }],
    });
  });

  test('blanks between the parts are not needed', () => {
    expect(parseObjectClass("(1.2 NAME'x'SUP(a$b)MUST(c $d)MAY e)")).toMatchObject({
      names: ['x'],
      superiors: ['a', 'b'],
      kind: 'structural',
      must: ['c', 'd'],
      may: ['e'],
    });
    expect(parseAttributeType("(1.2.3NAME 'x' SUP y)")).toMatchObject({ oid: '1.2.3', names: ['x'], superior: 'y' });
  });

  test.each([
    ['', "'(' expected at the end of the definition"],
    ['1.2.3', "'(' expected before '1.2.3'"],
    ["( 1.2.3 NAME 'x' SUP y", "keyword or ')' expected at the end of the definition"],
    ["( 1.2.3 NAME 'x SUP y )", "unterminated quote: 'x SUP y )"],
    ["( 1.2.3 NAME 'x' SUPP y )", "unknown keyword 'SUPP' in an attribute type"],
    ["( 1.2.3 NAME 'x' SUP y SUP z )", 'SUP is given twice'],
    ["( 1.2.3 NAME '1x' SUP y )", "'1x' is not a name"],
    ["( 1.2.3 NAME 'a_b' SUP y )", "'a_b' is not a name"],
    ["( 1.2.3 NAME 'x' SUP )", "attribute type expected before ')'"],
    ["( 1.2.3 NAME 'x' SYNTAX 1.2{x} )", "'1.2{x}' is not a syntax OID"],
    ["( 1.2.3 NAME 'x' SUP y USAGE user )", "'user' is not a usage"],
    ["( 1.2.3 NAME 'x' )", 'attribute type x has neither SUP nor SYNTAX'],
    ["( NAME 'x' SUP y )", "keyword expected before 'x'"],
  ])('%s: the message names what is wrong', (text, message) => {
    expect(() => parseAttributeType(text)).toThrow(new SchemaError(message));
  });

  test('an object class has one kind', () => {
    const twoKinds = "( 1.2 NAME 'x' ABSTRACT AUXILIARY )";
    expect(() => parseObjectClass(twoKinds)).toThrow('cannot be both ABSTRACT and AUXILIARY');
    expect(() => parseObjectClass("( 1.2 NAME 'x' MUST ( ) )")).toThrow("attribute type expected before ')'");
    const spaced = "( 1.2 NAME 'x' MUST ( a $ 'b c' ) )";
    expect(() => parseObjectClass(spaced)).toThrow("'b c' cannot name an attribute type");
  });

  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);
  const oid = fc.stringMatching(/^[1-9][0-9]{0,4}(\.[1-9][0-9]{0,4}){1,6}$/);
  const quoted = fc.stringMatching(/^[^'\0]{0,30}$/);
  const extension = fc.record({
    name: fc.stringMatching(/^X-[A-Z]{1,8}$/),
    values: fc.array(quoted, { minLength: 1, maxLength: 3 }),
  });
  const common = {
    oid,
    names: fc.array(name, { maxLength: 3 }),
    description: fc.option(quoted, { nil: undefined }),
    obsolete: fc.boolean(),
    extensions: fc.array(extension, { maxLength: 2 }),
  };

  test('an attribute type that is printed reads back as itself', () => {
    const definition = fc.record({
      ...common,
      superior: name,
      equality: fc.option(name, { nil: undefined }),
      ordering: fc.option(name, { nil: undefined }),
      substring: fc.option(name, { nil: undefined }),
      syntax: fc.option(oid, { nil: undefined }),
      lengthBound: fc.constant(undefined),
      singleValue: fc.boolean(),
      collective: fc.boolean(),
      noUserModification: fc.boolean(),
      usage: fc.constantFrom('userApplications', 'directoryOperation', 'distributedOperation', 'dSAOperation'),
    });
    fc.assert(
      fc.property(definition, (one) => {
        expect(parseAttributeType(printAttributeType(one))).toEqual(one);
      }),
    );
  });

  test('an object class that is printed reads back as itself', () => {
    const list = fc.array(name, { maxLength: 4 });
    const kind = fc.constantFrom('abstract', 'structural', 'auxiliary');
    const definition = fc.record({ ...common, superiors: list, kind, must: list, may: list });
    fc.assert(
      fc.property(definition, (one) => {
        expect(parseObjectClass(printObjectClass(one))).toEqual(one);
      }),
    );
  });

  test('any text is read or refused with a SchemaError', () => {
    const word = fc.oneof(
      fc.constantFrom('(', ')', '$', "'", 'NAME', 'SUP', 'SYNTAX', 'MUST', 'X-A', 'DESC', '1.2', "'x'", '{', '}'),
      fc.string({ maxLength: 4 }),
    );
    const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, (one) => {
        for (const parse of [parseAttributeType, parseObjectClass]) {
          try {
            parse(`( ${one}`);
          } catch (error) {
            expect(error).toBeInstanceOf(SchemaError);
          }
        }
      }),
    );
  });

  test('a definition without end is refused', () => {
    expect(() => parseObjectClass(`( 1.2 MAY ( ${'a $ '.repeat(50_000)} a ) )`)).toThrow('too long');
  });
});
