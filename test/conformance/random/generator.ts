/**
 * Random episodes: a small domain and a unit of its own, then operations on them by the Manager, a user, a postmaster
 * and nobody. Names hold `%JVD%`, `%OU%` and `%DOMAIN%`, so that an episode can be replayed in a fresh place.
 */
import { ssha } from '../../support/hosting-tree.js';
import { boolean, octets, sequence } from '../../support/wire/ber.js';
import type { Bytes, Change, Operation, WireControl } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import {
  accountAttributes,
  add,
  bind,
  by,
  compare,
  domainAttributes,
  modify,
  passwordModify,
  remove,
  rename,
  search,
  unit,
  whoAmI,
} from '../directed/steps.js';
import {
  entryKinds,
  indexedAttributes,
  matchingRules,
  objectClasses,
  strangeAttributes,
  values,
  type EntryKind,
} from './material.js';
import { Random } from './random.js';

export interface Episode {
  readonly prelude: readonly Step[];
  readonly steps: readonly Step[];
}

const user = 'mail=u1@%DOMAIN%,%JVD%';
const postmaster = 'mail=p1@%DOMAIN%,%JVD%';
const group = 'cn=postmaster,%JVD%';
const attributeNames = Object.keys(values);

const prelude: readonly Step[] = [
  add('%JVD%', domainAttributes()),
  add('%OU%', unit()),
  add(user, accountAttributes({ userPassword: [ssha('u1')] })),
  add(postmaster, accountAttributes({ userPassword: ['p1'] })),
  add(group, {
    objectClass: ['JammMailAlias', 'JammPostmaster'],
    mail: ['postmaster@%DOMAIN%'],
    maildrop: ['postmaster'],
    accountActive: ['TRUE'],
    lastChange: ['1'],
    roleOccupant: [postmaster],
  }),
  ...by('#user', [bind(user, 'u1')]),
  ...by('#postmaster', [bind(postmaster, 'p1')]),
  ...by('#anonymous', [bind('', '')]),
];

/** Everything below both places, as the Manager sees it. */
const inventory: readonly Step[] = ['%JVD%', '%OU%'].map((base) =>
  search(base, '(objectClass=*)', {
    scope: 'sub',
    attributes: ['*', 'entryDN', 'hasSubordinates', 'structuralObjectClass', 'creatorsName', 'modifiersName'],
  }),
);

export function generateEpisode(seed: number, length: number): Episode {
  const generator = new Generator(new Random(seed));
  const steps = Array.from({ length }, () => generator.step());
  return { prelude, steps: [...steps, ...inventory] };
}

/** Puts an episode's steps in a place of their own. */
export function place(steps: readonly Step[], number: number, suffix: string): Step[] {
  const domain = `ep${number}.example`;
  const text = JSON.stringify(steps)
    .replaceAll('%JVD%', `jvd=${domain},o=hosting,${suffix}`)
    .replaceAll('%OU%', `ou=ep${number},${suffix}`)
    .replaceAll('%DOMAIN%', domain);
  return JSON.parse(text) as Step[];
}

const operations = {
  add: 18,
  modify: 26,
  search: 30,
  compare: 7,
  rename: 8,
  move: 3,
  delete: 5,
  bind: 3,
  password: 2,
  page: 5,
  whoAmI: 1,
} as const;
const askers = { manager: 70, '#user': 9, '#postmaster': 15, '#anonymous': 6 } as const;

const controlOids = {
  assertion: '1.3.6.1.1.12',
  preRead: '1.3.6.1.1.13.1',
  postRead: '1.3.6.1.1.13.2',
  matchedValues: '1.2.826.0.1.3344810.2.3',
  proxiedAuthorization: '2.16.840.1.113730.3.4.18',
  subentries: '1.3.6.1.4.1.4203.1.10.1',
  manageDsaIT: '2.16.840.1.113730.3.4.2',
  relax: '1.3.6.1.4.1.4203.666.5.12',
  domainScope: '1.2.840.113556.1.4.1339',
  dontUseCopy: '1.3.6.1.1.22',
  permissiveModify: '1.2.840.113556.1.4.1413',
  noOp: '1.3.6.1.4.1.4203.666.5.2',
  unknown: '1.2.3.4.5.6',
} as const;

type ControlName = keyof typeof controlOids;

const allControls = Object.keys(controlOids) as ControlName[];

