import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DN, Rdn } from '../../src/dn/dn.js';
import { LdapError, ResultCode } from '../../src/ldap/result.js';
import { SchemaBuilder } from '../../src/schema/builder.js';
import { builtinSchemaNames, builtinSchemaPath } from '../../src/schema/builtin.js';
import { defaultSchema } from '../../src/schema/default.js';
import { addSchemaFile } from '../../src/schema/file.js';
import type { Schema } from '../../src/ldap/schema.js';

const schema = defaultSchema();
function anotherSchema(): Schema {
  const builder = new SchemaBuilder();
  for (const name of builtinSchemaNames) addSchemaFile(builder, builtinSchemaPath(name)!);
  return builder.build();
}

const parse = (name: string | Buffer): DN => DN.parse(name, schema);

function codeOf(work: () => unknown): number | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof LdapError) return error.code;
    throw error;
  }
  return undefined;
}

describe('names as slapd 2.5.13 prints and normalises them (slapdn -P, -N)', () => {
  test.each([
    ['', '', ''],
    ['cn=a', 'cn=a', 'cn=a'],
    ['CN = Foo   Bar + sn=Baz', 'cn=Foo   Bar+sn=Baz', 'cn=foo bar+sn=baz'],
    ['domainComponent="Ex,am\\"ple"; OU=\\20x\\20\\20y\\20', 'dc=Ex\\2Cam\\22ple,ou=\\20x  y\\20', 'dc=ex\\2Cam\\22ple,ou=x y'],
    ['\t cn\t=\na\r, sn = b ', 'cn=a,sn=b', 'cn=a,sn=b'],
    ['cn=a\\+b\\=c\\#d\\ e', 'cn=a\\2Bb\\3Dc#d e', 'cn=a\\2Bb\\3Dc#d e'],
    ['cn=\\#d', 'cn=\\23d', 'cn=\\23d'],
    ['cn=a\\;b\\<c\\>d\\"e\\\\f,ou=a=b', 'cn=a\\3Bb\\3Cc\\3Ed\\22e\\5Cf,ou=a\\3Db', 'cn=a\\3Bb\\3Cc\\3Ed\\22e\\5Cf,ou=a\\3Db'],
    ['cn=ÅÉ ﬁ', 'cn=ÅÉ ﬁ', 'cn=åé fi'],
    ['cn=a\\41\\c3\\85', 'cn=aAÅ', 'cn=aaå'],
    ['cn=\\20', 'cn=\\20', 'cn=\\20'],
    ['cn="  a  "', 'cn=\\20 a \\20', 'cn=a'],
    ['cn=a \\20 ', 'cn=a \\20', 'cn=a'],
    ['cn="\\41"', 'cn=41', 'cn=41'],
    ['cn="\\\\41"', 'cn=\\5C41', 'cn=\\5C41'],
    ['cn="a#b=c<d>"', 'cn=a#b\\3Dc\\3Cd\\3E', 'cn=a#b\\3Dc\\3Cd\\3E'],
    ['cn=a\\00b', 'cn=a\\00b', 'cn=a\\00b'],
    ['2.5.4.3=a', 'cn=a', 'cn=a'],
    ['CN;LANG-EN;lang-de=a', 'cn=a', 'cn=a'],
    [
      'uidNumber=5+uid=x+gidNumber=6+homeDirectory=d',
      'gidNumber=6+homeDirectory=d+uid=x+uidNumber=5',
      'gidnumber=6+homedirectory=d+uid=x+uidnumber=5',
    ],
    ['cn=a/cn=b', 'cn=a/cn\\3Db', 'cn=a/cn\\3Db'],
    ['objectClass=TOP', 'objectClass=top', 'objectclass=top'],
    [
      'entryUUID=12345678-1234-1234-1234-123456789ABC',
      'entryUUID=12345678-1234-1234-1234-123456789abc',
      'entryuuid=12345678-1234-1234-1234-123456789abc',
    ],
    ["uniqueMember=cn\\=A\\, DC \\= x#'01'B", "uniqueMember=cn\\3DA\\2Cdc\\3Dx#'01'B", "uniquemember=cn\\3Da\\2Cdc\\3Dx#'01'B"],
    ['seeAlso=cn\\=A\\, DC \\= x', 'seeAlso=cn\\3DA\\2Cdc\\3Dx', 'seealso=cn\\3Da\\2Cdc\\3Dx'],
    ['mail=jd\\+abc@foo.example', 'mail=jd\\2Babc@foo.example', 'mail=jd\\2Babc@foo.example'],
    [
      'cn=postmaster , jvd = Foo.Example;O=Hosting,dc=MyHosting,dc=Example',
      'cn=postmaster,jvd=Foo.Example,o=Hosting,dc=MyHosting,dc=Example',
      'cn=postmaster,jvd=foo.example,o=hosting,dc=myhosting,dc=example',
    ],
  ])('%j', (sent, pretty, normalized) => {
    const name = parse(sent);
    expect([name.toString(), name.normalized]).toEqual([pretty, normalized]);
    expect(parse(Buffer.from(sent)).normalized).toBe(normalized);
  });
});

