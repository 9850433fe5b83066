/** Values to ask slapd and the schema about. */

type Sample = string | Buffer;

const bytes = (...octets: number[]): Buffer => Buffer.from(octets);

/** By attribute: valid and invalid values. */
export const values: Readonly<Record<string, readonly Sample[]>> = {
  tBoolean: ['TRUE', 'FALSE', 'true', 'False', '', 'TRUE ', ' TRUE', '1', 'TRUEX', 'FALS'],
  tInteger: [
    '0', '1', '-1', '10', '007', '+1', '-0', '-', '', ' 1', '1 ', '1.0', '123456789012345678901234567890', '-12', '1a',
    '--1',
  ],
  tDirectory: [
    'a', '', ' ', '  ', 'é', '\0', 'a\0b', '\t', bytes(0xff), bytes(0xc3), bytes(0xc3, 0x28), bytes(0xc0, 0x80),
    '\u{1f600}', '\uffff',
  ],
  tIa5: ['', 'a', ' ', 'é', '\x7f', '\0', 'a\tb'],
  tOctets: ['', 'x', bytes(0, 255)],
  tTelephone: ['', ' ', '-', '+1 555', '(0)1', 'a=b', '1*2', '1#2', 'é', '1_2', "'", '"', '1/2:3?4.5,6', '@', '&'],
  tNumeric: ['', ' ', '1', '1 2', '1-2', 'a', '\t'],
  tPrintable: ['', ' ', 'a', '*', '=', '@', 'a_b', '<', 'é', '+,-./:?()\''],
  tTime: [
    '20240229120000Z', '20230229120000Z', '2024022912Z', '202402291230Z', '20240229123045Z', '20240229123045.5Z',
    '20240229123045,50Z', '20240229123045.Z', '20240229123045', '20240229123045z', '20240229123045+0100',
    '20240229123045-01', '20240229123045+2400', '20240229123045+0060', '20240229123060Z', '20240229123061Z',
    '20240229126000Z', '20240229243045Z', '20241301000000Z', '20240001000000Z', '20240100000000Z', '20240431000000Z',
    '00000101000000Z', '00000101000000+0100', '99991231235959-0100', '19000229000000Z', '20000229000000Z', '2024Z',
    '', '202402291230.5Z', '2024022912.25Z', '2024022912304Z', '20240229123045+010', '20240229123045+1',
  ],
  tDn: [
    '', 'cn=x', 'CN=x, DC=y', 'cn=a+sn=b', 'x', 'cn=', 'nosuch=x', 'cn=a\\,b', 'cn="a,b"', '2.5.4.3=x', 'cn=x,',
    ' cn=x', 'cn=#0401',
  ],
  tNameUid: ['', 'cn=x', "cn=x#'0101'B", "cn=x#''B", "cn=x#'2'B", 'cn=x#1', "CN=x , DC=y#'1'B", "#'1'B", "x#'1'B"],
  tOid: [
    '1', '1.2', '0', '0.1', '01.2', '1.02', '1.', '.1', '1..2', '', 'cn', 'person', '1.2.3.4.5.6.7.8.9.10', '1.0',
    '1 ',
  ],
  tPostal: ['', 'a', 'a$b', '$', 'a\\24b', 'a\\5cb', 'a\\5Cb', 'a\\b', 'a\\', 'a$$b', 'é$ü', bytes(0xff), '\\2'],
  tBits: ["'0101'B", "''B", "'2'B", "0101", "'01'b", "'01'", '', "'01'B ", "' 'B"],
  tUuid: [
    '597ae2f6-16a6-1027-98f4-d28b5365dc14', '597AE2F6-16A6-1027-98F4-D28B5365DC14', '597ae2f616a6102798f4d28b5365dc14',
    '597ae2f6-16a6-1027-98f4-d28b5365dc1', '', '597ae2f6-16a6-1027-98f4-d28b5365dc1g',
    '597ae2f6-16a6-1027-98f4-d28b5365dc141',
  ],
  tCsn: [
    '20240229123045.123456Z#000000#000#000000', '20240229123045.123456Z#00000A#0aB#00000F',
    '20240229123045Z#000000#00#000000',
    '2024022912:30:45Z#0x0001#0#0000', '20240229123045.123456Z#000000#00#000000',
    '20240229123045.12345Z#000000#000#000000',
    '', 'x', '20240229123045.123456Z#00000#000#000000', '20240229123045Z#000000#000#000000',
  ],
  tAuthz: [
    '*', '', 'dn:cn=x', 'dn:CN=x, DC=y', 'dn.exact:cn=x', 'dn.subtree:dc=y', 'dn.children:dc=y', 'dn.onelevel:dc=y',
    'dn.base:dc=y',
    'dn.regex:^cn=[^,]+$', 'dn:*', 'u:joe', 'u.plain:joe', 'u.plain/realm:joe', 'u:', 'group:cn=g',
    'group/groupOfNames:cn=g',
    'group/groupOfNames/member:cn=g', 'group/nosuch:cn=g', 'group/person/nosuch:cn=g', 'cn=x', 'CN=x, DC=y',
    'nonsense', 'dn:nonsense', 'foo:bar', 'dn:',
    'ldap:///dc=test??sub?(uid=joe)', 'ldap:///DC=Test??sub?(uid=joe)',
  ],
  tCountry: ['DE', 'de', '', 'D', 'DEU', '  ', 'é', 'd*', 'd1'],
  tDelivery: [
    'any', 'ANY', 'mhs $ any', 'mhs$any', 'telex', 'teletex', 'telephone', 'g3fax', 'g4fax', 'g5fax', 'ia5',
    'videotex', 'physical', '', 'any ', 'any $', 'any any', 'an',
  ],
  tFax: ['', '1', '1$fineResolution', '1$', '$1', '1$$2', ' ', 'é', '1$a$b'],
  tTelex: ['', '1$2$3', '1', '1$', '12$de$x'],
  tGuide: ['x', '', 'person#cn$EQ'],
  tJpeg: ['', 'x', bytes(0xff, 0xd8)],
  tNetgroup: [
    '(a,b,c)', '(,,)', '(a,b)', '(a,b,c,d)', 'a,b,c', '(a-1.x,b;c,)', '(a b,c,d)', '(a_b,c,d)', '(a,b,c)x', '',
    '(a,b,c',
  ],
  tBoot: ['a=b:c', 'root=fs:/nfsroot/x', 'a=b', 'a:b=c', '=:', 'a b=c:d', 'a=b:c*d', '', 'a=b:', 'a=b:c=d', 'a=b:c_d'],
  tRdn: ['cn=x', 'CN=X', 'cn=a+sn=b', 'sn=b+cn=a', 'cn=x,dc=y', '', 'x'],
  tSubtree: ['{}', '', '{ base "cn=x" }', bytes(0xff)],
  tMailbox: ['smtp$a@b', '', 'é'],
};

