/** Controls: criticality, each control slapd has, wrong values; and extended requests. */
import { boolean, element, integer, octets, sequence } from '../../support/wire/ber.js';
import { encodeFilter } from '../../support/wire/filter.js';
import type { WireControl } from '../../support/wire/operation.js';
import { suffix } from '../../support/howto.js';
import { domainDn, people } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import {
  accountAttributes as account,
  add,
  bind,
  by,
  compare,
  domainAttributes,
  extended,
  modify,
  passwordModify,
  read,
  remove,
  rename,
  search,
  whoAmI,
} from './steps.js';

const domain = domainDn('controls.example');
const at = (local: string): string => `mail=${local}@controls.example,${domain}`;
const hex = (value: Buffer): { hex: string } => ({ hex: value.toString('hex') });
const control = (oid: string, critical: boolean, value?: Buffer): WireControl => ({
  oid,
  critical,
  ...(value === undefined ? {} : { value: hex(value) }),
});

const unknown = (critical: boolean): WireControl => control('1.2.3.4.5.6', critical);
const manageDsaIT = (critical: boolean, value?: Buffer): WireControl => control('2.16.840.1.113730.3.4.2', critical, value);
const paged = (size: number, cookie = '', critical = true): WireControl =>
  control('1.2.840.113556.1.4.319', critical, sequence(integer(size), octets(cookie)));
const assertion = (filter: string, critical = true): WireControl => control('1.3.6.1.1.12', critical, encodeFilter(filter));
const preRead = (...attributes: string[]): WireControl =>
  control('1.3.6.1.1.13.1', true, sequence(...attributes.map((attribute) => octets(attribute))));
const postRead = (...attributes: string[]): WireControl =>
  control('1.3.6.1.1.13.2', true, sequence(...attributes.map((attribute) => octets(attribute))));
const matchedValues = (...filters: string[]): WireControl =>
  control('1.2.826.0.1.3344810.2.3', true, sequence(...filters.map(encodeFilter)));
const proxied = (authzId: string, critical = true): WireControl =>
  control('2.16.840.1.113730.3.4.18', critical, Buffer.from(authzId));
const subentries = (visible: boolean): WireControl => control('1.3.6.1.4.1.4203.1.10.1', true, boolean(visible));
const noOp: WireControl = control('1.3.6.1.4.1.4203.666.5.2', true);
const relax: WireControl = control('1.3.6.1.4.1.4203.666.5.12', true);
const domainScope: WireControl = control('1.2.840.113556.1.4.1339', true);

const all = '(objectClass=*)';
const one = { scope: 'sub', attributes: ['1.1'] } as const;

