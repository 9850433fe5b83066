/** A small hosting tree as entry records and as LDIF, and what else the tests of access rules ask with. */
import { parseAccessRule } from '../../src/access/parse.js';
import { AccessPolicy } from '../../src/access/policy.js';
import { Privilege, type AccessEnvironment, type AccessEvaluator, type Subject } from '../../src/access/model.js';
import type { AccessRule } from '../../src/access/rule.js';
import { splitWords } from '../../src/config/lines.js';
import { DN } from '../../src/dn/dn.js';
import { AttributeDictionary } from '../../src/entry/dictionary.js';
import { EntryDraft } from '../../src/entry/draft.js';
import { EntryRecord } from '../../src/entry/record.js';
import { defaultSchema } from '../../src/schema/default.js';
import type { AttributeDescription } from '../../src/ldap/schema.js';

export const schema = defaultSchema();
export const suffix = 'dc=myhosting,dc=example';
export const hosting = `o=hosting,${suffix}`;

export function account(name: string, domain: string): string {
  return `mail=${name}@${domain},jvd=${domain},${hosting}`;
}

type Attributes = Readonly<Record<string, readonly string[]>>;

function domain(jvd: string): [string, Attributes] {
  return [
    `jvd=${jvd},${hosting}`,
    {
      objectClass: ['top', 'JammVirtualDomain'],
      jvd: [jvd],
      accountActive: ['TRUE'],
      lastChange: ['1'],
      delete: ['FALSE'],
      editAccounts: ['TRUE'],
      editPostmasters: ['TRUE'],
    },
  ];
}

function mailAccount(name: string, jvd: string, cn: readonly string[], below = `jvd=${jvd},${hosting}`): [string, Attributes] {
  return [
    `mail=${name}@${jvd},${below}`,
    {
      objectClass: ['top', 'JammMailAccount'],
      mail: [`${name}@${jvd}`],
      cn,
      homeDirectory: ['/home/vmail/domains'],
      mailbox: [`${jvd}/${name}/`],
      accountActive: ['TRUE'],
      lastChange: ['1'],
      delete: ['FALSE'],
      userPassword: ['{SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7'],
    },
  ];
}

function postmaster(jvd: string, occupants: readonly string[], classes: readonly string[]): [string, Attributes] {
  return [
    `cn=postmaster,jvd=${jvd},${hosting}`,
    {
      objectClass: ['top', 'JammMailAlias', ...classes],
      cn: ['postmaster'],
      mail: [`postmaster@${jvd}`],
      maildrop: ['root'],
      accountActive: ['TRUE'],
      lastChange: ['1'],
      ...(classes.length > 0 && { roleOccupant: occupants }),
    },
  ];
}

/** Parents before children. `cn=admins` is a groupOfNames, `cn=staff` a groupOfUniqueNames. */
export const tree: readonly (readonly [string, Attributes])[] = [
  [suffix, { objectClass: ['top', 'domain'], dc: ['myhosting'] }],
  [`cn=Manager,${suffix}`, { objectClass: ['top', 'organizationalRole'], cn: ['Manager'] }],
  [hosting, { objectClass: ['top', 'organization'], o: ['hosting'] }],
  [
    `cn=admins,${suffix}`,
    {
      objectClass: ['top', 'groupOfNames'],
      cn: ['admins'],
      member: [account('ada', 'a.example'), account('bob', 'b.example')],
    },
  ],
  [
    `cn=staff,${suffix}`,
    {
      objectClass: ['top', 'groupOfUniqueNames'],
      cn: ['staff'],
      uniqueMember: [account('al', 'a.example'), `${account('bob', 'b.example')}#'0101'B`],
      owner: [account('ada', 'a.example')],
    },
  ],
  domain('a.example'),
  postmaster('a.example', [`cn=postmaster,jvd=a.example,${hosting}`, account('ada', 'a.example')], ['JammPostmaster']),
  mailAccount('ada', 'a.example', ['Ada', 'Ada Lovelace']),
  mailAccount('al', 'a.example', ['Al']),
  domain('b.example'),
  postmaster('b.example', [account('bob', 'b.example')], ['JammPostmaster']),
  mailAccount('bob', 'b.example', ['Bob', 'ada']),
  [
    `cn=book,${account('bob', 'b.example')}`,
    { objectClass: ['top', 'organizationalRole'], cn: ['book'], roleOccupant: [account('al', 'a.example')] },
  ],
  [`jvd=inner.example,jvd=b.example,${hosting}`, { ...domain('inner.example')[1] }],
  mailAccount('ivy', 'inner.example', ['Ivy'], `jvd=inner.example,jvd=b.example,${hosting}`),
];

