/** Random writes against a naive model: the store must agree with it in everything it can be asked. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DN } from '../../src/dn/dn.js';
import { sealRenamed } from '../../src/entry/sealed-entry.js';
import type { Transaction } from '../../src/store/model.js';
import type { Store } from '../../src/store/store.js';
import {
  attribute,
  collect,
  draft,
  index,
  ndn,
  openStore,
  reopenStore,
  schema,
  snapshotEntries,
  temporaryFolder,
} from './fixture.js';

interface ModelEntry {
  dn: string;
  readonly attributes: Record<string, string[]>;
}

/** By normalised DN. */
type Model = Map<string, ModelEntry>;

const indexes = [
  index('objectClass', 'pres', 'eq'),
  index('mail', 'pres', 'eq', 'sub'),
  index('name', 'pres', 'eq', 'sub'),
  index('description', 'eq'),
];
const root = 'dc=example';
const words = ['Anna', 'anna', 'bert', 'Ärmel', 'x', 'a longer one with blanks', '😀 smile', 'z'.repeat(300)];

const word = fc.constantFrom(...words);
const values = fc.uniqueArray(word, { maxLength: 3 });
const attributes = fc.record({
  mail: fc.uniqueArray(fc.constantFrom('a@b', 'a@c', 'info@d1.example', 'INFO@d1.example'), { maxLength: 2 }),
  cn: values,
  sn: values,
  description: values,
  'description;lang-en': values,
});
const pick = fc.nat(1_000);

type Command =
  | {
      readonly kind: 'add';
      readonly parent: number;
      readonly name: number;
      readonly attributes: Record<string, string[]>;
    }
  | { readonly kind: 'modify'; readonly entry: number; readonly attributes: Record<string, string[]> }
  | { readonly kind: 'delete' | 'fail'; readonly entry: number }
  | { readonly kind: 'move'; readonly entry: number; readonly parent: number; readonly name: number }
  | { readonly kind: 'settle' };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), parent: pick, name: pick, attributes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('modify' as const), entry: pick, attributes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), entry: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), entry: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), entry: pick, parent: pick, name: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
);

function at(model: Model, position: number): [string, ModelEntry] {
  return [...model][position % model.size]!;
}

function isBelow(name: string, ancestor: string): boolean {
  return name.endsWith(`,${ancestor}`);
}

/** Applies a command to the model and answers the write that does the same to the store. */
function apply(model: Model, todo: Command, store: Store): Promise<unknown> | undefined {
  switch (todo.kind) {
    case 'add': {
      const dn = `ou=U${todo.name},${at(model, todo.parent)[1].dn}`;
      const parent = at(model, todo.parent)[0];
      if (model.has(ndn(dn))) return undefined;
      model.set(ndn(dn), { dn, attributes: todo.attributes });
      return store.write((tx) => tx.insert(draft(dn, todo.attributes), tx.idOf(parent)!, 0));
    }
    case 'modify': {
      const [name, entry] = at(model, todo.entry);
      model.set(name, { dn: entry.dn, attributes: todo.attributes });
      return store.write((tx) => tx.replace(tx.entryByNdn(name)!, draft(entry.dn, todo.attributes), 0));
    }
    case 'delete': {
      const [name] = at(model, todo.entry);
      if (name === root || [...model.keys()].some((other) => isBelow(other, name))) return undefined;
      model.delete(name);
      return store.write((tx) => tx.remove(tx.entryByNdn(name)!));
    }
    case 'fail': {
      const [name, entry] = at(model, todo.entry);
      const write = store.write((tx) => {
        tx.insert(draft(`ou=never,${entry.dn}`, { cn: 'never' }), tx.idOf(name)!, 0);
        throw new Error('on second thoughts');
      });
      return write.catch((error: unknown) => expect(String(error)).toContain('on second thoughts'));
    }
    case 'move':
      return move(model, todo, store);
    case 'settle':
      return undefined;
  }
}

