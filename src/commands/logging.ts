/** The server's log, to standard error: for people on a terminal, slapd's lines or JSON otherwise. */
import { fstatSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { slapdLines } from './slapd-lines.js';

/** slapd's bits that ask for a line for each operation or connection. */
const operationBits = 0x1 | 0x8 | 0x100 | 0x200;

export const logFormats = ['json', 'slapd'] as const;
export type LogFormat = (typeof logFormats)[number];

/**
 * `level` is slapd's sum of `loglevel` bits. Operations are logged with stats, stats2, conns or trace; 0 leaves only
 * errors; whatever else is asked for is what must be heard: failed logins, refused connections, broken peers. Without a
 * format: people's on a terminal, slapd's where the journal reads, JSON otherwise.
 */
export async function makeLogger(level: number, format?: LogFormat): Promise<Logger> {
  const options = { base: undefined, level: pinoLevel(level) };
  if (format === undefined && process.stderr.isTTY) {
    // Loaded for people alone: a server starts without it.
    const { PinoPretty } = await import('pino-pretty');
    return pino(options, PinoPretty({ destination: 2, sync: true, colorize: true, translateTime: 'SYS:HH:MM:ss.l' }));
  }
  const destination: DestinationStream = pino.destination({ fd: 2, sync: true });
  const journal = journalReads();
  if ((format ?? (journal ? 'slapd' : 'json')) === 'slapd') return pino(options, slapdLines(destination, journal));
  return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** systemd names the device and inode of the stream that it reads; another one may stand in its place. */
function journalReads(): boolean {
  const { dev, ino } = fstatSync(2);
  return process.env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}

/** What pino calls slapd's sum of `loglevel` bits. */
export function pinoLevel(level: number): string {
  if (level === 0) return 'error';
  return (level & operationBits) === 0 ? 'info' : 'debug';
}
