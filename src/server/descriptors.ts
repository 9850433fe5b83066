/**
 * File descriptors, of which a process has only so many. Where they run out, Node accepts clients and closes them without
 * a word, and the store can open none of its files. So the last ones are not for clients.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Descriptors that are kept for the store's files, logs and the control socket. */
const reservedMax = 64;
/** Of a small number, this part is kept. */
const reservedPart = 8;

interface DescriptorHolder {
  readonly _handle?: { readonly fd?: number } | null;
}

export class Descriptors {
  readonly #forClients: number;

  /** `openFilesMax`: as many as this process may have. */
  constructor(openFilesMax = openFilesLimit()) {
    this.#forClients = openFilesMax - Math.min(reservedMax, Math.ceil(openFilesMax / reservedPart));
  }

  /** Has the client got one of the last? The kernel always gives the lowest that is free. */
  isScarceFor(socket: Socket): boolean {
    const descriptor = (socket as unknown as DescriptorHolder)._handle?.fd ?? 0;
    return descriptor >= this.#forClients;
  }
}

/** Infinity where that cannot be found out. */
function openFilesLimit(): number {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found ? Number(found[1]) : Infinity;
  } catch {
    return Infinity;
  }
}
