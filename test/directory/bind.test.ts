import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import { withoutEntries } from '../../src/directory/model.js';
import type { BindRequest } from '../../src/ldap/request.js';
import { ResultCode } from '../../src/ldap/result.js';
import { crypt } from '../../src/password/crypt.js';
import { slowHashFigures } from '../../src/password/password.js';
import { account, accountDN, change, Client, fill, hosting, manager, managerPassword, openDirectory } from './support.js';

describe('bind', () => {
  let directory: Directory;
  let client: Client;
  const ann = accountDN('ann@one.example');

  beforeAll(async () => {
    directory = await openDirectory();
    client = new Client(directory);
    await fill(client);
  });

  afterAll(() => directory.close());

  it('knows the rootdn by the password of the configuration, whatever the spelling of the name', async () => {
    expect((await client.bind('CN=manager, DC=myhosting,dc=EXAMPLE', managerPassword)).code).toBe(ResultCode.success);
    expect(client.session.identity?.toString()).toBe('cn=manager,dc=myhosting,dc=EXAMPLE');
  });

  it.each([
    ['a wrong password', ann, 'wrong', ResultCode.invalidCredentials],
    ['an unknown entry', accountDN('nobody@one.example'), 'x', ResultCode.invalidCredentials],
    ['an entry without userPassword', hosting, 'x', ResultCode.invalidCredentials],
    ['a name outside every suffix', 'dc=elsewhere', 'x', ResultCode.invalidCredentials],
    ['a malformed name', 'not a dn', 'x', ResultCode.invalidDNSyntax],
    ['a malformed name without a password', 'not a dn', '', ResultCode.invalidDNSyntax],
    ['a name without a password', ann, '', ResultCode.unwillingToPerform],
    ['a password without a name', '', 'x', ResultCode.invalidCredentials],
  ])('refuses %s and leaves the session anonymous', async (_, dn, password, code) => {
    await client.bind(manager, managerPassword);
    expect((await client.bind(dn, password)).code).toBe(code);
    expect(client.session.identity).toBeUndefined();
  });

  it('takes version 3 only, and no SASL mechanism that is not offered', async () => {
    const simple = { method: 'simple', password: Buffer.alloc(0) } as const;
    const name = Buffer.alloc(0);
    const bind = (version: number, authentication: BindRequest['authentication']) =>
      Promise.resolve().then(() =>
        client.session.perform({ request: { op: 'bind', version, name, authentication }, controls: [] }, withoutEntries),
      );
    await expect(bind(2, simple)).rejects.toMatchObject({ code: ResultCode.protocolError });
    await expect(bind(4, simple)).rejects.toMatchObject({ code: ResultCode.protocolError });
    const sasl = { method: 'sasl', mechanism: 'PLAIN', credentials: undefined } as const;
    await expect(bind(3, sasl)).rejects.toMatchObject({ code: ResultCode.authMethodNotSupported });
  });

  it('takes each value of a userPassword, and a slow hash off the main thread', async () => {
    const bcrypt = '{BCRYPT}$2b$04$abcdefghijklmnopqrstuu5s7aFLwCFIdVJ6dUGCsNdxkVv/cnkFC';
    await client.bind(manager, managerPassword);
    const dn = accountDN('many@one.example');
    await client.add(dn, account('many@one.example', { userPassword: ['first', '{CLEARTEXT}second', bcrypt] }));
    expect((await client.bind(dn, 'first')).code).toBe(ResultCode.success);
    expect((await client.bind(dn, 'second')).code).toBe(ResultCode.success);
    expect((await client.bind(dn, bcrypt)).code).toBe(ResultCode.invalidCredentials);
  });

  it('keeps a session through a password change, and does not take the old password again', async () => {
    const user = new Client(directory);
    await user.bind(ann, 'pw-ann');
    expect((await user.modify(ann, [change('replace', 'userPassword', 'new')])).code).toBe(ResultCode.success);
    expect(user.session.identity?.toString()).toBe(ann);
    expect((await client.bind(ann, 'pw-ann')).code).toBe(ResultCode.invalidCredentials);
    expect((await client.bind(ann, 'new')).code).toBe(ResultCode.success);
  });
});

