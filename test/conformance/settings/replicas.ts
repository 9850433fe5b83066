/** Databases that follow a provider: where those are sent who want to write. The provider is not there. */
import { add, compare, modify, passwordModify, read, remove, rename } from '../directed/steps.js';
import type { Asker, Step } from '../contestant.js';
import { database, domainEntry, head, unitEntry, type Setting } from './setting.js';

const syncrepl = (suffix: string, more = ''): string =>
  `syncrepl rid=001 provider=ldap://127.0.0.1:1 searchbase="${suffix}" type=refreshAndPersist retry="3600 +" ${more}\n`;

const writes = (suffix: string, as: Asker): Step[] => {
  const options = { as };
  return [
    add(`ou=new,${suffix}`, unitEntry(), options),
    add(suffix, domainEntry(), options),
    add(`ou=new,${suffix}`, { objectClass: ['organizationalUnit'], nosuch: ['x'] }, options),
    modify(`ou=new,${suffix}`, [['replace', 'description', 'x']], options),
    modify(`ou=new,${suffix}`, [['replace', 'nosuch', 'x']], options),
    rename(`ou=new,${suffix}`, 'ou=renamed', options),
    remove(`ou=Some One,${suffix}`, options),
    read(suffix, ['1.1'], options),
    compare(suffix, 'objectClass', 'domain', options),
  ];
};

const databases =
  database('dc=test', 'test', `${syncrepl('dc=test')}updateref ldap://one.example\nupdateref ldaps://two.example:6636/\n`) +
  database('dc=nowhere', 'nowhere', syncrepl('dc=nowhere')) +
  database('dc=readonly', 'readonly', `${syncrepl('dc=readonly')}updateref ldap://one.example/\nreadonly on\n`);

export const replicas: Setting = {
  config: `${head}${databases}`,
  steps: [
    ...['dc=test', 'dc=nowhere', 'dc=readonly'].flatMap((suffix) => [...writes(suffix, 'anonymous'), ...writes(suffix, '#root')]),
    passwordModify({ user: 'cn=x,dc=test', new: 'y' }, { as: '#root' }),
    passwordModify({ user: 'cn=x,dc=nowhere', new: 'y' }, { as: '#root' }),
    rename('ou=new,dc=test', 'ou=new', { as: '#root', newSuperior: 'dc=nowhere' }),
  ],
};

export const replicasOfOthers: Setting = {
  config: `${head}referral ldap://elsewhere.example\n${database('dc=test', 'test', syncrepl('dc=test'))}`,
  steps: [...writes('dc=test', 'anonymous'), ...writes('dc=test', '#root')],
};
