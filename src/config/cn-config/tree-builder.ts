/** Makes a tree of cn=config from LDIF entries, as slapadd -n 0 does: what has no number gets one, what slapd always has is added. */
import { randomUUID } from 'node:crypto';
import { DN } from '../../dn/dn.js';
import { ResultCode, LdapError } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { SchemaBuilder } from '../../schema/builder.js';
import { ConfigError } from '../directive.js';
import { attributeDefinitions, classDefinitions } from './definitions.js';
import { isOfClass, withoutNumber, type CnConfigAttribute, type CnConfigEntry } from './entry.js';
import { placeNew } from './entry-numbers.js';
import { insertChild, rdnOf, renamed, replaceEntry, withDescendants } from './tree.js';

/** An entry as LDIF has it. */
export interface GivenEntry {
  readonly name: string;
  readonly attributes: readonly { readonly type: string; readonly values: readonly Buffer[] }[];
}

/** Their values are numbered by the name alone. */
const numberedNames = new Set(['olcDatabase', 'olcOverlay', 'olcBackend']);

export class ConfigTreeBuilder {
  readonly #schema: Schema;
  #root: CnConfigEntry | undefined;

  /** `root`: what there is already. */
  constructor(root?: CnConfigEntry) {
    const builder = new SchemaBuilder();
    builder.ownDefinitions(attributeDefinitions, classDefinitions);
    this.#schema = builder.build();
    this.#root = root;
  }

