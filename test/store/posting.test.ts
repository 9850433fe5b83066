import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerRange, partsOfContainerKey } from '../../src/store/level/keys.js';
import {
  addId,
  appendContainer,
  containerCount,
  containerIsCanonical,
  decodeHead,
  inlineIdsMax,
  isInline,
  removeId,
  shrinkList,
  sizeStep,
  type PostingStorage,
} from '../../src/store/index/posting.js';

class MemoryStorage implements PostingStorage {
  readonly heads = new Map<string, Buffer>();
  readonly containers = new Map<string, Buffer>();
  readonly shrinkable = new Set<string>();
  #lists = 0;

  head(key: string): Buffer | undefined {
    return this.heads.get(key);
  }

  putHead(key: string, bytes: Buffer | null): void {
    if (bytes) this.heads.set(key, bytes);
    else this.heads.delete(key);
  }

  container(key: string): Buffer | undefined {
    return this.containers.get(key);
  }

  putContainer(key: string, bytes: Buffer | null): void {
    if (bytes) this.containers.set(key, bytes);
    else this.containers.delete(key);
  }

  allocateList(): number {
    return ++this.#lists;
  }

  noteShrinkable(key: string): void {
    this.shrinkable.add(key);
  }

  containersOf(list: number): [string, Buffer][] {
    const { gte, lt } = containerRange(list);
    return [...this.containers].filter(([key]) => key >= gte && key < lt).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  ids(key: string): readonly number[] {
    const bytes = this.heads.get(key);
    if (!bytes) return [];
    const head = decodeHead(bytes);
    if (isInline(head)) return head;
    const ids: number[] = [];
    for (const [place, container] of this.containersOf(head.list)) {
      appendContainer(container, partsOfContainerKey(place).number, ids);
    }
    return ids;
  }
}

/** What a list's head says must be true of its containers, and the estimate within twice the truth. */
function expectSound(storage: MemoryStorage, key: string): void {
  const bytes = storage.heads.get(key);
  if (!bytes) return;
  const head = decodeHead(bytes);
  if (isInline(head)) {
    expect(head.length).toBeLessThanOrEqual(inlineIdsMax);
    expect(storage.containers.size).toBe(0);
    return;
  }
  const containers = storage.containersOf(head.list).map(([, container]) => container);
  expect(containers.every(containerIsCanonical)).toBe(true);
  expect(head.containers).toBe(containers.length);
  expect(head.estimate).toBe(containers.reduce((sum, container) => sum + sizeStep(containerCount(container)), 0));
  const count = storage.ids(key).length;
  expect(head.estimate).toBeGreaterThanOrEqual(count);
  expect(head.estimate).toBeLessThan(count * 2);
}

const id = fc.oneof(fc.nat(600), fc.nat(100_000), fc.integer({ min: 0xfffff000, max: 0xfffffffe }));

describe('a posting list', () => {
  it('is a sorted set of ids, whatever is put on it and taken off', () => {
    const edits = fc.array(fc.tuple(fc.boolean(), id), { maxLength: 700 });
    fc.assert(
      fc.property(edits, (list) => {
        const storage = new MemoryStorage();
        const model = new Set<number>();
        for (const [add, value] of list) {
          if (add) addId(storage, 'p', value);
          else removeId(storage, 'p', value);
          if (add) model.add(value);
          else model.delete(value);
        }
        expect(storage.ids('p')).toEqual([...model].sort((a, b) => a - b));
        expectSound(storage, 'p');
      }),
      { numRuns: 60 },
    );
  });

  it('moves to containers beyond 128 ids and back into its head when it has become short', () => {
    const storage = new MemoryStorage();
    const ids = Array.from({ length: inlineIdsMax + 1 }, (_, index) => index * 37);
    for (const value of ids.slice(0, -1)) addId(storage, 'p', value);
    expect(storage.containers.size).toBe(0);
    addId(storage, 'p', ids.at(-1)!);
    expect(storage.containers.size).toBeGreaterThan(0);
    expect(storage.ids('p')).toEqual(ids);
    for (const value of ids.slice(20)) removeId(storage, 'p', value);
    expect(storage.shrinkable).toContain('p');
    expectSound(storage, 'p');
    const numbers = [...storage.containers.keys()].map((key) => partsOfContainerKey(key).number);
    shrinkList(storage, 'p', numbers);
    expect(storage.containers.size).toBe(0);
    expect(storage.ids('p')).toEqual(ids.slice(0, 20));
  });

  it('is left alone when it has changed since its containers were looked at', () => {
    const storage = new MemoryStorage();
    for (let value = 0; value <= inlineIdsMax; value++) addId(storage, 'p', value);
    for (let value = 20; value <= inlineIdsMax; value++) removeId(storage, 'p', value);
    addId(storage, 'p', 5_000);
    shrinkList(storage, 'p', [0]);
    expectSound(storage, 'p');
    expect(storage.ids('p')).toContain(5_000);
  });

  it('leaves nothing behind when its last id goes', () => {
    const storage = new MemoryStorage();
    for (let value = 0; value < 1_000; value++) addId(storage, 'p', value);
    for (let value = 0; value < 1_000; value++) removeId(storage, 'p', value);
    expect(storage.heads.size).toBe(0);
    expect(storage.containers.size).toBe(0);
  });

  it('writes its head only when a container passes a power of two', () => {
    const storage = new MemoryStorage();
    for (let value = 0; value < 256; value++) addId(storage, 'p', value);
    let heads = 0;
    const counting: PostingStorage = Object.assign(Object.create(storage) as MemoryStorage, {
      putHead: (key: string, bytes: Buffer | null) => {
        heads++;
        storage.putHead(key, bytes);
      },
    });
    for (let value = 256; value < 512; value++) addId(counting, 'p', value);
    expect(heads).toBe(9);
  });
});