const controlsFor: Readonly<Partial<Record<Operation['op'], readonly ControlName[]>>> = {
  search: [
    'assertion',
    'matchedValues',
    'matchedValues',
    'proxiedAuthorization',
    'subentries',
    'manageDsaIT',
    'domainScope',
    'dontUseCopy',
  ],
  compare: ['assertion', 'proxiedAuthorization', 'manageDsaIT', 'dontUseCopy'],
  add: ['assertion', 'postRead', 'proxiedAuthorization', 'manageDsaIT', 'relax', 'noOp'],
  modify: [
    'assertion',
    'preRead',
    'postRead',
    'proxiedAuthorization',
    'manageDsaIT',
    'permissiveModify',
    'permissiveModify',
    'relax',
    'noOp',
  ],
  modifyDN: ['assertion', 'preRead', 'postRead', 'proxiedAuthorization', 'manageDsaIT', 'relax', 'noOp'],
  delete: ['assertion', 'preRead', 'proxiedAuthorization', 'manageDsaIT', 'relax', 'noOp'],
  extended: ['proxiedAuthorization'],
  passwordModify: ['proxiedAuthorization'],
};

interface NamedEntry {
  readonly name: string;
  readonly kind: EntryKind;
}

function kindOf(objectClass: string): EntryKind {
  const kind = entryKinds.find((candidate) => candidate.classes.includes(objectClass));
  if (kind === undefined) throw new Error(`no kind of entry is a ${objectClass}`);
  return kind;
}

