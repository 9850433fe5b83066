/** slapd's overlays dynlist and dyngroup: lists expanded in searches and compares, mapped attributes, and memberOf worked out. */
import { bind, by, compare, read, search, type SearchOptions } from '../directed/steps.js';
import type { Attributes, WireControl } from '../../support/wire/operation.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const base = 'dc=test';
type Fields = Attributes;
const person = (name: string, more: Fields = {}): Fields => ({
  objectClass: ['inetOrgPerson'],
  sn: ['s'],
  uid: [name],
  mail: [`${name}@one.test`],
  ...more,
});
const account = (name: string): string => `cn=${name},ou=p,dc=test`;
const list = (urls: readonly string[], more: Fields = {}): Fields => ({ objectClass: ['groupOfURLs'], memberURL: urls, ...more });
const members = (...names: string[]): Fields => ({ objectClass: ['groupOfNames'], member: names });
const group = (name: string): string => `cn=${name},ou=g,dc=test`;
const manageDsaIT: WireControl = { oid: '2.16.840.1.113730.3.4.2', critical: true };

const find = (filter: string, attributes?: readonly string[], options: SearchOptions = {}) =>
  search(base, filter, { scope: 'sub', ...(attributes ? { attributes } : {}), ...options });

const people: Record<string, Fields> = {
  [base]: domainEntry(),
  'ou=p,dc=test': unitEntry(),
  'ou=q,ou=p,dc=test': unitEntry(),
  'ou=g,dc=test': unitEntry(),
  [account('a')]: person('a', { mail: ['a@one.test', 'a2@one.test'], title: ['boss'], userPassword: ['secret'] }),
  [account('b')]: person('b'),
  [account('c')]: person('c', { title: ['boss'], description: ['hidden'] }),
  'cn=d,ou=q,ou=p,dc=test': person('d', { title: ['clerk'] }),
};

const withSchema = (lines: string, overlays: readonly string[] = ['dynlist']): string =>
  withOverlays(overlays, lines).replace(
    'include /etc/ldap/schema/inetorgperson.schema\n',
    (line) => `${line}include /etc/ldap/schema/dyngroup.schema\n`,
  );

const lists: Record<string, Fields> = {
  [group('all')]: list(['ldap:///ou=p,dc=test?mail?sub?(objectClass=inetOrgPerson)'], { description: ['own'] }),
  [group('bosses')]: list(['ldap:///ou=p,dc=test?mail,title?one?(title=boss)', 'ldap:///ou=q,ou=p,dc=test?mail?sub?title=clerk']),
  [group('everything')]: list(['ldap:///cn=b,ou=p,dc=test']),
  [group('names')]: list(['ldap:///ou=p,dc=test?objectClass,entryUUID,userPassword?one?(uid=a)']),
  [group('odd')]: list([
    'ldap://other.test/ou=p,dc=test?mail?sub?(objectClass=*)',
    'ldap:///ou=none,dc=test?mail?sub?(objectClass=*)',
    'ldap:///ou=p,dc=test?nosuch?sub?(objectClass=*)',
    'ldap:///ou=p,dc=test?mail?sub?(nosuch=x)',
    'ldap:///ou=p,dc=test?uid?base?(objectClass=*)',
    'ldap:///ou=p,dc=test?uid??(uid=b)',
    'ldap:///cn=b,ou=p,dc=test?uid??(uid=b)',
  ]),
  [group('itself')]: list(['ldap:///ou=g,dc=test?description?sub?(objectClass=*)', 'ldap:///ou=g,dc=test?cn?sub']),
};

const rules = `access to attrs=userPassword by users write by * auth
access to filter="(description=hidden)" by dn.exact="cn=a,ou=p,dc=test" write by * search
access to attrs=title by users write by * compare
access to * by users write by * read
`;

