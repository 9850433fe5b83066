/** The catalogue of texts: nothing is missing or lost in any language, and each visitor gets theirs. */
import { describe, expect, test } from 'vitest';
import { createWebApp } from '../../src/web/app.js';
import { catalogue } from '../../src/web/texts/catalogue.js';
import { acceptedLanguage, languageNames, languages, type Language } from '../../src/web/texts/languages.js';
import { settings } from '../mail/support.js';

type Leaf = string | ((parameters: unknown) => string);

/** What a language has beside its texts. */
const noTexts: readonly string[] = ['language', 'format', 'said'];

/** All texts of a language by their paths. */
function textsOf(language: Language): ReadonlyMap<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const [section, texts] of Object.entries(catalogue[language]).filter(([name]) => !noTexts.includes(name)))
    for (const [name, text] of Object.entries(texts)) found.set(`${section}.${name}`, text as Leaf);
  return found;
}

/** A text with every parameter this number, and the parameters it looks at. */
function spoken(text: Leaf, value: number): { words: string; parameters: string[] } {
  if (typeof text === 'string') return { words: text, parameters: [...text.matchAll(/\{\w+\}/g)].map(String).sort() };
  const looked = new Set<string>();
  const parameters = new Proxy({}, { get: (_, name) => (looked.add(String(name)), value) });
  return { words: text(parameters), parameters: [...looked].sort() };
}

const others = languages.filter((language) => language !== 'en');
const counts = [0, 1, 2, 1_000_000];

/** Words that two languages share. */
const alike: Readonly<Record<string, readonly string[]>> = {
  de: [
    'frame.domains',
    'form.optional',
    'dnsPage.tab',
    'person.name',
    'person.quota',
    'factor.code',
    'tabs.catchAll',
    'tabs.domain',
  ],
  fr: ['list.pages', 'mailPrograms.port', 'dnsPage.tab', 'person.alias', 'person.quota', 'factor.code', 'tabs.postmasters'],
  es: ['dnsPage.tab', 'person.alias', 'tabs.postmasters'],
};

describe('the catalogue', () => {
  test.each(others)('%s has all texts, with what each of them tells', (language) => {
    const [english, translated] = [textsOf('en'), textsOf(language)];
    expect([...translated.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of english) {
      const translation = translated.get(path) ?? '';
      const parameters = (of: Leaf): string[] => [...new Set(counts.flatMap((count) => spoken(of, count).parameters))].sort();
      expect([path, parameters(translation)]).toEqual([path, parameters(text)]);
    }
  });

  test.each(others)('%s is translated', (language) => {
    const same = [...textsOf('en')].flatMap(([path, text]) =>
      spoken(textsOf(language).get(path) ?? '', 2).words === spoken(text, 2).words ? [path] : [],
    );
    expect(same.sort()).toEqual([...(alike[language] ?? [])].sort());
  });

  test('no text is empty, unfinished, or says undefined', () => {
    for (const language of languages)
      for (const [path, text] of textsOf(language))
        for (const count of counts)
          expect([language, path, spoken(text, count).words]).toEqual([
            language,
            path,
            expect.stringMatching(/^(?!\s)(?!.*(undefined|NaN|TODO)).+\S$/s),
          ]);
  });
});

describe('the language of a visitor', () => {
  test.each<[string | undefined, Language]>([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['pt-BR, fr;q=0.5, es;q=0.7', 'es'],
    ['en;q=0.1, fr;q=0.2', 'fr'],
    ['de;q=0, fr', 'fr'],
    ['pt, *', 'en'],
    ['nonsense;;, q=, fr-CA', 'fr'],
    ['de;q=2', 'en'],
  ])('%s: %s', (header, expected) => {
    expect(acceptedLanguage(header)).toBe(expected);
  });

  const app = createWebApp({ directory: { url: 'ldap://127.0.0.1:9' }, settings });

  test('is that of the browser, until another is chosen on the page', async () => {
    const ask = async (headers: Record<string, string>): Promise<Response> =>
      app.fetch(new Request('http://localhost/login', { headers }));
    const german = await ask({ 'Accept-Language': 'de' });
    expect(german.headers.get('Content-Language')).toBe('de');
    expect(german.headers.get('Vary')).toBe('Accept-Language, Cookie');
    const page = await german.text();
    expect(page).toContain('<html lang="de">');
    expect(page).toContain(catalogue.de.login.hint);
    for (const language of languages) expect(page).toContain(languageNames[language]);
    const body = new URLSearchParams({ language: 'fr', back: '/login?next=%2Fme' });
    const headers = { 'Content-Length': String(body.toString().length), Origin: 'http://localhost', Host: 'localhost' };
    const chosen = await app.fetch(new Request('http://localhost/language', { method: 'POST', body, headers }));
    expect([chosen.status, chosen.headers.get('Location')]).toEqual([303, '/login?next=%2Fme']);
    const [cookie = ''] = chosen.headers.getSetCookie();
    expect(cookie).toMatch(/^jamm-language=fr; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await (await ask({ 'Accept-Language': 'de', Cookie: 'jamm-language=fr' })).text()).toContain('<html lang="fr">');
    expect(await (await ask({ 'Accept-Language': 'de', Cookie: 'jamm-language=xx' })).text()).toContain('<html lang="de">');
  });

  test('also holds for what cannot be done', async () => {
    const missing = await app.fetch(new Request('http://localhost/static/nothing', { headers: { 'Accept-Language': 'es' } }));
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining(catalogue.es.failure.noPage)]);
  });
});