const dictionary = new AttributeDictionary(schema);

function numberOf(description: AttributeDescription): number {
  return dictionary.number(description) ?? dictionary.define(description);
}

export function record(dn: string, attributes: Attributes): EntryRecord {
  const draft = new EntryDraft(DN.parse(dn, schema));
  for (const [name, values] of Object.entries(attributes)) {
    draft.set(
      schema.attributeDescription(name)!,
      values.map((value) => Buffer.from(value)),
    );
  }
  return EntryRecord.encode(draft, { id: 1, parentId: 0, flags: 0 }, dictionary, numberOf);
}

export const records: readonly EntryRecord[] = tree.map(([dn, attributes]) => record(dn, attributes));

const byName = new Map(records.map((entry) => [entry.ndn, entry]));

export const environment: AccessEnvironment = { entryByNdn: (ndn) => byName.get(ndn) };

export function entry(dn: string): EntryRecord {
  const found = byName.get(DN.parse(dn, schema).normalized);
  if (!found) throw new Error(`no entry ${dn} in the tree`);
  return found;
}

export const ldif = tree
  .map(([dn, attributes]) =>
    [`dn: ${dn}`, ...Object.entries(attributes).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`))].join(
      '\n',
    ),
  )
  .join('\n\n')
  .concat('\n');

export function subject(dn: string | undefined, more: Partial<Subject> = {}): Subject {
  return {
    dn: dn === undefined ? undefined : DN.parse(dn, schema),
    realDn: undefined,
    peerName: 'IP=127.0.0.1:40000',
    sockUrl: 'ldap://127.0.0.1:389/',
    ssf: 0,
    tlsSsf: 0,
    transportSsf: 0,
    saslSsf: 0,
    ...more,
  };
}

/** The directives of `text`, each on one line: `access to ...`. */
export function rules(text: string, warnings: string[] = []): AccessRule[] {
  return text
    .trim()
    .split(/\n+(?=access)/)
    .map((line) =>
      parseAccessRule(splitWords(line.replace(/\s+/g, ' ')).words.slice(1), {
        schema,
        file: 'slapd.conf',
        line: 1,
        warn: (message) => warnings.push(message),
      }),
    );
}

export function evaluator(text: string, who: Subject): AccessEvaluator {
  return new AccessPolicy(text === '' ? [] : rules(text), schema).evaluator(who, environment);
}

export function description(name: string): AttributeDescription {
  const found = schema.attributeDescription(name);
  if (!found) throw new Error(`no attribute ${name}`);
  return found;
}

const letters = [
  ['m', Privilege.manage],
  ['a', Privilege.add],
  ['z', Privilege.delete],
  ['r', Privilege.read],
  ['s', Privilege.search],
  ['c', Privilege.compare],
  ['x', Privilege.auth],
  ['d', Privilege.disclose],
] as const;

/** All that is allowed, in slapd's letters: `azrscxd`. */
export function allowed(
  evaluator: AccessEvaluator,
  entry: EntryRecord,
  target: string | AttributeDescription,
  value?: string,
): string {
  const isName = typeof target === 'string' && target !== 'entry' && target !== 'children';
  const asked = isName ? description(target) : target;
  const bytes = value === undefined ? undefined : Buffer.from(value);
  return letters
    .filter(([, privilege]) => evaluator.allows(entry, asked, privilege, bytes))
    .map(([letter]) => letter)
    .join('');
}

export const levels = {
  none: '',
  auth: 'xd',
  read: 'rscxd',
  write: 'azrscxd',
  manage: 'mazrscxd',
} as const;
