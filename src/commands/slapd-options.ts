/** Options that scripts written for slapd's tools pass: taken with their meaning, or with one line that says they have none. */
import { Option } from 'commander';
import { CommandFailure } from './failure.js';

export const debugOption = (): Option => new Option('-d, --debug <level>', "slapd's debug level (no effect here)").hideHelp();

/** May be given again and again. */
export const slapdOption = (description: string): Option =>
  new Option('-o <option>', description).argParser((text: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);

/** What each of slapd's tools takes with -o. */
const generic = ['syslog', 'syslog-level', 'syslog-user'];

/**
 * The values of `-o name=value`, by name in small letters. Generic ones have no effect and are left out. `known`: what this
 * tool takes besides; `_` may stand for `-`. Throws CommandFailure.
 */
export function slapdValues(options: readonly string[] | undefined, known: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const text of options ?? []) {
    const at = text.indexOf('=');
    const name = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase().replaceAll('_', '-');
    if (generic.includes(name)) continue;
    if (!known.includes(name)) {
      throw new CommandFailure(`-o ${text}: unknown option; known are ${[...known, ...generic].join(', ')}`);
    }
    values.set(name, at < 0 ? '' : text.slice(at + 1).trim());
  }
  return values;
}

/** One line for each option that is given and has no effect. `reasons`: by what it is called on the command line. */
export function warnOfNoEffect(command: string, given: readonly (readonly [string, unknown, string])[]): void {
  for (const [option, value, reason] of given) {
    if (value === undefined || value === false) continue;
    process.stderr.write(`jammd ${command}: warning: ${option} has no effect: ${reason}\n`);
  }
}

/** slapcat's and slapadd's `yes` and `no`. */
export function yesOrNo(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(yes|true|on|1)$/i.test(value)) return true;
  if (/^(no|false|off|0)$/i.test(value)) return false;
  throw new CommandFailure(`-o ${name}=${value}: expected yes or no`);
}
