/** Modify DN: in place, with and without the old value, of whole trees, and everywhere it must not go. */
import { hosting, suffix } from '../../support/howto.js';
import { domainDn } from '../../support/hosting-tree.js';
import type { Step } from '../contestant.js';
import { secondSuffix } from '../servers.js';
import { accountAttributes as account, add, domainAttributes, person, read, remove, rename, search, unit } from './steps.js';

const domain = domainDn('rename.example');
const other = domainDn('rename2.example');
const at = (local: string, where = domain): string => `mail=${local}@rename.example,${where}`;
const ou = `ou=rename,${suffix}`;
const tree = (base: string): Step => search(base, '(objectClass=*)', { scope: 'sub', attributes: ['*', 'entryDN', 'hasSubordinates'] });

export const renameSteps: readonly Step[] = [
  add(domain, domainAttributes()),
  add(other, domainAttributes()),
  add(at('a'), account()),
  add(at('b'), account()),

  rename(at('a'), 'mail=c@rename.example'),
  read(at('a')),
  read(at('c'), ['*', 'entryDN', 'structuralObjectClass', 'modifiersName', 'creatorsName']),
  rename(at('c'), 'mail=d@rename.example', { deleteOldRDN: false }),
  read(at('d'), ['mail']),
  rename(at('d'), 'mail=D@Rename.example'),
  read(at('d'), ['mail']),
  rename(at('d'), 'mail=d@rename.example', { deleteOldRDN: false }),
  read(at('d'), ['mail']),
  rename(at('d'), 'mail=b@rename.example'),
  rename(at('d'), 'mail=B@RENAME.example'),
  rename(at('d'), 'cn=D'),
  read(`cn=D,${domain}`, ['mail', 'cn']),
  rename(`cn=D,${domain}`, 'cn=E', { deleteOldRDN: true }),
  read(`cn=e,${domain}`, ['mail', 'cn']),
  rename(`cn=E,${domain}`, 'mail=c@rename.example+cn=E'),
  read(`cn=E+mail=C@rename.example,${domain}`, ['*']),
  rename(`cn=E+mail=c@rename.example,${domain}`, 'cn=E'),
  read(`cn=E,${domain}`, ['mail', 'cn']),
  rename(`cn=E,${domain}`, 'mail=e@rename.example'),
  rename(at('e'), 'quota=9'),
  rename(`quota=9,${domain}`, 'quota=10', { deleteOldRDN: false }),
  rename(`quota=9,${domain}`, 'quota=10'),
  rename(`quota=10,${domain}`, 'mail=e@rename.example'),
  read(at('e'), ['*']),
  rename(at('e'), 'jvd=x'),
  rename(at('e'), 'foo=bar'),
  rename(at('e'), 'mail='),
  rename(at('e'), ''),
  rename(at('e'), 'mail=x,mail=y'),
  rename(at('e'), 'nonsense'),
  rename(at('e'), 'accountActive=yes', { either: [21, 34] }),
  rename(at('e'), 'lastChange=77', { either: [18, 64, 0, 34] }),
  rename(at('e'), 'mail=é@rename.example'),
  rename(at('e'), `mail=f@rename.example`, { newSuperior: 'nonsense' }),
  rename(at('e'), `mail=f@rename.example`, { newSuperior: '' }, ),
  rename(at('e'), `mail=f@rename.example`, { newSuperior: 'dc=outside', either: [71, 32, 53] }),
  rename(at('e'), `mail=f@rename.example`, { newSuperior: secondSuffix, either: [71, 53] }),
  rename(at('e'), `mail=f@rename.example`, { newSuperior: domainDn('nowhere.example') }),
  rename(at('e'), `mail=e@rename.example`, { newSuperior: other }),
  read(at('e')),
  read(at('e', other), ['mail', 'entryDN']),
  rename(at('e', other), 'mail=b@rename.example', { newSuperior: domain }),
  rename(at('e', other), 'mail=f@rename.example', { newSuperior: domain.toUpperCase() }),
  read(at('f'), ['mail']),
  rename(at('f'), 'mail=f@rename.example', { newSuperior: domain }),
  rename(at('nobody'), 'mail=x@rename.example'),
  rename(`mail=x,${domainDn('nowhere.example')}`, 'mail=y', {
    rather: { because: 'slapd names no matched DN where the parent is missing too', outcome: { matchedDN: hosting } },
  }),
  rename('dc=outside', 'dc=x', { either: [32, 53] }),
  rename('', 'dc=x', { either: [53, 32] }),
  rename('nonsense', 'dc=x'),
  rename(suffix, 'dc=other', { either: [53, 71] }),

  add(ou, unit()),
  add(`ou=a,${ou}`, unit()),
  add(`ou=b,ou=a,${ou}`, unit()),
  add(`cn=leaf,ou=b,ou=a,${ou}`, person()),
  add(`ou=target,${ou}`, unit()),
  rename(`ou=a,${ou}`, 'ou=a', { newSuperior: `ou=b,ou=a,${ou}`, either: [53] }),
  rename(`ou=a,${ou}`, 'ou=a', { newSuperior: `ou=a,${ou}`, either: [53] }),
  rename(`ou=a,${ou}`, 'ou=moved', { newSuperior: `ou=target,${ou}` }),
  tree(ou),
  rename(`ou=moved,ou=target,${ou}`, 'ou=A2', { newSuperior: ou }),
  tree(ou),
  rename(`ou=A2,${ou}`, 'ou=a3'),
  tree(ou),
  search(`ou=a3,${ou}`, '(entryDN:dnSubtreeMatch:=' + `ou=b,ou=a3,${ou}` + ')', { scope: 'sub', attributes: ['1.1'] }),
  remove(`cn=leaf,ou=b,ou=a,${ou}`),
  remove(`cn=leaf,ou=b,ou=a3,${ou}`),
  rename(domain, 'jvd=renamed.example'),
  search(hosting, '(jvd=rename*)', { scope: 'one', attributes: ['jvd'] }),
  rename(domainDn('renamed.example'), 'jvd=rename.example'),

  rename(at('b'), 'mail=g@rename.example', { as: 'anonymous', either: [50] }),
  rename(at('b'), 'mail=g@rename.example', { as: 'user' }),
  rename(at('b'), 'mail=f@rename.example', { as: 'user', either: [50] }),
  rename(at('nobody'), 'mail=g@rename.example', { as: 'user' }),
];
