/** `ppolicy` where slapd cannot be asked: guesses at once, SCRAM, compares, checks by name, delays. See test/conformance/settings. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { ResultCode } from '../../src/ldap/result.js';
import type { Control } from '../../src/ldap/control.js';
import { Client, openDirectory, type DirectoryOptions } from './support.js';

const base = 'dc=policies,dc=example';
const user = `cn=user,${base}`;
const policy = `cn=policy,${base}`;
const rules = `access to attrs=userPassword by dn=${user} write by * auth
access to * by dn=${user} write by * read
`;
const asked: readonly Control[] = [{ type: 'passwordPolicy', critical: false, value: undefined }];

let directory: Directory | undefined;

afterEach(async () => {
  await directory?.close();
  directory = undefined;
});

/** With one user, `cn=user`, whose password is `right`, under a policy of these attributes. */
async function withPolicy(
  fields: Record<string, string>,
  { lines = '', forDatabase = '', ...options }: DirectoryOptions & { lines?: string; forDatabase?: string } = {},
): Promise<{ root: Client; open: Directory }> {
  const section = `database mdb
suffix ${base}
rootdn cn=root,${base}
rootpw root
directory /nowhere
${forDatabase}
${rules}overlay ppolicy
ppolicy_default ${policy}
ppolicy_use_lockout
${lines}`;
  const open = (directory = await openDirectory(section, options));
  const root = new Client(open);
  await root.bind(`cn=root,${base}`, 'root');
  const added = [
    await root.add(base, { objectClass: ['domain'] }),
    await root.add(policy, { objectClass: ['device', 'pwdPolicy', 'pwdPolicyChecker'], pwdAttribute: 'userPassword', ...fields }),
    await root.add(user, { objectClass: 'inetOrgPerson', sn: 'Surname', uid: 'somebody', userPassword: 'right' }),
  ];
  expect(added.map(({ code }) => code)).toEqual([0, 0, 0]);
  return { root, open };
}

async function stateOf(root: Client): Promise<Readonly<Record<string, readonly string[]>>> {
  const { entries } = await root.search(user, { scope: 'base', attributes: ['+'] });
  return entries[0]!.attributes;
}

const change = (client: Client, password: string, controls: readonly Control[] = []): ReturnType<Client['modify']> =>
  client.modify(user, [{ operation: 'replace', attribute: { type: 'userPassword', values: [Buffer.from(password)] } }], controls);

describe('lockout', () => {
  it('counts every guess of many at once, and lets none in after the last that was allowed', async () => {
    const { root, open } = await withPolicy({ pwdLockout: 'TRUE', pwdMaxFailure: '3' });
    const guesses = Array.from({ length: 12 }, (_, index) =>
      new Client(open).bind(user, index === 11 ? 'right' : `wrong ${index}`),
    );
    expect((await Promise.all(guesses)).slice(0, 11).every(({ code }) => code === ResultCode.invalidCredentials)).toBe(true);
    const state = await stateOf(root);
    expect(state['pwdFailureTime']).toHaveLength(3);
    expect(state['pwdAccountLockedTime']).toHaveLength(1);
    expect((await new Client(open).bind(user, 'right')).code).toBe(ResultCode.invalidCredentials);
  });

  it('grows with each failure where there are delays', async () => {
    const { root, open } = await withPolicy({ pwdLockout: 'TRUE', pwdMinDelay: '100', pwdMaxDelay: '1000' });
    await new Client(open).bind(user, 'wrong');
    const [end] = (await stateOf(root))['pwdAccountTmpLockoutEnd'] ?? [];
    expect(end).toMatch(/^\d{14}Z$/);
    expect((await new Client(open).bind(user, 'right')).code).toBe(ResultCode.invalidCredentials);
    expect((await stateOf(root))['pwdFailureTime']).toHaveLength(1);
  });

  it('does not bind the rootdn, whose service goes on', async () => {
    const { open } = await withPolicy({ pwdLockout: 'TRUE', pwdMaxFailure: '1' });
    await new Client(open).bind(`cn=root,${base}`, 'wrong');
    expect((await new Client(open).bind(`cn=root,${base}`, 'root')).code).toBe(ResultCode.success);
  });

  it('is not written with ppolicy_disable_write', async () => {
    const { root, open } = await withPolicy({ pwdLockout: 'TRUE', pwdMaxFailure: '1' }, { lines: 'ppolicy_disable_write' });
    await new Client(open).bind(user, 'wrong');
    expect(Object.keys(await stateOf(root)).filter((name) => name.startsWith('pwd'))).toEqual([]);
    expect((await new Client(open).bind(user, 'right')).code).toBe(ResultCode.success);
  });

  it('counts passwords that are compared and may not be read', async () => {
    const { root, open } = await withPolicy(
      { pwdLockout: 'TRUE', pwdMaxFailure: '2' },
      { forDatabase: 'access to attrs=userPassword by * compare' },
    );
    const codes: number[] = [];
    for (const password of ['right', 'wrong', 'other', 'right']) {
      codes.push((await new Client(open).compare(user, 'userPassword', password)).code);
    }
    const { compareTrue, compareFalse } = ResultCode;
    expect(codes).toEqual([compareTrue, compareFalse, compareFalse, compareFalse]);
    expect((await stateOf(root))['pwdAccountLockedTime']).toHaveLength(1);
    expect((await root.compare(user, 'userPassword', 'right')).code).toBe(compareTrue);
  });
});

