/** What Jamm's web interface does: creating, changing and deleting a domain, byte for byte in its manner. */
import { hosting, manager } from '../../support/howto.js';
import { domainDn, ssha } from '../../support/hosting-tree.js';
import type { WireControl } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import {
  accountAttributes as account,
  add,
  bind,
  by,
  domainAttributes,
  modify,
  passwordModify,
  read,
  remove,
  search,
} from './steps.js';

const domain = domainDn('jamm.example');
const loose = domain.replaceAll(',', ', ');
const group = `cn=postmaster,${loose}`;
const user = `mail=jd@jamm.example,${loose}`;
const hash = ssha('jd-pw');
const jndi: { controls: readonly WireControl[] } = { controls: [{ oid: '2.16.840.1.113730.3.4.2', critical: false }] };
const groupAttributes = {
  objectClass: ['top', 'JammPostmaster', 'JammMailAlias'],
  roleOccupant: [group],
  mail: ['postmaster@jamm.example'],
  maildrop: ['postmaster'],
  accountActive: ['TRUE'],
  lastChange: ['1020000000'],
};

export const jammSteps: readonly Step[] = [
  ...by('#jamm', [
    search(hosting.replaceAll(',', ', '), '(&(objectClass=JammVirtualDomain)(jvd=jamm.example))', { scope: 'sub', deref: 3 }),
    bind(manager.replaceAll(',', ', '), 'secret', jndi),
    read(manager, undefined, jndi),
    add(loose, domainAttributes({ postfixTransport: ['virtual:'] }), jndi),
    add(group, groupAttributes, jndi),
    add(
      `mail=abuse@jamm.example,${loose}`,
      { ...groupAttributes, objectClass: ['top', 'JammMailAlias'], roleOccupant: [], mail: ['abuse@jamm.example'] },
      jndi,
    ),
    add(
      `mail=abuse@jamm.example,${loose}`,
      {
        objectClass: ['top', 'JammMailAlias'],
        mail: ['abuse@jamm.example'],
        maildrop: ['postmaster'],
        accountActive: ['TRUE'],
        lastChange: ['1020000000'],
      },
      jndi,
    ),
    add(user, account({ mail: ['jd@jamm.example'], userPassword: [hash] }), jndi),
    modify(user, [['replace', 'quota']], jndi),
    modify(
      user,
      [
        ['replace', 'lastChange', '1020000001'],
        ['replace', 'accountActive', 'FALSE'],
        ['replace', 'accountActive', 'TRUE'],
      ],
      jndi,
    ),
    modify(group, [['replace', 'roleOccupant', group, user]], jndi),
    read(group, ['roleOccupant'], jndi),
    search(loose, '(objectClass=*)', { scope: 'one', deref: 3, ...jndi }),
    search(hosting, `(&(objectClass=JammPostmaster)(roleOccupant=${user}))`, {
      scope: 'sub',
      attributes: ['roleOccupant'],
      deref: 3,
      ...jndi,
    }),
    passwordModify({ user, new: 'new-pw' }, jndi),
  ]),
  ...by('#jamm-user', [
    bind(user, 'jd-pw', jndi),
    bind(user, 'new-pw', jndi),
    read(user, undefined, jndi),
    search(hosting, '(mail=jd*)', { scope: 'sub', deref: 3, ...jndi }),
    add(`mail=added@jamm.example,${loose}`, account({ mail: ['added@jamm.example'] }), jndi),
    modify(loose, [['replace', 'editAccounts', 'FALSE']], jndi),
    remove(`mail=added@jamm.example,${domain}`, jndi),
    remove(loose, jndi),
  ]),
  ...by('#jamm', [
    search(loose, '(objectClass=*)', { scope: 'one', attributes: ['1.1'], ...jndi }),
    remove(group, jndi),
    remove(`mail=abuse@jamm.example,${loose}`, jndi),
    remove(user, jndi),
    remove(loose, jndi),
    read(loose, undefined, jndi),
  ]),
];
