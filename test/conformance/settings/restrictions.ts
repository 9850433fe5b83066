/** `restrict`, `readonly`, `lastmod off`, `hidden`, `require`, `allow` and `rootDSE`. */
import {
  add,
  bind,
  by,
  compare,
  extended,
  modify,
  passwordModify,
  read,
  remove,
  rename,
  search,
  whoAmI,
} from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const suffixes = [
  'dc=open',
  'dc=readonly',
  'dc=nosearch',
  'dc=nowrite',
  'dc=nobind',
  'dc=authc',
  'dc=bound',
  'dc=nolastmod',
  'dc=hidden',
  'dc=nopasswd',
  'dc=noextended',
  'dc=strong',
  'dc=plainreads',
];
const operational = ['+'];

const changedAllTheSame = {
  because: 'slapd lets a new password be written where nothing may be',
  outcome: { code: 53, matchedDN: undefined },
} as const;

const everything = (suffix: string, isBound = true): Step[] => [
  read(suffix, ['1.1']),
  compare(suffix, 'objectClass', 'domain'),
  add(`ou=new,${suffix}`, unitEntry()),
  modify(suffix, [['replace', 'description', 'x']]),
  rename(`ou=new,${suffix}`, 'ou=renamed'),
  remove(`ou=renamed,${suffix}`),
  passwordModify({ user: suffix, new: 'x' }, isBound && suffix === 'dc=nowrite' ? { rather: changedAllTheSame } : {}),
  read(suffix, operational),
];

const heldBack = {
  because: 'slapd does not hold back Cancel and StartTLS where they are named',
  outcome: { code: 53 },
} as const;

/** What `restrict` for the whole server does to operations that touch no database. */
const untouched = (line: string): Step[] => [
  whoAmI(),
  extended('1.3.6.1.1.8', { hex: '3004020203e7' }, line.includes('=1.3.6.1.1.8') ? { rather: heldBack } : {}),
  extended('1.3.6.1.4.1.1466.20037', undefined, { either: [2, 1] }),
  extended('1.2.3.4'),
  passwordModify({ user: 'cn=p,dc=test', new: 'pw' }),
  search('', '(objectClass=*)', { attributes: ['1.1'] }),
  compare('', 'objectClass', 'top'),
];

const restrictedFor = (line: string): Setting => ({
  config: `${head}${line}\n${database('dc=test', 'test', 'access to * by * write')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ 'dc=test': domainEntry(), 'cn=p,dc=test': personEntry({ userPassword: ['pw'] }) }),
    bind('cn=p,dc=test', 'pw', { as: '#p' }),
    ...by('#root', untouched(line)),
    ...by('#p', untouched(line)),
    ...by('#nobody', untouched(line)),
    read('cn=p,dc=test', ['cn'], { as: '#p' }),
  ],
});

export const restrictedExtended = restrictedFor('restrict extended');
export const restrictedWhoAmI = restrictedFor('restrict extended=1.3.6.1.4.1.4203.1.11.3 extended=1.3.6.1.1.8');
export const restrictedPasswords = restrictedFor('restrict extended=1.3.6.1.4.1.4203.1.11.1 extended=1.3.6.1.4.1.1466.20037');

export const restrictions: Setting = {
  config: `${head}
rootDSE @FOLDER@/rootdse.ldif
allow update_anon bind_v2
${database('dc=open', 'open', 'access to dn.subtree="ou=wiki,dc=open" by * write\naccess to * by * read')}
${database('dc=readonly', 'readonly', 'readonly on')}
${database('dc=nosearch', 'nosearch', 'restrict search compare')}
${database('dc=nowrite', 'nowrite', 'restrict write')}
${database('dc=nobind', 'nobind', 'restrict bind')}
${database('dc=authc', 'authc', 'require authc')}
${database('dc=bound', 'bound', 'require bind LDAPv3')}
${database('dc=nolastmod', 'nolastmod', 'lastmod off')}
${database('dc=hidden', 'hidden', 'hidden on')}
${database('dc=nopasswd', 'nopasswd', 'restrict extended=1.3.6.1.4.1.4203.1.11.1')}
${database('dc=noextended', 'noextended', 'restrict extended')}
${database('dc=strong', 'strong', 'security ssf=128')}
${database('dc=plainreads', 'plainreads', 'security update_ssf=128')}
${database('dc=test', 'test')}
`,
  files: {
    'rootdse.ldif':
      'dn:\nvendorName: Example Inc.\nvendorVersion: 1\n\ndn:\ndescription: a second one\nsupportedFeatures: 1.2.3.4\n',
  },
  steps: [
    search('', '(objectClass=*)', { as: '#nobody', attributes: ['*', '+'] }),
    search('', '(description=a second one)', { as: '#nobody', attributes: ['vendorName'] }),
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      'dc=open': domainEntry(),
      'ou=wiki,dc=open': unitEntry(),
      'cn=p,dc=open': personEntry({ userPassword: ['pw'] }),
    }),
    ...suffixes.slice(1).map((suffix) => add(suffix, domainEntry(), { as: '#root' })),
    bind('cn=p,dc=open', 'pw', { as: '#p' }),
    ...suffixes.flatMap((suffix) => by('#root', everything(suffix))),
    ...suffixes.flatMap((suffix) => by('#p', everything(suffix))),
    ...suffixes.flatMap((suffix) => by('#nobody', everything(suffix, false))),
    ...by('#nobody', [
      add('cn=anon,ou=wiki,dc=open', personEntry()),
      modify('cn=anon,ou=wiki,dc=open', [['replace', 'description', 'x']]),
      read('cn=anon,ou=wiki,dc=open', ['*', 'creatorsName', 'modifiersName']),
      rename('cn=anon,ou=wiki,dc=open', 'cn=anon2'),
      remove('cn=anon2,ou=wiki,dc=open'),
      whoAmI(),
    ]),
    ...by('#v2', [bind('cn=p,dc=open', 'pw', { version: 2 }), read('dc=open', ['1.1']), read('dc=bound', ['1.1'])]),
  ],
};
