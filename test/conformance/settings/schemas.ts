/** Every schema that Debian's slapd ships, content rules of one's own, and what both say about entries under them. */
import { add, bind, by, compare, modify, read, remove, rename, search } from '../directed/steps.js';
import { database, domainEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
/** dsee.schema is left out here: test/config/slaptest.test.ts and test/schema/published.test.ts cover it. */
const files = [
  'core',
  'cosine',
  'nis',
  'inetorgperson',
  'collective',
  'corba',
  'duaconf',
  'dyngroup',
  'java',
  'misc',
  'msuser',
  'namedobject',
  'openldap',
  'pmi',
];
const relax = [{ oid: '1.3.6.1.4.1.4203.666.5.12', critical: true }];
const at = (name: string): string => `cn=${name},dc=test`;

const ownSchema = String.raw`
objectidentifier own 1.3.6.1.4.1.99999
attributetype ( own:1 NAME ( 'ownText' 'ownAlias' ) DESC 'quoted: \27 and \5c'
  EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{64} )
attributetype ( own:2 NAME 'ownNumber'
  EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( own:3 NAME 'ownSub' SUP ownText )
attributetype ( own:4 NAME 'ownTime'
  EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 )
attributetype ( own:5 NAME 'ownBits' EQUALITY bitStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.6 )
attributetype ( own:6 NAME 'ownExact'
  EQUALITY caseExactMatch ORDERING caseExactOrderingMatch SUBSTR caseExactSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( own:7 NAME 'ownNumeric'
  EQUALITY numericStringMatch ORDERING numericStringOrderingMatch SUBSTR numericStringSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.36 )
attributetype ( own:8 NAME 'ownList'
  EQUALITY caseIgnoreListMatch SUBSTR caseIgnoreListSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.41 )
attributetype ( own:9 NAME 'ownOctets'
  EQUALITY octetStringMatch ORDERING octetStringOrderingMatch SUBSTR octetStringSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
attributetype ( own:10 NAME 'ownGone' OBSOLETE SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( own:11 NAME 'ownGoneToo' SUP ownText OBSOLETE )
objectclass ( own:20 NAME 'ownThing' SUP top STRUCTURAL MUST cn
  MAY ( ownText $ ownNumber $ ownSub $ ownTime $ ownBits $ ownExact $
    ownNumeric $ ownList $ ownOctets $ ownGone $ ownGoneToo $ description ) )
objectclass ( own:21 NAME 'ownLesser' SUP ownThing STRUCTURAL MAY seeAlso )
objectclass ( own:22 NAME 'ownExtra' SUP top AUXILIARY MUST uid MAY ( mail $ title ) )
objectclass ( own:23 NAME 'ownOther' SUP top AUXILIARY MAY l )
objectclass ( own:24 NAME 'ownAbstract' SUP top ABSTRACT MAY street )
objectclass ( own:26 NAME 'ownPast' OBSOLETE SUP top STRUCTURAL MUST cn )
objectclass ( own:27 NAME 'ownRuled' SUP top STRUCTURAL MUST cn )
objectclass ( own:25 NAME 'ownOld' OBSOLETE SUP top AUXILIARY MAY l )
ditcontentrule ( own:20 NAME 'ownRule' AUX ownExtra MUST ownText MAY o NOT ownNumber )
ditcontentrule ( own:27 NAME 'ownPastRule' OBSOLETE MAY o )
`;

const thing = (fields: Record<string, string[]> = {}): Record<string, string[]> => ({
  objectClass: ['ownThing'],
  ownText: ['text'],
  ...fields,
});

const filters = [
  '(ownText>=t)',
  '(ownText<=text)',
  '(ownText>=u)',
  '(!(ownText>=u))',
  '(ownText=*EX*)',
  '(ownAlias=TEXT)',
  '(1.3.6.1.4.1.99999.1=text)',
  '(ownText=lesser)',
  '(ownSub=*)',
  '(ownSub>=a)',
  '(ownText~=tekst)',
  '(ownText:caseExactMatch:=text)',
  '(ownNumber>=10)',
  '(ownNumber<=9)',
  '(ownNumber>=-1)',
  '(ownNumber>=x)',
  '(ownTime>=20240101000000Z)',
  '(ownTime<=20240101000000Z)',
  '(ownTime=20240101010000+0100)',
  '(ownTime=20240101000000.0Z)',
  '(ownTime>=2024)',
  '(ownTime=202401010000Z)',
  "(ownBits='0101'B)",
  "(ownBits='101'B)",
  '(ownBits=0101)',
  '(ownExact>=A)',
  '(ownExact>=a)',
  '(ownExact=*Case*)',
  '(ownExact=*case*)',
  '(ownNumeric=12 34)',
  '(ownNumeric>=1233)',
  '(ownNumeric=*2 3*)',
  '(ownNumeric=12a)',
  '(ownList=One$Two)',
  '(ownList=one$two)',
  '(ownList=*ne*)',
  '(ownList=*ne$t*)',
  '(ownOctets=\\00\\ff)',
  '(ownOctets>=\\00\\f0)',
  '(ownOctets<=\\00)',
  '(ownOctets=\\00*)',
  '(ownOctets=*\\ff)',
  '(ownOctets=*\\f*)',
  '(:caseIgnoreMatch:=text)',
  '(:caseExactMatch:=Mixed Case)',
  '(:integerMatch:=9)',
  '(:dn:caseIgnoreMatch:=test)',
  '(cn:dn:=thing)',
  '(dc:dn:=test)',
  '(dc:dn:caseIgnoreIA5Match:=TEST)',
  '(dc:dn:caseIgnoreMatch:=test)',
  '(:dn:=test)',
  '(:dn:noSuchRule:=test)',
  '(objectClass=ownThing)',
  '(objectClass=ownLesser)',
  '(objectClass=1.3.6.1.4.1.99999.20)',
  '(objectClass=own:20)',
  '(objectClass:objectIdentifierMatch:=ownThing)',
] as const;

export const schemas: Setting = {
  config: `${files.map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
${ownSchema}
${database(base, 'test', 'index objectClass eq\naccess to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [at('thing')]: thing({
        ownTime: ['20240101000000Z'],
        ownBits: ["'0101'B"],
        ownExact: ['Mixed Case'],
        ownNumeric: ['1234'],
        ownList: ['one$two'],
      }),
      [at('lesser')]: { objectClass: ['ownLesser'], ownSub: ['lesser'], ownNumber: ['9'] },
    }),
    ...by('#root', [
      modify(at('thing'), [['add', 'ownOctets', { hex: '00ff' }]]),
      ...filters.map((filter) => search(base, filter, { scope: 'sub', attributes: ['1.1'] })),

      // The content rule: what it adds, what it takes away, which auxiliary classes it lets in.
      add(at('without'), { objectClass: ['ownThing'] }),
      add(at('precluded'), thing({ ownNumber: ['1'] })),
      add(at('allowed'), thing({ o: ['o'] })),
      add(at('unknown'), thing({ l: ['l'] })),
      add(at('aux'), thing({ objectClass: ['ownThing', 'ownExtra'], uid: ['u'] })),
      add(at('auxmust'), thing({ objectClass: ['ownThing', 'ownExtra'] })),
      add(at('auxother'), thing({ objectClass: ['ownThing', 'ownOther'] })),
      add(at('auxold'), thing({ objectClass: ['ownThing', 'ownOld'] })),
      add(at('extensible'), thing({ objectClass: ['ownThing', 'extensibleObject'], l: ['l'] })),
      add(at('lesser2'), { objectClass: ['ownLesser', 'ownOther'], l: ['l'], ownNumber: ['1'] }),
      add(at('lesser3'), { objectClass: ['ownLesser', 'ownOld'], l: ['l'] }),
      add(at('lesser4'), { objectClass: ['ownLesser', 'extensibleObject'], l: ['l'], c: ['DE'] }),
      add(at('abstract'), { objectClass: ['ownAbstract'] }),
      add(at('abstract2'), { objectClass: ['ownLesser', 'ownAbstract'], street: ['s'] }),
      add(at('both'), { objectClass: ['ownLesser', 'ownThing'], ownText: ['x'] }),
      add(at('both2'), { objectClass: ['ownThing', 'ownLesser'] }),
      read(at('both'), ['*', 'structuralObjectClass']),
      modify(at('both'), [['delete', 'objectClass', 'ownThing']]),
      modify(at('both2'), [['delete', 'objectClass', 'ownLesser']]),
      modify(at('thing'), [['add', 'ownNumber', '1']]),
      modify(at('thing'), [['delete', 'ownText']]),
      modify(at('thing'), [
        ['add', 'objectClass', 'ownExtra'],
        ['add', 'uid', 'u'],
      ]),
      modify(at('thing'), [['delete', 'uid']]),
      modify(at('thing'), [['add', 'objectClass', 'ownOther']]),
      modify(at('thing'), [['add', 'objectClass', 'ownLesser']]),
      modify(at('lesser'), [
        ['delete', 'objectClass', 'ownLesser'],
        ['add', 'objectClass', 'ownThing'],
      ]),
      modify(at('lesser'), [['replace', 'ownNumber', '1', '2']]),
      modify(at('lesser'), [['increment', 'ownNumber', '1']]),
      modify(at('lesser'), [['add', 'ownTime', '20240230000000Z']]),
      modify(at('lesser'), [['add', 'ownTime', '20240101000000Z', '20240101010000+0100']]),
      modify(at('lesser'), [['add', 'ownBits', '0101']]),
      modify(at('lesser'), [['add', 'ownNumeric', '1 2', '12']]),
      modify(at('lesser'), [['add', 'ownList', 'a$b', 'A$ b']]),
      rename(at('lesser'), 'ownNumber=9', { deleteOldRDN: false }),
      rename('ownNumber=9,dc=test', 'ownNumber=10'),
      rename('ownNumber=9,dc=test', 'cn=lesser'),
      rename(at('lesser'), 'ownSub=LESSER', { deleteOldRDN: false }),
      rename('ownSub=lesser,dc=test', 'cn=lesser', { deleteOldRDN: false }),
      rename(at('thing'), 'ownTime=20240101000000Z', { deleteOldRDN: false }),
      rename('ownTime=202401010000Z,dc=test', 'cn=thing', { deleteOldRDN: false }),
      read(at('thing'), ['*', '+']),
      read(at('thing'), ['ownText']),
      read(at('lesser'), ['ownText']),
      read(at('lesser'), ['@ownThing']),
      compare(at('thing'), 'ownBits', "'0101'B"),
      compare(at('thing'), 'ownTime', '202401010000Z'),
      compare(at('thing'), 'ownList', 'ONE$TWO'),
      compare(at('lesser'), 'ownText', 'Lesser'),
      compare(at('lesser'), 'objectClass', 'ownThing'),

      // What is obsolete is kept, taken away, and not made anew.
      add(at('past'), { objectClass: ['ownPast'] }),
      add(at('past'), { objectClass: ['ownPast'] }, { controls: relax }),
      modify(at('past'), [['add', 'cn', 'more']]),
      add(at('ruled'), { objectClass: ['ownRuled'] }),
      add(at('gone'), thing({ ownGone: ['x'] })),
      add(at('gone'), thing({ ownGoneToo: ['x'] })),
      add(at('gone'), thing({ ownGone: ['x'] }), { controls: relax }),
      add('ownGoneToo=x,dc=test', thing({ cn: ['x'] })),
      modify(at('gone'), [['add', 'ownGone', 'y']]),
      modify(at('gone'), [['replace', 'ownGone', 'y']]),
      modify(at('gone'), [['replace', 'ownGone', 'y']], { controls: relax }),
      modify(at('gone'), [['add', 'description', 'y']]),
      modify(at('gone'), [['delete', 'ownGone', 'y']]),
      modify(at('gone'), [['delete', 'ownGone']]),
      modify(at('gone'), [['replace', 'ownGone']]),
      rename(at('gone'), 'ownGoneToo=x', { deleteOldRDN: false }),
      search(base, '(ownGone=*)', { scope: 'sub', attributes: ['1.1'] }),

      // Entries of the stock schemas' rarer classes.
      add(at('urls'), { objectClass: ['groupOfURLs'], memberURL: ['ldap:///dc=test??sub?(cn=*)'] }),
      add(at('uniques'), { objectClass: ['groupOfUniqueNames'], uniqueMember: ["cn=a,dc=test#'0101'B", 'cn=a,dc=test'] }),
      modify(at('uniques'), [['add', 'uniqueMember', "CN=A,dc=test#'0101'B"]]),
      search(base, "(uniqueMember=cn=a,dc=test#'0101'B)", { scope: 'sub', attributes: ['1.1'] }),
      search(base, '(uniqueMember=cn=A,dc=test)', { scope: 'sub', attributes: ['1.1'] }),
      add(at('java'), { objectClass: ['javaContainer', 'javaObject'], javaClassName: ['java.lang.String'] }),
      add(at('corba'), { objectClass: ['device', 'corbaObjectReference'], corbaIor: ['IOR:0'] }),
      add(at('inet'), { objectClass: ['nisMailAlias'], rfc822MailMember: ['x@y'] }),
      add(at('collective'), { objectClass: ['device'], 'c-l': ['x'] }),
      add(at('room'), { objectClass: ['room'], roomNumber: ['1'], telephoneNumber: ['+1'] }),
      add('uid=acc,dc=test', { objectClass: ['account', 'simpleSecurityObject'], userPassword: ['x'] }),
      add('ipServicePort=25+ipServiceProtocol=tcp+cn=smtp,dc=test', { objectClass: ['ipService'] }),
      read('cn=smtp+ipServicePort=25+ipServiceProtocol=tcp,dc=test'),
      add(at('net'), { objectClass: ['nisNetgroup'], nisNetgroupTriple: ['(host,user,domain)', '(,,)'] }),
      add(at('net2'), { objectClass: ['nisNetgroup'], nisNetgroupTriple: ['host,user'] }),
      add(at('param'), { objectClass: ['device', 'bootableDevice'], bootParameter: ['root=fs:/export'] }),
      add(at('delta'), { objectClass: ['cRLDistributionPoint'] }),
      add(at('fax'), {
        objectClass: ['organizationalRole'],
        facsimileTelephoneNumber: ['+1 2 3$fineResolution'],
        telexNumber: ['1$2$3'],
        x121Address: ['12 3'],
        preferredDeliveryMethod: ['mhs $ any'],
        postalAddress: ['a$b$c'],
        physicalDeliveryOfficeName: ['x'],
        destinationIndicator: ['ab'],
        internationaliSDNNumber: ['1 2'],
      }),
      read(at('fax')),
      ...[
        '(facsimileTelephoneNumber=*)',
        '(postalAddress=A$b$c)',
        '(postalAddress=*b*)',
        '(x121Address=123)',
        '(x121Address=*2*)',
        '(internationaliSDNNumber=12)',
        '(destinationIndicator=AB)',
        '(telexNumber=*)',
        '(preferredDeliveryMethod=*)',
        '(preferredDeliveryMethod=mhs)',
      ].map((filter) => search(base, filter, { scope: 'sub', attributes: ['1.1'] })),
      add('ou=unit,dc=test', unitEntry({ businessCategory: ['b'], searchGuide: ['cn$EQ'] })),
      remove('ou=unit,dc=test'),
    ]),
  ],
};
