/** Tells the log why a password could not be checked, so that no login fails without a reason that its admin can find. */

/** `target`: the normalised name of the entry, where it is known. */
export type TroubleListener = (reason: string, target: string | undefined) => void;

/** The same trouble is told once in this time. */
const quietMilliseconds = 60_000;
/** Of which it is remembered that they were told. */
const rememberedMax = 1_000;

const listeners = new Set<TroubleListener>();
const told = new Map<string, number>();

/** Answers what ends it. */
export function onPasswordTrouble(listener: TroubleListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function tellTrouble(reason: string, target: string | undefined): void {
  if (listeners.size === 0) return;
  const now = performance.now();
  const key = `${target ?? ''} ${reason}`;
  const before = told.get(key);
  if (before !== undefined && now - before < quietMilliseconds) return;
  if (told.size >= rememberedMax) told.clear();
  told.set(key, now);
  for (const listener of listeners) listener(reason, target);
}
