/** `ppolicy`: lockout, expiry, history and quality of passwords, step by step on both servers. */
import type { WireControl } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import { add, bind, by, compare, modify, passwordModify, read, remove, rename, search, whoAmI } from '../directed/steps.js';
import { database, domainEntry, head, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const asked: { controls: readonly WireControl[] } = { controls: [{ oid: '1.3.6.1.4.1.42.2.27.8.5.1' }] };
const usable: { controls: readonly WireControl[] } = { controls: [{ oid: '1.3.6.1.4.1.42.2.27.9.5.8' }] };

const access = `access to attrs=userPassword by dn="cn=admin,${base}" manage by self write by dn="cn=helper,${base}" write by * auth
access to * by dn="cn=admin,${base}" manage by self write by * read
`;

const config = (more: string, forDatabase = ''): string =>
  head.replace('moduleload back_mdb\n', 'moduleload back_mdb\nmoduleload ppolicy\n') +
  database(base, 'test', `index objectClass eq\n${forDatabase}${access}overlay ppolicy\n${more}`);

const person = (
  name: string,
  password: string,
  more: Record<string, readonly string[]> = {},
): Record<string, readonly string[]> => ({
  objectClass: ['inetOrgPerson'],
  sn: ['S'],
  uid: [name],
  userPassword: [password],
  ...more,
});

const policy = (fields: Record<string, string>): Record<string, readonly string[]> => ({
  objectClass: ['device', 'pwdPolicy'],
  pwdAttribute: ['userPassword'],
  ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value]])),
});

const user = (name: string): string => `cn=${name},${base}`;
const policyDN = (name: string): string => `cn=${name},ou=policies,${base}`;
const has = (name: string): Record<string, readonly string[]> => ({ pwdPolicySubentry: [policyDN(name)] });

const state = [
  'userPassword',
  'pwdChangedTime',
  'pwdAccountLockedTime',
  'pwdAccountTmpLockoutEnd',
  'pwdFailureTime',
  'pwdGraceUseTime',
  'pwdHistory',
  'pwdReset',
  'modifiersName',
];
const look = (name: string): Step => read(user(name), state, { as: '#root' });
const fail = (name: string, options: Partial<Parameters<typeof bind>[2]> = asked): Step =>
  bind(user(name), 'wrong', { as: '#guess', ...options });
const enter = (name: string, password: string, options: Partial<Parameters<typeof bind>[2]> = asked): Step =>
  bind(user(name), password, { as: '#user', ...options });

const start: readonly Step[] = [
  bind(root, rootPassword, { as: '#root' }),
  ...tree({
    [base]: domainEntry(),
    [`ou=policies,${base}`]: unitEntry(),
    [policyDN('standard')]: policy({
      pwdLockout: 'TRUE',
      pwdMaxFailure: '3',
      pwdInHistory: '2',
      pwdCheckQuality: '2',
      pwdMinLength: '5',
      pwdMaxLength: '12',
      pwdMaxAge: '1000',
      pwdExpireWarning: '1',
    }),
    [policyDN('short')]: policy({
      pwdLockout: 'TRUE',
      pwdMaxFailure: '2',
      pwdLockoutDuration: '1',
      pwdFailureCountInterval: '1',
    }),
    [policyDN('grace')]: policy({ pwdMaxAge: '1', pwdGraceAuthnLimit: '2', pwdMustChange: 'TRUE' }),
    [policyDN('strict')]: policy({ pwdSafeModify: 'TRUE', pwdAllowUserChange: 'FALSE' }),
    [policyDN('safe')]: policy({ pwdSafeModify: 'TRUE', pwdMinAge: '1000', pwdMustChange: 'TRUE' }),
    [policyDN('recorded')]: policy({ pwdMaxRecordedFailure: '2' }),
    [user('admin')]: person('admin', 'admin'),
    [user('helper')]: person('helper', 'helper'),
    [user('a')]: person('a', 'secret-a'),
    [user('b')]: person('b', 'secret-b', has('short')),
    [user('c')]: person('c', 'secret-c', has('grace')),
    [user('d')]: person('d', 'secret-d', has('strict')),
    [user('e')]: person('e', 'secret-e', has('safe')),
    [user('g')]: person('g', 'secret-g', has('nothing')),
    [user('h')]: person('h', 'secret-h', has('recorded')),
    [user('i')]: person('i', 'secret-i', { pwdReset: ['TRUE'], ...has('safe') }),
  }),
  bind(user('admin'), 'admin', { as: '#admin' }),
];

