/** The second factor of a login: asks for it, sets it up, switches it off. */
import type { Hono } from 'hono';
import { requireOwnPassword } from '../../mail/app-passwords.js';
import type { FactorKey } from '../../mail/factor-key.js';
import { denied, MailError } from '../../mail/errors.js';
import { told } from '../../mail/told.js';
import { enableSecondFactor, removeSecondFactor, secondFactorOf } from '../../mail/second-factor.js';
import { newTotpSecret, totpUri } from '../../mail/totp.js';
import { passCode, withPasswordBrake } from '../braked.js';
import { mailOf, textsOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { unstashForm } from '../form.js';
import { CodePage, EnrolPage, FactorPage, RecoveryPage } from '../pages/second-factor.js';
import { goTo, orShowAgain, statusOf } from '../respond.js';
import { lacks } from '../second-factor-rules.js';
import { localPath } from '../security.js';
import { page } from '../view/layout.js';
import { resumePage, startPage } from './login.js';

export function addSecondFactorRoutes(app: Hono<Environment>): void {
  app.get('/second-factor', (context) => show(context));
  app.post('/second-factor/code', enterCode);
  app.post('/second-factor/on', switchOn);
  app.post('/second-factor/off', switchOff);
}

/** What a session may do that still lacks something. */
export function isOpenTo(need: 'code' | 'enrolment', path: string): boolean {
  if (path === '/logout' || path === '/second-factor') return true;
  return path === (need === 'code' ? '/second-factor/code' : '/second-factor/on');
}

function keyOf(context: WebContext): FactorKey {
  const { secondFactor } = context.get('site').options;
  if (secondFactor === undefined) throw denied(told('factorNotOffered'));
  return secondFactor.key;
}

async function show(context: WebContext, failed?: FailedForm): Promise<Response> {
  keyOf(context);
  const session = context.get('session');
  const mail = mailOf(context);
  const status = statusOf(failed?.error);
  if (session.factor === 'awaited') {
    const children = <CodePage error={failed?.error} token={session.token} />;
    return page(context, { title: textsOf(context).factor.title, narrow: true, children }, status);
  }
  const factor = await secondFactorOf(mail, mail.actor.dn);
  if (!factor.isPossible) {
    throw new MailError('conflict', told('factorNoEntry', { name: mail.actor.dn }));
  }
  const forms = formState(context, failed);
  if (factor.isOn) {
    return page(
      context,
      { title: textsOf(context).factor.title, narrow: true, children: <FactorPage factor={factor} forms={forms} /> },
      status,
    );
  }
  session.totpSecret ??= newTotpSecret();
  const { actor } = mail;
  const uri = totpUri(session.totpSecret, 'jammd', actor.level === 'site' ? actor.login : actor.address);
  const isRequired = lacks(context.get('site').options, session) === 'enrolment';
  const children = <EnrolPage secret={session.totpSecret} uri={uri} forms={forms} isRequired={isRequired} />;
  return page(context, { title: textsOf(context).factor.setUp, narrow: true, children }, status);
}

function enterCode(context: WebContext): Promise<Response> {
  const site = context.get('site');
  const session = context.get('session');
  return orShowAgain(
    async () => {
      await passCode(site, mailOf(context), keyOf(context), context.get('form').text('code'));
      session.factor = 'given';
      const { stash, next } = session.afterCode ?? {};
      session.afterCode = undefined;
      const stashed = unstashForm(site.signer, stash ?? '');
      if (stashed) return resumePage(context, stashed);
      return context.redirect(localPath(next, startPage(session.mail.actor)), 303);
    },
    (error) => show(context, { name: 'code', error }),
  );
}

function switchOn(context: WebContext): Promise<Response> {
  const site = context.get('site');
  const session = context.get('session');
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const mail = mailOf(context);
      const secret = session.totpSecret;
      if (secret === undefined) return goTo(context, '/second-factor');
      const password = form.text('old');
      await withPasswordBrake(site, mail, password, () => requireOwnPassword(mail, password));
      const codes = await enableSecondFactor(mail, keyOf(context), secret, form.text('code'));
      session.totpSecret = undefined;
      session.factor = 'given';
      site.sessions.endAllOf(mail.actor.dn, session);
      return page(context, {
        title: textsOf(context).factor.recoveryTitle,
        narrow: true,
        children: <RecoveryPage codes={codes} />,
      });
    },
    (error) => show(context, { name: 'enrol', error }),
  );
}

function switchOff(context: WebContext): Promise<Response> {
  const session = context.get('session');
  return orShowAgain(
    async () => {
      const mail = mailOf(context);
      await passCode(context.get('site'), mail, keyOf(context), context.get('form').text('code'));
      await removeSecondFactor(mail, mail.actor.dn);
      session.factor = 'none';
      return goTo(context, startPage(mail.actor), textsOf(context).factor.isOff);
    },
    (error) => show(context, { name: 'off', error }),
  );
}
