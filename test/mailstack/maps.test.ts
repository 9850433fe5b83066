/** Every map that `jammd config postfix` prints, asked through Postfix's own LDAP client: today's style and the HOWTO's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { account, oddLocalParts, people } from '../support/hosting-tree.js';
import { mailHostObstacle, type MailHost } from './mail-host.js';
import { MailStack, stackLdif } from './stack.js';

const obstacle = mailHostObstacle();
const crowd = Array.from({ length: 300 }, (_, index) => `crowd${index}@one.example`);
const longAlias = Array.from({ length: 250 }, (_, index) => `destination-${index}@away.example`);

const ldif =
  stackLdif +
  crowd.map((mail) => account(mail)).join('') +
  `dn: mail=many@one.example,jvd=one.example,o=hosting,dc=myhosting,dc=example
objectClass: top
objectClass: JammMailAlias
mail: many@one.example
${longAlias.map((mail) => `maildrop: ${mail}`).join('\n')}
accountActive: TRUE
lastChange: 1020000000

`;

type Source = 'domains' | 'transport' | 'accounts' | 'aliases' | 'accountsmmap' | 'recipients' | 'senders' | 'aliasdomains';

/** A miss is undefined. */
const lookups: readonly (readonly [source: Source, key: string, answer: string | undefined])[] = [
  ['domains', 'one.example', 'one.example'],
  ['domains', 'ONE.Example', 'one.example'],
  ['domains', 'off.example', undefined],
  ['domains', 'away.example', undefined],
  ['domains', '*', undefined],
  ['domains', '*.example', undefined],
  ['transport', 'one.example', 'virtual:'],
  ['transport', 'off.example', undefined],
  ['accounts', 'user@one.example', 'one.example/user/'],
  ['accounts', 'USER@one.EXAMPLE', 'one.example/user/'],
  ['accounts', people.inactive.mail, undefined],
  ['accounts', people.deleted.mail, undefined],
  ['accounts', people.alias.mail, undefined],
  ['accounts', 'nobody@one.example', undefined],
  ['accounts', '@one.example', undefined],
  ['accounts', 'jörg@one.example', undefined],
  ['accounts', 'user@ひつじ.example', undefined],
  ['accounts', 'user)(objectClass=*@one.example', undefined],
  ['aliases', 'team@one.example', 'user@one.example,stranger@two.example,far@away.example'],
  ['aliases', 'many@one.example', longAlias.join(',')],
  ['aliases', '@two.example', 'stranger@two.example'],
  ['aliases', '@one.example', undefined],
  ['aliases', people.user.mail, undefined],
  ['accountsmmap', 'user@one.example', 'user@one.example'],
  ['accountsmmap', 'nobody@one.example', undefined],
  // This directory has no jammd.schema.
  ['recipients', 'user@one.example', 'user@one.example'],
  ['recipients', people.deleted.mail, undefined],
  ['senders', 'user@one.example', undefined],
  ['aliasdomains', 'user@one.example', undefined],
];

describe.skipIf(obstacle)('Postfix maps', () => {
  let stack: MailStack;
  let host: MailHost;

  beforeAll(async () => {
    stack = await MailStack.start({ ldif });
    host = stack.host;
    const legacy = await stack.installPostfixMaps(['--legacy']);
    await stack.installPostfixMaps();
    await host.write('/etc/postfix/main.cf', `compatibility_level = 3.6\nmydestination = localhost\n${legacy}`);
    await host.write('/etc/postfix/master.cf', '');
  });

  afterAll(() => stack.stop());

  const query = async (map: string, key: string): Promise<string | undefined> => {
    const { code, stdout, stderr } = await host.run('postmap', ['-q', key, map]);
    if (/error|fatal|warning: dict/.test(stderr)) throw new Error(stderr);
    return code === 0 ? stdout.trimEnd() : undefined;
  };

  const queryAll = async (map: string, keys: readonly string[]): Promise<string[]> => {
    const { stdout, stderr } = await host.run('postmap', ['-q', '-', map], { input: `${keys.join('\n')}\n` });
    if (/error|fatal|warning: dict/.test(stderr)) throw new Error(stderr);
    return stdout.split('\n').filter((line) => line !== '');
  };

  test.each(lookups)('%s: %s', async (source, key, answer) => {
    expect(await query(`ldap:/etc/postfix/jammd-${source}.cf`, key)).toBe(answer);
    if (source !== 'domains') expect(await query(`ldap:${source}`, key)).toBe(answer);
  });

  test('letters that filters treat specially stand for themselves', async () => {
    const addresses = oddLocalParts.map((local) => `${local}@one.example`);
    const answers = await queryAll('ldap:/etc/postfix/jammd-accountsmmap.cf', [
      ...addresses,
      'st*@one.example',
      '\\2a@one.example',
    ]);
    expect(answers.sort()).toEqual(addresses.map((address) => `${address}\t${address}`).sort());
  });

  test('hundreds of look-ups at once, from many processes, each with its own answer', async () => {
    const processes = Array.from({ length: 12 }, (_, part) => {
      const keys = crowd.filter((_, index) => index % 12 === part).flatMap((mail) => [mail, `no-${mail}`]);
      return queryAll('ldap:/etc/postfix/jammd-accountsmmap.cf', [...keys, ...keys]);
    });
    const answers = (await Promise.all(processes)).flat();
    expect(answers.sort()).toEqual([...crowd, ...crowd].map((mail) => `${mail}\t${mail}`).sort());
  });

  test('the server away is trouble, never a miss', async () => {
    await stack.server.halt();
    await expect(query('ldap:/etc/postfix/jammd-accounts.cf', people.user.mail)).rejects.toThrow(
      /dict_ldap|unavailable|Can't contact/,
    );
    await stack.server.resume();
    expect(await query('ldap:/etc/postfix/jammd-accounts.cf', people.user.mail)).toBe('one.example/user/');
  });
});