/** Attribute, a stored value, then assertions. */
export const assertions: readonly (readonly [string, string, ...string[]])[] = [
  ['tBoolean', 'TRUE', 'TRUE', 'FALSE', 'true', ''],
  ['tInteger', '5', '5', '05', '-5', '10', '4', '6', '', 'x', '99999999999999999999'],
  ['tInteger', '-5', '-5', '5', '-10', '-4', '0', '-6', '-50'],
  [
    'tInteger', '12345678901234567890123', '12345678901234567890123', '12345678901234567890124', '2', '-1',
    '9999999999999999999999',
  ],
  ['tInteger', '0', '0', '1', '-1'],
  ['tDirectory', 'Foo Bar', 'foo bar', 'FOO  BAR', ' foo bar ', 'foobar', 'foo', '', ' ', 'foo\tbar', 'fop', 'g'],
  ['tDirectory', ' Foo  Bar ', 'foo bar', 'foo  bar ', 'foo', 'goo'],
  ['tDirectory', '   ', ' ', '  ', 'a', ''],
  ['tDirectory', 'É\u00df', 'é\u00df', 'e\u0301\u00df', 'E\u0301\u00df', '\u00c9ss'],
  ['tDirectory', 'e\u0301', '\u00e9', 'e', '\u00c9', 'E\u0301', 'ez'],
  ['tDirectory', '\u00e9', 'e\u0301', '\u00c9', 'e', 'f', 'z'],
  ['tDirectory', '\uff21\uff22', 'AB', 'ab', '\uff41\uff42', 'ac'],
  ['tDirectory', '\ufb01n', 'fin', 'FIN', '\ufb01N'],
  ['tDirectory', 'a\u00a0b', 'a b', 'a  b', 'a\u00a0\u00a0b', 'ab'],
  ['tDirectory', '\u00a0a', 'a', ' a', '\u00a0a'],
  ['tDirectory', 'a\u00adb', 'ab', 'a\u00adb', 'a\u200bb', 'A\u00adB'],
  ['tDirectory', '\u2167', 'viii', 'VIII', '\u2177'],
  ['tDirectory', '\u24b6\u01c5', 'A\u01c6', 'a\u01c6', '\u24b6\u01c4', '\u24d0\u01c4'],
  ['tDirectory', '\u212b', '\u00e5', '\u00c5', 'a\u030a', 'A\u030a'],
  ['tDirectory', '\u03a3\u03c2', '\u03c3\u03c2', '\u03c3\u03c3', '\u03a3\u03a3'],
  ['tDirectory', '\u0130', 'i', 'i\u0307', '\u0130', 'I'],
  ['tDirectory', '\u2121', 'tel', 'TEL', '\u2121'],
  ['tDirectory', '\u0410', '\u0430', '\u0431', 'a'],
  ['tDirectory', 'a\u0323\u0307', 'a\u0307\u0323', '\u1ea1\u0307', '\u0227\u0323'],
  ['tDirectory', '\u{10400}', '\u{10428}', '\uffee', '\u{10401}'],
  ['tDirectory', '\ud55c', '\u1112\u1161\u11ab', '\ud55d'],
  ['tExact', 'Foo Bar', 'Foo Bar', 'foo bar', 'Foo  Bar', ' Foo Bar', 'Foo', 'Foo Baz', 'Foo Ba'],
  ['tExact', '\uff21b', 'Ab', 'ab', 'AB'],
  ['tExact', 'e\u0301', '\u00e9', 'e'],
  [
    'tIa5', 'User@Example.ORG', 'user@example.org', 'USER@EXAMPLE.ORG', ' user@example.org ', 'user@example.or', 'é',
    '',
  ],
  ['tIa5', ' a  b ', 'a b', 'A  B', 'a', 'ab', 'a b c'],
  ['tIa5', '', '', ' ', 'a'],
  ['tIa5', ' ', '', ' ', '   ', 'a'],
  ['tIa5', 'a\tb', 'a\tb', 'a b', 'A\tB'],
  ['tIa5Exact', '/var/Mail', '/var/Mail', '/var/mail', ' /var/Mail', '/var/Mail '],
  ['tOctets', 'abc', 'abc', 'ABC', 'ab', 'abcd', 'abd', 'abb', ''],
  ['tOctets', '', '', 'a'],
  [
    'tTelephone', '+1 (555) 123-4567', '+1(555)1234567', '+1 (555) 1234 567', '15551234567', '+1(555)123456', 'x', '',
    '-',
  ],
  ['tTelephone', 'Ext A', 'exta', 'ExtA', 'Ext-A'],
  ['tTelephone', '-', ' ', '- -', '1'],
  ['tNumeric', '12 34', '1234', ' 1 2 3 4', '123', '1235', '1233', 'a', ''],
  ['tPrintable', 'A  b', 'a b', 'A B', 'ab', '*', 'b', 'é', 'a*'],
  [
    'tTime', '20240229123045Z', '20240229123045Z', '20240229133045+0100', '20240229123045.0Z', '20240229123045.1Z',
    '2024022912Z', '20240229123044.9Z', 'x',
  ],
  [
    'tTime', '20240229123045.50Z', '20240229123045.5Z', '20240229123045,500Z', '20240229123045.51Z',
    '20240229123045.49Z', '20240229123045Z', '20240229123046Z',
  ],
  ['tTime', '20240101003000+0100', '20231231233000Z', '20240101003000Z'],
  ['tTime', '20231231233000-0100', '20240101003000Z', '20231231233000Z'],
  ['tTime', '2024030100+0030', '20240229233000Z'],
  [
    'tDn', 'CN=Foo  Bar, DC=Test', 'cn=foo bar,dc=test', '2.5.4.3=FOO BAR , domainComponent=TEST', 'cn=foo,dc=test',
    'x', '',
  ],
  ['tDn', '', '', 'cn=x'],
  ['tDn', 'cn=a+sn=b', 'sn=B+cn=A', 'cn=a'],
  ['tDn', 'cn=a\\,b', 'cn="a,b"', 'cn=A\\2cB', 'cn=a'],
  ['tNameUid', "cn=x,dc=y#'01'B", "CN=X, DC=Y#'01'B", 'cn=x,dc=y', "cn=x,dc=y#'1'B"],
  ['tNameUid', 'cn=x,dc=y', 'CN=X, DC=Y', "cn=x,dc=y#'01'B", 'x'],
  ['tOid', '2.5.4.3', '2.5.4.3', 'cn', '2.5.4.4', '02.5'],
  ['tPostal', 'A Street$  Town ', 'a street$town', 'A  STREET$Town', 'a street', 'a$b', 'a street$town$'],
  ['tPostal', '\\5CA\\24', '\\5ca\\24', '\\5Ca\\24', '$'],
  ['tBits', "'01'B", "'01'B", "'1'B", '01'],
  [
    'tUuid', '597ae2f6-16a6-1027-98f4-d28b5365dc14', '597AE2F6-16A6-1027-98F4-D28B5365DC14',
    '597ae2f6-16a6-1027-98f4-d28b5365dc15', '597ae2f6-16a6-1027-98f4-d28b5365dc13', 'x',
  ],
  [
    'tCsn', '20240229123045.123456Z#000000#000#000000', '20240229123045.123456Z#000000#000#000000',
    '20240229123045.123457Z#000000#000#000000', '20240229123045Z#000000#00#000000', 'x',
  ],
  ['tCountry', 'DE', 'de', 'DE', 'FR', 'd', ''],
  ['tRdn', 'CN=X', 'cn=x', 'cn=y', 'x'],
];

