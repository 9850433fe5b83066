/** Search: bases, scopes, attribute selection, limits, dereferencing, operational attributes. */
import { hosting, suffix } from '../../support/howto.js';
import { domainDn, people, postmasterGroup } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { by, search, type SearchOptions } from './steps.js';

const one = domainDn('one.example');
const user = people.user.dn;
const all = '(objectClass=*)';
const names: SearchOptions = { attributes: ['1.1'] };

const selections: readonly (readonly string[])[] = [
  [],
  ['*'],
  ['+'],
  ['*', '+'],
  ['1.1'],
  ['1.1', 'mail'],
  ['mail'],
  ['MAIL', 'mail'],
  ['Mail', 'accountactive'],
  ['0.9.2342.19200300.100.1.3'],
  ['rfc822Mailbox'],
  ['homeDirectory', 'mailbox', 'userPassword'],
  ['noSuchAttribute'],
  ['noSuchAttribute', 'mail'],
  ['*', 'entryDN'],
  ['entryUUID', 'entryCSN', 'creatorsName', 'modifyTimestamp'],
  ['hasSubordinates'],
  ['numSubordinates'],
  ['subschemaSubentry'],
  ['structuralObjectClass'],
  ['objectClass'],
  ['name'],
  ['cn;lang-en'],
  ['@JammMailAccount'],
  ['@noSuchClass'],
  ['!JammMailAccount'],
  [''],
  ['mail;binary'],
];

export const searchSteps: readonly Step[] = [
  ...(['base', 'one', 'sub', 'children'] as const).flatMap((scope) => [
    search(suffix, all, { ...names, scope, sizeLimit: 200 }),
    search(one, '(mail=*)', { ...names, scope }),
    search(user, all, { ...names, scope }),
    search(`mail=nobody,${one}`, all, { scope }),
    search(`cn=x,mail=nobody,${one}`, all, { scope }),
    search('dc=outside', all, { scope }),
    search('dc=example', all, { scope }),
    search('', '(objectClass=noSuchClass)', { scope }),
    search('nonsense', all, { scope }),
  ]),
  search(one, all, { scope: 4, either: [2] }),
  search(one.toUpperCase().replaceAll(',', ' , '), '(mail=user@one.example)', { scope: 'sub', ...names }),
  search(hosting, '(mail=nobody@one.example)', { scope: 'sub' }),
  ...selections.map((attributes) => search(user, all, { attributes })),
  ...selections.map((attributes) => search(postmasterGroup('one.example'), all, { attributes, as: 'anonymous' })),
  search(one, all, { typesOnly: true }),
  search(one, all, { typesOnly: true, attributes: ['+'] }),
  search(one, all, { attributes: ['*', '+'] }),
  search(suffix, all, { attributes: ['*', '+'] }),
  ...[0, 1, 2, 3].map((deref) => search(one, '(mail=user*)', { scope: 'sub', deref, ...names })),
  search(one, '(mail=user*)', { scope: 'sub', deref: 4, ...names, either: [2] }),
  ...by('anonymous', [
    search(user, all),
    search(user, all, { attributes: ['userPassword'] }),
    search(hosting, '(userPassword=*)', { scope: 'sub', ...names }),
    search(hosting, '(!(userPassword=x))', { scope: 'sub', ...names }),
    search(hosting, '(!(userPassword=*))', { scope: 'sub', ...names }),
    search(hosting, '(|(userPassword=*)(mail=user@one.example))', { scope: 'sub', ...names }),
    search(hosting, '(&(userPassword=*)(mail=user@one.example))', { scope: 'sub', ...names }),
    search(hosting, '(&(!(userPassword=*))(mail=user@one.example))', { scope: 'sub', ...names }),
    search(hosting, '(mail=user@one.example)', { scope: 'sub', sizeLimit: 1, ...names }),
  ]),
  // Which entries come before the limit is each server's own affair, so these ask for a number that is exactly met.
  search(one, '(mail=chief@one.example)', { scope: 'sub', sizeLimit: 1, ...names }),
  search(user, all, { sizeLimit: 1, timeLimit: 1, ...names }),
  search(hosting, '(objectClass=JammVirtualDomain)', { scope: 'one', sizeLimit: 500, attributes: ['jvd', 'accountActive'] }),
  ...by('user', [
    search(user, all),
    search(people.neighbour.dn, all),
    search(hosting, '(userPassword=*)', { scope: 'sub', ...names }),
    search(hosting, '(!(userPassword=x))', { scope: 'sub', ...names }),
  ]),
  ...by('postmaster', [
    search(user, all, { attributes: ['userPassword', 'mail'] }),
    search(people.stranger.dn, all, { attributes: ['userPassword', 'mail'] }),
    search(hosting, '(userPassword=*)', { scope: 'sub', ...names }),
  ]),
];
