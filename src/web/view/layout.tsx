/** The frame every page stands in. */
import { html } from 'hono/html';
import type { Child, FC } from 'hono/jsx';
import type { WebContext } from '../environment.js';
import { domainPath, pathOf, textsOf } from '../environment.js';
import { displayDomain } from '../../mail/address.js';
import type { Actor } from '../../mail/context.js';
import type { Message, Session } from '../session.js';
import type { Texts } from '../texts/en.js';
import { languageNames, languages } from '../texts/languages.js';
import { Token } from './components.js';
import { TextsContext, useTexts } from './texts.js';

export interface Crumb {
  readonly text: string;
  readonly href?: string;
}

export interface PageProps {
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  readonly children: Child;
  /** A narrow page of one form. */
  readonly narrow?: boolean;
}

interface FrameProps extends PageProps {
  readonly styles: string;
  readonly script: string;
  readonly icon: string;
  readonly messages: readonly Message[];
  readonly actor: Actor | undefined;
  readonly token: string;
  readonly path: string;
  /** Where the choice of another language leads; undefined where the page cannot be shown again. */
  readonly again: string | undefined;
  readonly offersSecondFactor: boolean;
}

const productName = 'jammd';

const Frame: FC<FrameProps> = ({ title, crumbs, children, narrow, styles, script, icon, messages, actor, again, ...frame }) => {
  const t = useTexts();
  return (
    <html lang={t.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · ${productName}`}</title>
        <link rel="icon" href={icon} type="image/svg+xml" />
        <link rel="stylesheet" href={styles} />
        <script src={script} data-texts={JSON.stringify(t.script)} defer></script>
      </head>
      <body>
        <a class="skip" href="#content">
          {t.frame.skip}
        </a>
        <header class="top">
          <div class="top-row">
            <a class="brand" href="/">
              <img src={icon} alt="" width="28" height="28" />
              {productName}
            </a>
            {actor && <Navigation actor={actor} {...frame} />}
          </div>
        </header>
        <main id="content" class={narrow ? 'narrow' : ''} tabindex={-1}>
          {crumbs && crumbs.length > 1 && (
            <nav aria-label={t.frame.whereYouAre} class="crumbs">
              <ol>
                {crumbs.map(({ text, href }) => (
                  <li>{href === undefined ? <span aria-current="page">{text}</span> : <a href={href}>{text}</a>}</li>
                ))}
              </ol>
            </nav>
          )}
          <div id="messages" aria-live="polite">
            {messages.map(({ kind, text }) => (
              <p class={`message ${kind}`} role={kind === 'failed' ? 'alert' : 'status'}>
                {text}
              </p>
            ))}
          </div>
          {children}
        </main>
        {again !== undefined && <LanguageChoice again={again} />}
      </body>
    </html>
  );
};

/** One button for each language, in its own words. */
const LanguageChoice: FC<{ again: string }> = ({ again }) => {
  const t = useTexts();
  return (
    <footer>
      <form method="post" action="/language" class="languages" aria-label={t.frame.language}>
        <input type="hidden" name="back" value={again} />
        {languages.map((language) => (
          <button name="language" value={language} lang={language} aria-current={language === t.language ? 'true' : undefined}>
            {languageNames[language]}
          </button>
        ))}
      </form>
    </footer>
  );
};

type NavigationProps = Pick<FrameProps, 'token' | 'path' | 'offersSecondFactor'> & { readonly actor: Actor };

const Navigation: FC<NavigationProps> = ({ actor, token, path, offersSecondFactor }) => {
  const t = useTexts();
  return (
    <>
      <nav aria-label={t.frame.main}>
        {navigation(t, actor, offersSecondFactor).map(({ text, href }) => (
          <a
            href={href}
            aria-current={path === href || path.startsWith(`${href}/`) || path.startsWith(`${href}?`) ? 'page' : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <form method="post" action="/logout" class="who">
        <Token token={token} />
        <span class="who-name" title={actor.dn}>
          {actor.level === 'site' ? actor.login : actor.address}
        </span>
        <button class="quiet">{t.frame.logOut}</button>
      </form>
    </>
  );
};

function navigation({ frame: t }: Texts, actor: Actor, offersSecondFactor: boolean): readonly { text: string; href: string }[] {
  const own = { text: t.myAccount, href: '/me' };
  const secondFactor = { text: t.secondFactor, href: '/second-factor' };
  switch (actor.level) {
    case 'site':
      // Others have a page of their own, which leads there.
      return [{ text: t.domains, href: '/domains' }, ...(offersSecondFactor ? [secondFactor] : [])];
    case 'user':
      return [own];
    case 'domain': {
      const only = actor.domains.length === 1 ? actor.domains[0] : undefined;
      return [
        only === undefined ? { text: t.domains, href: '/domains' } : { text: displayDomain(only), href: domainPath(only) },
        own,
      ];
    }
  }
}

type Status = 200 | 400 | 401 | 403 | 404 | 408 | 409 | 411 | 413 | 422 | 429 | 500 | 503;

/** Answers with a page. */
export async function page(context: WebContext, props: PageProps, status: Status = 200): Promise<Response> {
  const { files, options } = context.get('site');
  const session = context.get('session') as Session | undefined;
  const t = textsOf(context);
  context.header('Content-Language', t.language);
  context.header('Vary', 'Accept-Language, Cookie');
  const frame = (
    <TextsContext.Provider value={t}>
      <Frame
        {...props}
        styles={files.path('style.css')}
        script={files.path('site.js')}
        icon={files.path('icon.svg')}
        messages={session?.takeMessages() ?? []}
        actor={session?.factor === 'awaited' ? undefined : session?.mail.actor}
        token={session?.token ?? ''}
        path={context.req.path}
        again={againPath(context)}
        offersSecondFactor={options.secondFactor !== undefined}
      />
    </TextsContext.Provider>
  );
  return context.html(html`<!doctype html>${frame}`, status);
}

/** What was sent in a form is gone in another language: such a page has no choice of them, but for the login. */
function againPath(context: WebContext): string | undefined {
  if (context.req.method === 'POST') return context.req.path === '/login' ? '/login' : undefined;
  return pathOf(context);
}