  /** Throws ConfigError, or LdapError. Parents come first. */
  add(given: GivenEntry): void {
    const dn = DN.parse(given.name, this.#schema);
    const entry = this.#entry(dn, given);
    if (dn.normalized === 'cn=config') {
      if (this.#root) throw new LdapError(ResultCode.entryAlreadyExists);
      this.#root = withDefaults(entry);
      return;
    }
    const root = this.#root;
    if (!root) throw new ConfigError('the first entry has to be cn=config');
    const existing = this.#find(dn.normalized);
    const parent = this.#find(dn.parent?.normalized ?? '');
    if (!parent) throw new LdapError(ResultCode.noSuchObject, 'there is no entry above it');
    const lineage = (entry.attributes.get('objectclass')?.values ?? []).flatMap(
      (value) => this.#schema.objectClass(value.toString())?.lineage.map(({ name }) => name) ?? [],
    );
    const isDefault = this.#defaultFor(entry, parent, existing);
    if (isDefault) {
      const { attribute, value } = rdnOf(isDefault.name);
      const named = renamed(entry, attribute, value, parent.name);
      this.#root = replaceEntry(root, isDefault, { ...named, children: isDefault.children });
      return;
    }
    const kind = { lineage, exists: existing !== undefined };
    this.#root = replaceEntry(root, parent, placeNew(parent, entry, kind, false));
  }

  /** Throws ConfigError where there is nothing. */
  get root(): CnConfigEntry {
    if (!this.#root) throw new ConfigError('the LDIF holds no entries');
    return this.#root;
  }

  /** What was put there because it is always there, and is now given. */
  #defaultFor(entry: CnConfigEntry, parent: CnConfigEntry, existing: CnConfigEntry | undefined): CnConfigEntry | undefined {
    if (existing && isMadeUp(existing)) return existing;
    const type = typeOf(entry);
    if (type !== 'config' && type !== 'frontend') return undefined;
    return parent.children.find((child) => typeOf(child) === type && isMadeUp(child));
  }

  #find(ndn: string): CnConfigEntry | undefined {
    if (!this.#root) return undefined;
    for (const entry of withDescendants(this.#root)) if (DN.parse(entry.name, this.#schema).normalized === ndn) return entry;
    return undefined;
  }

  #entry(dn: DN, { attributes }: GivenEntry): CnConfigEntry {
    const held = new Map<string, CnConfigAttribute>();
    for (const { type, values } of attributes) {
      const description = this.#schema.attributeDescription(type);
      if (!description) throw new ConfigError(`${type}: attribute type undefined`);
      const before = held.get(description.key)?.values ?? [];
      held.set(description.key, { type: description.text, values: [...before, ...values] });
    }
    for (const [key, { type, values }] of held) {
      if (this.#schema.attributeType(type)?.orderedValues) held.set(key, { type, values: numbered(values) });
    }
    for (const { type, value } of dn.rdns[0]?.avas ?? []) {
      const others = held.get(type.name.toLowerCase())?.values ?? [];
      const kept = numberedNames.has(type.name)
        ? []
        : others.filter((one) => one.toString().toLowerCase() !== value.toString().toLowerCase());
      held.set(type.name.toLowerCase(), { type: type.name, values: [value, ...kept] });
    }
    const classes = held.get('objectclass')?.values ?? [];
    const structural = classes
      .flatMap((value) => this.#schema.objectClass(value.toString()) ?? [])
      .filter(({ kind }) => kind === 'structural')
      .reduce<{ name: string; depth: number }>(
        (deepest, { name, lineage }) => (lineage.length > deepest.depth ? { name, depth: lineage.length } : deepest),
        { name: '', depth: 0 },
      );
    if (structural.name === '') throw new LdapError(ResultCode.objectClassViolation, 'no structural object class');
    for (const [type, value] of stamps(structural.name)) {
      if (!held.has(type.toLowerCase())) held.set(type.toLowerCase(), { type, values: [Buffer.from(value)] });
    }
    return { name: dn.toString(), attributes: held, children: [] };
  }
}

/** By the numbers they have, where all have one; each is numbered by its place then. */
function numbered(values: readonly Buffer[]): Buffer[] {
  const texts = values.map((value) => ({
    number: Number(/^\{(\d+)\}/.exec(value.toString())?.[1] ?? NaN),
    value: value.toString('latin1'),
  }));
  if (texts.every(({ number }) => !Number.isNaN(number))) texts.sort((one, other) => one.number - other.number);
  return texts.map(({ value }, place) => Buffer.from(`{${place}}${withoutNumber(value)}`, 'latin1'));
}

function stamps(structural: string): readonly (readonly [string, string])[] {
  const now = new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return [
    ['structuralObjectClass', structural],
    ['entryUUID', randomUUID()],
    ['creatorsName', 'cn=config'],
    ['createTimestamp', `${now}Z`],
    ['entryCSN', `${now}.000000Z#000000#000#000000`],
    ['modifiersName', 'cn=config'],
    ['modifyTimestamp', `${now}Z`],
  ];
}

/** Entries that were not given: slapd has them in any case. */
const madeUp = new WeakSet<CnConfigEntry['attributes']>();

function isMadeUp({ attributes }: CnConfigEntry): boolean {
  return madeUp.has(attributes);
}

function withDefaults(root: CnConfigEntry): CnConfigEntry {
  const schema = made('cn=schema', 'olcSchemaConfig', [
    ['objectClass', 'olcSchemaConfig'],
    ['cn', 'schema'],
  ]);
  const frontend = made('olcDatabase={-1}frontend', 'olcDatabaseConfig', [
    ['objectClass', 'olcDatabaseConfig'],
    ['objectClass', 'olcFrontendConfig'],
    ['olcDatabase', '{-1}frontend'],
  ]);
  const config = made('olcDatabase={0}config', 'olcDatabaseConfig', [
    ['objectClass', 'olcDatabaseConfig'],
    ['olcDatabase', '{0}config'],
    ['olcAccess', '{0}to * by * none'],
    ['olcRootDN', 'cn=config'],
  ]);
  return [schema, frontend, config].reduce((tree, entry) => insertChild(tree, entry, Infinity), root);
}

function made(rdn: string, structural: string, pairs: readonly (readonly [string, string])[]): CnConfigEntry {
  const attributes = new Map<string, CnConfigAttribute>();
  for (const [type, value] of [...pairs, ...stamps(structural)]) {
    const before = attributes.get(type.toLowerCase())?.values ?? [];
    attributes.set(type.toLowerCase(), { type, values: [...before, Buffer.from(value)] });
  }
  madeUp.add(attributes);
  return { name: `${rdn},cn=config`, attributes, children: [] };
}

function typeOf(entry: CnConfigEntry): string {
  if (isOfClass(entry, 'olcSchemaConfig')) return '';
  return withoutNumber(entry.attributes.get('olcdatabase')?.values[0]?.toString() ?? '').toLowerCase();
}
