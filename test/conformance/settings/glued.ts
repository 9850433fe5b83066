/** Several databases that `subordinate` glues to one tree, and one beside them that is not glued. */
import { bind, compare, modify, read, remove, rename, search } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const top = 'dc=test';
const sales = 'ou=sales,dc=test';
const deep = 'ou=deep,ou=sales,dc=test';
const lone = 'ou=lone,dc=test';
const all = '(objectClass=*)';
const scopes = ['base', 'one', 'sub', 'children'] as const;

const looks = (as: Step['as']): Step[] =>
  [
    top,
    'ou=own,dc=test',
    sales,
    `cn=s1,${sales}`,
    deep,
    lone,
    'ou=none,dc=test',
    `cn=none,${sales}`,
    'cn=s1,ou=none,ou=sales,dc=test',
  ].flatMap((base) =>
    scopes
      .filter((scope) => scope !== 'children' || ![top, sales].includes(base))
      .map((scope) => search(base, all, { as: as!, scope, attributes: ['entryDN', 'hasSubordinates', 'description'] })),
  );

const deepDirectives = [
  'subordinate',
  'index objectClass eq',
  'access to dn.base="cn=secret,ou=deep,ou=sales,dc=test" by * none',
  'access to * by * read',
].join('\n');

export const glued: Setting = {
  config: `${head}
${database(deep, 'deep', deepDirectives)}
${database(sales, 'sales', 'subordinate advertise\naccess to attrs=description by * none\naccess to * by * read')}
${database(lone, 'lone', 'access to * by * read')}
${database(top, 'top', 'index objectClass,cn eq\naccess to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [top]: domainEntry(),
      'ou=own,dc=test': unitEntry(),
      'cn=o1,ou=own,dc=test': personEntry({ description: ['here'] }),
      [sales]: unitEntry({ description: ['hidden'] }),
      [`cn=s1,${sales}`]: personEntry({ description: ['hidden'] }),
      [`cn=s2,${sales}`]: personEntry(),
      [deep]: unitEntry(),
      [`cn=d1,${deep}`]: personEntry({ description: ['deep'] }),
      [`cn=secret,${deep}`]: personEntry(),
      [lone]: unitEntry(),
      [`cn=l1,${lone}`]: personEntry(),
    }),
    ...looks('#root'),
    ...looks('#nobody'),
    search('', all, { as: '#nobody', attributes: ['namingContexts'] }),
    search(top, '(cn=s1)', { as: '#nobody', scope: 'sub', attributes: ['1.1'] }),
    search(top, '(description=deep)', { as: '#nobody', scope: 'sub', attributes: ['1.1'] }),
    search(top, '(!(description=deep))', { as: '#nobody', scope: 'sub', attributes: ['1.1'] }),
    ...[1, 3, 4, 8].map((sizeLimit) =>
      search(top, all, { as: '#root', scope: 'sub', attributes: ['1.1'], sizeLimit, counted: true }),
    ),
    search(top, all, { as: '#root', scope: 'sub', attributes: ['1.1'], pageSize: 1 }),
    search(top, '(cn=*)', { as: '#nobody', scope: 'sub', attributes: ['1.1'], pageSize: 2 }),
    search(sales, '(cn=*)', {
      as: '#nobody',
      scope: 'children',
      attributes: ['1.1'],
      rather: {
        because: 'slapd forgets glued databases in this one scope',
        outcome: { entries: { [`cn=s1,${sales}`]: {}, [`cn=s2,${sales}`]: {}, [`cn=d1,${deep}`]: {} } },
      },
    }),
    search(top, all, {
      as: '#root',
      scope: 'sub',
      attributes: ['1.1'],
      pageSize: 50,
      counted: true,
      rather: { because: 'slapd loses entries where a page ends with a database', outcome: { count: 9, pages: [9] } },
    }),
    search(top, all, {
      as: '#root',
      scope: 'one',
      attributes: ['1.1'],
      pageSize: 1,
      counted: true,
      rather: {
        because: 'slapd refuses its own cookie where a page ends with a database',
        outcome: { code: 0, count: 2, pages: [1, 1], controls: ['1.2.840.113556.1.4.319 last page'] },
      },
    }),
    compare(`cn=s1,${sales}`, 'sn', 'S', { as: '#root' }),
    modify(deep, [['replace', 'description', 'changed']], { as: '#root' }),
    read(deep, ['description'], { as: '#nobody' }),
    rename(`cn=s2,${sales}`, 'cn=s3', { as: '#root' }),
    rename(`cn=s3,${sales}`, 'cn=s3', { as: '#root', newSuperior: deep }),
    rename('cn=o1,ou=own,dc=test', 'cn=o1', { as: '#root', newSuperior: sales }),
    rename('ou=own,dc=test', 'ou=sales', { as: '#root' }),
    rename('cn=none,ou=own,dc=test', 'ou=lone', { as: '#root', newSuperior: top }),
    rename(sales, 'ou=trade', { as: '#root' }),
    remove(sales, { as: '#root' }),
    remove(top, { as: '#root' }),
    remove(`cn=d1,${deep}`, { as: '#root' }),
    remove(`cn=secret,${deep}`, { as: '#root' }),
    remove(deep, { as: '#root' }),
    search(deep, all, { as: '#root', scope: 'sub' }),
    search(top, all, { as: '#root', scope: 'sub', attributes: ['1.1'] }),
    search(sales, all, { as: '#root', scope: 'sub', attributes: ['hasSubordinates'] }),
  ],
};
