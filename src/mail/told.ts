/** What the use cases tell people: a code and its parameters, so that pages can say it in the viewer's language. */
import { mailTexts } from './texts.js';

export type MailTexts = typeof mailTexts;

/** Where a text has a string, the parameter may be something told of its own: the reason of a refusal, for example. */
type ParametersOf<Text> = Text extends (parameters: infer P) => string
  ? [{ readonly [Name in keyof P]: P[Name] extends string ? string | Told : P[Name] }]
  : [];

export interface Told {
  readonly code: keyof MailTexts;
  readonly parameters?: Readonly<Record<string, string | number | Told>>;
}

export function told<Code extends keyof MailTexts>(code: Code, ...given: ParametersOf<MailTexts[Code]>): Told {
  const [parameters] = given as readonly Told['parameters'][];
  return parameters === undefined ? { code } : { code, parameters };
}

/** In words, of a catalogue that may be another language's. */
export function inWords(texts: MailTexts, { code, parameters = {} }: Told): string {
  const text = texts[code] as string | ((parameters: unknown) => string);
  if (typeof text === 'string') return text;
  const inner = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'object' ? inWords(texts, value) : value,
  ]);
  return text(Object.fromEntries(inner));
}

export function inEnglish(one: Told): string {
  return inWords(mailTexts, one);
}
