/**
 * The server's tuning constants. No directive changes them; limits that an operator sets are in config/limits.ts. Turns,
 * departures and wakefulness keep their own constants.
 */

export interface ConnectionTuning {
  /** Milliseconds one connection may work before all others get their turn. */
  readonly turnMs: number;
  /** So many entries of a long answer leave at once: their reader has something to do while the others are looked for. */
  readonly firstEntries: number;
  /** Answers that gather before they are handed to the socket, in bytes; */
  readonly flushBytes: number;
  /** twice as many after each time, up to this: with one entry more they mostly fit into a pooled buffer. */
  readonly flushBytesMax: number;
  /** Unread answers above which a search is told to wait, in bytes; Config.limits.unreadBytes where that is less. */
  readonly highWaterBytes: number;
  /** Milliseconds for a TLS handshake. */
  readonly handshakeMs: number;
  /** Milliseconds for a proxy to say who its client is. */
  readonly proxyHeaderMs: number;
  /** Milliseconds a connection that was ended may take to go away. */
  readonly lingerMs: number;
  /** Milliseconds that operations under way get to finish when the server stops. */
  readonly graceMs: number;
  /** File descriptors that this process may have; undefined: as many as the system says. */
  readonly openFilesMax: number | undefined;
}

export const defaultTuning: ConnectionTuning = {
  turnMs: 4,
  firstEntries: 32,
  flushBytes: 12 * 1_024,
  flushBytesMax: 60 * 1_024,
  highWaterBytes: 256 * 1_024,
  handshakeMs: 15_000,
  proxyHeaderMs: 5_000,
  lingerMs: 2_000,
  graceMs: 10_000,
  openFilesMax: undefined,
};

/** Below this a paused search could not tell that its socket has drained: sockets keep 16 KiB to themselves. */
export const unreadBytesMin = 64 * 1_024;

/** How often idle connections are looked for, in milliseconds. */
export const sweepMs = 1_000;

/** What a log line quotes of a client's text, in characters. */
export const loggedTextCharactersMax = 2_000;
