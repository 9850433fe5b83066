/**
 * Posting lists: sorted sets of entry ids. A short one lies in its head; a longer one is cut into containers of 256
 * ids (number: `id >>> 8`), so that a write touches a few bytes and a read gets 256 ids an item.
 *
 * Head, integers little-endian:  up to 128 ids: u32 each, ascending
 *                                more: u8 1, u32 list number, u32 containers, u32 estimate (13 bytes: the one length
 *                                that is not a multiple of four)
 * Container: up to 31 ids: their low bytes, ascending; more: a bitmap of 32 bytes.
 *
 * The estimate is the sum over the containers of their size rounded up to a power of two: at most twice the truth, and
 * the head is rewritten only when a container passes such a step, not with each id.
 */
import { containerKey } from '../level/keys.js';

export const inlineIdsMax = 128;
/** A large list whose estimate falls this low is worth putting back into its head. */
export const shrinkEstimateMax = 64;
export const containerIds = 256;

const largeHeadBytes = 13;
const largeTag = 1;
const bitmapBytes = 32;

/** The number of the container that holds `id`. */
export function containerOf(id: number): number {
  return id >>> 8;
}

export interface LargeHead {
  readonly list: number;
  readonly containers: number;
  readonly estimate: number;
}

/** The ids themselves, or what stands for them. */
export type PostingHead = readonly number[] | LargeHead;

export function isInline(head: PostingHead): head is readonly number[] {
  return Array.isArray(head);
}

export const noIds: readonly number[] = Object.freeze([]);

function isLarge(bytes: Buffer): boolean {
  return bytes.length === largeHeadBytes && bytes[0] === largeTag;
}

export function decodeHead(bytes: Buffer): PostingHead {
  if (isLarge(bytes)) return decodeLarge(bytes);
  const ids: number[] = [];
  for (let position = 0; position + 4 <= bytes.length; position += 4) ids.push(bytes.readUInt32LE(position));
  return ids;
}

function decodeLarge(bytes: Buffer): LargeHead {
  return { list: bytes.readUInt32LE(1), containers: bytes.readUInt32LE(5), estimate: bytes.readUInt32LE(9) };
}

/** What is cached must not share memory with what is not: pooled memory lives as long as any part of it. */
type Allocate = (bytes: number) => Buffer;
const allocateAlone: Allocate = (bytes) => Buffer.allocUnsafeSlow(bytes);
/** For what is soon forgotten, or copied. */
export const pooled: Allocate = (bytes) => Buffer.allocUnsafe(bytes);

export function encodeInline(ids: readonly number[], allocate = allocateAlone): Buffer {
  const bytes = allocate(ids.length * 4);
  for (let index = 0; index < ids.length; index++) bytes.writeUInt32LE(ids[index]!, index * 4);
  return bytes;
}

export function encodeLarge(head: LargeHead): Buffer {
  const bytes = Buffer.allocUnsafeSlow(largeHeadBytes);
  bytes[0] = largeTag;
  bytes.writeUInt32LE(head.list, 1);
  bytes.writeUInt32LE(head.containers, 5);
  bytes.writeUInt32LE(head.estimate, 9);
  return bytes;
}

/** What a container of `count` ids adds to the estimate: the next power of two. */
export function sizeStep(count: number): number {
  return count <= 1 ? count : 1 << (32 - Math.clz32(count - 1));
}

