/** An entry with as many passwords as its owner may write: what logins to it cost. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { longestTurn } from './longest-turn.js';
import { account, accountDN, change, Client, fill, openDirectory } from './support.js';

const ann = accountDN('ann@one.example');

function ssha(password: string, number: number): string {
  const salt = Buffer.from(String(number).padStart(8, '0'));
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

it('tries the first ones, in a bounded time', async () => {
  const directory = await openDirectory();
  await fill(new Client(directory));
  const owner = new Client(directory);
  expect((await owner.bind(ann, 'pw-ann')).code).toBe(0);
  const values = Array.from({ length: 19_000 }, (_, number) => ssha(`device-${number}`, number));
  expect((await owner.modify(ann, [change('replace', 'userPassword', ...values)])).code).toBe(0);
  // Sane numbers of passwords all work.
  for (const number of [0, 99, 255]) expect((await new Client(directory).bind(ann, `device-${number}`)).code).toBe(0);
  const longest = await longestTurn(async () => {
    expect((await new Client(directory).bind(ann, 'device-18999')).code).toBe(49);
  });
  expect(longest).toBeLessThan(50);
  // What is offered is hashed with each of them: the longer, the fewer.
  const long = await longestTurn(async () => {
    expect((await new Client(directory).bind(ann, 'x'.repeat(200_000))).code).toBe(49);
  });
  expect(long).toBeLessThan(100);
  await directory.close();
}, 60_000);

it('leaves accounts with one password as they were, however long', async () => {
  const directory = await openDirectory();
  const root = new Client(directory);
  await fill(root);
  const password = 'long '.repeat(2_000);
  expect((await new Client(directory).bind(accountDN('bob@one.example'), password)).code).toBe(49);
  await root.bind(`cn=Manager,dc=myhosting,dc=example`, 'secret');
  const mail = 'cleo@one.example';
  expect((await root.add(accountDN(mail), account(mail, { userPassword: password }))).code).toBe(0);
  expect((await new Client(directory).bind(accountDN(mail), password)).code).toBe(0);
  await directory.close();
});
