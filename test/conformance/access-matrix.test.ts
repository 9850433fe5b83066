/**
 * The HOWTO's access policy as a matrix: who may do what. The table below is slapd's own behaviour; where slapd is
 * installed it is asked again, and jammd has to agree with it cell by cell.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hosting, manager, managerPassword, suffix } from '../support/howto.js';
import { domainDn, people, postmasterGroup, ssha } from '../support/hosting-tree.js';
import { serverKinds, type ReferenceServer, type ServerKind } from '../support/reference-server.js';
import { WireClient } from '../support/wire/client.js';
import { bytes, type Bytes, type Change, type Operation } from '../support/wire/operation.js';
import { accountAttributes, domainAttributes } from './directed/steps.js';
import { startContestant } from './servers.js';

const askers = ['anonymous', 'user', 'postmaster', 'otherPostmaster', 'alias', 'manager'] as const;
type Who = (typeof askers)[number];

const one = domainDn('one.example');
const two = domainDn('two.example');
const scratch = (domain: string): string => `mail=scratch@${domain},${domainDn(domain)}`;
const describeAs = (entry: string): Operation => ({ op: 'modify', entry, changes: [['replace', 'description', 'changed']] });
const newPassword = (entry: string): Operation => ({ op: 'modify', entry, changes: [['replace', 'userPassword', 'changed']] });
const setPassword = (user: string): Operation => ({ op: 'passwordModify', user, new: 'changed' });
const readOf = (entry: string, ...attributes: readonly string[]): Operation => ({ op: 'search', base: entry, attributes });
const find = (filter: string): Operation => ({ op: 'search', base: hosting, scope: 'sub', filter, attributes: ['1.1'] });
const compareOf = (entry: string, attribute: string, value: string): Operation => ({ op: 'compare', entry, attribute, value });
const addTo = (domain: string): Operation => ({
  op: 'add',
  entry: `mail=added@${domain},${domainDn(domain)}`,
  attributes: accountAttributes(),
});
const ownDn = (who: Who): string => (who === 'anonymous' || who === 'manager' ? manager : people[who].dn);

/** Every action, as each asker would do it. A code stands for itself; reads show what of the attribute came back. */
const actions: Readonly<Record<string, (who: Who) => Operation>> = {
  'read own entry': (who) => readOf(ownDn(who), 'objectClass'),
  'read own userPassword': (who) => readOf(ownDn(who), 'userPassword'),
  "read a user's mailbox": () => readOf(people.user.dn, 'mailbox'),
  "read a user's userPassword": () => readOf(people.neighbour.dn, 'userPassword'),
  "read an alias's userPassword": () => readOf(people.alias.dn, 'userPassword'),
  "read another domain's userPassword": () => readOf(people.stranger.dn, 'userPassword'),
  'search on mail': () => find('(mail=neighbour@one.example)'),
  'search on userPassword, present': () => find('(&(mail=neighbour@one.example)(userPassword=*))'),
  'search on userPassword, not': () => find('(&(mail=neighbour@one.example)(!(userPassword=x)))'),
  'search on userPassword, in another domain': () => find('(&(mail=stranger@two.example)(userPassword=*))'),
  'compare mailbox': () => compareOf(people.neighbour.dn, 'mailbox', 'one.example/neighbour/'),
  'compare own userPassword': (who) => compareOf(ownDn(who), 'userPassword', 'x'),
  'compare userPassword': () => compareOf(people.neighbour.dn, 'userPassword', 'x'),
  "compare another domain's userPassword": () => compareOf(people.stranger.dn, 'userPassword', 'x'),
  'write own description': (who) => describeAs(ownDn(who)),
  'write own userPassword': (who) => newPassword(ownDn(who)),
  'change own password': (who) => setPassword(ownDn(who)),
  "write a user's description": () => describeAs(people.neighbour.dn),
  "write a user's userPassword": () => newPassword(people.neighbour.dn),
  "change a user's password": () => setPassword(people.neighbour.dn),
  "write another domain's user": () => describeAs(people.stranger.dn),
  "write another domain's userPassword": () => newPassword(people.stranger.dn),
  "change another domain's password": () => setPassword(people.stranger.dn),
  'write the domain': () => describeAs(one),
  "write the domain's capabilities": () => ({ op: 'modify', entry: one, changes: [['replace', 'editAccounts', 'FALSE']] }),
  'write the other domain': () => describeAs(two),
  'join the postmasters': (who) => ({
    op: 'modify',
    entry: postmasterGroup('one.example'),
    changes: [['add', 'roleOccupant', ownDn(who) + ',dc=x']],
  }),
  "join another domain's postmasters": (who) => ({
    op: 'modify',
    entry: postmasterGroup('two.example'),
    changes: [['add', 'roleOccupant', ownDn(who) + ',dc=x']],
  }),
  'add an account': () => addTo('one.example'),
  'add an account in the other domain': () => addTo('two.example'),
  'add below own entry': (who) => ({ op: 'add', entry: `mail=below@one.example,${ownDn(who)}`, attributes: accountAttributes() }),
  'add a domain': () => ({ op: 'add', entry: domainDn('added.example'), attributes: domainAttributes() }),
  'delete own entry': (who) => ({ op: 'delete', entry: ownDn(who) }),
  'delete an account': () => ({ op: 'delete', entry: scratch('one.example') }),
  'delete an account of the other domain': () => ({ op: 'delete', entry: scratch('two.example') }),
  'delete a domain': () => ({ op: 'delete', entry: domainDn('off.example') }),
  'rename own entry': (who) => ({ op: 'modifyDN', entry: ownDn(who), newRDN: 'description=renamed', deleteOldRDN: false }),
  'rename an account': () => ({ op: 'modifyDN', entry: scratch('one.example'), newRDN: 'mail=renamed@one.example' }),
  'rename an account of the other domain': () => ({
    op: 'modifyDN',
    entry: scratch('two.example'),
    newRDN: 'mail=renamed@two.example',
  }),
  'move an account to the other domain': () => ({
    op: 'modifyDN',
    entry: scratch('one.example'),
    newRDN: 'mail=scratch2@one.example',
    newSuperior: two,
  }),
  'move an account from the other domain': () => ({
    op: 'modifyDN',
    entry: scratch('two.example'),
    newRDN: 'mail=scratch2@two.example',
    newSuperior: one,
  }),
  'rename the domain': () => ({ op: 'modifyDN', entry: one, newRDN: 'jvd=renamed.example' }),
  'write the hosting entry': () => describeAs(hosting),
  'write the suffix': () => describeAs(suffix),
  'add below the hosting entry': () => ({
    op: 'add',
    entry: `cn=added,${hosting}`,
    attributes: { objectClass: ['organizationalRole'] },
  }),
  "write the Manager's entry": () => describeAs(manager),
  'write the subschema': () => ({ op: 'modify', entry: 'cn=Subschema', changes: [['replace', 'cn', 'x']] }),
};

