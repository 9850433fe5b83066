/** Filters: every choice, three-valued logic, matching rules, values that do not fit, subtypes, options, OIDs. */
import { hosting, suffix } from '../../support/howto.js';
import { domainDn, people } from '../../support/hosting-tree.js';
import { element, octets } from '../../support/wire/ber.js';
import type { Step } from '../contestant.js';
import { accountAttributes as account, add, domainAttributes, person, search, unit } from './steps.js';

const domain = domainDn('filters.example');
const at = (local: string): string => `mail=${local}@filters.example,${domain}`;
const ou = `ou=filters,${suffix}`;

/** Asked below the domain and below the unit alike. */
const filters = [
  '(objectClass=*)', '(objectClass=top)', '(objectClass=TOP)', '(objectClass=person)', '(objectClass=organizationalPerson)',
  '(objectClass=2.5.6.6)', '(objectClass=noSuchClass)', '(!(objectClass=noSuchClass))', '(objectClass=JammMail*)',
  '(structuralObjectClass=JammMailAccount)', '(structuralObjectClass=top)',
  '(mail=A@filters.example)', '(mail=a@FILTERS.example)', '(mail= a@filters.example )', '(mail=*)', '(mail=a*)', '(mail=*.EXAMPLE)',
  '(mail=*@filters*)', '(mail=a*@*example)', '(mail=a*z)', '(mail=a@filters.example*)', '(mail=*a@filters.example)', '(mail=)',
  '(mail=\\2a)', '(mail=*\\2a*)', '(mail>=b)', '(mail<=b)', '(!(mail>=b))', '(mail~=a@filters.example)', '(rfc822Mailbox=a@filters.example)',
  '(0.9.2342.19200300.100.1.3=a@filters.example)', '(mail;lang-en=a@filters.example)',
  '(mailbox=box/)', '(mailbox=BOX/)', '(mailbox=a*)', '(!(mailbox=a*))', '(mailbox>=a)', '(mailbox~=box/)',
  '(accountActive=TRUE)', '(accountActive=true)', '(!(accountActive=true))', '(accountActive=FALSE)', '(!(accountActive=TRUE))',
  '(delete=false)', '(!(delete=FALSE))', '(accountActive=T*)',
  '(lastChange=1)', '(!(lastChange=1))', '(lastChange=*)', '(lastChange>=1)', '(lastChange:integerMatch:=5)', '(lastChange:2.5.13.14:=5)',
  '(lastChange:integerOrderingMatch:=6)', '(lastChange:caseIgnoreMatch:=5)',
  '(uidNumber=10)', '(uidNumber=010)', '(uidNumber>=10)', '(uidNumber<=9)', '(uidNumber=x)', '(!(uidNumber=x))', '(uidNumber>=-5)', '(uidNumber=1*)',
  '(quota=*)', '(!(quota=*))', '(quota=5)', '(noSuchAttribute=*)', '(!(noSuchAttribute=*))', '(noSuchAttribute=x)', '(!(noSuchAttribute=x))',
  '(|(noSuchAttribute=x)(mail=a@filters.example))', '(&(noSuchAttribute=x)(mail=a@filters.example))',
  '(!(&(noSuchAttribute=x)(mail=a@filters.example)))', '(!(|(noSuchAttribute=x)(mail=a@filters.example)))',
  '(!(&(noSuchAttribute=x)(mail=none)))', '(&)', '(|)', '(!(&))', '(!(|))', '(&(mail=*))', '(|(mail=*))', '(&(&)(mail=a@filters.example))',
  '(|(|)(mail=a@filters.example))', '(!(!(mail=a@filters.example)))',
  '(description=one two)', '(description=ONE  TWO)', '(description= one two )', '(description=one*two)', '(description=one *two)', '(description=one* two)',
  '(description=*e t*)', '(description=*e  t*)', '(description=  one*)', '(description=*two  )', '(description=english)', '(description;lang-en=english)',
  '(description;lang-de=english)', '(description;lang-en=*)', '(description;lang-=*)', '(description;bogus=*)', '(!(description;bogus=*))',
  '(cn=Größe)', '(cn=GRÖSSE)', '(cn=größe)', '(cn=Gro\\cc\\88ße)', '(cn=gr\\c3\\b6*)', '(cn=*)', '(cn=\\ff)', '(!(cn=\\ff))', '(cn~=groesse)',
  '(cn=smith)', '(cn~=smyth)', '(cn~=smit)', '(cn>=s)', '(cn:caseExactMatch:=Smith)', '(cn:caseExactMatch:=smith)', '(cn:caseIgnoreMatch:=SMITH)',
  '(cn:2.5.13.2:=SMITH)', '(cn:noSuchRule:=smith)', '(!(cn:noSuchRule:=smith))', '(:caseIgnoreMatch:=smith)', '(:caseExactMatch:=Smith)',
  '(cn:caseIgnoreSubstringsMatch:=smi*)', '(cn:=smith)', '(:=smith)', '(mail:caseIgnoreMatch:=a@filters.example)', '(mail:caseIgnoreIA5Match:=A@filters.example)',
  '(mail:caseExactIA5Match:=A@filters.example)', '(mail:caseExactIA5Match:=a@filters.example)', '(jvd:dn:=filters.example)', '(ou:dn:=filters)',
  '(:dn:caseIgnoreMatch:=filters)', '(ou:dn:caseIgnoreMatch:=FILTERS)', '(jvd:dn:=other.example)',
  '(name=smith)', '(name=Surname)', '(name=s*)', '(name=*)', '(!(name=*))', '(sn=surname)', '(surname=surname)', '(2.5.4.4=surname)',
  '(telephoneNumber=+49 89 12-34)', '(telephoneNumber=+49891234)', '(telephoneNumber=*8912*)', '(telephoneNumber=+49 \\2889\\29 1234)', '(telephoneNumber=+49*)',
  '(userPassword=*)', '(userPassword=secret)', '(userPassword=Secret)', '(jpegPhoto=*)', '(jpegPhoto=\\ff\\d8)', '(!(jpegPhoto=\\ff\\d8))',
  `(manager=cn=smith,${ou})`, `(manager=CN=Smith , ${ou})`, '(manager=nonsense)', '(!(manager=nonsense))', '(manager=cn=*)', '(manager=*)',
  `(entryDN=${at('a')})`, `(entryDN=${ou.toUpperCase()})`, '(entryDN=*)', `(entryDN:dnSubtreeMatch:=${domain})`, `(entryDN:dnOneLevelMatch:=${domain})`,
  `(entryDN:dnSubordinateMatch:=${ou})`, `(entryDN:dnSuperiorMatch:=${at('a')})`, '(entryDN=nonsense)',
  '(hasSubordinates=TRUE)', '(hasSubordinates=FALSE)', '(hasSubordinates=*)', '(subschemaSubentry=*)',
  '(createTimestamp=*)', '(createTimestamp>=20200101000000Z)', '(createTimestamp<=20200101000000Z)', '(createTimestamp=nonsense)',
  '(modifyTimestamp>=20200101Z)', '(entryUUID=*)', '(entryUUID=00000000-0000-0000-0000-000000000000)', '(!(entryUUID=x))', '(entryCSN=*)',
  '(creatorsName=cn=manager,dc=myhosting,dc=example)', '(modifiersName=*)', '(1.2.3.4=x)', '(!(1.2.3.4=*))', '(title=Dr)',
  '(c=de)', '(c=*)', '(preferredLanguage=*)', '(departmentNumber=7)', '(employeeNumber>=5)', '(labeledURI=http://*)', '(labeledURI=HTTP://x.example/)',
  '(initials=A*B)', '(initials=a b)', '(givenName=*\\20*)',
] as const;

