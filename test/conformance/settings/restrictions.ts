/** `restrict`, `readonly`, `lastmod off`, `hidden`, `require`, `allow` and `rootDSE`. */
import { add, bind, by, compare, modify, passwordModify, read, remove, rename, search, whoAmI } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const suffixes = ['dc=open', 'dc=readonly', 'dc=nosearch', 'dc=nowrite', 'dc=nobind', 'dc=authc', 'dc=bound', 'dc=nolastmod', 'dc=hidden'];
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
${database('dc=test', 'test')}
`,
  files: {
    'rootdse.ldif': 'dn:\nvendorName: Example Inc.\nvendorVersion: 1\n\ndn:\ndescription: a second one\nsupportedFeatures: 1.2.3.4\n',
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
