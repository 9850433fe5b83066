/** Access rules that speak of the connection, of sets, of single values and of other identities. */
import { add, bind, by, compare, modify, read, rename, search } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const who = (name: string): string => `cn=${name},dc=test`;
const asA = (authzId: string): { controls: { oid: string; critical: boolean; value: string }[] } => ({
  controls: [{ oid: '2.16.840.1.113730.3.4.18', critical: true, value: authzId }],
});

/** Each subject tries the same on each object. */
const objects = [
  'ssf',
  'peer',
  'otherpeer',
  'sock',
  'url',
  'set',
  'setattr',
  'dnattr',
  'real',
  'filter-yes',
  'filter-no',
  'continue',
  'break',
  'plus',
  'none',
  'manage',
  'expand',
  'selfwrite',
];

const tries = (options: { controls?: { oid: string; critical: boolean; value: string }[] } = {}): Step[] =>
  objects.flatMap((name) => [
    read(`ou=${name},dc=test`, ['ou', 'description', 'seeAlso', 'businessCategory'], options),
    compare(`ou=${name},dc=test`, 'businessCategory', 'one', options),
    search(`ou=${name},dc=test`, '(businessCategory=two)', { ...options, attributes: ['ou'] }),
    search(`ou=${name},dc=test`, '(!(businessCategory=two))', { ...options, attributes: ['ou'] }),
    modify(`ou=${name},dc=test`, [['replace', 'description', 'new']], options),
    modify(`ou=${name},dc=test`, [['add', 'businessCategory', 'three']], options),
    modify(`ou=${name},dc=test`, [['delete', 'businessCategory', 'three']], options),
  ]);

const relax = [{ oid: '1.3.6.1.4.1.4203.666.5.12', critical: true }];
const relaxedValues = {
  structuralObjectClass: 'organization',
  entryCSN: '20200101000000.000000Z#000000#000#000000',
  entryUUID: '11111111-2222-3333-4444-555555555555',
  modifyTimestamp: '20200101000000Z',
  hasSubordinates: 'TRUE',
  entryDN: 'ou=x,dc=test',
  subschemaSubentry: 'cn=x',
};

const subjects = ['a', 'b', 'member', 'owner'];

export const rules: Setting = {
  config: `${head}authz-policy any
${database(
  base,
  'test',
  `
access to dn.exact="ou=ssf,dc=test" by ssf=1 write by * read
access to dn.exact="ou=peer,dc=test" by peername.ip=127.0.0.1 users write by * none
access to dn.exact="ou=otherpeer,dc=test" by peername.ip=10.0.0.0%255.0.0.0 write
  by peername.regex="^IP=127\\.0\\.0\\.1:.*" search by * none
access to dn.exact="ou=sock,dc=test" by sockname.regex="^IP=127\\.0\\.0\\.1:[0-9]+$" users write by * none
access to dn.exact="ou=url,dc=test" by sockurl.regex="^ldap://127\\.0\\.0\\.1:[0-9]+/$" users write by * none
access to dn.exact="ou=set,dc=test" by set="user & [cn=group,dc=test]/member" write by * compare
access to dn.exact="ou=setattr,dc=test" by set="this/seeAlso & user" write by set="user/sn & [B]" read by * auth
access to dn.exact="ou=dnattr,dc=test" by dnattr=seeAlso write by * search
access to dn.exact="ou=real,dc=test" by realdn.exact="cn=a,dc=test" write by realanonymous none by realusers read
access to dn.exact="ou=filter-yes,dc=test" filter="(description=old)" by users write by * read
access to dn.exact="ou=filter-no,dc=test" filter="(description=other)" by users write
access to dn.exact="ou=continue,dc=test" by users =r continue by dn.exact="cn=b,dc=test" +wscx break by * +s
access to dn.exact="ou=break,dc=test" by users =rscxd break by * none
access to dn.exact="ou=break,dc=test" attrs=description by dn.exact="cn=a,dc=test" +w by * +0
access to dn.exact="ou=break,dc=test" by * +x
access to dn.exact="ou=plus,dc=test" attrs=businessCategory val.regex="^t" by * none
access to dn.exact="ou=plus,dc=test" attrs=entry,@organizationalUnit by users =azrsc by * read
access to dn.exact="ou=none,dc=test" by * none
access to dn.exact="ou=manage,dc=test" by dn.exact="cn=owner,dc=test" manage by * read
access to dn.regex="^ou=(exp)(and),dc=(test)$" by dn.exact,expand="cn=b,dc=$3" write by * read
access to dn.exact="ou=selfwrite,dc=test" attrs=seeAlso by users selfwrite by * read
access to dn.exact="ou=selfwrite,dc=test" by * read
access to attrs=userPassword by * auth
access to dn.subtree="ou=add,dc=test" attrs=children,entry by users write
access to dn.subtree="ou=add,dc=test" attrs=description val="no" by * none
access to dn.subtree="ou=add,dc=test" by users write
access to * by * read
add_content_acl on
`,
)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [who('a')]: personEntry({ userPassword: ['pw'] }),
      [who('b')]: personEntry({ userPassword: ['pw'], sn: ['B'], authzFrom: ['dn:cn=a,dc=test'] }),
      [who('member')]: personEntry({ userPassword: ['pw'] }),
      [who('owner')]: personEntry({ userPassword: ['pw'] }),
      'cn=group,dc=test': { objectClass: ['groupOfNames'], member: [who('member')] },
      ...Object.fromEntries(
        objects.map((name) => [
          `ou=${name},dc=test`,
          unitEntry({ description: ['old'], businessCategory: ['one', 'two'], seeAlso: [who('owner')] }),
        ]),
      ),
      'ou=add,dc=test': unitEntry(),
    }),
    ...by('#nobody', tries()),
    ...subjects.flatMap((name) => by(`#${name}`, [bind(who(name), 'pw'), ...tries()])),
    ...by('#a', tries(asA(`dn:${who('b')}`))),
    ...by('#a', tries(asA('dn:'))),
    ...by('#b', [
      modify('ou=selfwrite,dc=test', [['add', 'seeAlso', who('b')]]),
      modify('ou=selfwrite,dc=test', [['add', 'seeAlso', who('a')]]),
      modify('ou=selfwrite,dc=test', [['delete', 'seeAlso', who('b')]]),
      modify('ou=selfwrite,dc=test', [['delete', 'seeAlso', who('owner')]]),
      add('ou=yes,ou=add,dc=test', unitEntry({ description: ['yes'] })),
      add('ou=no,ou=add,dc=test', unitEntry({ description: ['no'] })),
      rename('ou=yes,ou=add,dc=test', 'ou=yes2'),
      read('ou=yes2,ou=add,dc=test'),
    ]),
    ...by('#owner', [
      modify('ou=manage,dc=test', [['replace', 'creatorsName', who('owner')]], { controls: relax }),
      modify('ou=manage,dc=test', [['replace', 'creatorsName', who('owner')]]),
      modify('ou=none,dc=test', [['replace', 'creatorsName', who('owner')]], { controls: relax }),
      ...Object.entries(relaxedValues).map(([type, value]) =>
        modify('ou=manage,dc=test', [['replace', type, value]], { controls: relax }),
      ),
      modify(
        'ou=manage,dc=test',
        [
          ['replace', 'objectClass', 'organization'],
          ['add', 'o', 'x'],
          ['delete', 'ou'],
        ],
        { controls: relax },
      ),
      read('ou=manage,dc=test', ['creatorsName', 'modifiersName', 'objectClass', 'structuralObjectClass']),
    ]),
  ],
};
