/** Whatever is asked, whichever way: no password and no hash is in any log, at the highest level of all of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { people, places, ssha } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { ConnectionClosed } from '../support/wire/client.js';
import type { Operation } from '../support/wire/operation.js';
import { asManager, cleanUp, connected, httpOf, installation, started } from './support.js';

afterEach(cleanUp);

it('no log and no figure holds a password or a hash', async () => {
  const made = await installation({ args: ['--metrics', '127.0.0.1:0'] });
  const path = join(made.folder, 'audit');
  const server = await started(made, '-d', '-1', '--audit-log', path, '--slow', '0');
  const secret = 'hunter2-in-clear';
  const hash = ssha(secret, Buffer.from('pepper'));
  const entry = `cn=tacit,${places.one}`;
  const client = await asManager(server);
  const change = (kind: 'add' | 'delete' | 'replace', type: string, ...values: string[]): Operation => ({
    op: 'modify',
    entry: people.user.dn,
    changes: [[kind, type, ...values]],
  });
  const find = (filter: string, attributes = ['*', '+', 'userPassword']): Operation => ({
    op: 'search',
    base: places.hosting,
    scope: 'sub',
    filter,
    attributes,
  });
  const operations: Operation[] = [
    { op: 'bind', name: people.user.dn, password: secret },
    { op: 'bind', name: secret, password: secret },
    { op: 'bind', name: manager, password: secret, version: 2 },
    { op: 'saslBind', mechanism: 'PLAIN', credentials: `\0${people.user.dn}\0${secret}` },
    { op: 'bind', name: manager, password: managerPassword },
    {
      op: 'add',
      entry,
      attributes: { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: ['tacit'], userPassword: [hash, secret] },
    },
    { op: 'add', entry, attributes: { objectClass: ['organizationalRole'], cn: ['tacit'], userPassword: [secret] } },
    change('add', 'userPassword', secret),
    change('add', 'userPassword', secret),
    change('delete', 'userPassword', secret),
    change('delete', 'userPassword', 'not-there-hunter2'),
    change('replace', 'userPassword', hash),
    change('replace', '2.5.4.35', secret),
    change('replace', 'userPassword;lang-en', secret),
    change('replace', 'clearPassword', secret),
    { op: 'passwordModify', user: people.user.dn, new: secret },
    { op: 'passwordModify', user: people.user.dn, old: 'wrong-hunter2', new: secret },
    { op: 'passwordModify', user: people.user.dn, old: secret, new: 'other-hunter2' },
    { op: 'passwordModify', user: people.user.dn },
    { op: 'compare', entry: people.user.dn, attribute: 'userPassword', value: secret },
    { op: 'compare', entry: people.user.dn, attribute: 'userPassword;x-a', value: hash },
    find(`(userPassword=${secret})`),
    find(`(2.5.4.35=${secret})`),
    find(`(userPassword=${secret.slice(0, 7)}*${secret.slice(7)})`),
    find(`(userPassword>=${secret})`),
    find(`(userPassword~=${secret})`),
    find(`(userPassword:2.5.13.17:=${secret})`),
    find(`(userPassword:dn:2.5.13.17:=${secret})`),
    find(`(:2.5.13.17:=${secret})`),
    find(`(clearPassword=${secret})`),
    find(`(1.3.6.1.4.1.12461.1.1.7=${secret})`),
    find(`(&(mail=*)(!(|(userPassword=${secret})(clearPassword=*${secret}*))))`),
    find('(mail=user@one.example)'),
    { op: 'search', base: entry, filter: '(objectClass=*)', attributes: ['userPassword'] },
    { op: 'modifyDN', entry, newRDN: 'cn=still-tacit' },
    { op: 'delete', entry: `cn=still-tacit,${places.one}` },
    { op: 'extended', oid: '1.3.6.1.4.1.4203.1.11.1', value: secret },
    { op: 'extended', oid: '1.2.3.4', value: secret },
    { ...find(`(mail=user@one.example)`), controls: [{ oid: '1.3.6.1.1.12', critical: true, value: secret }] },
    { op: 'raw', protocolOp: { hex: `63${Buffer.from([secret.length]).toString('hex')}${Buffer.from(secret).toString('hex')}` } },
  ];
  const codes = new Set<number>();
  const generated: string[] = [];
  for (const operation of operations) {
    const asker =
      operation.op === 'bind' || operation.op === 'saslBind' || operation.op === 'raw' ? await connected(server) : client;
    const { code, responseValue } = await asker.request(operation).catch((error: unknown) => {
      if (error instanceof ConnectionClosed && error.notice) return error.notice;
      throw error;
    });
    codes.add(code);
    if (operation.op === 'passwordModify' && responseValue) generated.push(responseValue.subarray(4).toString('latin1'));
  }
  // Some succeed, some are wrong in one way, some in another.
  for (const code of [0, 2, 6, 7, 20, 49, 53]) expect([...codes]).toContain(code);
  const figures = await (await fetch(`${httpOf(server.daemon.output)}/metrics`)).text();
  await server.stop();
  const audit = await readFile(path, 'utf8');
  const logged = [server.daemon.output, audit, figures];
  expect(logged[0]).toContain('BIND dn=');
  expect(logged[0]).toContain(' slow: ');
  expect(audit.split('\n').length).toBeGreaterThan(10);
  expect(generated).toHaveLength(1);
  const digest = /\{SSHA\}(.*)/.exec(hash)![1]!;
  const exposed = [
    secret,
    'hunter2',
    hash,
    digest,
    managerPassword,
    ssha(managerPassword),
    generated[0]!,
    '{SSHA}',
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ];
  // The one who took the name field for the password's has told it himself.
  const withoutName = logged.map((text) => text.replaceAll(`dn=\\"${secret}\\"`, 'dn').replaceAll(`"dn":"${secret}"`, 'dn'));
  for (const text of withoutName) {
    for (const word of exposed) expect(text.includes(word), word).toBe(false);
  }
});
