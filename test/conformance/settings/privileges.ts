/** Each level of access, to an entry, to its children, to an attribute or to all of it, under each operation. */
import { add, bind, by, compare, modify, passwordModify, read, remove, rename, search } from '../directed/steps.js';
import { octets, sequence } from '../../support/wire/ber.js';
import type { WireControl } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const user = 'cn=user,dc=test';
const levels = ['none', 'disclose', 'auth', 'compare', 'search', 'read', 'add', 'delete', 'write', 'manage'] as const;
const parts = ['all', 'entry', 'children', 'attribute', 'password'] as const;

const readControl =
  (oid: string) =>
  (critical: boolean): WireControl => ({
    oid,
    critical,
    value: { hex: sequence(octets('description')).toString('hex') },
  });
const preRead = readControl('1.3.6.1.1.13.1');
const postRead = readControl('1.3.6.1.1.13.2');

const place = (part: string, level: string): string => `ou=${part}-${level},dc=test`;

/** What the rule speaks of; the rest of the place is open to writing. */
const targets: Readonly<Record<(typeof parts)[number], string>> = {
  all: '',
  entry: ' attrs=entry',
  children: ' attrs=children',
  attribute: ' attrs=description',
  password: ' attrs=userPassword',
};

const rules = parts.flatMap((part) =>
  levels.map(
    (level) =>
      `access to dn.subtree="${place(part, level)}"${targets[part]} by dn.exact="${user}" ${level} by anonymous ${level} by * none\n` +
      (part === 'all' ? '' : `access to dn.subtree="${place(part, level)}" by dn.exact="${user}" write by anonymous auth`),
  ),
);

const hiddenName = {
  because: 'slapd tells those who write below an entry its name, though they may not know of it',
  outcome: { matchedDN: undefined },
} as const;

function isUpdateBelow({ operation }: Step, where: string): boolean {
  if (operation.op !== 'add' && operation.op !== 'modify' && operation.op !== 'modifyDN' && operation.op !== 'delete')
    return false;
  return typeof operation.entry === 'string' && operation.entry.endsWith(where);
}

const tries = (where: string): Step[] => {
  const isHidden = [place('all', 'none'), place('entry', 'none')].includes(where);
  return attempts(where).map((step) => (isHidden && isUpdateBelow(step, where) ? { ...step, rather: hiddenName } : step));
};

/** Relax asks of some operations that one may manage what otherwise one may write. */
const relaxed = (where: string): Step[] => {
  const options = { controls: [{ oid: '1.3.6.1.4.1.4203.666.5.12', critical: true }] };
  return [
    modify(where, [['replace', 'description', 'here']], options),
    add(`cn=relaxed,${where}`, personEntry(), options),
    add(`cn=relaxed,${where}`, personEntry()),
    rename(`cn=relaxed,${where}`, 'cn=relaxed2', options),
    rename(`cn=relaxed2,${where}`, 'cn=relaxed', options),
    rename(`cn=relaxed,${where}`, 'cn=relaxed', { ...options, newSuperior: 'ou=open,dc=test' }),
    rename('cn=relaxed,ou=open,dc=test', 'cn=relaxed', { ...options, newSuperior: where }),
    rename('cn=relaxed,ou=open,dc=test', 'cn=relaxed', { newSuperior: where }),
    rename(`cn=relaxed,${where}`, 'cn=relaxed', { ...options, newSuperior: 'ou=none,dc=test' }),
    remove(`cn=relaxed,${where}`, options),
    remove(`cn=relaxed,${where}`),
    remove('cn=relaxed,ou=open,dc=test'),
  ];
};

const attempts = (where: string): Step[] => [
  read(where, ['description', 'ou']),
  search(where, '(description=here)', { scope: 'sub', attributes: ['1.1'] }),
  search(where, '(!(description=there))', { scope: 'sub', attributes: ['1.1'] }),
  search(where, '(description=*)', { scope: 'one', attributes: ['description'] }),
  search(`cn=none,${where}`, '(objectClass=*)'),
  compare(where, 'description', 'here'),
  compare(where, 'description', 'there'),
  compare(where, 'seeAlso', 'cn=x'),
  compare(`cn=none,${where}`, 'description', 'here'),
  modify(where, [['add', 'description', 'more']]),
  modify(where, [['delete', 'description', 'more']]),
  modify(where, [['replace', 'description', 'here']]),
  modify(where, [['delete', 'seeAlso']]),
  modify(`cn=none,${where}`, [['replace', 'description', 'here']]),
  passwordModify({ user: `cn=child,${where}`, new: 'pw' }),
  add(`cn=new,${where}`, personEntry({ description: ['new'] })),
  add(`cn=new,${where}`, personEntry()),
  add(`cn=new,cn=none,${where}`, personEntry()),
  rename(`cn=child,${where}`, 'cn=child2'),
  rename(`cn=child2,${where}`, 'cn=child'),
  rename(`cn=child,${where}`, 'cn=child', { newSuperior: 'ou=open,dc=test' }),
  rename('cn=child,ou=open,dc=test', 'cn=child', { newSuperior: where }),
  rename(`cn=none,${where}`, 'cn=nothing'),
  remove(`cn=new,${where}`),
  remove(`cn=none,${where}`),
  remove(where),
];

export const privileges: Setting = {
  config: `${head}${database(
    base,
    'test',
    `${rules.join('\n')}
access to dn.subtree="ou=open,dc=test" by users write
access to dn.base="${base}" attrs=children by * none
access to attrs=userPassword by anonymous auth
access to * by * read`,
  )}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [user]: personEntry({ userPassword: ['pw'] }),
      'ou=open,dc=test': unitEntry(),
      ...Object.fromEntries(
        parts.flatMap((part) =>
          levels.flatMap((level) => [
            [place(part, level), unitEntry({ description: ['here'] })],
            [`cn=child,${place(part, level)}`, personEntry({ description: ['here'], userPassword: ['pw'] })],
          ]),
        ),
      ),
    }),
    bind(user, 'pw', { as: '#user' }),
    ...parts.flatMap((part) =>
      levels.flatMap((level) => [
        ...by('#user', tries(place(part, level))),
        ...((level === 'write' || level === 'manage') && part !== 'attribute' && part !== 'password'
          ? by('#user', relaxed(place(part, level)))
          : []),
        ...by('#nobody', [
          read(place(part, level), ['description']),
          compare(place(part, level), 'description', 'here'),
          search(place(part, level), '(description=here)', { scope: 'sub', attributes: ['1.1'] }),
        ]),
        ...by('#binder', [bind(`cn=child,${place(part, level)}`, 'pw')]),
        // Whatever became of the child, the next place starts with none left behind.
        remove('cn=child,ou=open,dc=test', { as: '#root' }),
      ]),
    ),
    // What may be written and not read: the write happens, and the control's answer is left out.
    ...by(
      '#user',
      (['search', 'write'] as const).flatMap((level) =>
        [preRead(true), preRead(false), postRead(true), postRead(false)].map((one) =>
          modify(place('entry', level), [['replace', 'description', 'unread']], { controls: [one] }),
        ),
      ),
    ),
    read(place('entry', 'search'), ['description'], {
      as: '#root',
      rather: {
        because: 'slapd reports success and writes nothing where a read control asks for an entry that may not be read',
        outcome: { entries: { [place('entry', 'search')]: { description: ['unread'] } } },
      },
    }),
  ],
};
