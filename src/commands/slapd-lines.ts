/** Writes the log in the form slapd's has in syslog, for what reads that: fail2ban, Wazuh, an admin's grep. */
import { hostname } from 'node:os';
import type { DestinationStream } from 'pino';

/** What pino hands over for each line. */
interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly peer?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** syslog's numbers for pino's levels: errors 3, warnings 4, information 6, the rest 7. */
function severity(level: number): number {
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

/** `journal`: the journal adds time and name by itself, and takes the severity from before the line. */
export function slapdLines(destination: DestinationStream, journal: boolean): DestinationStream {
  // "slapd" is the program that readers of such lines look for.
  const origin = `${hostname().split('.', 1)[0]} slapd[${process.pid}]:`;
  return {
    write(text: string): void {
      const record = JSON.parse(text) as LogRecord;
      const head = journal ? `<${severity(record.level)}>` : `${syslogTime(new Date(record.time))} ${origin} `;
      destination.write(`${head}${message(record)}\n`);
    },
  };
}

function message({ msg = '', peer, err }: LogRecord): string {
  const from = peer === undefined ? '' : ` (${peer})`;
  const trouble = err === undefined ? '' : `: ${(err.stack ?? err.message ?? '').replace(/\s*\n\s*/g, ' | ')}`;
  return `${msg}${from}${trouble}`;
}

function syslogTime(time: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)} ${clock.join(':')}`;
}