export const controlSteps: readonly Step[] = [
  add(domain, domainAttributes()),
  ...['a', 'b', 'c', 'd', 'e'].map((local) => add(at(local), account({ description: [local, 'shared'] }))),

  read(domain, ['1.1'], { controls: [unknown(false)] }),
  read(domain, ['1.1'], { controls: [unknown(true)] }),
  add(at('x'), account(), { controls: [unknown(true)] }),
  modify(at('a'), [['add', 'cn', 'x']], { controls: [unknown(true)] }),
  remove(at('a'), { controls: [unknown(true)] }),
  rename(at('a'), 'mail=q', { controls: [unknown(true)] }),
  compare(at('a'), 'cn', 'x', { controls: [unknown(true)] }),
  whoAmI({ controls: [unknown(true)] }),
  whoAmI({ controls: [unknown(false)] }),
  ...by('#control', [
    bind(people.user.dn, people.user.password, { controls: [unknown(false)] }),
    bind(people.user.dn, people.user.password, { controls: [unknown(true)] }),
    whoAmI(),
    bind(people.user.dn, people.user.password, { controls: [manageDsaIT(false)] }),
    bind(people.user.dn, people.user.password, { controls: [manageDsaIT(true)] }),
    bind(people.user.dn, people.user.password, { controls: [paged(5)] }),
    whoAmI({ controls: [manageDsaIT(false)] }),
    whoAmI({ controls: [manageDsaIT(true)] }),
    whoAmI({ controls: [paged(5)] }),
  ]),
  read(domain, ['jvd'], { controls: [manageDsaIT(true)] }),
  read(domain, ['jvd'], { controls: [manageDsaIT(true, Buffer.from('x'))], either: [2] }),
  read(domain, ['jvd'], { controls: [manageDsaIT(false), manageDsaIT(false)] }),
  modify(at('a'), [['replace', 'cn', 'x']], { controls: [manageDsaIT(true)] }),
  modify(at('a'), [['replace', 'cn', 'x']], { controls: [paged(5)] }),
  modify(at('a'), [['replace', 'cn', 'x']], { controls: [paged(5, '', false)] }),

  search(domain, '(mail=*)', { ...one, controls: [paged(5)] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(50)] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(0)] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(2, 'forged-cookie')], either: [53, 2] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(2, '12345678')], either: [53, 2] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(-1)] }),
  search(domain, '(mail=*)', { ...one, controls: [control('1.2.840.113556.1.4.319', true)], either: [2] }),
  search(domain, '(mail=*)', { ...one, controls: [control('1.2.840.113556.1.4.319', true, Buffer.from('junk'))] }),
  search(domain, '(mail=*)', { ...one, controls: [paged(5), paged(5)] }),
  search(domain, all, { controls: [paged(1)], attributes: ['jvd'] }),
  search(domain, '(mail=none)', { ...one, controls: [paged(5)] }),
  search('dc=outside', all, { ...one, controls: [paged(5)] }),

  modify(at('a'), [['replace', 'cn', 'y']], { controls: [assertion('(description=a)')] }),
  modify(at('a'), [['replace', 'cn', 'z']], { controls: [assertion('(description=b)')] }),
  modify(at('a'), [['replace', 'cn', 'z']], { controls: [assertion('(noSuchAttribute=b)')] }),
  read(at('a'), ['cn'], { controls: [assertion('(description=b)')] }),
  read(at('a'), ['cn'], { controls: [assertion('(description=a)')] }),
  compare(at('a'), 'cn', 'y', { controls: [assertion('(description=b)')] }),
  remove(at('a'), { controls: [assertion('(description=b)')] }),
  rename(at('a'), 'mail=q@controls.example', { controls: [assertion('(description=b)')] }),
  add(at('asserted'), account(), { controls: [assertion('(mail=asserted@controls.example)')] }),
  add(at('asserted2'), account(), { controls: [assertion('(mail=other)')] }),
  modify(at('a'), [['replace', 'cn', 'z']], { controls: [control('1.3.6.1.1.12', true)] }),
  modify(at('a'), [['replace', 'cn', 'z']], { controls: [control('1.3.6.1.1.12', true, Buffer.from('junk'))], either: [2] }),

  modify(at('b'), [['replace', 'cn', 'new']], { controls: [preRead('cn', 'mail'), postRead('cn')] }),
  modify(at('b'), [['replace', 'cn', 'newer']], { controls: [preRead('cn'), postRead('*', '+')] }),
  modify(at('b'), [['replace', 'cn', 'newest']], { controls: [postRead()] }),
  modify(at('b'), [['replace', 'cn', 'newest']], { controls: [postRead('cn', 'noSuchAttribute')] }),
  modify(at('b'), [['replace', 'accountActive', 'x']], { controls: [preRead('cn')] }),
  add(at('read'), account(), { controls: [postRead('mail', 'entryDN')] }),
  add(at('read2'), account(), { controls: [preRead('mail')], either: [12, 0] }),
  rename(at('read'), 'mail=read3@controls.example', { controls: [preRead('mail'), postRead('mail', 'entryDN')] }),
  remove(at('read3'), { controls: [preRead('mail')] }),
  read(at('b'), ['cn'], { controls: [preRead('mail')] }),

  read(at('c'), ['description', 'mail'], { controls: [matchedValues('(description=c)')] }),
  read(at('c'), ['description', 'mail'], { controls: [matchedValues('(description=sha*)', '(mail=none)')] }),
  read(at('c'), undefined, { controls: [matchedValues('(objectClass=*)')] }),
  read(at('c'), ['description'], { controls: [matchedValues('(noSuchAttribute=*)')] }),
  read(at('c'), ['description'], {
    controls: [control('1.2.826.0.1.3344810.2.3', true, Buffer.from('junk'))],
    rather: { because: 'slapd overlooks that a critical control cannot be read', outcome: { code: 2, entries: undefined } },
  }),

  whoAmI({ controls: [proxied(`dn:${people.user.dn}`)] }),
  read(people.neighbour.dn, ['mail', 'userPassword'], { controls: [proxied(`dn:${people.user.dn}`)] }),
  read(people.user.dn, ['mail', 'userPassword'], { controls: [proxied('')] }),
  whoAmI({ controls: [proxied('')] }),
  whoAmI({ controls: [proxied('dn:nonsense')] }),
  whoAmI({ controls: [proxied('nonsense')] }),
  whoAmI({ controls: [proxied(`dn:${people.user.dn}`, false)] }),
  whoAmI({ as: 'user', controls: [proxied(`dn:${people.neighbour.dn}`)] }),
  whoAmI({ as: 'anonymous', controls: [proxied(`dn:${people.neighbour.dn}`)] }),

  search(domain, '(jvd=*)', { controls: [subentries(true)], ...one }),
  search(domain, '(jvd=*)', { controls: [subentries(false)], ...one }),
  search(domain, '(jvd=*)', { controls: [domainScope], ...one }),
  add(at('noop'), account(), { controls: [noOp] }),
  read(at('noop')),
  modify(at('d'), [['replace', 'cn', 'noop']], { controls: [noOp] }),
  read(at('d'), ['cn']),
  remove(at('d'), { controls: [noOp] }),
  read(at('d'), ['1.1'], { controls: [noOp] }),
  compare(at('d'), 'description', 'd', { controls: [noOp] }),
  whoAmI({ controls: [noOp] }),
  add(at('d'), account(), { controls: [noOp] }),
  add(at('noop'), account({ quota: ['1', '2'] }), { controls: [noOp] }),
  add(at('noop'), account(), { controls: [noOp, postRead('mail')] }),
  modify(at('d'), [['replace', 'cn', 'noop']], { controls: [noOp, preRead('cn'), postRead('cn')] }),
  modify(at('d'), [['replace', 'mailbox']], { controls: [noOp] }),
  modify(at('d'), [['replace', 'cn', 'noop']], { as: 'user', controls: [noOp] }),
  rename(at('d'), 'mail=noop@controls.example', { controls: [noOp] }),
  rename(at('d'), 'mail=e@controls.example', { controls: [noOp] }),
  rename(domain, 'jvd=noop.example', { controls: [noOp] }),
  remove(domain, { controls: [noOp] }),
  remove(at('nobody'), { controls: [noOp] }),
  passwordModify({ user: at('d'), new: 'noop' }, { controls: [noOp] }),
  search(domain, '(description=d)', { scope: 'sub', attributes: ['cn', 'mail', 'userPassword'] }),

  // Which is told first: that the assertion does not hold, or what else is wrong.
  ...['manager', 'user'].flatMap((as) => {
    const options = { as: as as 'manager' | 'user', controls: [assertion('(description=none)')] };
    return [
      add(at('d'), account(), options),
      add(at('new'), account(), options),
      add(at('new'), account({ quota: ['1', '2'] }), options),
      add(`mail=x,${at('nobody')}`, account(), options),
      modify(at('d'), [['replace', 'cn', 'x']], options),
      modify(at('d'), [['replace', 'mailbox']], options),
      modify(at('nobody'), [['replace', 'cn', 'x']], options),
      rename(at('d'), 'mail=d2@controls.example', options),
      rename(at('d'), 'mail=e@controls.example', options),
      rename(at('d'), 'mail=d@controls.example', { ...options, newSuperior: domainDn('nowhere.example') }),
      remove(at('d'), options),
      remove(domain, options),
      remove(at('nobody'), options),
      compare(at('d'), 'cn', 'x', options),
      compare(at('nobody'), 'cn', 'x', options),
      read(at('nobody'), ['cn'], options),
    ];
  }),
  compare(people.stranger.dn, 'userPassword', 'x', { as: 'user', controls: [assertion('(description=none)')] }),
  // What a critical pre- or post-read asks for is looked at before all else.
  modify(at('nobody'), [['replace', 'cn', 'x']], { controls: [preRead('noSuchAttribute')] }),
  modify(at('nobody'), [['replace', 'cn', 'x']], { controls: [postRead('noSuchAttribute')] }),
  rename('nonsense', 'mail=x', { controls: [preRead('noSuchAttribute')] }),
  remove('nonsense', { controls: [preRead('cn', 'noSuchAttribute')] }),
  add('nonsense', account(), { controls: [postRead('noSuchAttribute')] }),
  modify('nonsense', [['replace', 'cn', 'x']], { controls: [{ ...postRead('noSuchAttribute'), critical: false }] }),
  read(at('d'), ['1.1']),
  modify(at('d'), [['replace', 'description', 'relaxed']], { controls: [relax] }),
  add(at('relaxed'), account({ entryUUID: ['11111111-2222-3333-4444-555555555555'] }), { controls: [relax] }),
  modify(people.user.dn, [['replace', 'description', 'relaxed']], { as: 'user', controls: [relax] }),
  // Relax by those who may write and not manage.
  ...[relax, { ...relax, critical: false }].flatMap((wanted) =>
    by('postmaster', [
      modify(people.neighbour.dn, [['replace', 'description', 'relaxed']], { controls: [wanted] }),
      modify(`mail=nobody,${domainDn('one.example')}`, [['replace', 'description', 'relaxed']], { controls: [wanted] }),
      modify(people.neighbour.dn, [['replace', 'creatorsName', 'cn=x']], { controls: [wanted] }),
      add(`mail=relaxed@one.example,${domainDn('one.example')}`, account(), { controls: [wanted] }),
      add(
        `mail=relaxed2@one.example,${domainDn('one.example')}`,
        account({ entryUUID: ['11111111-2222-3333-4444-555555555555'] }),
        { controls: [wanted] },
      ),
      rename(`mail=relaxed@one.example,${domainDn('one.example')}`, 'mail=relaxed3@one.example', { controls: [wanted] }),
      rename(`mail=relaxed@one.example,${domainDn('one.example')}`, 'mail=relaxed3@one.example', {
        controls: [wanted],
        newSuperior: domainDn('one.example'),
      }),
      rename(`mail=relaxed@one.example,${domainDn('one.example')}`, 'mail=relaxed3@one.example', {
        controls: [wanted],
        newSuperior: domainDn('nowhere.example'),
      }),
      rename(`mail=nobody,${domainDn('one.example')}`, 'mail=relaxed3@one.example', { controls: [wanted] }),
      rename(domainDn('one.example'), 'jvd=relaxed', { controls: [wanted] }),
      remove(`mail=nobody,${domainDn('one.example')}`, { controls: [wanted] }),
      remove(`mail=relaxed@one.example,${domainDn('one.example')}`, { controls: [wanted] }),
      remove(`mail=relaxed@one.example,${domainDn('one.example')}`),
    ]),
  ),
  modify(people.neighbour.dn, [['replace', 'description']], { as: 'postmaster' }),
  search(suffix, all, { controls: [unknown(false), manageDsaIT(true), domainScope], attributes: ['dc'] }),

  extended('1.2.3.4'),
  extended('1.2.3.4', 'value'),
  extended('nonsense'),
  extended(''),
  extended('1.3.6.1.4.1.1466.20037', undefined, { as: 'anonymous', either: [2, 52, 1] }),
  whoAmI({ as: 'anonymous' }),
  extended('1.3.6.1.4.1.4203.1.11.3', 'value', { either: [2] }),
  extended('1.3.6.1.1.8', hex(sequence(integer(999)))),
  extended('1.3.6.1.1.8'),
  extended('1.3.6.1.1.8', hex(element(0x30))),
];