/** Columns as in `askers`. `-`: success but nothing seen or found. */
const matrix = `
read own entry                            | yes | yes | yes | yes | yes | yes
read own userPassword                     | -   | yes | yes | yes | yes | -
read a user's mailbox                     | yes | yes | yes | yes | yes | yes
read a user's userPassword                | -   | -   | yes | -   | -   | yes
read an alias's userPassword              | -   | -   | yes | -   | yes | yes
read another domain's userPassword        | -   | -   | -   | yes | -   | yes
search on mail                            | yes | yes | yes | yes | yes | yes
search on userPassword, present           | -   | -   | yes | -   | -   | yes
search on userPassword, not               | -   | -   | yes | -   | -   | yes
search on userPassword, in another domain | -   | -   | -   | yes | -   | yes
compare mailbox                           | 6   | 6   | 6   | 6   | 6   | 6
compare own userPassword                  | 16  | 5   | 5   | 5   | 5   | 16
compare userPassword                      | 50  | 50  | 5   | 50  | 50  | 5
compare another domain's userPassword     | 50  | 50  | 50  | 5   | 50  | 5
write own description                     | 8   | 0   | 0   | 0   | 0   | 0
write own userPassword                    | 8   | 0   | 0   | 0   | 0   | 65
change own password                       | 8   | 0   | 0   | 0   | 0   | 65
write a user's description                | 8   | 50  | 0   | 50  | 50  | 0
write a user's userPassword               | 8   | 50  | 0   | 50  | 50  | 0
change a user's password                  | 8   | 50  | 0   | 50  | 50  | 0
write another domain's user               | 8   | 50  | 50  | 0   | 50  | 0
write another domain's userPassword       | 8   | 50  | 50  | 0   | 50  | 0
change another domain's password          | 8   | 50  | 50  | 0   | 50  | 0
write the domain                          | 8   | 50  | 0   | 50  | 50  | 0
write the domain's capabilities           | 8   | 50  | 0   | 50  | 50  | 0
write the other domain                    | 8   | 50  | 50  | 0   | 50  | 0
join the postmasters                      | 8   | 50  | 0   | 50  | 50  | 0
join another domain's postmasters         | 8   | 50  | 50  | 0   | 50  | 0
add an account                            | 8   | 50  | 0   | 50  | 50  | 0
add an account in the other domain        | 8   | 50  | 50  | 0   | 50  | 0
add below own entry                       | 8   | 50  | 0   | 0   | 50  | 0
add a domain                              | 8   | 50  | 50  | 50  | 50  | 0
delete own entry                          | 8   | 50  | 0   | 0   | 50  | 0
delete an account                         | 8   | 50  | 0   | 50  | 50  | 0
delete an account of the other domain     | 8   | 50  | 50  | 0   | 50  | 0
delete a domain                           | 8   | 50  | 50  | 50  | 50  | 66
rename own entry                          | 8   | 50  | 0   | 0   | 50  | 0
rename an account                         | 8   | 50  | 0   | 50  | 50  | 0
rename an account of the other domain     | 8   | 50  | 50  | 0   | 50  | 0
move an account to the other domain       | 8   | 50  | 50  | 50  | 50  | 0
move an account from the other domain     | 8   | 50  | 50  | 50  | 50  | 0
rename the domain                         | 8   | 50  | 50  | 50  | 50  | 0
write the hosting entry                   | 8   | 50  | 50  | 50  | 50  | 0
write the suffix                          | 8   | 50  | 50  | 50  | 50  | 0
add below the hosting entry               | 8   | 50  | 50  | 50  | 50  | 0
write the Manager's entry                 | 8   | 50  | 50  | 50  | 50  | 0
write the subschema                       | 53  | 53  | 53  | 53  | 53  | 53
`;