/** The lists of mail programs: attributes of what the URLs find. */
export const dynlist: Setting = {
  config: withSchema(`index objectClass,mail,uid eq
${rules}overlay dynlist
dynlist-attrset groupOfURLs memberURL
`),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ ...people, ...lists }),
    bind(account('a'), 'secret', { as: '#a' }),
    ...(['#root', '#a', '#nobody'] as const).flatMap((as) =>
      by(as, [
        find('(objectClass=groupOfURLs)'),
        find('(objectClass=groupOfURLs)', ['mail']),
        find('(objectClass=groupOfURLs)', ['cn']),
        find('(cn=bosses)', ['*', 'mail']),
        find('(cn=names)', ['entryUUID'], { counted: true }),
        find('(cn=all)', ['1.1']),
        find('(cn=all)', ['mail'], { typesOnly: true }),
        read(group('bosses')),
        search('ou=g,dc=test', '(objectClass=*)', { scope: 'one', attributes: ['mail'] }),
        find('(mail=d@one.test)', ['cn', 'mail']),
        find('(mail=a2@one.test)', ['mail']),
        find('(mail=nobody@one.test)', ['mail']),
        find('(mail=a*)', ['mail']),
        find('(&(cn=all)(mail=d@one.test))', ['mail']),
        find('(&(cn=all)(mail=nobody@one.test))', ['mail']),
        find('(|(cn=all)(mail=nobody@one.test))', ['mail']),
        find('(title=clerk)', ['mail']),
        find('(&(objectClass=groupOfURLs)(title=boss))', ['mail']),
        find('(!(mail=*))', ['cn']),
        find('(cn=all)', undefined, { controls: [manageDsaIT] }),
        find('(mail=d@one.test)', ['cn'], { controls: [manageDsaIT] }),
        find('(objectClass=groupOfURLs)', ['mail'], { sizeLimit: 2, counted: true }),
        compare(group('all'), 'mail', 'D@one.test'),
        compare(group('all'), 'mail', 'x@one.test'),
        compare(group('all'), 'description', 'own'),
        compare(group('all'), 'cn', 'all'),
        ...(as === '#nobody' ? [] : [compare(group('bosses'), 'title', 'boss')]),
        compare(group('all'), 'mail', 'd@one.test', { controls: [manageDsaIT] }),
      ]),
    ),
  ],
};

const groups: Record<string, Fields> = {
  [group('bosses')]: list(['ldap:///ou=p,dc=test??sub?(title=boss)']),
  [group('q')]: list([
    'ldap:///ou=q,ou=p,dc=test??children?(objectClass=inetOrgPerson)',
    'ldap:///ou=p,dc=test?mail?one?(uid=b)',
  ]),
  [group('static')]: members(account('b'), account('ghost')),
  [group('outer')]: members(group('bosses'), group('static'), group('outer')),
  [group('top')]: members(group('outer'), 'cn=d,ou=q,ou=p,dc=test'),
  [group('lists')]: list(['ldap:///ou=g,dc=test??one?(cn=q)']),
};

const memberRules = `index objectClass,member,uid eq
access to filter="(description=hidden)" by dn.exact="cn=a,ou=p,dc=test" write by * search
access to attrs=userPassword by users write by * auth
access to * by users write by * read
`;

const memberSteps = (as: '#root' | '#nobody') =>
  by(as, [
    find('(objectClass=groupOfURLs)', ['member']),
    find('(cn=bosses)'),
    find('(cn=bosses)', ['cn']),
    find('(objectClass=inetOrgPerson)', ['memberOf']),
    find('(uid=a)', ['*', 'memberOf']),
    find('(uid=a)'),
    find(`(member=${account('a')})`, ['cn']),
    find(`(member=${account('b')})`, ['cn']),
    find(`(member=${account('ghost')})`, ['cn']),
    find('(&(objectClass=groupOfURLs)(member=*))', ['cn']),
    find(`(memberOf=${group('bosses')})`, ['cn']),
    find(`(memberOf=${group('bosses')})`, ['memberOf']),
    find(`(memberOf=${group('static')})`, ['cn']),
    find(`(memberOf=${group('none')})`, ['cn']),
    find(`(&(uid=a)(memberOf=${group('bosses')}))`, ['cn']),
    find(`(&(objectClass=inetOrgPerson)(!(memberOf=${group('bosses')})))`, ['cn']),
    find(`(|(memberOf=${group('bosses')})(memberOf=${group('q')}))`, ['cn']),
    find(`(memberOf=${group('bosses')})`, ['cn', 'memberOf'], { controls: [manageDsaIT] }),
    find('(uid=a)', ['memberOf'], { controls: [manageDsaIT] }),
    compare(group('bosses'), 'member', account('a')),
    compare(group('bosses'), 'member', account('b')),
    compare(group('bosses'), 'member', account('ghost')),
    compare(group('q'), 'member', 'cn=d,ou=q,ou=p,dc=test'),
    compare(group('bosses'), 'member', account('a'), { controls: [manageDsaIT] }),
  ]);

/** Groups, and entries that name them. */
export const dynlistMembers: Setting = {
  config: withSchema(`${memberRules}overlay dynlist
dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames
`),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ ...people, ...groups }),
    ...memberSteps('#root'),
    ...memberSteps('#nobody'),
    ...by('#root', [
      find('(objectClass=groupOfNames)', ['member', 'memberOf']),
      find('(&(objectClass=inetOrgPerson)(memberOf=*))', ['cn'], {
        rather: {
          because: 'slapd looks at memberOf of lists only where a filter names the list',
          outcome: {
            entries: Object.fromEntries(
              ['a', 'b', 'c', 'd'].map((cn) => [cn === 'd' ? `cn=d,ou=q,ou=p,dc=test` : account(cn), { cn: [cn] }]),
            ),
          },
        },
      }),
    ]),
  ],
};