describe('bind under `disallow` and `security`', () => {
  it('refuses what is disallowed', async () => {
    const directory = await openDirectory('disallow bind_anon');
    const client = new Client(directory);
    expect((await client.bind('', '')).code).toBe(ResultCode.inappropriateAuthentication);
    await directory.close();
  });

  it('asks for confidentiality, and takes what TLS gives', async () => {
    const directory = await openDirectory('security simple_bind=128');
    expect((await new Client(directory).bind(manager, managerPassword)).code).toBe(ResultCode.confidentialityRequired);
    expect((await new Client(directory, { tlsSsf: 256 }).bind(manager, managerPassword)).code).toBe(ResultCode.success);
    await directory.close();
  });
});

describe('a login that fails', () => {
  const bcrypt = '{BCRYPT}$2b$04$abcdefghijklmnopqrstuu5s7aFLwCFIdVJ6dUGCsNdxkVv/cnkFC';
  let directory: Directory;
  let client: Client;
  const dn = (name: string): string => accountDN(`${name}@one.example`);

  beforeAll(async () => {
    directory = await openDirectory();
    client = new Client(directory);
    await fill(client);
    await client.bind(manager, managerPassword);
    for (const name of ['slow1', 'slow2']) await client.add(dn(name), account(`${name}@one.example`, { userPassword: [bcrypt] }));
    await client.add(dn('fast'), account('fast@one.example', { userPassword: ['right'] }));
  });

  afterAll(() => directory.close());

  /** Slow hashes that this login takes. */
  async function hashes(name: string, password: string, code: ResultCode = ResultCode.invalidCredentials): Promise<number> {
    const before = slowHashFigures().started;
    expect((await client.bind(name, password)).code).toBe(code);
    return slowHashFigures().started - before;
  }

  it('takes a fast hash where nobody has slow ones, and where one entry alone has', async () => {
    expect(await hashes(dn('nobody'), 'x')).toBe(0);
    expect(await hashes(dn('fast'), 'x')).toBe(0);
    expect(await hashes(dn('slow1'), 'x')).toBe(1);
    expect(await hashes(dn('slow1'), 'y')).toBe(1);
    expect(await hashes(dn('nobody'), 'y')).toBe(0);
  });

  it('takes one slow hash whether the name exists or not, and whatever it has, where others have such', async () => {
    expect(await hashes(dn('slow2'), 'x')).toBe(1);
    for (const name of ['nobody', 'fast', 'slow1', 'slow2']) expect(await hashes(dn(name), 'wrong'), name).toBe(1);
    expect(await hashes('dc=elsewhere', 'wrong')).toBe(1);
    expect(await hashes(dn('fast'), 'right', ResultCode.success)).toBe(0);
  });

  it('does not make the workers busy for others, however many are sent at once', async () => {
    const stored = `{BCRYPT}${crypt(Buffer.from('right'), `$2b$04$abcdefghijklmnopqrstuu${'.'.repeat(31)}`)!}`;
    await client.bind(manager, managerPassword);
    await client.add(dn('victim'), account('victim@one.example', { userPassword: [stored] }));
    await client.add(dn('other'), account('other@one.example', { userPassword: [stored] }));
    const guesses = Array.from({ length: 400 }, (_, guess) =>
      new Client(directory, { address: '192.0.2.1' }).bind(dn('victim'), `guess ${guess}`),
    );
    const others = ['other', 'victim'].map((name, index) =>
      new Client(directory, { address: `198.51.100.${index}` }).bind(dn(name), 'right'),
    );
    expect((await Promise.all(others)).map(({ code }) => code)).toEqual([ResultCode.success, ResultCode.success]);
    const codes = (await Promise.all(guesses)).map(({ code }) => code);
    expect(codes).toContain(ResultCode.busy);
    expect(codes).not.toContain(ResultCode.success);
  });
});
