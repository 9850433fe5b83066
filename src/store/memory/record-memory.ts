/**
 * Entry records in memory: one after the other in blocks outside V8's heap, found by id through typed arrays. A record costs its
 * own bytes and some nine more, and no object that the garbage collector has to visit.
 *
 * Records that are large for a block, as groups of thousands are, have a small cache of their own.
 *
 * Blocks fill up one after the other. When the budget is used up the oldest block is given up: what was asked for since it was
 * written moves to the newest one, as far as that takes half a block; the rest is forgotten. A block is never written to where a
 * record lies that was handed out, so records stay what they were for whoever still holds one.
 */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import { EntryRecord } from '../../entry/record.js';
import { GenerationCache } from '../cache.js';
import type { MemoryBudget } from './budget.js';

const blockBytes = 1 << 20;
const recordBytesMax = blockBytes >>> 2;
/** Records above a quarter of a block may take this part of the budget. */
const largeShare = 1 / 8;
/** Small budgets get small blocks, so that there are always some. */
const blocksLeast = 8;
const smallestBlock = 1 << 14;
/** Places are counted in units of so many bytes. */
const unit = 8;
/** Before each record: its length. */
const lengthBytes = 4;
/** Ids that share a page of places: 4,096, by their high bits. */
const pageShift = 12;
const pageIds = 1 << pageShift;
const pageMask = pageIds - 1;
/** Records whose objects are kept at hand, by the low bits of their ids. */
const handyMax = 4_096;
/** While nothing is free, so many records are read in vain before one is taken in: who reads everything once pushes out little. */
const admittedOneIn = 8;

/** Where the records of some neighbouring ids lie. */
class Page {
  /** The unit that a record starts at, counted from 1 through all blocks; 0: not in memory. */
  readonly places = new Uint32Array(pageIds);
  /** 1: asked for since it was written to its block. */
  readonly used = new Uint8Array(pageIds);
}

const pageBytes = pageIds * 5;

export class RecordMemory {
  readonly #budget: MemoryBudget;
  readonly #dictionary: AttributeDictionary;
  readonly #blockBytes: number;
  /** The units of a block, as a power of two. */
  readonly #unitsShift: number;
  readonly #pages: (Page | undefined)[] = [];
  /** By number; a number is used again when its block is gone. */
  readonly #blocks: (Buffer | undefined)[] = [];
  /** By number: how far each block is filled. */
  readonly #ends: number[] = [];
  /** Numbers of the blocks, the oldest first; the last one is being filled. */
  readonly #order: number[] = [];
  readonly #freeNumbers: number[] = [];
  /** What is large for a block. */
  readonly #large: GenerationCache<number, EntryRecord>;
  /** Of it, as the budget was told. */
  #largeBytes = 0;
  readonly #handy: (EntryRecord | undefined)[] = new Array<EntryRecord | undefined>(handyMax).fill(undefined);
  /** How far the last block is filled. */
  #filled = 0;
  #refused = 0;
  #bytes = 0;
  #count = 0;
  hits = 0;
  misses = 0;

