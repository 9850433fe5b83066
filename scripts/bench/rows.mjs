/** The rows of the table: each a piece of a mail host's work and how it is measured on one server. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import * as pdu from './pdu.mjs';
import { replicaRows } from './replica-rows.mjs';
import {
  accountAttributes,
  accountDn,
  accountsPerDomain,
  address,
  domainDn,
  domainName,
  hosting,
  manager,
  password,
  slowPassword,
} from './tree.mjs';

/** Keys of the hot set, and draws of the skewed one. */
const hotKeys = 20_000;
const zipfDraws = 400_000;

/** Postfix's four-term lookup of an account. */
function lookup(mail) {
  const filter = pdu.and(
    pdu.equality('objectClass', 'JammMailAccount'),
    pdu.equality('mail', mail),
    pdu.equality('accountActive', 'TRUE'),
    pdu.equality('delete', 'FALSE'),
  );
  return pdu.search(hosting, 'sub', filter, ['mailbox']);
}

function transport(domain) {
  const filter = pdu.and(
    pdu.equality('jvd', domain),
    pdu.equality('objectClass', 'JammVirtualDomain'),
    pdu.equality('accountActive', 'TRUE'),
    pdu.equality('delete', 'FALSE'),
  );
  return pdu.search(hosting, 'one', filter, ['postfixTransport']);
}

/** How the accounts that are asked for are drawn: all alike, a few of them far more often, or 20,000 all over the tree. */
export const keyKinds = ['uniform', 'zipf', 'hot'];

/** The numbers of the accounts that are asked for, the same for both servers; the load generator draws from them uniformly. */
function drawNumbers(accounts, keys) {
  if (keys === 'uniform') return Array.from({ length: accounts }, (_, number) => number);
  if (keys === 'zipf') return drawZipf(accounts);
  const step = Math.max(1, Math.floor(accounts / hotKeys));
  return Array.from({ length: Math.min(hotKeys, accounts) }, (_, index) => (index * step + (index % step)) % accounts);
}

/** The nth most popular account is asked for 1/n as often as the first; who is popular has nothing to do with names. */
function drawZipf(accounts) {
  const logarithm = Math.log(accounts + 1);
  let state = 1;
  return Array.from({ length: zipfDraws }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const rank = Math.min(accounts - 1, Math.floor(Math.exp((state / 2 ** 32) * logarithm)) - 1);
    return Number((BigInt(rank) * 2_654_435_761n) % BigInt(accounts));
  });
}

function drawAccounts(accounts, keys) {
  return drawNumbers(accounts, keys).map((number) => [Math.floor(number / accountsPerDomain), number % accountsPerDomain]);
}

/** Request files, made once and used for both servers. */
export function prepare(load, accounts, keys) {
  const drawn = drawAccounts(accounts, keys);
  const fast = drawn.filter(([domain]) => domain !== 0);
  const domains = accounts / accountsPerDomain;
  return {
    hits: load.requests(drawn.map(([domain, account]) => lookup(address(domain, account)))),
    misses: load.requests(drawn.map(([domain, account]) => lookup(`no-${address(domain, account)}`))),
    transports: load.requests(Array.from({ length: domains }, (_, domain) => transport(domainName(domain)))),
    binds: load.requests(fast.map(([domain, account]) => pdu.bind(accountDn(domain, account), password(domain, account)))),
    slowBinds: load.requests(Array.from({ length: 20 }, (_, account) => pdu.bind(accountDn(0, account), slowPassword))),
    asManager: load.requests([pdu.bind(manager.dn, manager.password)]),
    modifies: load.requests(
      fast.map(([domain, account], index) => pdu.replace(accountDn(domain, account), 'description', `changed ${index}`)),
    ),
    everything: load.requests([pdu.search(hosting, 'sub', pdu.present('objectClass'), ['*'])]),
    unindexed: load.requests([pdu.search(hosting, 'sub', pdu.equality('homeDirectory', '/nowhere'), ['mail'])]),
    substring: load.requests([pdu.search(hosting, 'sub', pdu.substrings('mail', [undefined, ['u55@d9'], undefined]), ['mail'])]),
    suffix: load.requests([pdu.search(hosting, 'sub', pdu.substrings('mail', [undefined, [], '@d9.example']), ['mail'])]),
  };
}

