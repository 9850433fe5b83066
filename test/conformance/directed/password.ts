/** Password Modify (RFC 3062): for oneself, for others, with a wrong old password, generated, and refused. */
import { hosting, manager, suffix } from '../../support/howto.js';
import { domainDn, people, postmasterGroup } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import {
  accountAttributes as account,
  add,
  bind,
  by,
  domainAttributes,
  extended,
  passwordModify,
  read,
  search,
  whoAmI,
} from './steps.js';

const domain = domainDn('password.example');
const self = `mail=self@password.example,${domain}`;
const oid = '1.3.6.1.4.1.4203.1.11.1';

export const passwordSteps: readonly Step[] = [
  add(domain, domainAttributes()),
  add(self, account({ userPassword: ['old', '{CLEARTEXT}older'] })),
  ...by('#password', [
    passwordModify({ new: 'x' }, { either: [50] }),
    passwordModify({ user: self, new: 'x' }, { either: [50] }),
    extended(oid),
    bind(self, 'old'),
    passwordModify({ old: 'wrong', new: 'new' }),
    passwordModify({ old: 'old', new: 'new' }),
    whoAmI(),
    read(self, ['userPassword']),
    bind(self, 'old'),
    bind(self, 'older'),
    bind(self, 'new'),
    passwordModify({ user: self, new: 'newer' }),
    bind(self, 'newer'),
    passwordModify({ user: self.toUpperCase(), new: 'newest' }),
    bind(self, 'newest'),
    passwordModify({}),
    bind(self, 'newest'),
  ]),
  passwordModify({ user: self, new: 'byManager' }),
  ...by('#password', [
    bind(self, 'byManager'),
    passwordModify({ user: people.user.dn, new: 'x' }),
    passwordModify({ user: `mail=nobody,${domain}`, new: 'x' }),
    passwordModify({ user: 'nonsense', new: 'x' }),
    passwordModify({ user: 'dc=outside', new: 'x' }, { either: [32, 53] }),
    passwordModify({ user: manager, new: 'x' }),
    passwordModify({ user: '', new: 'same' }),
    passwordModify({ new: '' }),
    passwordModify({ old: '', new: 'x' }),
    extended(oid, 'nonsense'),
    extended(oid, { hex: '3000' }),
    extended(oid, { hex: '30028000' }),
  ]),
  passwordModify({ user: domain, new: 'x' }),
  passwordModify({ user: suffix, new: 'x' }),
  passwordModify({ user: postmasterGroup('one.example'), new: 'x' }),
  passwordModify({ user: hosting, new: 'x' }),
  passwordModify({ user: `mail=nobody,${domain}`, new: 'x' }),
  passwordModify({ user: 'nonsense', new: 'x' }),
  passwordModify({ user: `dn:${self}`, new: 'x' }),
  passwordModify({ user: `u:self`, new: 'x' }),
  passwordModify({ user: self, old: 'wrong', new: 'x' }),
  passwordModify({ user: self }),
  passwordModify({ user: `mail=nobody,${domain}`, old: 'x', new: 'x' }),
  passwordModify({ user: domain, old: 'x', new: 'x' }),
  passwordModify({ user: 'nonsense', old: 'x', new: 'x' }),
  passwordModify({ user: 'nonsense', old: '', new: 'x' }),
  passwordModify({ user: 'dc=outside', old: 'x', new: 'x' }),
  search(domain, '(userPassword=*)', { scope: 'sub', attributes: ['userPassword'] }),
  passwordModify({ new: 'x' }, { either: [32, 50, 53, 0] }),
  passwordModify({ user: people.neighbour.dn, new: people.neighbour.password }, { as: 'postmaster' }),
  passwordModify({ user: people.stranger.dn, new: 'x' }, { as: 'postmaster' }),
  passwordModify({ user: people.neighbour.dn, new: 'x' }, { as: 'otherPostmaster' }),
];
