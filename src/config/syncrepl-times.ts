/** Spans of time and retry schedules, as `syncrepl` spells them. */
import { ConfigError, wholeNumber } from './directive.js';
import type { RetryStep } from './syncrepl-settings.js';

/** `dd:hh:mm:ss`, or seconds. */
export function readSpan(text: string, name: string): number {
  if (!text.includes(':')) return wholeNumber(text, name);
  const parts = text.split(':').map((part) => wholeNumber(part, name, 0, 99_999));
  const [days, hours, minutes, seconds] = parts;
  if (parts.length !== 4 || hours! > 24 || minutes! > 60 || seconds! > 60) {
    throw new ConfigError(`"${text}" of "${name}" is not dd:hh:mm:ss`);
  }
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}

/** `60 10 300 +`: each minute ten times, then each five minutes for ever. */
export function readRetries(text: string): RetryStep[] {
  const words = text.toLowerCase() === 'undefined' ? ['3600', '+'] : text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0 || words.length % 2 === 1) throw new ConfigError(`"${text}" of "retry" is not a list of pairs`);
  const steps: RetryStep[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const seconds = wholeNumber(words[at]!, 'retry');
    if (words[at + 1]!.startsWith('+')) return [...steps, { seconds, times: Infinity }];
    steps.push({ seconds, times: wholeNumber(words[at + 1]!, 'retry', 1) });
  }
  return steps;
}