export const lockout: Setting = {
  config: config(`ppolicy_default ${policyDN('standard')}\nppolicy_use_lockout\n`),
  steps: [
    ...start,
    read(policyDN('standard'), undefined, { as: '#root' }),
    enter('a', 'secret-a'),
    look('a'),
    fail('a'),
    look('a'),
    enter('a', 'secret-a', {}),
    look('a'),
    fail('a'),
    fail('a'),
    fail('a'),
    look('a'),
    fail('a'),
    enter('a', 'secret-a'),
    enter('a', 'secret-a', {}),
    read(user('a'), ['cn'], { as: '#root', ...usable }),
    look('a'),
    // Unlocked by hand: the failures are forgotten as well.
    modify(user('a'), [['delete', 'pwdAccountLockedTime']], { as: '#root' }),
    look('a'),
    enter('a', 'secret-a'),
    modify(user('a'), [['add', 'pwdAccountLockedTime', '000001010000Z']], { as: '#root' }),
    enter('a', 'secret-a'),
    passwordModify({ user: user('a'), new: 'another' }, { as: '#root' }),
    look('a'),
    enter('a', 'another'),
    // A lock that runs out.
    fail('b'),
    fail('b'),
    look('b'),
    enter('b', 'secret-b'),
    enter('b', 'secret-b', { afterMs: 2_100 }),
    look('b'),
    fail('b'),
    fail('b', { afterMs: 2_100 }),
    look('b'),
    // A policy that is not there, and one that only records.
    fail('g'),
    look('g'),
    enter('g', 'secret-g'),
    fail('h'),
    fail('h'),
    fail('h'),
    look('h'),
    fail('admin'),
    enter('nobody', 'x'),
    bind(root, 'wrong', { as: '#guess', ...asked }),
    bind(root, rootPassword, { as: '#guess', ...asked }),
    modify(user('a'), [['replace', 'pwdFailureTime', '20260101000000Z']], { as: '#root' }),
    modify(user('a'), [['replace', 'pwdChangedTime', '20260101000000Z']], { as: '#root' }),
    modify(user('a'), [['replace', 'pwdChangedTime', '20260101000000Z']], {
      as: '#root',
      controls: [{ oid: '1.3.6.1.4.1.4203.666.5.12', critical: true }],
    }),
    enter('a', 'another'),
    look('a'),
    modify(user('a'), [['replace', 'pwdStartTime', '20990101000000Z']], { as: '#root' }),
    enter('a', 'another'),
    modify(
      user('a'),
      [
        ['replace', 'pwdEndTime', '20200101000000Z'],
        ['delete', 'pwdStartTime'],
      ],
      { as: '#root' },
    ),
    enter('a', 'another'),
    search(base, '(objectClass=pwdPolicy)', { scope: 'sub', attributes: ['pwdAttribute'], as: '#root' }),
  ],
};

/** Left as they are by whoever may not do anything else. */
const mayNot = (as: '#user'): Step[] =>
  by(as, [
    read(user('a'), ['cn'], {}),
    compare(user('a'), 'sn', 'S'),
    add(`cn=new,${base}`, person('new', 'x'), asked),
    remove(user('a')),
    modify(user('c'), [['replace', 'description', 'x']], asked),
    whoAmI(),
    read('', ['objectClass']),
  ]);

export const expiry: Setting = {
  config: config(`ppolicy_default ${policyDN('standard')}\nppolicy_send_netscape_controls on\nppolicy_use_lockout off\n`),
  steps: [
    ...start,
    look('c'),
    { ...enter('c', 'secret-c'), afterMs: 2_100 },
    enter('c', 'secret-c', {}),
    look('c'),
    read(user('c'), ['cn'], { as: '#root', ...usable }),
    bind(user('c'), 'secret-c', { as: '#expired', ...asked }),
    bind(user('c'), 'secret-c', { as: '#expired' }),
    // An administrator's password must be changed, and nothing else be done before.
    modify(user('c'), [['replace', 'userPassword', 'given']], { as: '#admin' }),
    look('c'),
    enter('c', 'given', {}),
    enter('c', 'given'),
    ...mayNot('#user'),
    modify(user('c'), [['replace', 'userPassword', 'chosen']], { as: '#user' }),
    read(user('a'), ['cn'], { as: '#user' }),
    look('c'),
    modify(user('c'), [['replace', 'pwdReset', 'TRUE']], { as: '#admin' }),
    enter('c', 'chosen'),
    passwordModify({ new: 'again' }, { as: '#user' }),
    read(user('a'), ['cn'], { as: '#user' }),
    modify(user('c'), [['delete', 'userPassword']], { as: '#admin' }),
    look('c'),
    enter('c', 'again'),
    fail('c'),
    look('c'),
    // Netscape's controls tell of a lock, too.
    fail('b'),
    fail('b'),
    enter('b', 'secret-b'),
    enter('b', 'secret-b', {}),
    read(user('b'), ['cn'], { as: '#root', ...usable }),
  ],
};