export interface Substrings {
  readonly initial?: string;
  readonly any?: readonly string[];
  readonly final?: string;
}

/** A stored value and parts that it has or not. */
export const parts: readonly { attribute: string; stored: string; list: readonly Substrings[] }[] = [
  {
    attribute: 'tDirectory',
    stored: 'Foo  Bar Baz',
    list: [
      { initial: 'FOO' },
      { initial: 'foo ' },
      { initial: ' foo' },
      { initial: 'foo  b' },
      { final: 'baz' },
      { final: ' baz' },
      { final: '  baz ' },
      { final: 'bar' },
      { any: ['bar'] },
      { any: [' bar '] },
      { any: ['o  b'] },
      { any: ['foo', 'baz'] },
      { any: ['baz', 'foo'] },
      { initial: 'foo ', any: [' bar'] },
      { initial: 'foo', any: ['bar'], final: 'baz' },
      { initial: 'foo bar', final: 'bar baz' },
      { initial: 'f', any: ['o', 'o'], final: 'z' },
      { initial: ' ' },
      { final: ' ' },
      { any: [' '] },
      { any: ['   '] },
      { initial: 'foob' },
    ],
  },
  {
    attribute: 'tDirectory',
    stored: 'caf\u00e9 x',
    list: [{ initial: 'CAFE\u0301' }, { initial: 'cafe' }, { any: ['\u00c9'] }, { final: '\u00e9  X' }],
  },
  {
    attribute: 'tExact',
    stored: 'Foo Bar',
    list: [{ initial: 'Foo' }, { initial: 'foo' }, { final: 'Bar ' }, { any: ['o B'] }],
  },
  {
    attribute: 'tIa5',
    stored: 'User  Name@Example.org',
    list: [
      { initial: 'USER' },
      { initial: 'user ' },
      { initial: 'user  n' },
      { final: '@example.ORG' },
      { any: [' '] },
      { any: [' name'] },
      { any: ['user name'] },
      { initial: 'é' },
      { initial: ' ' },
      { final: ' ' },
    ],
  },
  {
    attribute: 'tIa5Exact',
    stored: 'AbC',
    list: [{ initial: 'Ab' }, { initial: 'ab' }, { final: 'bC' }],
  },
  {
    attribute: 'tOctets',
    stored: 'a b',
    list: [{ initial: 'a' }, { initial: 'A' }, { any: [' '] }, { final: ' b' }],
  },
  {
    attribute: 'tTelephone',
    stored: '+1 555-1234',
    list: [{ initial: '+1-555' }, { final: '12 34' }, { any: ['5-5'] }, { any: ['-'] }, { initial: '15' }],
  },
  {
    attribute: 'tNumeric',
    stored: '1 2 3',
    list: [{ initial: '12' }, { any: ['2 3'] }, { final: '2' }, { any: [' '] }, { any: ['x'] }],
  },
  {
    attribute: 'tPostal',
    stored: 'One  Street$Town',
    list: [{ initial: 'one s' }, { any: ['t$t'] }, { final: 'TOWN ' }, { any: ['street $town'] }],
  },
];

