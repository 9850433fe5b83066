/** Chooses a store's writer: one of its own, or one that a journal leads. */
import { JournaledWriter } from './journaled-writer.js';
import type { StoreOptions } from './options.js';
import type { StoreState } from './state.js';
import { defaultWriteLimits, Writer, type WriterEvents } from './writer.js';

export function makeWriter(
  state: StoreState,
  { journal, writeLimits }: StoreOptions,
  events: WriterEvents,
): Writer | JournaledWriter {
  const limits = { ...defaultWriteLimits, ...writeLimits };
  return journal ? new JournaledWriter(state, journal, events, limits) : new Writer(state, events, limits);
}