describe('names that slapd refuses are 34', () => {
  test.each([
    ...[' ', ',', 'cn', 'cn=', 'cn=  ', 'cn=""', 'mail=', 'cn=a,', 'cn=a;  ', 'cn=a+', '+cn=a', 'cn=a,,cn=b', 'cn=a,cn'],
    ...['foo=a', 'oid.2.5.4.3=a', '2.5.4.03=a', '2.5.4.3.=a', 'c n=a', '/cn=a', '<cn=a>', 'cn;lang-en'],
    ...[
      'cn="a',
      'cn="a"b',
      'cn="a""b"',
      'cn="a\\',
      'cn=a"b',
      'cn=a<b',
      'cn=a>b',
      'cn=a\\',
      'cn=a\\4',
      'cn=a\\zb',
      "cn=\\'a",
      'cn=\\4g',
    ],
    ...['cn=#616263', 'cn= #b', 'cn=\\ff', 'cn=\\c3', 'cn=a\0b', 'cn="a\0"'],
    ...['cn=a+cn=b', 'SN=x+surname=y', 'mail=É', 'uidNumber=0005', 'mail=\\20', 'seeAlso=foo'],
  ])('%j', (sent) => {
    expect(codeOf(() => parse(sent))).toBe(ResultCode.invalidDNSyntax);
    expect(codeOf(() => parse(Buffer.from(sent)))).toBe(ResultCode.invalidDNSyntax);
  });

  test('longer than 8,192 bytes', () => {
    for (const sent of [`cn=${'a'.repeat(8_190)}`, `cn=${'é'.repeat(4_095)}`]) {
      expect(codeOf(() => parse(sent))).toBe(ResultCode.invalidDNSyntax);
      expect(codeOf(() => parse(Buffer.from(sent)))).toBe(ResultCode.invalidDNSyntax);
    }
  });

  test('bytes that are not UTF-8', () => {
    expect(codeOf(() => parse(Buffer.from('cn=\xff', 'latin1')))).toBe(ResultCode.invalidDNSyntax);
  });

  test('8,192 bytes are taken', () => {
    expect(parse(`cn=${'a'.repeat(8_189)}`).depth).toBe(1);
    expect(parse('cn=a,'.repeat(1_637) + 'cn=a').depth).toBe(1_638);
  });
});

describe('a name and its relatives', () => {
  const suffix = parse('o=hosting,dc=myhosting,dc=example');
  const domain = parse('jvd=foo.example,o=hosting,dc=myhosting,dc=example');

  test('the parent of a name of one RDN is the empty name, which has none', () => {
    expect(parse('dc=example').parent).toBe(DN.empty);
    expect(DN.empty.parent).toBeUndefined();
    expect([DN.empty.isEmpty, DN.empty.depth, DN.empty.normalized, DN.empty.rdns.length]).toEqual([true, 0, '', 0]);
  });

  test('a child is what parsing the longer name gives', () => {
    const child = domain.child(Rdn.parse('mail=U@foo.example', schema));
    const parsed = parse('MAIL=u@FOO.example, jvd=foo.example, o=hosting, dc=myhosting, dc=example');
    expect(child.equals(parsed)).toBe(true);
    expect(child.toString()).toBe('mail=U@foo.example,jvd=foo.example,o=hosting,dc=myhosting,dc=example');
    expect(parsed.rdns.map(String)).toEqual(['mail=u@FOO.example', 'jvd=foo.example', 'o=hosting', 'dc=myhosting', 'dc=example']);
    expect(parsed.rdn?.avas[0]?.value.toString()).toBe('u@FOO.example');
  });

  test('a sibling parsed earlier lends its parent, in its own spelling only where the text was the same', () => {
    expect(parse('cn=x,DC=Example').toString()).toBe('cn=x,dc=Example');
    expect(parse('cn=y,dc=example').toString()).toBe('cn=y,dc=example');
    expect(parse('cn=z,DC=Example').parent?.toString()).toBe('dc=Example');
  });

  test('isWithin takes the name itself and all below, and no name that only ends alike', () => {
    expect([domain.isWithin(suffix), suffix.isWithin(suffix), suffix.isWithin(domain)]).toEqual([true, true, false]);
    expect(suffix.isWithin(DN.empty)).toBe(true);
    expect(parse('cn=a,uid=b').isWithin(parse('uid=b'))).toBe(true);
    expect(parse('cn=x\\,uid=b').isWithin(parse('uid=b'))).toBe(false);
    expect(parse('cn=uid=b').isWithin(parse('uid=b'))).toBe(false);
  });

  test('ancestors are counted from the name itself', () => {
    expect(domain.ancestor(0)).toBe(domain);
    expect(domain.ancestor(1)?.normalized).toBe(suffix.normalized);
    expect(domain.ancestor(4)).toBe(DN.empty);
    expect(domain.ancestor(5)).toBeUndefined();
  });

  test('a moved name keeps its RDNs below the ancestor and their spelling', () => {
    const name = parse('cn=A,mail=B@c,jvd=foo.example,o=hosting,dc=myhosting,dc=example');
    const target = parse('jvd=Bar.example,dc=example');
    expect(name.moved(domain, target).toString()).toBe('cn=A,mail=B@c,jvd=Bar.example,dc=example');
    expect(domain.moved(domain, target)).toBe(target);
    expect(name.moved(domain, DN.empty).toString()).toBe('cn=A,mail=B@c');
    expect(() => suffix.moved(domain, target)).toThrow(RangeError);
  });
});