/** A stored value, then what it may sound like. */
export const approximations: readonly (readonly [string, ...string[]])[] = [
  ['Smith', 'smyth', 'schmidt', 'smit', 'smith', 'Smythe', ''],
  ['Philip Knight', 'filip nite', 'fillip', 'knight filip', 'nyt', 'Filip  night', ' '],
  ['Xavier Exten Axel', 'savier', 'eksen', 'aksel', 'zavier', 'ekst'],
  ['Jan Müller-Lüdenscheidt', 'jan', 'muller', 'mller', 'Jan Mueller', 'lüdenscheidt'],
  ['Thomas Wright', 'tomas', 'rite', '0omas', 'thomas right'],
  ['Whitney Cough', 'witney', 'kof', 'kuf', 'coff', 'whitny'],
  ['Schaefer Church', 'shafer', 'skaefer', 'church', 'kurk'],
  ['dodge edgy judge', 'doj', 'ejy', 'juj', 'dotge'],
  ['2nd 3', '3', '2', 'second', '2nd', '9 9', '9 9 9'],
  ['nation vision', 'nashun', 'naxion', 'vizion', 'fision'],
  ['gnome comb bomb', 'nome', 'com', 'bom', 'kom', 'bo'],
  ['bob', 'bob', 'b', 'o', 'pop', 'bb'],
  ['A', 'a', 'e', 'b'],
  ['catch ghost laugh', 'kax', 'cach', 'gost', 'laf', 'lauf', 'goust'],
  ['ycee wyatt', 'ice', 'yce', 'wiatt', 'waytt'],
  ['Aeon PNeumatic', 'eon', 'neumatik'],
  ['McDonald OBrien', 'mkdonald', "o'brien", 'obrian', 'macdonald'],
  ['пример', 'пример', 'x', 'test'],
];
