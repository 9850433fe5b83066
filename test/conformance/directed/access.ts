/** The HOWTO's three access rules beyond the matrix: nested domains, groups that are none, what errors give away. */
import { hosting, suffix } from '../../support/howto.js';
import { domainDn, people, postmasterGroup } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { accountAttributes as account, add, bind, by, compare, domainAttributes, modify, read, remove, search } from './steps.js';

const outer = domainDn('outer.example');
const nested = `jvd=inner.example,${outer}`;
const chief = `mail=chief@outer.example,${outer}`;
const inner = `mail=inner@outer.example,${nested}`;
const direct = `mail=direct@hosting,${hosting}`;
const below = `mail=below@outer.example,${chief}`;

export const accessSteps: readonly Step[] = [
  add(outer, domainAttributes()),
  add(nested, domainAttributes()),
  add(chief, account({ userPassword: ['chief'], clearPassword: ['clear'] })),
  add(inner, account({ userPassword: ['inner'] })),
  add(below, account({ userPassword: ['below'] })),
  add(direct, account({ userPassword: ['direct'] })),
  add(`cn=postmaster,${outer}`, {
    objectClass: ['JammMailAlias', 'JammPostmaster'],
    mail: ['postmaster@outer.example'],
    maildrop: ['postmaster'],
    accountActive: ['TRUE'],
    lastChange: ['1'],
    roleOccupant: [chief],
  }),
  add(`cn=postmaster,${nested}`, {
    objectClass: ['JammMailAlias', 'JammPostmaster'],
    mail: ['postmaster@inner.example'],
    maildrop: ['postmaster'],
    accountActive: ['TRUE'],
    lastChange: ['1'],
    roleOccupant: [inner],
  }),
  ...by('anonymous', [
    read(chief, ['userPassword', 'clearPassword']),
    read(direct, ['userPassword']),
    read(below, ['userPassword', 'mail']),
    search(outer, '(clearPassword=clear)', { scope: 'sub', attributes: ['1.1'] }),
    search(hosting, '(userPassword=*)', { scope: 'one', attributes: ['1.1'] }),
    compare(direct, 'userPassword', 'direct'),
    compare(chief, 'userPassword', 'chief'),
    compare(chief, 'quota', '1'),
  ]),
  ...by('#chief', [
    bind(chief, 'chief'),
    read(inner, ['userPassword']),
    read(below, ['userPassword']),
    modify(inner, [['replace', 'description', 'by the outer postmaster']]),
    modify(below, [['replace', 'description', 'by the outer postmaster']]),
    modify(nested, [['replace', 'description', 'x']]),
    modify(outer, [['replace', 'editAccounts', 'FALSE']]),
    modify(hosting, [['replace', 'description', 'x']]),
    modify(direct, [['replace', 'description', 'x']]),
    modify(people.user.dn, [['replace', 'description', 'x']]),
    add(domainDn('new.example'), domainAttributes()),
    remove(outer),
  ]),
  ...by('#inner', [
    bind(inner, 'inner'),
    modify(inner, [['replace', 'description', 'self']]),
    modify(inner, [['replace', 'userPassword', 'inner2']]),
    modify(nested, [['replace', 'description', 'x']]),
    modify(`cn=postmaster,${nested}`, [['replace', 'description', 'x']]),
    modify(chief, [['replace', 'description', 'x']]),
    remove(inner),
    add(`mail=child@outer.example,${inner}`, account()),
  ]),
  // Membership is looked up at every operation, on connections that are already open too.
  modify(`cn=postmaster,${outer}`, [
    ['delete', 'roleOccupant', chief],
    ['add', 'roleOccupant', inner],
  ]),
  ...by('#chief', [
    modify(inner, [['replace', 'description', 'no longer']]),
    modify(chief, [['replace', 'description', 'self']]),
  ]),
  ...by('#inner', [modify(chief, [['replace', 'description', 'now I may']]), read(chief, ['userPassword'])]),
  modify(`cn=postmaster,${outer}`, [
    ['delete', 'objectClass', 'JammPostmaster'],
    ['delete', 'roleOccupant'],
  ]),
  ...by('#inner', [modify(chief, [['replace', 'description', 'not any more']])]),
  remove(direct),
  read(postmasterGroup('one.example'), ['*'], { as: 'anonymous' }),
  read(suffix, ['*', '+'], { as: 'anonymous' }),
];