export function containerCount(container: Buffer): number {
  if (container.length < bitmapBytes) return container.length;
  let count = 0;
  for (let position = 0; position < bitmapBytes; position += 4) count += bitsIn(container.readUInt32LE(position));
  return count;
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Appends the ids of container `number` to `ids`, ascending. */
export function appendContainer(container: Buffer, number: number, ids: number[]): void {
  const base = number * containerIds;
  if (container.length < bitmapBytes) {
    for (let index = 0; index < container.length; index++) ids.push(base + container[index]!);
    return;
  }
  for (let index = 0; index < bitmapBytes; index++) {
    for (let byte = container[index]!, bit = 0; byte !== 0; byte >>>= 1, bit++) {
      if (byte & 1) ids.push(base + index * 8 + bit);
    }
  }
}

/** All ids of a list, ascending, read at one go: for lists that are short as a rule. */
export function readIds(
  { head, container }: Pick<PostingStorage, 'head' | 'container'>,
  key: string,
  lastId: number,
): readonly number[] {
  const bytes = head(key);
  if (bytes === undefined) return noIds;
  const found = decodeHead(bytes);
  if (isInline(found)) return found;
  const ids: number[] = [];
  const last = containerOf(lastId);
  for (let number = 0, seen = 0; number <= last && seen < found.containers; number++) {
    const part = container(containerKey(found.list, number));
    if (!part) continue;
    appendContainer(part, number, ids);
    seen++;
  }
  return ids;
}

/** The ids that two containers of one number share, in the one form that they have; empty where they share none. */
export function intersectContainers(a: Buffer, b: Buffer): Buffer {
  if (a.length === bitmapBytes && b.length === bitmapBytes) return intersectBitmaps(a, b);
  const [few, other] = a.length <= b.length ? [a, b] : [b, a];
  const shared = pooled(few.length);
  let count = 0;
  for (let index = 0; index < few.length; index++) {
    const low = few[index]!;
    if (containerHas(other, low)) shared[count++] = low;
  }
  return shared.subarray(0, count);
}

function intersectBitmaps(a: Buffer, b: Buffer): Buffer {
  const shared = pooled(bitmapBytes);
  for (let index = 0; index < bitmapBytes; index++) shared[index] = a[index]! & b[index]!;
  if (containerCount(shared) >= bitmapBytes) return shared;
  const ids: number[] = [];
  appendContainer(shared, 0, ids);
  return encodeContainer(ids, 0, ids.length, pooled);
}

/** Is it in the one form that its ids have? */
export function containerIsCanonical(container: Buffer): boolean {
  if (container.length === bitmapBytes) return containerCount(container) >= bitmapBytes;
  if (container.length === 0 || container.length > bitmapBytes) return false;
  for (let index = 1; index < container.length; index++) if (container[index]! <= container[index - 1]!) return false;
  return true;
}

/** From ascending ids that all belong to one container; `start` and `end` bound them in `ids`. */
export function encodeContainer(ids: readonly number[], start: number, end: number, allocate = allocateAlone): Buffer {
  const count = end - start;
  if (count < bitmapBytes) {
    const bytes = allocate(count);
    for (let index = 0; index < count; index++) bytes[index] = ids[start + index]! & 0xff;
    return bytes;
  }
  const bitmap = allocate(bitmapBytes).fill(0);
  for (let index = start; index < end; index++) {
    const low = ids[index]! & 0xff;
    bitmap[low >>> 3]! |= 1 << (low & 7);
  }
  return bitmap;
}

function containerHas(container: Buffer, low: number): boolean {
  if (container.length < bitmapBytes) return container.includes(low);
  return (container[low >>> 3]! & (1 << (low & 7))) !== 0;
}

function containerWith(container: Buffer, low: number): Buffer {
  if (container.length === bitmapBytes) {
    const bitmap = allocateAlone(bitmapBytes);
    container.copy(bitmap);
    bitmap[low >>> 3]! |= 1 << (low & 7);
    return bitmap;
  }
  const count = container.length;
  // As a rule ids are new, and so the greatest.
  let place = count;
  while (place > 0 && container[place - 1]! > low) place--;
  if (count + 1 === bitmapBytes) {
    const bitmap = allocateAlone(bitmapBytes).fill(0);
    for (let index = 0; index < count; index++) bitmap[container[index]! >>> 3]! |= 1 << (container[index]! & 7);
    bitmap[low >>> 3]! |= 1 << (low & 7);
    return bitmap;
  }
  const longer = allocateAlone(count + 1);
  for (let index = 0; index < place; index++) longer[index] = container[index]!;
  longer[place] = low;
  for (let index = place; index < count; index++) longer[index + 1] = container[index]!;
  return longer;
}

function containerWithout(container: Buffer, low: number): Buffer {
  const ids: number[] = [];
  appendContainer(container, 0, ids);
  const left = ids.filter((id) => id !== low);
  return encodeContainer(left, 0, left.length);
}

/** Calls `each` for every run of ascending `ids` that shares a container. */
export function forEachContainer(ids: readonly number[], each: (number: number, start: number, end: number) => void): void {
  let start = 0;
  while (start < ids.length) {
    const number = ids[start]! >>> 8;
    let end = start + 1;
    while (end < ids.length && ids[end]! >>> 8 === number) end++;
    each(number, start, end);
    start = end;
  }
}

/** What posting lists are kept in while a transaction edits them. Stored buffers are never written to again. */
export interface PostingStorage {
  head(key: string): Buffer | undefined;
  putHead(key: string, bytes: Buffer | null): void;
  container(key: string): Buffer | undefined;
  putContainer(key: string, bytes: Buffer | null): void;
  /** A list number that was never used. */
  allocateList(): number;
  /** The large list at `key` has become short. */
  noteShrinkable(key: string): void;
}

/** Puts `id` on the list; does nothing if it is there already. */
export function addId(storage: PostingStorage, key: string, id: number): void {
  const bytes = storage.head(key);
  if (bytes === undefined) storage.putHead(key, encodeInline([id]));
  else if (isLarge(bytes)) addToLarge(storage, key, decodeLarge(bytes), id);
  else addToInline(storage, key, bytes, id);
}

function addToInline(storage: PostingStorage, key: string, bytes: Buffer, id: number): void {
  const place = placeInInline(bytes, id);
  if (place < bytes.length && bytes.readUInt32LE(place) === id) return;
  const longer = Buffer.allocUnsafeSlow(bytes.length + 4);
  bytes.copy(longer, 0, 0, place);
  longer.writeUInt32LE(id, place);
  bytes.copy(longer, place + 4, place);
  if (longer.length <= inlineIdsMax * 4) storage.putHead(key, longer);
  else moveToContainers(storage, key, decodeHead(longer) as number[]);
}

/** The offset of the first id that is not below `id`. */
function placeInInline(bytes: Buffer, id: number): number {
  let low = 0;
  let high = bytes.length >>> 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bytes.readUInt32LE(middle * 4) < id) low = middle + 1;
    else high = middle;
  }
  return low * 4;
}