function move(model: Model, todo: Command & { kind: 'move' }, store: Store): Promise<unknown> | undefined {
  const [from, entry] = at(model, todo.entry);
  const [parent, parentEntry] = at(model, todo.parent);
  const dn = `ou=M${todo.name},${parentEntry.dn}`;
  if (from === root || parent === from || isBelow(parent, from)) return undefined;
  if (model.has(ndn(dn)) && ndn(dn) !== from) return undefined;
  const moved = [...model].filter(([name]) => name === from || isBelow(name, from));
  const renamed = moved.map(([name, old]) => {
    const newDn = name === from ? dn : `${old.dn.slice(0, old.dn.length - entry.dn.length)}${dn}`;
    return { name, dn: newDn, attributes: old.attributes };
  });
  for (const [name] of moved) model.delete(name);
  for (const { dn: newDn, attributes } of renamed) model.set(ndn(newDn), { dn: newDn, attributes });
  if (moved.length === 1) {
    return store.write((tx) => relocate(tx, tx.idOf(from)!, dn, tx.idOf(parent)!));
  }
  return store.writeExclusive(async (tx) => {
    const id = tx.idOf(from)!;
    const oldBase = tx.entry(id)!.dn;
    relocate(tx, id, dn, tx.idOf(parent)!);
    for await (const below of tx.descendants(id)) {
      const old = tx.entry(below)!;
      const name = `${old.dn.slice(0, old.dn.length - oldBase.length)}${dn}`;
      tx.carry(old, sealRenamed(old, DN.parse(name, schema)));
    }
  });
}

function relocate(tx: Transaction, id: number, dn: string, parentId: number): void {
  const old = tx.entry(id)!;
  tx.relocate(old, sealRenamed(old, DN.parse(dn, schema)), parentId, old.flags);
}

async function expectAgreement(store: Store, model: Model): Promise<void> {
  const problems: string[] = [];
  await store.verify((problem) => problems.push(problem.message));
  expect(problems).toEqual([]);
  expect(store.entryCount).toBe(model.size);
  const records = await collect(store.scan());
  expect(records.map((record) => record.ndn).sort()).toEqual([...model.keys()].sort());
  for (const [name, entry] of model) {
    const record = store.entryByNdn(name)!;
    for (const [type, wanted] of Object.entries(entry.attributes)) {
      expect(record.values(attribute(type)).map(String)).toEqual(wanted);
    }
    const below = [...model.keys()].filter((other) => isBelow(other, name));
    expect(store.descendantCount(record.id)).toBe(below.length);
    expect(store.childCount(record.id)).toBe(below.filter((other) => isChild(other, name)).length);
  }
  const walked = await collect(store.walk(store.idOf(root)!));
  expect(walked.map((record) => record.ndn).sort()).toEqual([...model.keys()].sort());
  const exported = await snapshotEntries(store);
  const seen = new Set([0]);
  for (const record of exported) {
    expect(seen.has(record.parentId)).toBe(true);
    seen.add(record.id);
  }
  expect(exported.length).toBe(model.size);
  expectTerms(store, model);
}

function isChild(name: string, parent: string): boolean {
  return DN.parse(name, schema).parent?.normalized === parent;
}

/** Every value's equality term must lead to exactly the entries that hold it. */
function expectTerms(store: Store, model: Model): void {
  const holders = (types: string[], wanted: string): number[] =>
    [...model]
      .filter(([, { attributes: own }]) => types.some((type) => own[type]?.some((value) => equal(type, value, wanted))))
      .map(([name]) => store.idOf(name)!)
      .sort((a, b) => a - b);
  const named: [string, string[]][] = [
    ['mail', ['mail']],
    ['cn', ['cn', 'sn']],
    ['name', ['cn', 'sn']],
    ['description', ['description', 'description;lang-en']],
  ];
  for (const [type, types] of named) {
    for (const value of [...words, 'a@b', 'info@d1.example']) {
      const normalized = attribute(type).type.equality!.normalize(Buffer.from(value));
      if (normalized === undefined) continue;
      const key = store.indexes.equality(attribute(type), normalized)!;
      expect(store.fewCandidates({ op: 'posting', key }), `${type}=${value}`).toEqual(holders(types, value));
    }
  }
}

function equal(type: string, value: string, wanted: string): boolean {
  const rule = attribute(type).type.equality!;
  return rule.normalize(Buffer.from(value)) === rule.normalize(Buffer.from(wanted));
}

it('agrees with a naive model after any writes, and again after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60 }), async (commands) => {
      let store = await openStore({ location: await temporaryFolder(), indexes });
      const model: Model = new Map([[root, { dn: root, attributes: {} }]]);
      const pending: Promise<unknown>[] = [store.write((tx) => tx.insert(draft(root), 0, 0))];
      for (const todo of commands) {
        pending.push(Promise.resolve(apply(model, todo, store)));
        if (todo.kind === 'settle') await Promise.all(pending.splice(0));
      }
      await Promise.all(pending);
      await expectAgreement(store, model);
      store = await reopenStore(store, { indexes });
      await expectAgreement(store, model);
      await store.close();
    }),
    { numRuns: 40 },
  );
}, 120_000);
