/** How much memory this process can have. */
import { totalmem } from 'node:os';

export function totalMemory(): number {
  return totalmem();
}

/** What a container or service may use; Infinity where nothing limits it. */
export function constrainedMemory(): number {
  const bytes = process.constrainedMemory();
  return bytes > 0 ? bytes : Infinity;
}
