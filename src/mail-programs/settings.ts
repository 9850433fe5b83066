/** Settings as lines of text, in the two forms that most programs read: `name = value`, and names and values in columns. */
import { UnwritableConfigError } from './model.js';

export type Settings = readonly (readonly [name: string, value: string])[];

export function assignments(settings: Settings): string {
  return settings.map(([name, value]) => `${name} = ${oneLine(name, value)}\n`).join('');
}

export function columns(settings: Settings): string {
  const width = Math.max(...settings.map(([name]) => name.length)) + 2;
  return settings.map(([name, value]) => `${name.padEnd(width)}${oneLine(name, value)}\n`).join('');
}

/** Throws UnwritableConfigError: a line break would begin another setting, and none of these files can quote one. */
export function oneLine(name: string, value: string): string {
  const broken = [...value].some((letter) => letter < ' ' || letter === '\u007f');
  if (broken || value.trim() !== value) {
    throw new UnwritableConfigError(
      `${name}: a value with control characters, or with blanks at either end, cannot be written to this file`,
    );
  }
  return value;
}
