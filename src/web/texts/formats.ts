/** Numbers, sizes, dates and plural forms, as a language writes them. */
import type { Language } from './languages.js';

export interface Formats {
  readonly number: (value: number) => string;
  /** A number of bytes, in the unit that people would choose. */
  readonly size: (bytes: number) => string;
  /** The day, in UTC. */
  readonly day: (at: Date) => string;
  /** The form of a word that goes with a number. */
  readonly plural: (count: number, forms: { readonly one: string; readonly other: string }) => string;
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const formatsOfLanguages = new Map<Language, Formats>();

export function formatsOf(language: Language): Formats {
  const made = formatsOfLanguages.get(language) ?? makeFormats(language);
  formatsOfLanguages.set(language, made);
  return made;
}

function makeFormats(language: Language): Formats {
  const locale = language === 'en' ? 'en-GB' : language;
  const number = new Intl.NumberFormat(locale);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const rules = new Intl.PluralRules(locale);
  const sizes = units.map((unit) => {
    const unitDisplay = unit === 'byte' ? 'long' : 'short';
    return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay, maximumSignificantDigits: 4 });
  });
  return {
    number: (value) => number.format(value),
    size: (bytes) => {
      const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
      return (sizes[power] ?? number).format(bytes / 1024 ** power);
    },
    day: (at) => day.format(at),
    plural: (count, { one, other }) => (rules.select(count) === 'one' ? one : other),
  };
}
