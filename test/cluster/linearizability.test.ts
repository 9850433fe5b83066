/** The judge of histories: what can have happened passes, and each kind of fault that a cluster may have is seen. */
import { expect, it } from 'vitest';
import { seededRandom } from '../robustness/jammd-server.js';
import { everyNode, type Action, type Operation, type Result } from './history.js';
import { findViolations } from './linearizability.js';

const add = (value: string): Action => ({ kind: 'add', value });
const replace = (value: string): Action => ({ kind: 'replace', value });
const swap = (from: string, value: string): Action => ({ kind: 'swap', from, value });
const remove: Action = { kind: 'delete' };

function write(node: string, action: Action, asked: number, answered: number, result: Result = 'done'): Operation {
  return { key: 'cn=x', node, action, asked, answered, result };
}

function read(node: string, found: string | undefined, asked: number, answered = asked + 1): Operation {
  return { key: 'cn=x', node, action: { kind: 'read' }, found, asked, answered, result: 'done' };
}

it.each<[string, Operation[]]>([
  ['one after the other', [write('a', add('1'), 0, 1), write('b', replace('2'), 2, 3), read(everyNode, '2', 4)]],
  ['at the same time, in either order', [write('a', add('1'), 0, 9), write('b', add('2'), 0, 9, 'exists'), read('b', '1', 10)]],
  ['a refusal before the entry was there', [write('a', add('1'), 0, 9), write('b', replace('2'), 1, 8, 'missing')]],
  ['unknown, and done much later', [write('a', add('1'), 0, 1, 'unknown'), read('a', undefined, 5), read('a', '1', 9)]],
  ['unknown, and never done', [write('a', add('1'), 0, 1, 'unknown'), read(everyNode, undefined, 5)]],
  ['another node is late', [write('a', add('1'), 0, 1), read('b', undefined, 5), read('b', '1', 6)]],
  ['refused writes mean nothing', [write('a', add('1'), 0, 1, 'refused'), read('a', undefined, 2)]],
  ['a swap that came too late', [write('a', add('1'), 0, 1), write('b', swap('0', '2'), 2, 3, 'differs'), read('b', '1', 4)]],
])('passes: %s', (_, operations) => {
  expect(findViolations(operations)).toEqual([]);
});

it.each<[string, Operation[]]>([
  ['an acknowledged write is lost', [write('a', add('1'), 0, 1), read(everyNode, undefined, 4)]],
  ['a refused write is done', [write('a', add('1'), 0, 1, 'refused'), read(everyNode, '1', 4)]],
  ['both of two have won', [write('a', add('1'), 0, 9), write('b', add('2'), 0, 9)]],
  [
    'both of two have taken the same value away',
    [write('a', add('1'), 0, 1), write('b', swap('1', '2'), 2, 9), write('a', swap('1', '3'), 2, 9)],
  ],
  ['an old write is done again', [write('a', add('1'), 0, 1), write('b', replace('2'), 2, 3), read(everyNode, '1', 4)]],
  [
    'a write whose outcome was unknown is done twice',
    [
      write('a', add('0'), 0, 1),
      write('a', replace('1'), 2, 3, 'unknown'),
      read('a', '1', 4),
      write('b', replace('2'), 6, 7),
      read('b', '2', 8),
      read('b', '1', 10),
    ],
  ],
  ['a refusal that rests on what was over', [write('a', add('1'), 0, 1), write('b', replace('2'), 2, 3, 'missing')]],
  ['its own write is not shown', [write('a', add('1'), 0, 1), read('a', undefined, 2)]],
  ['reads of one node go back', [write('a', add('1'), 0, 1), read('b', '1', 2), read('b', undefined, 4)]],
  ['what nobody wrote', [read('a', '7', 1)]],
  ['a read before the write was asked for', [read('b', '1', 0), write('a', add('1'), 2, 3)]],
  ['a deletion comes undone', [write('a', add('1'), 0, 1), write('a', remove, 2, 3), read(everyNode, '1', 4)]],
])('sees: %s', (_, operations) => {
  expect(findViolations(operations)).toHaveLength(1);
});

/** Clients of a register that is right, some of whose answers are lost. */
function simulated(seed: number, count: number): Operation[] {
  const random = seededRandom(seed);
  const operations: Operation[] = [];
  let state: string | undefined;
  const busyUntil = Array.from({ length: 9 }, () => 0);
  for (let now = 1; operations.length < count; now++) {
    const client = random(busyUntil.length);
    if (busyUntil[client]! > now) continue;
    const value = `v${now}`;
    const actions: readonly Action[] = [
      add(value),
      replace(value),
      replace(value),
      swap(state ?? '', value),
      remove,
      { kind: 'read' },
    ];
    const action = actions[random(actions.length)]!;
    const [asked, answered] = [now - random(1_000) / 1_000, now + random(8) + 0.5];
    busyUntil[client] = answered + 1;
    const operation = { key: 'cn=x', node: `n${client % 3}`, action, asked, answered };
    if (action.kind === 'read') {
      operations.push({ ...operation, result: 'done', found: state });
      continue;
    }
    const isLost = random(50) === 0;
    if (isLost && random(2) === 0) {
      operations.push({ ...operation, result: 'unknown' });
      continue;
    }
    let result: Result = 'done';
    if (action.kind === 'add' ? state !== undefined : state === undefined) result = action.kind === 'add' ? 'exists' : 'missing';
    if (result === 'done') state = action.kind === 'delete' ? undefined : action.value;
    operations.push({ ...operation, result: isLost ? 'unknown' : result });
  }
  operations.push(read(everyNode, state, 1e6));
  return operations;
}

it('judges long histories of nine clients, and sees a single answer that was changed', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const operations = simulated(seed, 400);
    expect(findViolations(operations), `seed ${seed}`).toEqual([]);
    // A write that was acknowledged and read is gone.
    const at = operations.findIndex(
      ({ result, action }, index) =>
        index > 200 &&
        result === 'done' &&
        (action.kind === 'replace' || action.kind === 'add') &&
        operations.some(({ found }) => found === action.value),
    );
    const doctored = operations.map((one, index) => (index === at ? { ...one, result: 'refused' as const } : one));
    expect(findViolations(doctored), `seed ${seed}, doctored`).toHaveLength(1);
  }
});