export const changes: Setting = {
  config: config(`ppolicy_default ${policyDN('standard')}\nppolicy_hash_cleartext\n`),
  steps: [
    ...start,
    look('a'),
    enter('a', 'secret-a'),
    ...by('#user', [
      modify(user('a'), [['replace', 'userPassword', 'four']], asked),
      modify(user('a'), [['replace', 'userPassword', 'much too long for this']], asked),
      modify(user('a'), [['replace', 'userPassword', '{SSHA}xx']], asked),
      modify(user('a'), [['replace', 'userPassword', '{nothing}']], {}),
      modify(user('a'), [['replace', 'userPassword', '{nothing}']], asked),
      modify(user('a'), [['replace', 'userPassword', 'one-one', 'two-two']], asked),
      modify(user('a'), [['replace', 'userPassword', 'password-1']]),
      modify(
        user('a'),
        [
          ['delete', 'userPassword', 'wrong'],
          ['add', 'userPassword', 'password-2'],
        ],
        asked,
      ),
      modify(
        user('a'),
        [
          ['delete', 'userPassword', 'password-1'],
          ['add', 'userPassword', 'password-2'],
        ],
        asked,
      ),
      look('a'),
      modify(user('a'), [['replace', 'userPassword', 'password-2']], asked),
      modify(user('a'), [['replace', 'userPassword', 'password-1']], asked),
      passwordModify({ new: 'password-1' }, asked),
      passwordModify({ new: 'bad' }, asked),
      passwordModify({ new: 'password-3' }, asked),
      passwordModify({ new: 'password-4' }, asked),
      modify(user('a'), [['replace', 'userPassword', 'password-1']], asked),
      look('a'),
      modify(user('a'), [['delete', 'userPassword']], asked),
      look('a'),
    ]),
    enter('d', 'secret-d'),
    ...by('#user', [
      modify(user('d'), [['replace', 'userPassword', 'x']], asked),
      passwordModify({ new: 'x' }, asked),
      modify(user('d'), [['replace', 'description', 'x']], asked),
    ]),
    enter('e', 'secret-e'),
    ...by('#user', [
      modify(user('e'), [['replace', 'userPassword', 'x']], asked),
      passwordModify({ new: 'x' }, asked),
      passwordModify({ old: 'wrong', new: 'x' }, asked),
      passwordModify({ old: 'secret-e', new: 'x' }, asked),
      look('e'),
      passwordModify({ old: 'x', new: 'y' }, asked),
      modify(
        user('e'),
        [
          ['delete', 'userPassword', 'x'],
          ['add', 'userPassword', 'y'],
        ],
        asked,
      ),
    ]),
    // Reset: the minimum age does not hold.
    enter('i', 'secret-i'),
    ...by('#user', [
      passwordModify({ old: 'secret-i', new: 'x' }, asked),
      look('i'),
      passwordModify({ old: 'x', new: 'y' }, asked),
    ]),
    // Those who may write others' passwords, and those who manage them.
    bind(user('helper'), 'helper', { as: '#helper' }),
    modify(user('a'), [['replace', 'userPassword', 'bad']], { as: '#helper', ...asked }),
    modify(user('a'), [['replace', 'userPassword', 'good-enough']], { as: '#helper', ...asked }),
    modify(user('a'), [['replace', 'userPassword', 'bad']], { as: '#admin', ...asked }),
    modify(user('a'), [['replace', 'userPassword', 'one', 'two']], { as: '#admin', ...asked }),
    look('a'),
    modify(
      user('a'),
      [
        ['replace', 'userPassword', 'ok'],
        ['replace', 'pwdReset', 'TRUE'],
        ['replace', 'description', 'x'],
      ],
      {
        as: '#admin',
      },
    ),
    look('a'),
    ...by('#root', [
      add(`cn=new,${base}`, person('new', 'bad')),
      add(`cn=two,${base}`, person('two', 'x', { userPassword: ['one-one', 'two-two'] })),
      read(`cn=new,${base}`, state),
      rename(`cn=new,${base}`, 'cn=newer'),
      modify(policyDN('standard'), [['replace', 'pwdInHistory', '0']]),
      modify(user('a'), [['replace', 'userPassword', 'password-9']]),
      look('a'),
      modify(policyDN('standard'), [['add', 'pwdMaxLength', '99999999999']]),
      modify(policyDN('standard'), [['replace', 'pwdAttribute', '2.5.4.35']]),
      modify(policyDN('standard'), [['replace', 'pwdAttribute', 'noSuchThing']]),
      modify(policyDN('standard'), [['replace', 'pwdMinLength', '9999999999']]),
      read(policyDN('standard'), ['pwdAttribute']),
    ]),
    // A number that is none to slapd: no policy at all.
    enter('a', 'password-9'),
    modify(user('a'), [['replace', 'userPassword', 'x']], { as: '#user', ...asked }),
  ],
};
