/** An import of trusted values looks closely at the first entry of each shape only: no entry may come out otherwise for it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultConfigText } from '../../src/config/default.js';
import type { Config } from '../../src/config/model.js';
import { parseConfig } from '../../src/config/parse.js';
import { exportLdif } from '../../src/directory/transfer/export.js';
import { ChangeSequence } from '../../src/directory/rules/operational.js';
import { importLdif } from '../../src/directory/transfer/import.js';
import { Store } from '../../src/store/store.js';
import { hosting, suffix } from './support.js';

/** What entries that look alike have in common, and what the import makes up for each, is indexed as well. */
const moreIndexes = 'index entryUUID,entryCSN,creatorsName,modifyTimestamp,structuralObjectClass pres,eq\n';

const config = readConfig();
const database = config.databases[0]!;
const stores: Store[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function readConfig(lines = ''): Config {
  const { config } = parseConfig({ file: 'test.conf', text: `${defaultConfigText({})}\n${moreIndexes}${lines}` });
  if (!config) throw new Error('the default configuration is wrong');
  return config;
}

interface Outcome {
  readonly failures: readonly string[];
  /** As exported, but for what differs from one import to the next. */
  readonly text: string;
}

async function outcomeOf(records: readonly string[]): Promise<Outcome> {
  const store = await Store.open({ location: ':memory:', schema: config.schema, indexes: database.indexes });
  const failures: string[] = [];
  await importLdif(
    [records.join('\n')],
    { config, database, store },
    {
      quick: true,
      continueOnError: true,
      onFailure: ({ dn, error }) => failures.push(`${dn}: ${'reason' in error ? error.reason : error.diagnostic}`),
    },
  );
  const problems: string[] = [];
  await store.verify(({ message }) => problems.push(message));
  expect(problems).toEqual([]);
  let text = '';
  for await (const piece of exportLdif(store, config.schema)) text += piece;
  await store.close();
  return { failures, text: withoutStamps(text) };
}

it.each([false, true])('keeps the numbers of values as slapcat wrote them (trusted: %s)', async (quick) => {
  const store = await Store.open({ location: ':memory:', schema: config.schema, indexes: database.indexes });
  stores.push(store);
  const top = `dn: ${suffix}\nobjectClass: domain\ndc: myhosting\n`;
  const rules = ['authzTo: {1}dn:cn=b', 'authzTo: {0}u:a', 'authzFrom: dn:cn=c', 'authzFrom: dn:cn=d'];
  const failures: unknown[] = [];
  const onFailure = (failure: unknown): void => void failures.push(failure);
  await importLdif([`${top}${rules.join('\n')}\n`], { config, database, store }, { quick, onFailure });
  expect(failures).toEqual([]);
  let text = '';
  for await (const piece of exportLdif(store, config.schema)) text += piece;
  expect(text.match(/^authz.*$/gm)).toEqual(rules);
});

const stamps = [
  /entryUUID: [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  /entryCSN: \d{14}\.\d{6}Z#[0-9a-f]{6}#000#000000/,
  /(?:create|modify)Timestamp: \d{14}Z/,
];
const stamp = new RegExp(`^(?:${stamps.map(({ source }) => source).join('|')})$`, 'gm');

/** Those that the LDIF gives stay. */
function withoutStamps(text: string): string {
  return text.replace(stamp, (line) =>
    line.includes(': 1999') || line.includes(givenUUID) ? line : line.slice(0, line.indexOf(':')),
  );
}

const base = [
  `dn: ${suffix}\nobjectClass: domain\ndc: myhosting\n`,
  `dn: ${hosting}\nobjectClass: organization\no: hosting\n`,
  [
    `dn: jvd=one.example,${hosting}`,
    'objectClass: JammVirtualDomain',
    'jvd: one.example',
    'postfixTransport: virtual:',
    'accountActive: TRUE',
    'lastChange: 1',
    'delete: FALSE',
    'editAccounts: TRUE',
    'editPostmasters: TRUE',
    '',
  ].join('\n'),
  `dn: OU=Some People,${hosting}\nobjectClass: organizationalUnit\nou: Some People\n`,
];

const givenUUID = '1aaaaaaa-0000-1000-8000-000000000000';
const accountLines = [
  'objectClass: top',
  'objectClass: JammMailAccount',
  'mail: NAME',
  'homeDirectory: /home',
  'mailbox: NAME/',
  'accountActive: TRUE',
  'lastChange: 1',
  'delete: FALSE',
];
const personLines = ['objectClass: person', 'objectClass: uidObject', 'cn: NAME', 'sn:  NAME', 'cn: Another', 'uid: 7'];
const exportedLines = [
  'objectClass: person',
  'cn: NAME',
  'sn: NAME',
  'structuralObjectClass: person',
  `entryUUID: ${givenUUID}`,
  `creatorsName: ${suffix}`,
  'createTimestamp: 19990101000000Z',
  'entryCSN: 19990101000000.000000Z#000000#000#000000',
  'modifyTimestamp: 19990101000000Z',
];
const addLines = ['changetype: add', ...personLines];

/** What happens to a line on the way: mostly nothing. */
const alterations: readonly ((line: string) => readonly string[])[] = [
  () => [],
  (line) => [line, line.replace(/: *.*/, ': another')],
  (line) => [line.replace(/^[^:]*/, (type) => type.toUpperCase())],
  (line) => [line.replace(/: +/, ':')],
  (line) => [line.replace(/: *(.*)/, (_, value: string) => `:: ${Buffer.from(value).toString('base64')}`)],
  (line) => [line.replace(/: */, ':\n  ')],
  (line) => ['# a comment', line],
  (line) => ['description: between', line],
  (line) => [line, 'ou: nobody allows this'],
  (line) => [line.replace(/^cn/, 'commonName')],
  (line) => [line.replace(/^cn/, 'cn;lang-en')],
  (line) => [line.replace(/^objectClass: .*/, 'objectClass: noSuchClass')],
  (line) => [line.replace(/^entryUUID.*/, 'hasSubordinates: TRUE')],
  (line) => [line.replace(/NAME/, 'Name-Of-Another-Spelling')],
  (line) => [line.replace(/:/, ' :')],
];

const record = fc
  .record({
    lines: fc.constantFrom(accountLines, accountLines, personLines, personLines, exportedLines, addLines),
    name: fc.nat(400).map((number) => (number % 10 === 0 ? `Ada, ${number}` : `ada${number}`)),
    parent: fc.constantFrom(
      `jvd=one.example,${hosting}`,
      `jvd=one.example,${hosting}`,
      `ou=some people,${hosting}`,
      `OU=Some  People,O=Hosting,${suffix}`,
      `jvd=none.example,${hosting}`,
      'o=elsewhere',
    ),
    altered: fc.option(fc.tuple(fc.nat(20), fc.constantFrom(...alterations)), { freq: 2 }),
    naming: fc.constantFrom('plain', 'plain', 'plain', 'upper case', 'two values', 'base64', 'another type'),
  })
  .map(({ lines, name, parent, altered, naming }) => {
    const type = lines === accountLines ? 'mail' : 'cn';
    const value = name.replace(',', '\\,');
    const names = {
      plain: `${type}=${value}`,
      'upper case': `${type.toUpperCase()}=${value.toUpperCase()}`,
      'two values': `${type}=${value}+description=here`,
      base64: `${type}=${value}`,
      'another type': `description=${value}`,
    };
    const dn = `${names[naming]},${parent}`;
    const first = naming === 'base64' ? `dn:: ${Buffer.from(dn).toString('base64')}` : `dn: ${dn}`;
    const body = lines.flatMap((line, index) => (altered && altered[0] === index ? altered[1](line) : [line]));
    return [first, ...body.map((line) => line.replace('NAME', name)), ''].join('\n');
  });

it('makes of entries that look alike what it makes of each by itself', async () => {
  const property = fc.asyncProperty(fc.array(record, { minLength: 20, maxLength: 60 }), async (records) => {
    const alike = await outcomeOf([...base, ...records]);
    // A record that begins with a version is not taken for one that looks like another.
    const each = await outcomeOf([...base, ...records].map((record) => `version: 1\n${record}`));
    expect(alike).toEqual(each);
  });
  await fc.assert(property, { numRuns: 25 });
});

it('stamps each of them with a UUID and a change number of its own', async () => {
  const store = await Store.open({ location: ':memory:', schema: config.schema, indexes: database.indexes });
  stores.push(store);
  const people = Array.from({ length: 500 }, (_, n) => `dn: cn=p${n},${hosting}\nobjectClass: person\ncn: p${n}\nsn: p\n`);
  const failures: unknown[] = [];
  const target = { config, database, store };
  await importLdif([[...base, ...people].join('\n')], target, { quick: true, onFailure: (failure) => failures.push(failure) });
  expect(failures).toEqual([]);
  let text = '';
  for await (const piece of exportLdif(store, config.schema)) text += piece;
  const entries = base.length + people.length;
  const uuids = text.match(/^entryUUID: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/gm);
  expect(new Set(uuids).size).toBe(entries);
  const csns = text.match(/^entryCSN: .*$/gm);
  expect(new Set(csns).size).toBe(entries);
  expect(csns).toEqual(csns?.toSorted());
});

it('keeps siblings in the order in which they came, though their parents come later', async () => {
  const store = await Store.open({ location: ':memory:', schema: config.schema, indexes: database.indexes });
  stores.push(store);
  const unit = (dn: string): string => `dn: ${dn}\nobjectClass: organizationalUnit\n\n`;
  const order = ['c', 'a', 'd', 'b'];
  const below = order.map((ou) => unit(`ou=${ou},ou=z,${suffix}`) + unit(`ou=x${ou},ou=${ou},ou=z,${suffix}`)).join('');
  const top = `dn: ${suffix}\nobjectClass: domain\n\n`;
  const failures: unknown[] = [];
  const onFailure = (failure: unknown): void => void failures.push(failure);
  await importLdif([below + unit(`ou=z,${suffix}`) + top], { config, database, store }, { onFailure });
  expect(failures).toEqual([]);
  const names: string[] = [];
  for await (const chunk of store.scan()) for (const { dn } of chunk) names.push(dn);
  const siblings = order.flatMap((ou) => [`ou=${ou},ou=z,${suffix}`, `ou=x${ou},ou=${ou},ou=z,${suffix}`]);
  expect(names).toEqual([suffix, `ou=z,${suffix}`, ...siblings]);
});

it('moves the clock: later change numbers are above those that it brings, also after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jammd-import-'));
  const open = () => Store.open({ location: join(folder, 'db'), schema: config.schema, indexes: database.indexes });
  const ahead = '20991231235959.123456Z#000000#000#000000';
  const ldif = [`dn: ${suffix}`, 'objectClass: domain', 'dc: myhosting', `entryCSN: ${ahead}`, ''].join('\n');
  let store = await open();
  await importLdif([ldif], { config, database, store }, { quick: true, onFailure: () => expect.unreachable() });
  for (let start = 0; start < 2; start++) {
    const changes = new ChangeSequence(0);
    changes.resumeAfter(store.latestTime);
    expect(changes.next() > ahead).toBe(true);
    await store.close();
    store = await open();
  }
  await store.close();
  await rm(folder, { recursive: true });
});