type Table = Readonly<Record<string, readonly string[]>>;

function readMatrix(text: string): Table {
  const rows = text
    .trim()
    .split('\n')
    .filter((line) => line.includes('|'));
  return Object.fromEntries(
    rows.map((row) => {
      const [action = '', ...cells] = row.split('|').map((cell) => cell.trim());
      return [action, cells] as const;
    }),
  );
}

describe('the access matrix', () => {
  const servers: ReferenceServer[] = [];
  const tables = new Map<ServerKind, Table>();

  beforeAll(async () => {
    for (const kind of serverKinds) {
      const server = await startContestant(kind);
      servers.push(server);
      tables.set(kind, await ask(server.port));
    }
  });

  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  const pinned = readMatrix(matrix);

  test('holds every action', () => {
    expect(Object.keys(pinned)).toEqual(Object.keys(actions));
  });

  for (const kind of serverKinds) {
    test.each(Object.keys(actions))(`${kind}: %s`, (action) => {
      expect(tables.get(kind)?.[action]).toEqual(pinned[action]);
    });
  }
});

/** Asks one server for the whole matrix, putting back what an action changed before the next. */
async function ask(port: number): Promise<Table> {
  const asManager = await connectAs(port, { dn: manager, password: managerPassword });
  await asManager.request({ op: 'add', entry: scratch('one.example'), attributes: accountAttributes() });
  await asManager.request({ op: 'add', entry: scratch('two.example'), attributes: accountAttributes() });
  const rows: Record<string, string[]> = {};
  for (const [name, action] of Object.entries(actions)) {
    const cells: string[] = [];
    for (const who of askers) cells.push(await cell(port, asManager, who, action(who)));
    rows[name] = cells;
  }
  await asManager.unbind();
  return rows;
}