const perSecond = (result) => result.perSecond;
const milliseconds = (result) => result.p50Us / 1000;

/** Adds differ from round to round, or they would not be adds. */
function adds(load, round, count) {
  return load.requests(
    Array.from({ length: count }, (_, index) => {
      const account = `new-${round}-${index}`;
      return pdu.add(
        `mail=u${account}@${domainName(1)},${domainDn(1)}`,
        accountAttributes(1, account, '{SSHA}bm90IGEgcGFzc3dvcmQgYnV0IGEgaGFzaA=='),
      );
    }),
  );
}

function pagedRead({ server }) {
  const started = performance.now();
  const args = [
    '-x',
    '-LLL',
    '-H',
    server.url,
    '-D',
    manager.dn,
    '-w',
    manager.password,
    '-b',
    hosting,
    '-E',
    'pr=1000/noprompt',
    '(objectClass=JammMailAccount)',
    'mail',
    'mailbox',
  ];
  const { status } = spawnSync('ldapsearch', args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`ldapsearch exited ${status}`);
  return performance.now() - started;
}

/** @returns what lookups get while one client reads everything, over and over. */
async function lookupsBesideReader({ server, load, files, seconds, seed }) {
  const reader = load.send(server.port, files.everything, { seconds: seconds + 0.5, first: files.asManager });
  await new Promise((resolve) => setTimeout(resolve, 250));
  const lookups = await load.send(server.port, files.hits, { connections: 8, seconds, seed });
  await reader;
  return lookups;
}

/** @returns the rate of lookups beside a reader, in per cent of what they get alone, right before and after. */
async function shareBesideReader(context) {
  const { server, load, files, seconds, seed } = context;
  const alone = () => load.send(server.port, files.hits, { connections: 8, seconds: seconds / 2, seed });
  const before = await alone();
  const beside = await lookupsBesideReader(context);
  const after = await alone();
  return (200 * beside.perSecond) / (before.perSecond + after.perSecond);
}

/** @returns microseconds of the server's own CPU time: what else the machine does matters less than to rates. */
async function cpuPerLookup({ server, load, files, seconds, seed }, part) {
  const before = server.cpuSeconds();
  const { operations } = await load.send(server.port, files.hits, { connections: 8, seconds, seed });
  const after = server.cpuSeconds();
  return ((part(after) - part(before)) * 1e6) / operations;
}

/** @returns the rate of lookups in the ten seconds after a start. */
async function firstSeconds({ server, load, files, seed, quick }) {
  await server.stop();
  await server.start();
  return (await load.send(server.port, files.hits, { connections: 8, seconds: quick ? 1 : 10, seed })).perSecond;
}

/**
 * `unit` says which way is better: per second or per cent, more; anything else, less. A row measured by the same run as another
 * names it in `with`.
 */
