/** The server's log: for people on a terminal, JSON lines otherwise. To standard error, as slapd's. */
import { pino, type Logger } from 'pino';

/** slapd's bits that ask for a line for each operation or connection. */
const operationBits = 0x1 | 0x8 | 0x100 | 0x200;

/**
 * `level` is slapd's sum of `loglevel` bits. Operations are logged with stats, stats2, conns or trace; 0 leaves only
 * errors; whatever else is asked for is what must be heard: failed logins, refused connections, broken peers.
 */
export async function makeLogger(level: number): Promise<Logger> {
  const options = { base: undefined, level: pinoLevel(level) };
  if (process.stderr.isTTY) {
    // Loaded for people alone: a server starts without it.
    const { PinoPretty } = await import('pino-pretty');
    return pino(options, PinoPretty({ destination: 2, sync: true, colorize: true, translateTime: 'SYS:HH:MM:ss.l' }));
  }
  return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
}

function pinoLevel(level: number): string {
  if (level === 0) return 'error';
  return (level & operationBits) === 0 ? 'info' : 'debug';
}