describe('Rdn.parse', () => {
  test('takes exactly one RDN', () => {
    expect(Rdn.parse('SN=B + cn=A', schema).toString()).toBe('cn=A+sn=B');
    expect(Rdn.parse('SN=B + cn=A', schema).normalized).toBe('cn=a+sn=b');
    for (const wrong of ['', ' ', 'cn=a,cn=b', 'cn=a,', 'x']) {
      expect(codeOf(() => Rdn.parse(wrong, schema))).toBe(ResultCode.invalidDNSyntax);
    }
  });
});

describe('whatever is sent', () => {
  const pieces = [
    'cn',
    'DC',
    'uid',
    '2.5.4.3',
    '=',
    '=',
    ',',
    ';',
    '+',
    ' ',
    'a',
    'B',
    '"',
    '\\',
    '\\2c',
    '\\c3\\a9',
    'É',
    '#',
    '\0',
    '<',
    '\t',
  ];

  test('a name is parsed or refused with 34, and what is printed means the same', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 16 }), (parts) => {
        let name: DN;
        try {
          name = parse(parts.join(''));
        } catch (error) {
          expect((error as LdapError).code).toBe(ResultCode.invalidDNSyntax);
          return;
        }
        expect(parse(name.toString()).normalized).toBe(name.normalized);
        expect(parse(name.toString()).toString()).toBe(name.toString());
      }),
      { numRuns: 2_000 },
    );
  });

  test('any text can be a value, and comes back from the printed name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), (value) => {
        const escaped = [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
        const name = parse(`cn=${escaped},dc=x`);
        expect(parse(name.toString()).rdn?.avas[0]?.value).toEqual(Buffer.from(value));
      }),
    );
  });

  test('arbitrary bytes never do anything but parse or fail with 34', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect([undefined, ResultCode.invalidDNSyntax]).toContain(codeOf(() => parse(Buffer.from(bytes))));
      }),
    );
  });
});

describe('names below the same name', () => {
  test('are the same whether that one was met before or not', () => {
    const spellings = [
      'mail=a@b,jvd=B,o=hosting,dc=example',
      'mail=A@b, JVD=b ,o=Hosting,dc=example',
      'jvd=b,o=hosting,dc=example',
      'o=hosting,dc=example',
    ];
    // Names are remembered by schema: a schema of its own has met none.
    const fresh = spellings.map((text) => DN.parse(text, anotherSchema()));
    const again = [...spellings, ...spellings].map((text) => DN.parse(text, schema));
    for (const [index, dn] of again.entries()) {
      const expected = fresh[index % spellings.length]!;
      expect(dn.toString()).toBe(expected.toString());
      expect(dn.normalized).toBe(expected.normalized);
      expect(dn.depth).toBe(expected.depth);
    }
  });

  test('are read whole however many and however long they are', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 5_000; n++) {
        const text = `cn=leaf,ou=x${n},${n % 100 === 0 ? 'ou=long,'.repeat(100) : ''}o=y${n % 7}`;
        const dn = DN.parse(text, schema);
        expect(dn.toString()).toBe(text);
        expect(dn.parent!.rdn!.normalized).toBe(`ou=x${n}`);
        expect(dn.depth).toBe(text.split(',').length);
      }
    }
  });

  test('leave nothing behind where the rest of a name is none', () => {
    for (let round = 0; round < 3; round++) {
      expect(() => DN.parse('cn=a,ou=b,nonsense,dc=example', schema)).toThrow();
      expect(() => DN.parse('cn=a,ou=b,', schema)).toThrow();
    }
    expect(DN.parse('cn=a,ou=b', schema).normalized).toBe('cn=a,ou=b');
  });
});
