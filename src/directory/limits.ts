/**
 * The directory's tuning constants: what one operation may cost, and how long work gives way to lookups. No directive changes
 * them; the limits that an operator sets are in config/limits.ts and config/search-limits.ts.
 */

/** A subtree smaller than this part of the database is read by walking down, a larger one by reading everything. */
export const walkedPart = 1 / 4;
/** More candidates are visited in slices: thousands of them, under a filter of thousands of terms, take seconds. */
export const visitedAtOnceMax = 32;
/** Memory that one requested attribute name takes. */
export const bytesPerAttribute = 64;

/** Different attribute descriptions with options (`cn;lang-en`) that one search may request. */
export const optionsRequestedMax = 256;

/** Parts of the tree that the aliases in a search's scope may lead to. */
export const aliasedPlacesMax = 100_000;

/** Comparisons of one attribute's values with the filters of a Matched Values control, at one go: 40 ms at the most. */
export const matchedValuesMax = 250_000;

/** What a client's transaction (RFC 5805) may gather before it is given up. Its requests may take what one request may. */
export const transactionLimits = {
  operationsMax: 5_000,
  milliseconds: 300_000,
  /** What an operation takes besides the bytes of its request. */
  bytesPerOperation: 1_024,
  /** All open transactions together, in bytes. */
  bytesInAllMax: 64 * 1_024 * 1_024,
} as const;

/** slapd's overlay allows five. */
export const sortKeysMax = 5;
/** What one search may keep for sorting: entries, and characters of their keys. */
export const sortedEntriesMax = 100_000;
export const sortedCharactersMax = 32 * 1_024 * 1_024;

/** Entries that are put in order at one go; more are sorted in slices. */
export const sortedAtOnceMax = 1_000;

/** What long searches may cost together. */
export interface LongSearchLimits {
  /** Searches at work at once. */
  readonly places: number;
  /** Searches at work or waiting, in all and for one address: one more gets `busy`. */
  readonly searchesMax: number;
  readonly searchesPerAddressMax: number;
  /** Memory that their requests may take, in all and for one address, in bytes: one more gets `busy`. */
  readonly requestBytesMax: number;
  readonly requestBytesPerAddressMax: number;
  /** Searches that keep what they hold while their receiver does not read. */
  readonly keepersMax: number;
}

export const defaultLongSearchLimits: LongSearchLimits = {
  places: 16,
  searchesMax: 5_000,
  searchesPerAddressMax: 2_000,
  requestBytesMax: 128 * 1_024 * 1_024,
  requestBytesPerAddressMax: 64 * 1_024 * 1_024,
  keepersMax: 32,
};

/** Searches that persist (RFC 4533), in all and for one address: one more gets `busy`. */
export const persistentSearchesMax = 1_000;
export const persistentSearchesPerAddressMax = 250;

/** How long a slice of long work lasts (search/slice.ts). */
export const sliceLimits = {
  /** A lookup that comes at the worst moment waits this long. */
  longestMilliseconds: 2,
  /** A slice is a few entries at least: with one or two lookups in a turn, that is more than its share. */
  shortestMilliseconds: 0.005,
  /**
   * Of the time that others take. Work that no slice counts, such as fetching entries and writing to the socket, comes on
   * top and is the larger part: with 1/2, lookups beside a full reader had a fifth of their usual rate; with 1/16 they have
   * more than half.
   */
  share: 1 / 16,
  /** A turn of the event loop takes this long when nobody has anything to do in it. */
  idleTurnMilliseconds: 0.05,
  /** The clock is read once in so many steps: it costs as much as looking at an entry that is not sent. */
  stepsBetweenLooks: 4,
  /** In a slice shorter than this, the clock is read after each step. */
  shortMilliseconds: 0.05,
  /** Assertions evaluated between two looks at the clock. A filter of many makes each step a long one. */
  termsBetweenLooks: 64,
} as const;

/**
 * What changes of numbered values (`X-ORDERED 'VALUES'`) may cost in one request: a value that is added or deleted is a step,
 * and so are eight that are there already, since each change numbers all of an attribute.
 */
export const numberingStepsMax = 1_000_000;

/** So many entries that one entry names are read for the Dereference control. */
export const dereferencedMax = 5_000;

/** What lists (overlay dynlist) may cost one search: lists it looks at, and values that they are expanded to, all together. */
export const listsMax = 10_000;
export const listValuesMax = 250_000;
/** Steps of expanding them, entries looked at as a rule, that are done at one go; more are done in slices. */
export const listStepsAtOnceMax = 256;
