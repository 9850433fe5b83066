/**
 * Keeps some of the process's file descriptors from clients. When all are used, Node accepts and closes new clients
 * silently, and the store cannot open its files.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Descriptors reserved for the store's files, logs and the control socket, */
const reservedMax = 64;
/** or this fraction of them, if the limit is low. */
const reservedPart = 8;

interface DescriptorHolder {
  readonly _handle?: { readonly fd?: number } | null;
}

export class Descriptors {
  readonly #forClients: number;

  /** `openFilesMax`: how many descriptors the process may have. */
  constructor(openFilesMax = openFilesLimit()) {
    this.#forClients = openFilesMax - Math.min(reservedMax, Math.ceil(openFilesMax / reservedPart));
  }

  /** Reports whether the socket has one of the reserved descriptors: the kernel always hands out the lowest free one. */
  isScarceFor(socket: Socket): boolean {
    const descriptor = (socket as unknown as DescriptorHolder)._handle?.fd ?? 0;
    return descriptor >= this.#forClients;
  }
}

/** Infinity if unknown. */
function openFilesLimit(): number {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found ? Number(found[1]) : Infinity;
  } catch {
    return Infinity;
  }
}
