/** Times in entries that concern passwords, in seconds since 1970. */
import type { AttributeDescription } from '../../../ldap/schema.js';
import { generalizedTime } from '../../rules/operational.js';
import type { Valued } from './policy.js';

export interface Moment {
  /** Whole seconds. */
  readonly now: number;
  /** `20261123110000Z` */
  readonly text: string;
  readonly microseconds: number;
}

export function thisMoment(): Moment {
  const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
  const now = Math.floor(microseconds / 1_000_000);
  return { now, text: timeText(now), microseconds: microseconds % 1_000_000 };
}

export function timeText(seconds: number): string {
  return generalizedTime(new Date(seconds * 1_000));
}

/** `20261123110000.123456Z`, and where there is such a value the next one that there is not: attributes are sets. */
export function uniqueTime({ text, microseconds }: Moment, present: readonly Buffer[]): Buffer {
  const taken = new Set(present.map((value) => value.toString('latin1')));
  for (let fraction = microseconds; ; fraction++) {
    const time = `${text.slice(0, 14)}.${String(fraction % 1_000_000).padStart(6, '0')}Z`;
    if (!taken.has(time)) return Buffer.from(time);
  }
}

/** Undefined where there is no such time. Before 1970 is 0: `000001010000Z` means for ever. */
export function timeOf(entry: Valued, description: AttributeDescription): number | undefined {
  const [value] = entry.values(description);
  return value && secondsOf(description, value);
}

export function secondsOf(description: AttributeDescription, value: Buffer): number | undefined {
  const text = description.type.equality?.normalize(value) ?? value.toString('latin1');
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number);
  if (second === undefined) return undefined;
  return year! < 1970 ? 0 : Date.UTC(year!, month! - 1, day, hour, minute, second) / 1_000;
}