class Generator {
  readonly #random: Random;
  /** Names that were given to entries, whether or not the server took them, and what kind of entry each is. */
  readonly #entries: NamedEntry[] = [
    { name: '%JVD%', kind: kindOf('JammVirtualDomain') },
    { name: '%OU%', kind: kindOf('organizationalUnit') },
    { name: user, kind: kindOf('JammMailAccount') },
    { name: postmaster, kind: kindOf('JammMailAccount') },
    { name: group, kind: kindOf('JammPostmaster') },
  ];

  /** The search in pages that each connection has under way. */
  readonly #pages = new Map<keyof typeof askers, Step>();

  constructor(random: Random) {
    this.#random = random;
  }

  step(): Step {
    const as = this.#random.weighted(askers);
    return this.#withControls({ ...this.#operation(as), as });
  }

  /** One request in eight has controls: those that go with it, mostly, and some that do not. */
  #withControls(step: Step): Step {
    const random = this.#random;
    if (step.page !== undefined || !random.chance(0.12)) return step;
    const { operation } = step;
    const fitting = controlsFor[operation.op] ?? [];
    if (random.chance(0.9) && fitting.length > 0) {
      const names = new Set(random.sample(fitting, random.pick([1, 1, 2])));
      const controls = [...names].map((name) => this.#control(name, random.chance(0.7)));
      // Of two faults slapd tells the first in its way through the request: a search's base before its controls, these in
      // their order. Here who asks, and what a pre- or post-read asks for, may come first.
      const either = names.has('proxiedAuthorization') ? { either: operation.op === 'search' ? [123] : [17] } : {};
      return { ...step, operation: { ...operation, controls }, ...either };
    }
    // Where more is wrong with the request, slapd may tell that instead.
    const stray = this.#control(random.pick(allControls), random.chance(0.7));
    return { ...step, operation: { ...operation, controls: [stray] }, either: [12] };
  }

  #control(name: ControlName, critical: boolean): WireControl {
    const random = this.#random;
    const hex = (value: Buffer): Bytes => ({ hex: value.toString('hex') });
    const some = (): string[] =>
      random.sample(
        ['cn', 'mail', 'description', 'entryDN', 'modifiersName', 'name', '*', '+', 'noSuchAttribute', 'description;lang-en'],
        random.pick([0, 1, 1, 2, 3]),
      );
    const value = ((): Omit<WireControl, 'oid' | 'critical'> => {
      switch (name) {
        case 'assertion':
          return { filter: this.#filter(1) };
        case 'preRead':
        case 'postRead':
          return { value: hex(sequence(...some().map((type) => octets(type)))) };
        case 'matchedValues':
          return { filters: Array.from({ length: random.pick([1, 1, 2]) }, () => this.#item(false)) };
        case 'proxiedAuthorization':
          return { value: random.pick(['', `dn:${user}`, `dn:${postmaster}`, 'dn:', 'dn:nonsense', `dn:${this.#name()}`]) };
        case 'subentries':
          return { value: hex(boolean(random.chance(0.3))) };
        case 'manageDsaIT':
        case 'relax':
        case 'domainScope':
        case 'dontUseCopy':
        case 'permissiveModify':
        case 'noOp':
        case 'unknown':
          return {};
      }
    })();
    return { oid: controlOids[name], critical, ...value };
  }

  #operation(as: keyof typeof askers): Step {
    switch (this.#random.weighted(operations)) {
      case 'add':
        return this.#add();
      case 'modify':
        return this.#modify();
      case 'search':
        return this.#search();
      case 'compare':
        return this.#compare();
      case 'rename':
        return this.#rename();
      case 'delete':
        return remove(this.#name());
      case 'bind':
        return this.#bind();
      case 'password':
        return this.#password();
      case 'move':
        return this.#move();
      case 'page':
        return this.#page(as);
      case 'whoAmI':
        return whoAmI();
    }
  }

  #add(): Step {
    const random = this.#random;
    const kind = random.pick(entryKinds);
    const parent = random.chance(0.8) ? `%${kind.below}%` : this.#name();
    const rdn = this.#rdn(random.pick(kind.naming));
    this.#entries.push({ name: `${rdn},${parent}`, kind });
    const attributes = new Map<string, Bytes[]>([['objectClass', this.#classes(kind)]]);
    const missing = random.chance(0.06) ? random.pick([...kind.must, 'objectClass']) : undefined;
    for (const type of [...kind.must, ...random.sample(kind.may, random.below(4))]) attributes.set(type, this.#someValues(type));
    if (random.chance(0.05)) {
      const extra = random.pick([...attributeNames, ...strangeAttributes]);
      attributes.set(extra, this.#someValues(extra));
    }
    if (missing !== undefined) attributes.delete(missing);
    return add(`${rdn},${parent}`, Object.fromEntries(attributes));
  }

  #classes(kind: EntryKind): string[] {
    const random = this.#random;
    if (random.chance(0.92)) return [...kind.classes];
    return random.chance(0.5) ? [...kind.classes, random.pick(objectClasses)] : [random.pick(objectClasses)];
  }

  #modify(): Step {
    const entry = this.#random.pick(this.#entries);
    return modify(this.#spelled(entry.name), this.#changes(entry.kind));
  }

  #changes(kind: EntryKind): Change[] {
    const random = this.#random;
    const count = random.pick([1, 1, 1, 2, 3]);
    const used = new Set<string>();
    const changes: Change[] = [];
    while (changes.length < count) {
      const type = this.#typeFor(kind);
      if (indexedAttributes.has(type) && used.has(indexKey(type))) continue;
      used.add(indexKey(type));
      changes.push(this.#change(type));
    }
    return changes;
  }

  /** Mostly an attribute that the entry may have. */
  #typeFor(kind: EntryKind): string {
    const random = this.#random;
    switch (random.weighted({ fitting: 86, any: 9, strange: 5 })) {
      case 'fitting':
        return random.pick([...kind.must, ...kind.may, ...kind.naming, 'description']);
      case 'any':
        return random.pick(attributeNames);
      case 'strange':
        return random.pick([...strangeAttributes, 'objectClass']);
    }
  }

  #change(type: string): Change {
    const random = this.#random;
    const kind = random.weighted({ add: 35, delete: 20, replace: 40, increment: 2 });
    // slapd counts in machine words, jammd has no such bound: what goes beyond is no comparison.
    if (kind === 'increment' && random.chance(0.7)) return [kind, type, random.pick(['1', '5', '-3'])];
    const isEmpty = (kind === 'delete' && random.chance(0.5)) || (kind === 'replace' && random.chance(0.2));
    if (isEmpty) return [kind, type];
    const chosen = this.#someValues(type);
    return [
      kind,
      type,
      ...(kind === 'increment' ? chosen.filter((value) => typeof value === 'string' && value.length < 20) : chosen),
    ];
  }

  #rename(): Step {
    const random = this.#random;
    const { name, kind } = random.pick(this.#entries);
    const rdn = this.#rdn(random.chance(0.85) ? random.pick(kind.naming) : random.pick(['mail', 'cn', 'uid', 'ou', 'sn', 'jvd']));
    const parent = random.chance(0.35) ? this.#name() : undefined;
    this.#entries.push({ name: `${rdn},${parent ?? name.slice(firstComma(name) + 1)}`, kind });
    return rename(this.#spelled(name), rdn, {
      deleteOldRDN: random.chance(0.7),
      ...(parent === undefined ? {} : { newSuperior: parent }),
    });
  }

  /** Where there is something below the entry, it moves along. */
  #move(): Step {
    const random = this.#random;
    const { name, kind } = random.pick(this.#entries);
    const rdn = name.slice(0, firstComma(name));
    const target = random.chance(0.6) ? random.pick(this.#entries).name : random.pick(['%JVD%', '%OU%', name, `ou=x,${name}`]);
    this.#entries.push({ name: `${rdn},${target}`, kind });
    return rename(name, rdn.startsWith('%') ? 'ou=moved' : rdn, { deleteOldRDN: random.chance(0.5), newSuperior: target });
  }

  #password(): Step {
    const random = this.#random;
    const isSelf = random.chance(0.3);
    return passwordModify({
      ...(isSelf ? {} : { user: this.#name() }),
      ...(random.chance(0.25) ? { old: random.pick(['secret', 'p1', 'u1', '']) } : {}),
      // The people keep their passwords: the connections that are called by their names are theirs.
      ...(random.chance(0.1) ? {} : { new: random.pick(['secret', 'p1', 'u1', '']) }),
    });
  }

  /** The first page, or the one after the last that this connection was given; writes come in between. */
  #page(as: keyof typeof askers): Step {
    const random = this.#random;
    const under = this.#pages.get(as);
    if (under !== undefined && random.chance(0.75)) {
      if (random.chance(0.08)) this.#pages.delete(as);
      return { ...under, page: { size: random.pick([1, 2, 3, 5]), cookie: as, keep: as }, either: [2, 53] };
    }
    const base = random.pick(['%JVD%', '%OU%']);
    const filter = random.chance(0.5) ? '(objectClass=*)' : this.#filter(2);
    const step = search(base, filter, { scope: random.pick(['sub', 'sub', 'one'] as const), attributes: ['1.1'], inOrder: true });
    this.#pages.set(as, step);
    return { ...step, page: { size: random.pick([1, 2, 3, 5]), keep: as } };
  }

  #compare(): Step {
    const { name, kind } = this.#random.pick(this.#entries);
    const type = this.#typeFor(kind);
    // slapd tells an unknown attribute before a missing entry until a filter has spoken of it: then the other way round.
    return compare(this.#spelled(name), type, this.#value(type), unknownAttributes.has(type) ? { either: [17] } : {});
  }

  #bind(): Step {
    const random = this.#random;
    // The identities' own connections are rebound as themselves often enough to keep them what they are called.
    return random.chance(0.5)
      ? random.pick([bind(user, 'u1'), bind(postmaster, 'p1')])
      : bind(this.#name(), random.pick(['secret', 'Secret', 'u1', 'p1', '', '{NONE}secret']));
  }

  #search(): Step {
    const random = this.#random;
    const base = random.chance(0.7) ? random.pick(['%JVD%', '%OU%']) : this.#name();
    const attributes = random.weighted({ none: 60, all: 20, some: 20 });
    return search(base, this.#filter(3), {
      scope: random.pick(['sub', 'sub', 'sub', 'one', 'base', 'children'] as const),
      ...(attributes === 'none' ? { attributes: ['1.1'] } : {}),
      ...(attributes === 'some'
        ? { attributes: random.sample([...attributeNames, 'name', 'entryDN', '@person', 'commonName'], 3) }
        : {}),
      ...(random.chance(0.05) ? { typesOnly: true } : {}),
      ...(random.chance(0.05) ? { deref: random.below(4) } : {}),
      // Which entries a limit lets through is up to the order of the store.
      ...(random.chance(0.05) ? { sizeLimit: random.pick([1, 2, 3, 5, 50]), counted: true } : {}),
    });
  }

  #filter(depth: number): string {
    const random = this.#random;
    const kind = depth === 0 ? 'item' : random.weighted({ item: 60, and: 15, or: 13, not: 12 });
    if (kind === 'item') return this.#item();
    if (kind === 'not') return `(!${this.#filter(depth - 1)})`;
    const terms = Array.from({ length: random.below(4) }, () => this.#filter(depth - 1));
    return `(${kind === 'and' ? '&' : '|'}${terms.join('')})`;
  }

  /** @param isFilter whether it is all of a filter that it is for, or one of a control's, which has no `:dn`. */
  #item(isFilter = true): string {
    const random = this.#random;
    const type = random.chance(0.1)
      ? random.pick([...strangeAttributes, 'objectClass', 'name', 'modifiersName'])
      : random.pick(attributeNames);
    const value = filterValue(this.#value(type));
    switch (random.weighted({ equality: 45, present: 12, substrings: 22, ordering: 8, approx: 3, extensible: 10 })) {
      case 'equality':
        return `(${type}=${value})`;
      case 'present':
        return `(${type}=*)`;
      case 'substrings':
        return `(${type}=${this.#substrings(this.#value(type))})`;
      case 'ordering':
        return `(${type}${random.pick(['>=', '<='])}${value})`;
      case 'approx':
        return `(${type}~=${value})`;
      case 'extensible':
        return `(${random.chance(0.85) ? type : ''}${isFilter && random.chance(0.2) ? ':dn' : ''}:${random.pick(matchingRules)}:=${value})`;
    }
  }

  #substrings(value: Bytes): string {
    const random = this.#random;
    const characters = [...(typeof value === 'string' ? value : '')];
    const cut = (from: number, to: number): string => filterValue(characters.slice(from, to).join(''));
    const start = random.below(characters.length + 1);
    const end = start + random.below(characters.length - start + 1);
    switch (random.below(4)) {
      case 0:
        return `${cut(0, Math.max(1, start))}*`;
      case 1:
        return `*${cut(start, characters.length)}`;
      case 2:
        return `*${cut(start, end)}*`;
      default:
        return `${cut(0, start)}*${cut(start, end)}*${cut(end, characters.length)}`;
    }
  }

  #someValues(type: string): Bytes[] {
    const count = this.#random.pick([1, 1, 1, 1, 2, 2, 3]);
    const pool = type === 'objectClass' ? objectClasses : (values[type] ?? values['description'] ?? []);
    // Values made up of nothing are told apart by tests of their own; here they would drown everything else.
    return this.#random.sample<Bytes>(
      this.#random.chance(0.1) ? pool : pool.filter(isLikely),
      isSingle(type) && this.#random.chance(0.9) ? 1 : count,
    );
  }

  #value(type: string): Bytes {
    return this.#someValues(type)[0] ?? 'x';
  }

  #rdn(type: string): string {
    const random = this.#random;
    const first = `${type}=${this.#rdnValue(type)}`;
    if (!random.chance(0.08)) return first;
    const second = random.pick(['cn', 'uid', 'sn']);
    return `${first}+${second}=${this.#rdnValue(second)}`;
  }

  #rdnValue(type: string): string {
    const value = this.#value(type);
    return typeof value === 'string' ? escapeRdn(value, this.#random) : '\\00';
  }

  /** A name in use, most of the time. */
  #name(): string {
    const random = this.#random;
    if (random.chance(0.05)) return random.pick(['mail=nobody@%DOMAIN%,%JVD%', 'cn=x,cn=nobody,%OU%', 'nonsense', 'dc=outside']);
    return this.#spelled(random.pick(this.#entries).name);
  }

  /** The name as it was given or, sometimes, in another spelling. */
  #spelled(name: string): string {
    const random = this.#random;
    if (random.chance(0.9)) return name;
    return random.pick([
      name.replaceAll(',', ' , '),
      name.replace(/^[a-z]+/, (type) => type.toUpperCase()),
      name.replace(/^mail=/, 'rfc822Mailbox='),
      name.replace(/^cn=/, '2.5.4.3='),
    ]);
  }
}