/** The same with groups in groups. */
export const dynlistNested: Setting = {
  config: withSchema(`${memberRules}overlay dynlist
dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames*
`),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ ...people, ...groups }),
    ...by('#root', [
      find('(objectClass=inetOrgPerson)', ['memberOf']),
      find('(|(objectClass=groupOfURLs)(objectClass=groupOfNames))', ['member', 'memberOf']),
      find(`(memberOf=${group('top')})`, ['cn']),
      find(`(memberOf=${group('outer')})`, ['memberOf']),
      find(`(&(uid=a)(memberOf=${group('top')}))`, ['cn']),
      find('(cn=outer)', ['member'], {
        rather: {
          because: 'slapd 2.5 follows lists in lists only where memberOf is asked for too',
          outcome: {
            entries: {
              [group('outer')]: {
                member: [
                  account('a'),
                  account('b'),
                  group('bosses'),
                  account('c'),
                  account('ghost'),
                  group('outer'),
                  group('static'),
                ],
              },
            },
          },
        },
      }),
    ]),
  ],
};

/** Attributes under other names, an identity of the list's own, and the older overlay for compares. */
export const dynlistMapped: Setting = {
  config: withSchema(`${memberRules}overlay dynlist
dynlist-attrset groupOfURLs "ldap:///ou=g,dc=test??sub?(!(cn=out))" memberURL seeAlso:manager businessCategory:uid description:mail
`),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      ...people,
      'cn=e,ou=p,dc=test': person('e', { manager: [account('a')] }),
      [group('one')]: list(['ldap:///ou=p,dc=test?uid,mail?one?(objectClass=inetOrgPerson)']),
      [group('two')]: list(['ldap:///ou=p,dc=test?manager?one?(objectClass=inetOrgPerson)']),
      [group('asa')]: {
        objectClass: ['groupOfURLs', 'dgIdentityAux'],
        memberURL: ['ldap:///ou=p,dc=test?mail?one?(objectClass=inetOrgPerson)'],
        dgIdentity: [account('a')],
      },
      [group('guarded')]: {
        objectClass: ['groupOfURLs', 'dgIdentityAux'],
        memberURL: ['ldap:///ou=p,dc=test?mail?one?(objectClass=inetOrgPerson)'],
        dgIdentity: [account('a')],
        dgAuthz: ['dn.exact:cn=a,ou=p,dc=test'],
      },
    }),
    bind(account('a'), 'secret', { as: '#a' }),
    ...(['#root', '#a', '#nobody'] as const).flatMap((as) =>
      by(as, [
        find('(objectClass=groupOfURLs)', ['cn', 'description', 'businessCategory', 'seeAlso']),
        find('(objectClass=groupOfURLs)', ['mail', 'uid']),
        find('(description=c@one.test)', ['cn']),
        find('(businessCategory=b)', ['cn']),
        find(`(seeAlso=${account('a')})`, ['cn']),
        compare(group('one'), 'description', 'b@one.test'),
        compare(group('one'), 'businessCategory', 'x'),
      ]),
    ),
    ...tree({ [group('out')]: list(['ldap:///ou=p,dc=test?mail?one?(uid=a)']) }),
    find('(cn=out)', ['description'], {
      as: '#root',
      rather: {
        because: 'slapd 2.5 passes over the URI that says where lists are',
        outcome: { entries: { [group('out')]: {} } },
      },
    }),
  ],
};

export const dyngroup: Setting = {
  config: withSchema(
    `${memberRules}overlay dyngroup
attrpair member memberURL
`,
    ['dyngroup'],
  ),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      ...people,
      ...groups,
      [group('open')]: { ...list(['ldap:///ou=p,dc=test??sub?(objectClass=*)'], { seeAlso: [account('b')] }) },
    }),
    ...by('#root', [
      compare(group('bosses'), 'member', account('a')),
      compare(group('bosses'), 'member', account('b')),
      compare(group('bosses'), 'member', account('ghost')),
      compare(group('open'), 'member', account('b')),
      compare(group('open'), 'seeAlso', account('a')),
      compare(group('static'), 'member', account('b')),
      compare(group('static'), 'member', account('a')),
      compare(account('a'), 'member', account('a')),
      find('(cn=bosses)'),
    ]),
  ],
};
