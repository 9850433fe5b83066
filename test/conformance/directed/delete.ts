/** Delete and compare: leaves, parents, what is not there; true, false, absent, undefined, not allowed. */
import { hosting, suffix } from '../../support/howto.js';
import { domainDn, people } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { accountAttributes as account, add, compare, domainAttributes, modify, read, remove } from './steps.js';

const domain = domainDn('delete.example');
const at = (local: string): string => `mail=${local}@delete.example,${domain}`;
const user = people.user.dn;

export const deleteSteps: readonly Step[] = [
  add(domain, domainAttributes()),
  add(at('a'), account()),
  remove(domain),
  remove(at('b')),
  remove(`mail=a,jvd=nowhere.example,${hosting}`),
  remove('dc=outside', { either: [32, 53] }),
  remove('', { either: [53, 32] }),
  remove('nonsense'),
  remove('cn=Subschema', { either: [53, 32, 50] }),
  remove(suffix),
  remove(at('a'), { as: 'anonymous', either: [50] }),
  remove(at('a'), { as: 'user' }),
  remove(at('b'), { as: 'user' }),
  remove(domain, { as: 'user', either: [50, 66] }),
  remove(at('A').toUpperCase()),
  read(at('a')),
  add(at('a'), account({ description: ['again'] })),
  read(at('a')),
  remove(at('a')),
  remove(domain),
  remove(domain),
];

export const compareSteps: readonly Step[] = [
  compare(user, 'mail', 'user@one.example'),
  compare(user, 'mail', 'USER@ONE.EXAMPLE'),
  compare(user, 'mail', ' user@one.example '),
  compare(user, 'mail', 'nobody'),
  compare(user, 'mailbox', 'one.example/user/'),
  compare(user, 'mailbox', 'ONE.example/user/'),
  compare(user, 'accountActive', 'TRUE'),
  compare(user, 'accountActive', 'FALSE'),
  compare(user, 'accountActive', 'true'),
  compare(user, 'quota', '1'),
  compare(user, 'noSuchAttribute', '1'),
  compare(user, 'lastChange', '1'),
  compare(user, 'lastChange', 'x', { either: [18, 21] }),
  compare(user, 'objectClass', 'JammMailAccount'),
  compare(user, 'objectClass', 'jammmailaccount'),
  compare(user, 'objectClass', '1.3.6.1.4.1.12461.1.2.1'),
  compare(user, 'objectClass', 'top'),
  compare(user, 'objectClass', 'person'),
  compare(user, 'objectClass', 'noSuchClass', { either: [5, 21] }),
  compare(user, 'description', 'x'),
  compare(user, 'description;lang-en', 'x'),
  compare(user, 'userPassword', 'user-pw'),
  // slapd refuses (53) to compare two attributes that RFC 5020 and RFC 4512 make like others; the answer is as good.
  compare(user, 'entryDN', user, { either: [6] }),
  compare(user, 'entryDN', user.toUpperCase(), { either: [6] }),
  compare(user, 'entryDN', 'nonsense'),
  compare(user, 'structuralObjectClass', 'JammMailAccount'),
  compare(user, 'hasSubordinates', 'FALSE'),
  compare(domainDn('one.example'), 'hasSubordinates', 'TRUE'),
  compare(user, 'subschemaSubentry', 'cn=Subschema', { either: [6] }),
  compare(`cn=postmaster,${domainDn('one.example')}`, 'roleOccupant', people.postmaster.dn.toUpperCase()),
  compare(`cn=postmaster,${domainDn('one.example')}`, 'roleOccupant', 'nonsense'),
  compare('', 'objectClass', 'top'),
  compare('', 'namingContexts', suffix),
  compare('cn=Subschema', 'cn', 'Subschema'),
  compare(`mail=nobody,${domainDn('one.example')}`, 'mail', 'x'),
  compare('dc=outside', 'dc', 'x'),
  compare('nonsense', 'dc', 'x'),
  compare(user, 'userPassword', 'x', { as: 'anonymous' }),
  compare(people.stranger.dn, 'userPassword', 'x', { as: 'user' }),
  compare(domainDn('one.example'), 'userPassword', 'x', { as: 'anonymous' }),
  compare(user, 'clearPassword', 'x', { as: 'anonymous' }),
  compare(user, 'mail', 'user@one.example', { as: 'anonymous' }),
  modify(user, [['add', 'description;lang-en', 'hello']]),
  compare(user, 'description', 'hello'),
  compare(user, 'description;lang-en', 'HELLO'),
  compare(user, 'description;lang-de', 'hello'),
  modify(user, [['delete', 'description;lang-en']]),
];