  constructor(budget: MemoryBudget, dictionary: AttributeDictionary) {
    this.#budget = budget;
    this.#dictionary = dictionary;
    let bytes = blockBytes;
    while (bytes > smallestBlock && bytes * blocksLeast > budget.bytesMax) bytes >>>= 1;
    this.#blockBytes = bytes;
    this.#unitsShift = 31 - Math.clz32(bytes / unit);
    this.#filled = bytes;
    this.#large = new GenerationCache(budget.bytesMax * largeShare, (record) => record.buffer.length);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Records. */
  get count(): number {
    return this.#count;
  }

  get(id: number): EntryRecord | undefined {
    const handy = this.#handy[id & (handyMax - 1)];
    if (handy !== undefined && handy.id === id) {
      this.hits++;
      return handy;
    }
    const page = this.#pages[id >>> pageShift];
    const place = page === undefined ? 0 : page.places[id & pageMask]!;
    if (place === 0) {
      const large = this.#large.size === 0 ? undefined : this.#getLarge(id);
      if (large) this.hits++;
      else this.misses++;
      return large;
    }
    this.hits++;
    page!.used[id & pageMask] = 1;
    const record = new EntryRecord(this.#bytesAt(place), this.#dictionary);
    this.#handy[id & (handyMax - 1)] = record;
    return record;
  }

  /** For who reads everything: neither counts as use nor keeps anything at hand. */
  peek(id: number): EntryRecord | undefined {
    const page = this.#pages[id >>> pageShift];
    const place = page === undefined ? 0 : page.places[id & pageMask]!;
    return place === 0 ? undefined : new EntryRecord(this.#bytesAt(place), this.#dictionary);
  }

  has(id: number): boolean {
    return (this.#pages[id >>> pageShift]?.places[id & pageMask] ?? 0) !== 0;
  }

  /** A record that was read from the database: kept where there is room, or now and then. */
  offer(id: number, record: EntryRecord): void {
    if (!this.hasRoomFor(record) && ++this.#refused % admittedOneIn !== 0) return;
    this.#put(id, record.buffer, 0);
  }

  /** A record that was committed: what is known of this id is no longer true. */
  set(id: number, record: EntryRecord): void {
    this.#forget(id);
    this.#put(id, record.buffer, 0);
  }

  delete(id: number): void {
    this.#forget(id);
  }

  clear(): void {
    this.#pages.length = 0;
    this.#blocks.length = 0;
    this.#ends.length = 0;
    this.#order.length = 0;
    this.#freeNumbers.length = 0;
    this.#handy.fill(undefined);
    this.#large.clear();
    this.#largeBytes = 0;
    this.#count = 0;
    this.#filled = this.#blockBytes;
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }

  /** Would it be kept without anything being given up? */
  hasRoomFor({ buffer }: EntryRecord): boolean {
    return this.#filled + lengthBytes + buffer.length <= this.#blockBytes || this.#budget.hasRoomFor(this.#blockBytes);
  }

  #bytesAt(place: number): Buffer {
    const units = place - 1;
    const block = this.#blocks[units >>> this.#unitsShift]!;
    const start = (units & ((1 << this.#unitsShift) - 1)) * unit;
    const length = block[start]! | (block[start + 1]! << 8) | (block[start + 2]! << 16);
    return block.subarray(start + lengthBytes, start + lengthBytes + length);
  }

  #placeOf(number: number, start: number): number {
    return number * (1 << this.#unitsShift) + start / unit + 1;
  }

  #forget(id: number): void {
    this.#handy[id & (handyMax - 1)] = undefined;
    if (this.#large.has(id)) {
      this.#large.delete(id);
      this.#accountLarge();
    }
    const page = this.#pages[id >>> pageShift];
    if (!page || page.places[id & pageMask] === 0) return;
    page.places[id & pageMask] = 0;
    this.#count--;
  }

  #put(id: number, bytes: Buffer, used: 0 | 1): void {
    const wanted = lengthBytes + bytes.length;
    if (wanted > Math.min(recordBytesMax, this.#blockBytes >>> 2)) return this.#putLarge(id, bytes);
    if (this.#filled + wanted > this.#blockBytes) this.#beginBlock();
    const page = this.#pageOf(id);
    const number = this.#order[this.#order.length - 1]!;
    const block = this.#blocks[number]!;
    const start = this.#filled;
    block.writeUInt32LE(bytes.length, start);
    bytes.copy(block, start + lengthBytes);
    this.#filled = Math.ceil((start + wanted) / unit) * unit;
    if (page.places[id & pageMask] === 0) this.#count++;
    page.places[id & pageMask] = this.#placeOf(number, start);
    page.used[id & pageMask] = used;
  }

  #putLarge(id: number, bytes: Buffer): void {
    this.#large.set(id, new EntryRecord(bytes, this.#dictionary));
    this.#accountLarge();
  }

  #getLarge(id: number): EntryRecord | undefined {
    const record = this.#large.get(id);
    // What is used again may push out what is not.
    this.#accountLarge();
    return record;
  }

  #accountLarge(): void {
    const { bytes } = this.#large;
    if (bytes !== this.#largeBytes) this.#account(bytes - this.#largeBytes);
    this.#largeBytes = bytes;
  }

  #pageOf(id: number): Page {
    const number = id >>> pageShift;
    let page = this.#pages[number];
    if (!page) {
      page = new Page();
      this.#pages[number] = page;
      this.#account(pageBytes);
    }
    return page;
  }

  #beginBlock(): void {
    const last = this.#order[this.#order.length - 1];
    if (last !== undefined) this.#ends[last] = this.#filled;
    // Another database may have used up the budget since.
    while (this.#budget.isExceeded && this.#order.length > 1) this.#giveUpOldest();
    const isFull = !this.#budget.hasRoomFor(this.#blockBytes) && this.#order.length > 1;
    const kept = isFull ? this.#giveUpOldest() : [];
    this.#appendBlock();
    for (const { id, bytes } of kept) this.#put(id, bytes, 0);
  }

  #appendBlock(): void {
    const number = this.#freeNumbers.pop() ?? this.#blocks.length;
    this.#blocks[number] = Buffer.allocUnsafeSlow(this.#blockBytes);
    this.#order.push(number);
    this.#filled = 0;
    this.#account(this.#blockBytes);
  }

  /** Answers what of it was used, half a block at most. */
  #giveUpOldest(): { readonly id: number; readonly bytes: Buffer }[] {
    const number = this.#order.shift()!;
    const block = this.#blocks[number]!;
    const kept: { id: number; bytes: Buffer }[] = [];
    let keptBytes = 0;
    const end = this.#ends[number]!;
    for (let start = 0; start < end;) {
      const length = block.readUInt32LE(start);
      const bytes = block.subarray(start + lengthBytes, start + lengthBytes + length);
      const id = bytes.readUInt32LE(8);
      const page = this.#pages[id >>> pageShift];
      const place = this.#placeOf(number, start);
      if (page?.places[id & pageMask] === place) {
        page.places[id & pageMask] = 0;
        this.#count--;
        const isUsed = page.used[id & pageMask] === 1 || this.#handy[id & (handyMax - 1)]?.id === id;
        if (isUsed && keptBytes < this.#blockBytes >>> 1) {
          keptBytes += length;
          kept.push({ id, bytes });
        }
      }
      start = Math.ceil((start + lengthBytes + length) / unit) * unit;
    }
    this.#blocks[number] = undefined;
    this.#freeNumbers.push(number);
    this.#account(-this.#blockBytes);
    // They are views of the block, and would keep all of it.
    this.#handy.fill(undefined);
    return kept;
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0) this.#budget.take(bytes);
    else this.#budget.giveBack(-bytes);
  }
}
