/**
 * Transactions (RFC 5805): what is queued, what is refused at once, and what is done at the end. Commits that fail are in
 * directory/transaction: they leave slapd 2.5 in no state to be compared with.
 */
import type { Bytes } from '../../support/wire/operation.js';
import { add, bind, extended, modify, passwordModify, read, search } from '../directed/steps.js';
import type { Asker, Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const user = 'cn=user,dc=test';
const startOid = '1.3.6.1.1.21.1';
const endOid = '1.3.6.1.1.21.3';
const all = '(objectClass=*)';

const specification = (value: Bytes, critical = true) => ({ oid: '1.3.6.1.1.21.2', critical, value });
const queued = { as: '#root', controls: [specification('')] } as const;
const asUser = { ...queued, as: '#user' } as const;

const start = (as: Asker = '#root'): Step => extended(startOid, undefined, { as });
const end = (hex: string, as: Asker = '#root'): Step => extended(endOid, { hex }, { as });
const commit = (as?: Asker): Step => end('30050101ff0400', as);
const abort = (as?: Asker): Step => end('30050101000400', as);
const tellAll = search(base, all, { as: '#root', scope: 'sub', attributes: ['description', 'ou', 'cn'] });
const ou = (name: string): string => `ou=${name},dc=test`;

const directives = [
  'index objectClass eq',
  'access to dn.base="cn=user,dc=test" by self write by anonymous auth by * read',
  'access to dn.subtree="ou=users,dc=test" by dn.base="cn=user,dc=test" write by * read',
  'access to * by * read',
].join('\n');

export const transactions: Setting = {
  config: `${head}${database(base, 'test', directives)}${database('dc=other', 'other', 'access to * by dn.base="cn=root,dc=test" write')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [user]: personEntry({ userPassword: ['pw'] }),
      'ou=users,dc=test': unitEntry(),
      'dc=other': domainEntry(),
    }),
    bind(user, 'pw', { as: '#user' }),

    // What is no start, no end, no part of one.
    extended(startOid, undefined, { as: '#anonymous' }),
    extended(startOid, 'x', { as: '#root' }),
    extended(endOid, undefined, { as: '#root' }),
    extended(endOid, '', { as: '#root' }),
    extended(endOid, 'x', { as: '#root' }),
    end('30040101ff04'),
    commit(),
    abort(),
    commit('#anonymous'),
    add(ou('a'), unitEntry(), queued),
    add(ou('a'), unitEntry(), { as: '#root', controls: [specification('', false)] }),
    add(ou('a'), unitEntry(), { as: '#root', controls: [specification('other')] }),
    add(ou('a'), unitEntry(), { as: '#root', controls: [{ oid: '1.3.6.1.1.21.2', critical: true }] }),
    add(ou('a'), unitEntry(), { as: '#root', controls: [specification(''), specification('')] }),
    read(base, undefined, queued),
    read(base, undefined, { as: '#root', controls: [specification('', false)] }),
    passwordModify({ user, new: 'pw' }, { as: '#root', controls: [specification('', false)] }),

    // Nothing to commit ends it, too; a second one at the same time is refused.
    start(),
    start(),
    commit(),
    commit(),
    start(),
    end('30020400'),
    start(),
    end('3006040474657374'),
    abort(),

    // Abort, commit, and what others see before.
    start(),
    add(ou('a'), unitEntry(), queued),
    add(`cn=x,${ou('a')}`, personEntry(), queued),
    tellAll,
    search(base, all, { as: '#other', scope: 'sub', attributes: ['1.1'] }),
    abort(),
    tellAll,
    start(),
    add(ou('a'), unitEntry(), queued),
    add(`cn=x,${ou('a')}`, personEntry(), queued),
    modify(ou('a'), [['add', 'description', 'one']], queued),
    modify(ou('a'), [['replace', 'description', 'two']], queued),
    commit(),
    tellAll,

    // Outside of it meanwhile.
    start(),
    modify(ou('a'), [['replace', 'description', 'inside']], queued),
    modify(ou('a'), [['replace', 'description', 'outside']], { as: '#root' }),
    tellAll,
    commit(),
    tellAll,

    // What is wrong with a request as such is said at once, and the others go on.
    start(),
    add(ou('b'), unitEntry(), queued),
    modify(ou('b'), [['add', 'nonsense', 'x']], queued),
    modify('nonsense', [['add', 'description', 'x']], queued),
    add('dc=elsewhere', domainEntry(), queued),
    modify('dc=other', [['replace', 'description', 'x']], queued),
    commit(),
    search(base, all, { as: '#root', scope: 'one', attributes: ['1.1'] }),
    start(),
    modify('dc=other', [['replace', 'description', 'in another database']], queued),
    commit(),
    read('dc=other', ['description'], { as: '#root' }),

    // Access is that of the end, for whoever sent the request.
    start('#user'),
    modify(user, [['replace', 'description', 'mine']], asUser),
    commit('#user'),
    read(user, ['description'], { as: '#root' }),
    // With reading back.
    start(),
    modify(ou('users'), [['replace', 'description', 'x']], {
      as: '#root',
      controls: [{ oid: '1.3.6.1.1.13.1', critical: true, value: { hex: '3000' } }, specification('')],
    }),
    modify(ou('users'), [['replace', 'description', 'x']], {
      as: '#root',
      controls: [specification(''), { oid: '1.3.6.1.1.13.2', critical: true, value: { hex: '3000' } }],
    }),
    abort(),
    tellAll,
  ],
};
