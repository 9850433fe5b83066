/** The file descriptor of a socket, which slapd's log lines name. */
import type { Socket } from 'node:net';

/** -1 where Node does not tell. */
export function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd ?? -1;
}