const singles = new Set([
  'mailbox',
  'quota',
  'accountActive',
  'delete',
  'editAccounts',
  'editPostmasters',
  'lastChange',
  'uidNumber',
  'homeDirectory',
  'postfixTransport',
  'employeeNumber',
  'displayName',
  'preferredLanguage',
]);

function isSingle(type: string): boolean {
  return singles.has(type);
}

const unknownAttributes = new Set(['noSuchAttribute', 'description;bogus', '1.2.3.4']);

const unlikely = new Set<Bytes>(['', ' ', 'true', 'yes', '01', '+1', '-0', 'x', 'nonsense', 'foo=bar', 'ü/', 'noSuchClass']);

function isLikely(value: Bytes): boolean {
  return !unlikely.has(value);
}

function indexKey(type: string): string {
  return type === 'commonName' || type === 'cn;lang-de' ? 'cn' : type;
}

function firstComma(name: string): number {
  const match = /^(?:\\.|[^\\,])*/.exec(name);
  return match?.[0].length ?? 0;
}

function escapeRdn(value: string, random: Random): string {
  if (random.chance(0.1) && !value.includes('"') && !value.includes('\\') && value !== '') return `"${value}"`;
  const escaped = value.replace(/[\\,+"<>;=]/g, (character) => (random.chance(0.5) ? `\\${character}` : hexEscape(character)));
  return escaped.replace(/^[ #]/, '\\$&').replace(/ $/, escaped.length > 1 ? '\\ ' : ' ');
}

function hexEscape(character: string): string {
  return [...Buffer.from(character)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
}

function filterValue(value: Bytes): string {
  if (typeof value !== 'string') return value.hex.replace(/../g, '\\$&');
  return value.replace(/[*()\\\0]/g, hexEscape);
}
