/** pwdHistory: passwords that an entry has had, as slapd writes them: `time#syntax#length#hash`. */
import type { AttributeDescription } from '../../../ldap/schema.js';
import { secondsOf } from './times.js';

const octetStringSyntax = '1.3.6.1.4.1.1466.115.121.1.40';

export interface FormerPassword {
  readonly time: number;
  /** As it was stored. */
  readonly stored: Buffer;
  /** The whole value. */
  readonly value: Buffer;
}

/** The oldest first; values that cannot be read are passed over. `time`: any attribute of times. */
export function formerPasswords(values: readonly Buffer[], time: AttributeDescription): FormerPassword[] {
  return values.flatMap((value) => formerPassword(value, time) ?? []).sort((a, b) => a.time - b.time);
}

function formerPassword(value: Buffer, time: AttributeDescription): FormerPassword | undefined {
  const [head, when, length] = /^([^#]+)#[^#]*#(\d+)#/.exec(value.toString('latin1')) ?? [];
  if (head === undefined) return undefined;
  const stored = value.subarray(head.length);
  const seconds = secondsOf(time, Buffer.from(when!, 'latin1'));
  return seconds === undefined || stored.length !== Number(length) ? undefined : { time: seconds, stored, value };
}

export function historyValue(timeText: string, stored: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${timeText}#${octetStringSyntax}#${stored.length}#`), stored]);
}