describe('entries that replicas are to follow', () => {
  const following = readConfig('overlay syncprov\n');

  it.each([
    ['checked', {}],
    ['trusted', { quick: true }],
  ])('get new CSNs above those of the LDIF, %s, unless their position is taken over', async (_, options) => {
    const old = '20200101000000.000000Z#000000#000#000000';
    const ahead = '20991231235959.123456Z#000000#000#000000';
    const unit = (name: string, csn: string): string =>
      `dn: ou=${name},${suffix}\nobjectClass: organizationalUnit\nou: ${name}\nentryCSN: ${csn}\n\n`;
    const top = `dn: ${suffix}\nobjectClass: domain\ndc: myhosting\nentryCSN: ${old}\ncontextCSN: ${ahead}\n\n`;
    const ldif = top + ['a', 'b', 'c'].map((name) => unit(name, old)).join('');
    const csnsOf = async (writeContext: boolean): Promise<string[]> => {
      const store = await Store.open({ location: ':memory:', schema: config.schema, indexes: database.indexes });
      stores.push(store);
      const target = { config: following, database: following.databases[0]!, store };
      await importLdif([ldif], target, { ...options, writeContext, onFailure: () => expect.unreachable() });
      let text = '';
      for await (const piece of exportLdif(store, config.schema)) text += piece;
      expect(text.match(/^ou: /gm)).toHaveLength(3);
      return text.match(/(?<=^entryCSN: ).*$/gm) ?? [];
    };
    const stamped = await csnsOf(false);
    expect(new Set(stamped).size).toBe(4);
    expect(stamped.every((csn) => csn > ahead)).toBe(true);
    expect(await csnsOf(true)).toEqual([old, old, old, old]);
  });
});