async function cell(port: number, asManager: WireClient, who: Who, operation: Operation): Promise<string> {
  const identity = { anonymous: undefined, manager: { dn: manager, password: managerPassword }, ...people }[who];
  const connection = await connectAs(port, identity);
  const result = await connection.request(operation);
  await connection.unbind();
  if (result.code === 0 && operation.op !== 'search') await putBack(asManager, operation);
  if (operation.op !== 'search' || result.code !== 0) return String(result.code);
  const seen = operation.attributes?.includes('1.1')
    ? result.entries.length
    : result.entries.flatMap((entry) => entry.attributes).length;
  return seen > 0 ? 'yes' : '-';
}

async function connectAs(
  port: number,
  identity: { readonly dn: string; readonly password: string } | undefined,
): Promise<WireClient> {
  const connection = await WireClient.connect(port);
  if (identity === undefined) return connection;
  const { code } = await connection.request({ op: 'bind', name: identity.dn, password: identity.password });
  if (code !== 0) throw new Error(`${identity.dn} could not bind: ${code}`);
  return connection;
}

/** The Manager undoes what has just succeeded. */
async function putBack(asManager: WireClient, operation: Operation): Promise<void> {
  for (const undo of undoing(operation)) {
    const { code, diagnostic } = await asManager.request(undo);
    if (code !== 0) throw new Error(`could not undo ${JSON.stringify(operation)}: ${code} ${diagnostic}`);
  }
}

function undoing(operation: Operation): Operation[] {
  switch (operation.op) {
    case 'add':
      return [{ op: 'delete', entry: operation.entry }];
    case 'delete':
      return [restored(text(operation.entry))];
    case 'modifyDN':
      return renamedBack(operation);
    case 'modify':
      return [
        {
          op: 'modify',
          entry: operation.entry,
          changes: operation.changes.map((change) => reverted(text(operation.entry), change)),
        },
      ];
    case 'passwordModify':
      return [
        {
          op: 'modify',
          entry: operation.user ?? '',
          changes: [reverted(text(operation.user ?? ''), ['replace', 'userPassword'])],
        },
      ];
    default:
      return [];
  }
}

function renamedBack(operation: Operation & { op: 'modifyDN' }): Operation[] {
  const entry = text(operation.entry);
  const [oldRdn = ''] = entry.split(',');
  const parent = entry.slice(oldRdn.length + 1);
  const current = `${text(operation.newRDN)},${text(operation.newSuperior ?? parent)}`;
  return [{ op: 'modifyDN', entry: current, newRDN: oldRdn, newSuperior: parent }];
}

function text(value: Bytes): string {
  return bytes(value).toString('utf8');
}

function restored(dn: string): Operation {
  if (dn === manager) return { op: 'add', entry: dn, attributes: { objectClass: ['organizationalRole'] } };
  const known = Object.values(people).find((person) => person.dn === dn);
  const userPassword = known === undefined ? [] : [ssha(known.password)];
  return { op: 'add', entry: dn, attributes: accountAttributes(userPassword.length === 0 ? {} : { userPassword }) };
}

function reverted(dn: string, [kind, type, ...values]: Change): Change {
  if (kind === 'add') return ['delete', type, ...values];
  if (type === 'editAccounts') return ['replace', type, 'TRUE'];
  const known = Object.values(people).find((person) => person.dn === dn);
  if (type === 'userPassword' && known !== undefined) return ['replace', type, ssha(known.password)];
  return ['replace', type];
}