export const rows = [
  {
    name: 'hit1',
    title: 'lookup, hit, 1 connection',
    unit: '/s',
    measure: (c) => c.load.send(c.server.port, c.files.hits, { seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'hit8',
    title: 'lookup, hit, 8 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.hits, { connections: 8, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'hit64',
    title: 'lookup, hit, 64 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.hits, { connections: 64, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'pipelined',
    title: 'lookup, hit, 8 connections, 16 deep',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.hits, { connections: 8, depth: 16, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'miss8',
    title: 'lookup, miss, 8 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.misses, { connections: 8, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'p50',
    title: 'lookup latency, 8 connections: median',
    unit: 'ms',
    measure: (c) =>
      c.load.send(c.server.port, c.files.hits, { connections: 8, seconds: c.seconds, seed: c.seed }).then(milliseconds),
  },
  {
    name: 'p99',
    title: 'lookup latency, 8 connections: p99',
    unit: 'ms',
    measure: (c) =>
      c.load
        .send(c.server.port, c.files.hits, { connections: 8, seconds: c.seconds, seed: c.seed })
        .then((result) => result.p99Us / 1000),
  },
  {
    name: 'cpu8',
    title: 'CPU of one lookup, 8 connections',
    unit: 'us',
    measure: (c) => cpuPerLookup(c, ({ user, system }) => user + system),
  },
  { name: 'user8', title: 'the same without the kernel', unit: 'us', measure: (c) => cpuPerLookup(c, ({ user }) => user) },
  {
    name: 'transport',
    title: 'transport lookup by jvd, 8 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.transports, { connections: 8, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'bind',
    title: 'bind, {SSHA}, 8 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.binds, { connections: 8, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'bcrypt',
    title: 'bind, bcrypt cost 10, repeated, 8 connections',
    unit: '/s',
    measure: (c) =>
      c.load.send(c.server.port, c.files.slowBinds, { connections: 8, seconds: c.seconds, seed: c.seed }).then(perSecond),
  },
  {
    name: 'unindexed',
    title: 'unindexed filter over everything',
    unit: 'ms',
    measure: (c) =>
      c.load.send(c.server.port, c.files.unindexed, { seconds: c.seconds, first: c.files.asManager }).then(milliseconds),
  },
  {
    name: 'substring',
    title: 'substring (mail=*u55@d9*)',
    unit: 'ms',
    measure: (c) =>
      c.load.send(c.server.port, c.files.substring, { seconds: c.seconds, first: c.files.asManager }).then(milliseconds),
  },
  {
    name: 'suffix',
    title: 'suffix (mail=*@d9.example)',
    unit: 'ms',
    measure: (c) =>
      c.load.send(c.server.port, c.files.suffix, { seconds: c.seconds, first: c.files.asManager }).then(milliseconds),
  },
  { name: 'paged', title: 'paged read of every account, 1,000 a page', unit: 'ms', measure: pagedRead },
  {
    name: 'beside',
    title: 'lookups beside a full reader, 8 connections',
    unit: '/s',
    measure: (c) => lookupsBesideReader(c).then(perSecond),
  },
  { name: 'besideShare', title: 'the same, of their rate alone', unit: '%', measure: shareBesideReader },
  {
    name: 'besideP99',
    title: 'lookups beside a full reader: p99',
    unit: 'ms',
    measure: (c) => lookupsBesideReader(c).then((result) => result.p99Us / 1000),
  },
  { name: 'memory', title: 'resident memory after lookups and reads', unit: 'MB', measure: (c) => c.server.memory('VmRSS') },
  { name: 'anonymous', title: 'the same without mapped files', unit: 'MB', measure: (c) => c.server.memory('RssAnon') },
  {
    name: 'add',
    title: 'ldapadd of 3,000 accounts, 1 connection',
    unit: '/s',
    measure: (c) =>
      c.load
        .send(c.server.port, adds(c.load, c.round, c.quick ? 300 : 3000), {
          seconds: 120,
          inOrder: true,
          first: c.files.asManager,
        })
        .then(perSecond),
  },
  {
    name: 'modify8',
    title: 'modify, 8 clients at once',
    unit: '/s',
    measure: (c) =>
      c.load
        .send(c.server.port, c.files.modifies, { connections: 8, seconds: c.seconds, seed: c.seed, first: c.files.asManager })
        .then(perSecond),
  },
  ...replicaRows(adds),
];

/** Rows that run while the server is down, in this order. */
export const offlineRows = [
  { name: 'import', title: 'import of the tree', unit: 's', measure: (c) => c.server.load(c.ldif) },
  {
    name: 'export',
    title: 'export of the tree',
    unit: 's',
    measure: (c) => {
      const file = join(c.server.folder, 'export.ldif');
      const seconds = c.server.export(file);
      rmSync(file, { force: true });
      return seconds;
    },
  },
  {
    name: 'start',
    title: 'start until the first answer',
    unit: 's',
    measure: (c) => c.server.start(),
  },
  { name: 'first10', title: 'lookup, hit, 8 connections, 10 s from the start', unit: '/s', measure: firstSeconds },
];