function moveToContainers(storage: PostingStorage, key: string, ids: readonly number[]): void {
  const list = storage.allocateList();
  let containers = 0;
  let estimate = 0;
  forEachContainer(ids, (number, start, end) => {
    storage.putContainer(containerKey(list, number), encodeContainer(ids, start, end));
    containers++;
    estimate += sizeStep(end - start);
  });
  storage.putHead(key, encodeLarge({ list, containers, estimate }));
}

function addToLarge(storage: PostingStorage, key: string, head: LargeHead, id: number): void {
  const place = containerKey(head.list, id >>> 8);
  const low = id & 0xff;
  const container = storage.container(place);
  if (!container) {
    storage.putContainer(place, Buffer.from([low]));
    storage.putHead(key, encodeLarge({ ...head, containers: head.containers + 1, estimate: head.estimate + 1 }));
    return;
  }
  if (containerHas(container, low)) return;
  storage.putContainer(place, containerWith(container, low));
  const count = containerCount(container);
  const growth = sizeStep(count + 1) - sizeStep(count);
  if (growth !== 0) storage.putHead(key, encodeLarge({ ...head, estimate: head.estimate + growth }));
}

/** Takes `id` off the list; does nothing if it is not on it. */
export function removeId(storage: PostingStorage, key: string, id: number): void {
  const bytes = storage.head(key);
  if (bytes === undefined) return;
  if (isLarge(bytes)) {
    removeFromLarge(storage, key, decodeLarge(bytes), id);
    return;
  }
  const place = placeInInline(bytes, id);
  if (place >= bytes.length || bytes.readUInt32LE(place) !== id) return;
  if (bytes.length === 4) storage.putHead(key, null);
  else storage.putHead(key, Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 4)]));
}

function removeFromLarge(storage: PostingStorage, key: string, head: LargeHead, id: number): void {
  const place = containerKey(head.list, id >>> 8);
  const low = id & 0xff;
  const container = storage.container(place);
  if (!container || !containerHas(container, low)) return;
  const left = containerWithout(container, low);
  storage.putContainer(place, left.length === 0 ? null : left);
  const fall = sizeStep(containerCount(container)) - sizeStep(containerCount(left));
  if (fall === 0) return;
  const containers = head.containers - (left.length === 0 ? 1 : 0);
  const estimate = head.estimate - fall;
  storage.putHead(key, containers === 0 ? null : encodeLarge({ ...head, containers, estimate }));
  if (containers > 0 && estimate <= shrinkEstimateMax) storage.noteShrinkable(key);
}

/**
 * Puts a large list back into its head. `numbers` are its containers as seen earlier; where the list has changed since
 * so that they are not all of them, nothing happens.
 */
export function shrinkList(storage: PostingStorage, key: string, numbers: readonly number[]): void {
  const bytes = storage.head(key);
  if (bytes === undefined || !isLarge(bytes)) return;
  const head = decodeLarge(bytes);
  if (head.estimate > shrinkEstimateMax) return;
  const keys = numbers.map((number) => containerKey(head.list, number));
  const present = keys.filter((place) => storage.container(place) !== undefined);
  if (present.length !== head.containers) return;
  const ids: number[] = [];
  numbers.forEach((number, index) => {
    const container = storage.container(keys[index]!);
    if (container) appendContainer(container, number, ids);
  });
  for (const place of present) storage.putContainer(place, null);
  storage.putHead(key, encodeInline(ids));
}