describe('SCRAM', () => {
  it('follows the same policy', async () => {
    const { root, open } = await withPolicy(
      { pwdLockout: 'TRUE', pwdMaxFailure: '2' },
      { before: `authz-regexp "^uid=([^,]+),cn=scram-sha-256,cn=auth$" "${user}"` },
    );
    expect(await scram(new Client(open), 'right')).toBe(ResultCode.success);
    expect(await scram(new Client(open), 'wrong')).toBe(ResultCode.invalidCredentials);
    expect((await stateOf(root))['pwdFailureTime']).toHaveLength(1);
    expect(await scram(new Client(open), 'wrong again')).toBe(ResultCode.invalidCredentials);
    expect((await stateOf(root))['pwdAccountLockedTime']).toHaveLength(1);
    expect(await scram(new Client(open), 'right')).toBe(ResultCode.invalidCredentials);
  });
});

describe('checks of new passwords by name', () => {
  const checks = { pwdCheckQuality: '2', pwdCheckModule: 'builtin' };

  it.each([
    ['classes=3', 'onlysmall', 'Small3letters'],
    ['characters=8', 'üüüü', 'üüüüüüüü'],
    ['not-name', 'xSOMEBODY1', 'nothing like it'],
    ['classes=2 characters=4', 'ab1', 'abc1'],
  ])('%s', async (pwdCheckModuleArg, bad, good) => {
    const { open } = await withPolicy({ ...checks, pwdCheckModuleArg });
    const client = new Client(open);
    await client.bind(user, 'right');
    const refused = await change(client, bad, asked);
    expect(refused).toMatchObject({ code: 19, controls: [{ value: Buffer.from('3003810105', 'hex') }] });
    expect(refused.diagnostic).toMatch(/^Password fails quality checking policy: it /);
    expect((await change(client, good, asked)).code).toBe(0);
  });

  it('as slapd 2.6 names them', async () => {
    const fields = { pwdCheckQuality: '2', pwdUseCheckModule: 'TRUE', pwdCheckModuleArg: 'classes=3' };
    const { open } = await withPolicy(fields, { lines: 'ppolicy_check_module builtin' });
    const client = new Client(open);
    await client.bind(user, 'right');
    expect((await change(client, 'onlysmall')).code).toBe(19);
    expect((await change(client, 'Small3letters')).code).toBe(0);
  });

  it.each([
    [{ pwdCheckModule: 'check_password.so' }, 'pwdCheckModule: modules cannot be loaded; write "builtin"'],
    [{ pwdCheckModule: 'builtin', pwdCheckModuleArg: 'nothing=1' }, 'pwdCheckModuleArg: name what to check'],
    [{ pwdCheckModule: 'builtin' }, 'pwdCheckModuleArg: name what to check'],
  ])('refuses a policy with %j', async (fields, diagnostic) => {
    const { root } = await withPolicy({});
    const attributes = { objectClass: ['device', 'pwdPolicy', 'pwdPolicyChecker'], pwdAttribute: 'userPassword', ...fields };
    const answer = await root.add(`cn=other,${base}`, attributes);
    expect(answer.code).toBe(ResultCode.constraintViolation);
    expect(answer.diagnostic).toContain(diagnostic);
  });
});

describe('lastbind', () => {
  it('notes when somebody logged in, no oftener than lastbind-precision says', async () => {
    const { root, open } = await withPolicy({}, { forDatabase: 'lastbind on\nlastbind-precision 3600' });
    await new Client(open).bind(user, 'wrong');
    expect((await stateOf(root))['pwdLastSuccess']).toBeUndefined();
    await new Client(open).bind(user, 'right');
    const first = await stateOf(root);
    expect(first['pwdLastSuccess']).toEqual([expect.stringMatching(/^\d{14}Z$/)]);
    await new Client(open).bind(user, 'right');
    expect((await stateOf(root))['entryCSN']).toEqual(first['entryCSN']);
  });
});

/** The code that a SCRAM-SHA-256 login ends with. */
async function scram(client: Client, password: string): Promise<number> {
  const step = (credentials: string) =>
    client.perform({
      op: 'bind',
      version: 3,
      name: Buffer.alloc(0),
      authentication: { method: 'sasl', mechanism: 'SCRAM-SHA-256', credentials: Buffer.from(credentials) },
    });
  const bare = 'n=user,r=nonce';
  const first = (await step(`n,,${bare}`)) as { code: number; serverSaslCredentials?: Buffer };
  const server = first.serverSaslCredentials!.toString();
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(server)!;
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(iterations), 32, 'sha256');
  const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${nonce!}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${server},${withoutProof}`);
  const proof = clientKey.map((octet, index) => octet ^ signature[index]!);
  return (await step(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`)).code;
}
