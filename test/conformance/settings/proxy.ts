/** Proxied Authorization (RFC 4370) as `authz-policy`, authzTo and authzFrom allow it. */
import { bind, by, read, whoAmI } from '../directed/steps.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, type Setting } from './setting.js';

const base = 'dc=test';
const who = (name: string): string => `cn=${name},dc=test`;
const proxied = (authzId: string, critical = true): { controls: { oid: string; critical: boolean; value: string }[] } => ({
  controls: [{ oid: '2.16.840.1.113730.3.4.18', critical, value: authzId }],
});
const wanted = [
  '',
  'dn:',
  `dn:${who('a')}`,
  `dn:${who('b')}`,
  `DN: cn = B , dc=test`,
  `dn:cn=in,${who('b')}`,
  `dn:${who('gone')}`,
  'dn:dc=elsewhere',
  `dn:${root}`,
  'u:a',
  'u:',
  'dn:=',
  'nonsense',
];

const rules = (authzTo: string[], authzFrom: string[] = []): Record<string, string[]> => ({
  userPassword: ['pw'],
  ...(authzTo.length === 0 ? {} : { authzTo }),
  ...(authzFrom.length === 0 ? {} : { authzFrom }),
});

const people: Readonly<Record<string, Record<string, string[]>>> = {
  a: rules([]),
  b: rules([], [`dn:${who('a')}`]),
  exact: rules([`dn.exact:${who('b')}`]),
  plain: rules([`dn:${who('b')}`]),
  subtree: rules([`dn.subtree:${who('b')}`]),
  children: rules([`dn.children:${who('b')}`]),
  one: rules([`dn.onelevel:${base}`]),
  everyone: rules(['dn:*']),
  filter: rules([`ldap:///${base}??one?(sn=B)`]),
  filterSub: rules([`ldap:///${base}??sub?(cn=in)`]),
  filterBase: rules([`ldap:///${who('b')}??base?`]),
  byGroup: rules([`group:cn=group,dc=test`]),
  groupClass: rules([`group/groupOfNames/member:cn=group,dc=test`]),
  hidden: rules([`dn.exact:${who('b')}`]),
  regexPlain: rules(['dn.regex:^cn=b,dc=test$']),
};

const steps: Step[] = [
  bind(root, rootPassword, { as: '#root' }),
  ...tree({
    [base]: domainEntry(),
    ...Object.fromEntries(
      Object.entries(people).map(([name, fields]) => [who(name), personEntry({ ...fields, sn: [name === 'b' ? 'B' : 'S'] })]),
    ),
    [`cn=in,${who('b')}`]: personEntry(),
    'cn=group,dc=test': { objectClass: ['groupOfNames'], member: [who('b')] },
  }),
  ...Object.keys(people).flatMap((name) =>
    by(`#${name}`, [
      bind(who(name), 'pw'),
      ...wanted.map((authzId) =>
        name === 'regexPlain' && /b,dc=test|B , dc=test/.test(authzId)
          ? {
              ...whoAmI(proxied(authzId)),
              ...(/^dn:cn=b|^DN:/.test(authzId)
                ? {
                    rather: {
                      because: 'a user may write an authzTo, and an expression could hold the server up',
                      outcome: { code: 123, responseValue: undefined },
                    },
                  }
                : {}),
            }
          : whoAmI(proxied(authzId)),
      ),
    ]),
  ),
  ...by(
    '#nobody',
    wanted.map((authzId) => whoAmI(proxied(authzId))),
  ),
  ...by('#root', [
    ...wanted.map((authzId) => whoAmI(proxied(authzId))),
    whoAmI(proxied(`dn:${who('b')}`, false)),
    read(who('a'), ['userPassword', 'cn'], proxied(`dn:${who('b')}`)),
    read(who('a'), ['userPassword', 'cn'], proxied(`dn:${who('a')}`)),
    read(who('a'), ['userPassword', 'cn'], proxied('')),
  ]),
];

const directives = [
  'access to dn.exact="cn=hidden,dc=test" attrs=authzTo by * none',
  'access to attrs=userPassword by self read by anonymous auth',
  'access to * by * read',
].join('\n');

const configFor = (policy: string): string => `${head}authz-policy ${policy}\n${database(base, 'test', directives)}`;

export const proxyAny: Setting = { config: configFor('any'), steps };
export const proxyAll: Setting = { config: configFor('all'), steps };
