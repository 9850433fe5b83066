/**
 * Random episodes: a small domain and a unit of its own, then operations on them by the Manager, a user, a postmaster
 * and nobody. Names hold `%JVD%`, `%OU%` and `%DOMAIN%`, so that an episode can be replayed in a fresh place.
 */
import { ssha } from '../../support/hosting-tree.js';
import type { Bytes, Change } from '../../support/wire/operation.js';
import type { Step } from '../contestant.js';
import { accountAttributes, add, bind, by, compare, domainAttributes, modify, passwordModify, remove, rename, search, unit } from '../directed/steps.js';
import { entryKinds, indexedAttributes, matchingRules, objectClasses, strangeAttributes, values, type EntryKind } from './material.js';
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

const operations = { add: 18, modify: 26, search: 32, compare: 7, rename: 9, delete: 5, bind: 3, password: 1 } as const;
const askers = { manager: 70, '#user': 9, '#postmaster': 15, '#anonymous': 6 } as const;

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

  constructor(random: Random) {
    this.#random = random;
  }

  step(): Step {
    const as = this.#random.weighted(askers);
    return { ...this.#operation(), as };
  }

  #operation(): Step {
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
        return passwordModify({ user: this.#name(), new: this.#random.pick(['secret', 'p1', 'u1']) });
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
    return [kind, type, ...(kind === 'increment' ? chosen.filter((value) => typeof value === 'string' && value.length < 20) : chosen)];
  }

  #rename(): Step {
    const random = this.#random;
    const { name, kind } = random.pick(this.#entries);
    const rdn = this.#rdn(random.chance(0.85) ? random.pick(kind.naming) : random.pick(['mail', 'cn', 'uid', 'ou', 'sn', 'jvd']));
    const parent = random.chance(0.35) ? this.#name() : undefined;
    this.#entries.push({ name: `${rdn},${parent ?? name.slice(firstComma(name) + 1)}`, kind });
    return rename(this.#spelled(name), rdn, { deleteOldRDN: random.chance(0.7), ...(parent === undefined ? {} : { newSuperior: parent }) });
  }

  #compare(): Step {
    const { name, kind } = this.#random.pick(this.#entries);
    const type = this.#typeFor(kind);
    return compare(this.#spelled(name), type, this.#value(type));
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
      ...(attributes === 'some' ? { attributes: random.sample([...attributeNames, 'name', 'entryDN', '@person', 'commonName'], 3) } : {}),
      ...(random.chance(0.05) ? { typesOnly: true } : {}),
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

  #item(): string {
    const random = this.#random;
    const type = random.chance(0.1) ? random.pick([...strangeAttributes, 'objectClass', 'name', 'modifiersName']) : random.pick(attributeNames);
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
        return `(${random.chance(0.85) ? type : ''}${random.chance(0.2) ? ':dn' : ''}:${random.pick(matchingRules)}:=${value})`;
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
    return this.#random.sample<Bytes>(this.#random.chance(0.1) ? pool : pool.filter(isLikely), isSingle(type) && this.#random.chance(0.9) ? 1 : count);
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

const singles = new Set(['mailbox', 'quota', 'accountActive', 'delete', 'editAccounts', 'editPostmasters', 'lastChange', 'uidNumber', 'homeDirectory', 'postfixTransport', 'employeeNumber', 'displayName', 'preferredLanguage']);

function isSingle(type: string): boolean {
  return singles.has(type);
}

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
