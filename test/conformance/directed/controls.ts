/** Controls: criticality, each control slapd has, wrong values; and extended requests. */
import { boolean, element, integer, octets, sequence } from '../../support/wire/ber.js';
import { encodeFilter } from '../../support/wire/filter.js';
import type { WireControl } from '../../support/wire/operation.js';
import { suffix } from '../../support/howto.js';
import { domainDn, people } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { accountAttributes as account, add, bind, by, compare, domainAttributes, extended, modify, read, remove, rename, search, whoAmI } from './steps.js';

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
const proxied = (authzId: string, critical = true): WireControl => control('2.16.840.1.113730.3.4.18', critical, Buffer.from(authzId));
const subentries = (visible: boolean): WireControl => control('1.3.6.1.4.1.4203.1.10.1', true, boolean(visible));
const noOp: WireControl = control('1.3.6.1.4.1.4203.1.10.2', true);
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
  read(at('d'), ['1.1']),
  modify(at('d'), [['replace', 'description', 'relaxed']], { controls: [relax] }),
  add(at('relaxed'), account({ entryUUID: ['11111111-2222-3333-4444-555555555555'] }), { controls: [relax] }),
  modify(people.user.dn, [['replace', 'description', 'relaxed']], { as: 'user', controls: [relax] }),
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
