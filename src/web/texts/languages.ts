/** The languages of the pages, and which of them a browser asks for. */
export const languages = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof languages)[number];

/** Each in its own words. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
};

export function isLanguage(text: string | undefined): text is Language {
  return languages.some((language) => language === text);
}

/** The best of an Accept-Language header (RFC 9110, 12.5.4); English where it names none of ours. */
export function acceptedLanguage(header: string | undefined): Language {
  const ranges = (header ?? '')
    .slice(0, headerMax)
    .split(',')
    .flatMap((part) => {
      const match = /^\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/.exec(part);
      return match === null ? [] : { language: match[1]?.toLowerCase(), weight: Number(match[2] ?? 1) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  for (const { language } of ranges) {
    if (isLanguage(language)) return language;
    if (language === '*') break;
  }
  return 'en';
}

const headerMax = 1_000;
