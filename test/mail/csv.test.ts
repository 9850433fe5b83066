/** CSV: what is written is read again as it was, no spreadsheet takes it for a formula, and a domain moves by it whole. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAccountsCsv, exportAccountsCsv, importAccountsCsv, readAccountsCsv } from '../../src/mail/account-csv.js';
import { createAccount, deleteAccount, setActive } from '../../src/mail/accounts.js';
import { checkAliasesCsv, exportAliasesCsv, importAliasesCsv, readAliasesCsv } from '../../src/mail/alias-csv.js';
import { createAlias, replaceDestinations, setCatchAll } from '../../src/mail/aliases.js';
import { createAliasDomain } from '../../src/mail/alias-domains.js';
import { guardField, readCsv, unguardField, writeCsv, type CsvForm } from '../../src/mail/csv.js';
import { exportDomainsCsv } from '../../src/mail/domain-csv.js';
import { setLimits } from '../../src/mail/domain-room.js';
import { createDomain, type Domain } from '../../src/mail/domains.js';
import { everybody } from '../../src/mail/entries.js';
import { setForwarding } from '../../src/mail/forwarding.js';
import { isPostmaster } from '../../src/mail/postmasters.js';
import { changeSenders } from '../../src/mail/senders.js';
import { serverKinds, type ReferenceServer } from '../support/reference-server.js';
import { Logins, startHosting } from './support.js';

const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', "'=1", "''@x", '＝1', "'\t="];
const texts = fc.oneof(
  fc.constantFrom(...formulas, "'plain", '', 'a"b', 'a,b;c\td', 'two\nlines'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\r', '')),
);

describe('the form', () => {
  test('no field begins like a formula, and each is read as it was', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const guarded = guardField(text);
        expect(guarded.replace(/^\s+/, '')).not.toMatch(/^[=+\-@＝＋－＠]/);
        expect(guarded).not.toMatch(/^[\t\r\n]/);
        expect(unguardField(guarded)).toBe(text);
      }),
    );
    for (const formula of formulas) expect(guardField(formula)).toBe(`'${formula}`);
  });
  test('what is written is read again', () => {
    const form: CsvForm<'one' | 'two'> = { columns: ['one', 'two'], key: 'one', names: {}, example: 'x' };
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts), { minLength: 1, maxLength: 5 }), (rows) => {
        const filled = rows.map(([one, two]) => [`x${one}`, two]);
        const read = readCsv(writeCsv(['one', 'two'], filled), form).rows;
        const trimmed = filled.map((fields) => fields.map((field) => unguardField(guardField(field).trim())));
        expect(read.map(({ by }) => [unguardField(by('one')), unguardField(by('two'))])).toEqual(trimmed);
      }),
    );
  });
});

describe.each(serverKinds)('a domain as CSV, on %s', (kind) => {
  let server: ReferenceServer;
  let logins: Logins;

  beforeAll(async () => {
    server = await startHosting(kind);
    logins = new Logins(server.url);
  });
  afterAll(async () => {
    await logins?.close();
    await server?.stop();
  });

  const made = (name: string): RegExp => new RegExp(name.replaceAll('.', '\\.'), 'g');

  test('its accounts and aliases, made from it in another domain, give the same again', async () => {
    const root = await logins.manager();
    const from = await createDomain(root, { domain: 'from.example' });
    const password = { password: 'correct horse', repeat: 'correct horse' };
    const account = (address: string, more = {}): Promise<unknown> =>
      createAccount(root, from, { address, ...password, ...more });
    await account('ann', { name: 'Doe; "Ann", Zoë', quota: '500 MB', postmaster: true });
    await account('=bob', { name: '=HYPERLINK(A1)', quota: '3 GB' });
    await account('+off', { name: "'quoted'" });
    await account('gone');
    await deleteAccount(root, from, 'gone@from.example');
    const { people } = await everybody(root, from.name, 'account');
    await setActive(
      root,
      from,
      people.find(({ address }) => address.startsWith('+off'))!,
      false,
    );
    await setForwarding(root, from, 'ann@from.example', { destinations: 'a@far.example, b@far.example', keepCopy: true });
    await setForwarding(root, from, '=bob@from.example', { destinations: 'c@far.example', keepCopy: false });
    await changeSenders(root, from, 'ann@from.example', { add: '=bob@from.example' });
    await createAlias(root, from, { address: 'sales', name: '@Sales', destinations: 'ann@from.example, =bob@from.example' });
    await changeSenders(root, from, 'sales@from.example', { add: 'ann@from.example' });
    await createAlias(root, from, { address: 'quiet', destinations: 'ann@from.example' });
    const aliases = await everybody(root, from.name, 'alias');
    await setActive(
      root,
      from,
      aliases.people.find(({ address }) => address.startsWith('quiet'))!,
      false,
    );
    await replaceDestinations(root, from, 'abuse@from.example', 'ann@from.example');
    await setCatchAll(root, from, 'ann@from.example');

    const into = await createDomain(root, { domain: 'into.example' });
    const accountsCsv = await exportAccountsCsv(root, from);
    expect(accountsCsv).not.toMatch(/gone/);
    expect(accountsCsv).toMatch(/^'=bob@from\.example,'=HYPERLINK\(A1\),3 GB,no,yes,c@far\.example,no,\r$/m);
    const accountRows = readAccountsCsv(accountsCsv.replaceAll(made('from.example'), 'into.example'));
    expect((await checkAccountsCsv(root, into, accountRows)).map(({ problem }) => problem)).toEqual(Array(3).fill(undefined));
    const results = await importAccountsCsv(root, into, accountRows);
    expect(results.map(({ problem, remark }) => [problem, remark])).toEqual(Array(3).fill([undefined, undefined]));
    expect(await isPostmaster(root, into.name, root.tree.mail('ann@into.example', into.name))).toBe(true);

    const aliasesCsv = await exportAliasesCsv(root, from);
    expect(aliasesCsv).toMatch(/^'@from\.example,/m);
    const aliasRows = readAliasesCsv(aliasesCsv.replaceAll(made('from.example'), 'into.example'));
    expect((await checkAliasesCsv(root, into, aliasRows)).map(({ problem }) => problem)).toEqual(Array(5).fill(undefined));
    const madeAliases = await importAliasesCsv(root, into, aliasRows);
    expect(madeAliases.map(({ problem, remark }) => [problem, remark])).toEqual(Array(5).fill([undefined, undefined]));

    const renamed = (csv: string): string => csv.replaceAll(made('into.example'), 'from.example');
    expect(renamed(await exportAccountsCsv(root, into))).toBe(accountsCsv);
    expect(renamed(await exportAliasesCsv(root, into))).toBe(aliasesCsv);
    // What is there now is told, line by line, and not made again.
    expect((await checkAccountsCsv(root, into, accountRows)).every(({ problem }) => problem?.message.includes('already'))).toBe(
      true,
    );
    const again = (await checkAliasesCsv(root, into, aliasRows)).map(
      ({ problem }) => problem?.message.includes('already') ?? false,
    );
    expect(again.sort()).toEqual([false, false, true, true, true]);
  });

  test('what is wrong with an alias is told by its line, and what a domain may have is counted', async () => {
    const root = await logins.manager();
    const domain: Domain = await createDomain(root, {
      domain: 'wrong.example',
      ...{ password: 'correct horse', repeat: 'correct horse' },
    });
    await setLimits(root, domain, { aliases: '2' });
    const chief = await logins.as('postmaster@wrong.example', 'correct horse');
    const limited = { ...domain, limits: { ...domain.limits, aliases: 2 } };
    const csv = [
      ...['a;x@far.example', 'b;notanaddress', 'c;', 'd;d@wrong.example'],
      ...['a;y@far.example', 'e@else.example;x@far.example', 'f;x@far.example', 'g;x@far.example'],
    ].join('\n');
    const checks = await checkAliasesCsv(chief, limited, readAliasesCsv(csv));
    expect(checks.map(({ problem }) => problem?.message)).toEqual([
      undefined,
      expect.stringMatching(/notanaddress/),
      expect.stringMatching(/at least one address/),
      expect.stringMatching(/only to itself/),
      expect.stringMatching(/already in line 1/),
      expect.stringMatching(/another domain/),
      undefined,
      expect.stringMatching(/may have 2 aliases/),
    ]);
    const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
    const results = await importAliasesCsv(chief, limited, good);
    expect(results.filter(({ address }) => address !== undefined)).toHaveLength(2);
  });

  test('domains with their other names and limits', async () => {
    const root = await logins.manager();
    const domain = await createDomain(root, { domain: 'table.example' });
    await setLimits(root, domain, { accounts: '5', quotaSum: '20 GB', defaultQuota: '1 GB' });
    await createAliasDomain(root, 'also-table.example', 'table.example');
    const csv = await exportDomainsCsv(root);
    expect(csv).toMatch(/^table\.example,,yes,no,,virtual:,yes,yes,5,,20 GB,1 GB\r$/m);
    expect(csv).toMatch(/^also-table\.example,table\.example,yes,no,,virtual:,no,no,,,,\r$/m);
    await expect(exportDomainsCsv(await logins.person('user'))).rejects.toMatchObject({ kind: 'denied' });
  });
});