const raw = (title: string, ...ber: readonly Buffer[]): Step => ({
  operation: { op: 'search', base: domain, scope: 'sub', rawFilter: { hex: Buffer.concat(ber).toString('hex') }, attributes: [title] },
});

export const filterSteps: readonly Step[] = [
  add(domain, domainAttributes()),
  add(at('a'), account({ uidNumber: ['9'], lastChange: ['5'], description: ['one two'], userPassword: ['secret'] })),
  add(at('b'), account({ uidNumber: ['10'], quota: ['5'], 'description;lang-en': ['english'], accountActive: ['FALSE'] })),
  add(at('z'), account({ uidNumber: ['-3'], cn: ['Smith'], delete: ['TRUE'] })),
  add(`mail=star*@filters.example,${domain}`, account({ cn: ['Größe'] })),
  add(ou, unit({ description: ['one   two'] })),
  add(`cn=Smith,${ou}`, person({ telephoneNumber: ['+49 89 1234'], title: ['Dr'], initials: ['A B'], givenName: ['John Paul'], employeeNumber: ['7'] })),
  add(`cn=Größe,${ou}`, person({ sn: ['Groß'], telephoneNumber: ['+49 (89) 1234'], manager: [`cn=Smith,${ou}`], departmentNumber: ['7'], jpegPhoto: [{ hex: 'ffd8' }] })),
  add(`cn=Uri,${ou}`, person({ labeledURI: ['http://x.example/ label'], preferredLanguage: ['de'], userPassword: ['secret'] })),
  ...filters.flatMap((filter) => [
    search(domain, filter, { scope: 'sub', attributes: ['1.1'] }),
    search(ou, filter, { scope: 'sub', attributes: ['1.1'] }),
  ]),
  ...filters.slice(0, 40).map((filter) => search(hosting, filter, { scope: 'one', attributes: ['1.1'], as: 'anonymous' })),
  search(people.user.dn, '(mail=user@one.example)'),
  raw('presence-of-nothing', octets('', 0x87)),
  raw('not-with-two', element(0xa2, octets('mail', 0x87), octets('cn', 0x87))),
  raw('not-with-none', element(0xa2)),
  raw('equality-without-value', element(0xa3, octets('mail'))),
  raw('unknown-choice', element(0xaa, octets('mail'))),
  raw('substrings-empty-list', element(0xa4, octets('mail'), element(0x30))),
  raw('substrings-empty-piece', element(0xa4, octets('mail'), element(0x30, octets('', 0x81)))),
  raw('substrings-two-initials', element(0xa4, octets('mail'), element(0x30, octets('a', 0x80), octets('b', 0x80)))),
  raw('substrings-final-first', element(0xa4, octets('mail'), element(0x30, octets('e', 0x82), octets('a', 0x80)))),
  raw('extensible-empty', element(0xa9, octets('x', 0x83))),
  raw('extensible-without-value', element(0xa9, octets('cn', 0x82))),
  raw('present-constructed', element(0xa7, octets('mail'))),
];
