/** Paged results (RFC 2696) page by page: with writes in between, and with cookies that are not this page's. */
import { add, bind, by, modify, remove, rename, search, whoAmI, type SearchOptions } from '../directed/steps.js';
import type { PageRequest, Step } from '../contestant.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const base = 'dc=test';
const many = 'ou=many,dc=test';
const other = 'ou=other,dc=test';
const leaf = (number: number): string => `cn=e${number},${many}`;
const numbers = Array.from({ length: 12 }, (_, index) => index + 1);

interface Look extends SearchOptions {
  readonly base?: string;
  readonly filter?: string;
}

const page = (request: PageRequest, { base: where = many, filter = '(cn=e*)', ...options }: Look = {}): Step =>
  search(where, filter, { scope: 'sub', attributes: ['1.1'], page: request, inOrder: true, ...options });

/** slapd tells a cookie that it never gave (2) from one whose turn is over (53). */
const notThis = { either: [2, 53] } as const;

const givenUp = {
  because: 'slapd goes on with a search in pages that was given up',
  outcome: { code: 2, entries: undefined, controls: undefined, order: [] },
} as const;

const directives = [
  'index objectClass,cn eq',
  'access to dn.exact="cn=e5,ou=many,dc=test" by dn.exact="cn=root,dc=test" write by * none',
  'access to attrs=userPassword by anonymous auth',
  'access to * by * read',
].join('\n');

export const paging: Setting = {
  config: `${head}${database(base, 'test', directives)}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      [base]: domainEntry(),
      [many]: unitEntry(),
      [other]: unitEntry(),
      'cn=u,dc=test': personEntry({ userPassword: ['pw'] }),
      ...Object.fromEntries(numbers.map((number) => [leaf(number), personEntry()])),
    }),
    ...by('#root', [
      // Entries are deleted before and behind the place where the pages stand, the last one of a page among them.
      page({ size: 3, keep: 'a' }),
      remove(leaf(3)),
      remove(leaf(5)),
      remove(leaf(1)),
      page({ size: 3, cookie: 'a', keep: 'b' }),
      add(leaf(1), personEntry()),
      add('cn=e0,ou=many,dc=test', personEntry()),
      page({ size: 3, cookie: 'b', keep: 'c' }),
      // What has been on a page and what has not, out of the search and into it.
      rename(leaf(11), 'cn=x11'),
      rename(leaf(2), 'cn=e99'),
      rename(leaf(12), 'cn=e12', { newSuperior: other }),
      page({ size: 3, cookie: 'c', keep: 'd' }),
      modify('cn=e0,ou=many,dc=test', [['replace', 'description', 'after it was sent']]),
      page({ size: 3, cookie: 'd', keep: 'e' }),
      rename(`cn=e12,${other}`, 'cn=e12', { newSuperior: many }),
      rename('cn=x11,ou=many,dc=test', 'cn=e11'),
      page({ size: 100 }),
    ]),
    ...by('#one', [
      page({ size: 2, keep: 'a' }),
      page({ size: 2, cookie: 'a', keep: 'b' }),
      page({ size: 2, cookie: 'a' }, notThis),
      page({ size: 2, cookie: 'b' }, notThis),
      ...(['flipped', 'cut', 'longer'] as const).flatMap((spoiled) => [
        page({ size: 2, keep: 'a' }),
        page({ size: 2, cookie: 'a', spoiled }, notThis),
        page({ size: 2, keep: 'a' }),
        page({ size: 2, cookie: 'a', spoiled, critical: false }, notThis),
      ]),
      // The next page of what is, in one way or another, another search.
      ...(
        [
          { filter: '(cn=e1*)' },
          { filter: '(objectClass=*)' },
          { filter: '(cn=nobody)' },
          { scope: 'one' },
          { attributes: ['cn'] },
          { typesOnly: true, attributes: ['sn'] },
        ] satisfies Look[]
      ).flatMap((look) => [page({ size: 2, keep: 'a' }), page({ size: 2, cookie: 'a' }, look)]),
      ...[1, 5, 100].flatMap((size) => [page({ size: 2, keep: 'a' }), page({ size, cookie: 'a' })]),
      page({ size: 2, keep: 'a' }),
      page({ size: 0, cookie: 'a', keep: 'b' }),
      page({ size: 2, cookie: 'a' }, { rather: givenUp }),
      page({ size: 2, critical: false }),
      // In between come other requests, and another search in pages.
      page({ size: 2, keep: 'a' }),
      whoAmI(),
      search(many, '(cn=e7)'),
      page({ size: 2, cookie: 'a', keep: 'a' }),
      page({ size: 1, keep: 'b' }, { base: other, filter: '(objectClass=*)' }),
      page({ size: 2, cookie: 'a' }, notThis),
      page({ size: 2, keep: 'a' }),
      bind('cn=u,dc=test', 'pw'),
      page({ size: 2, cookie: 'a' }),
      page({ size: 100 }),
    ]),
    // Two connections at once, and one with the cookie of the other.
    page({ size: 4, keep: 'p' }, { as: '#p' }),
    page({ size: 4, keep: 'q' }, { as: '#q' }),
    page({ size: 4, cookie: 'p', keep: 'p' }, { as: '#p' }),
    page({ size: 4, cookie: 'q', keep: 'q' }, { as: '#q' }),
    page({ size: 4, cookie: 'p' }, { as: '#p' }),
    page({ size: 4, cookie: 'q' }, { as: '#q' }),
    page({ size: 4, keep: 'p' }, { as: '#p' }),
    page({ size: 4, cookie: 'p' }, { as: '#r', ...notThis }),
    ...by('#edges', [
      page({ size: 5 }, { filter: '(cn=nobody)' }),
      page({ size: 5 }, { base: 'ou=none,dc=test' }),
      page({ size: 5 }, { base: '', scope: 'base', filter: '(objectClass=*)' }),
      page({ size: 12 }),
      page({ size: 13 }),
      page({ size: 2_147_483_647 }),
      page({ size: 1 }, { scope: 'base', filter: '(objectClass=*)' }),
      page({ size: 3, keep: 'a' }),
      remove(leaf(6)),
      page({ size: 3, cookie: 'a' }),
    ]),
  ],
};
