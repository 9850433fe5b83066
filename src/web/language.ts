/** Which language a request is answered in: the one chosen on the pages, kept in a cookie, or what its browser asks for. */
import { getCookie, setCookie } from 'hono/cookie';
import type { Environment, WebContext } from './environment.js';
import type { Hono } from 'hono';
import { receiveForm } from './body.js';
import { Form } from './form.js';
import { localPath } from './security.js';
import { catalogue } from './texts/catalogue.js';
import { acceptedLanguage, isLanguage } from './texts/languages.js';

const languageCookie = 'jamm-language';
const rememberedSeconds = 365 * 24 * 60 * 60;

/** Sets the texts of the request. */
export async function chooseTexts(context: WebContext, next: () => Promise<void>): Promise<void> {
  const chosen = getCookie(context, languageCookie);
  const language = isLanguage(chosen) ? chosen : acceptedLanguage(context.req.header('Accept-Language'));
  context.set('texts', catalogue[language]);
  await next();
}

/** The form at the foot of every page, which nobody needs to be logged in for. */
export function addLanguageRoute(app: Hono<Environment>): void {
  app.post('/language', async (context: WebContext) => {
    const { bounds, overTls } = context.get('site');
    const form = await receiveForm(context, bounds.stranger);
    if (!(form instanceof Form)) {
      context.header('Connection', 'close');
      return context.redirect('/', 303);
    }
    const language = form.text('language');
    if (isLanguage(language)) {
      const options = { httpOnly: true, sameSite: 'Lax', path: '/', secure: overTls, maxAge: rememberedSeconds } as const;
      setCookie(context, languageCookie, language, options);
    }
    return context.redirect(localPath(form.text('back') || undefined, '/'), 303);
  });
}
