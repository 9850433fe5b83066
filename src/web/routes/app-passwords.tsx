/** Makes app passwords for their owners, and revokes them. */
import type { Hono } from 'hono';
import { displayAddress } from '../../mail/address.js';
import { daysMax, makeAppPassword, revokeAppPassword, type MadeAppPassword } from '../../mail/app-passwords.js';
import type { Person } from '../../mail/entries.js';
import { denied, invalid } from '../../mail/errors.js';
import { told } from '../../mail/told.js';
import { withPasswordBrake } from '../braked.js';
import { mailOf, textsOf, type Environment, type WebContext } from '../environment.js';
import type { FailedForm } from '../form-state.js';
import { MadePage } from '../pages/app-passwords.js';
import { actAndGoBack, orShowAgain } from '../respond.js';
import { page } from '../view/layout.js';

export interface OwnPages {
  readonly me: (context: WebContext) => Promise<{ person: Person }>;
  readonly showMe: (context: WebContext, failed?: FailedForm) => Promise<Response>;
}

export function addOwnAppPasswordRoutes(app: Hono<Environment>, { me, showMe }: OwnPages): void {
  app.post('/me/app-passwords', (context: WebContext) =>
    orShowAgain(
      async () => {
        const { person } = await me(context);
        if (person.kind !== 'account') throw denied(told('appPasswordsOfAccounts'));
        const form = context.get('form');
        const request = { label: form.text('label'), days: parseDays(form.text('days')), old: form.text('old') };
        const mail = mailOf(context);
        const make = (): Promise<MadeAppPassword> => makeAppPassword(mail, person, request);
        const made = await withPasswordBrake(context.get('site'), mail, request.old, make);
        const children = <MadePage made={made} address={displayAddress(person.address)} />;
        return page(context, { title: textsOf(context).appPassword.madeTitle, narrow: true, children });
      },
      (error) => showMe(context, { name: 'app-password', error }),
    ),
  );
  app.post('/me/app-passwords/revoke', (context: WebContext) =>
    actAndGoBack(context, '/me', async () => revoked(context, (await me(context)).person)),
  );
}

/** Revokes the one that the form names. */
export async function revoked(context: WebContext, person: Pick<Person, 'dn'>): Promise<string> {
  const label = await revokeAppPassword(mailOf(context), person, context.get('form').text('id'));
  return textsOf(context).appPassword.revoked({ label });
}

export function parseDays(text: string): number | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  if (!/^\d{1,6}$/.test(typed)) throw invalid('days', told('daysInvalid', { most: daysMax }));
  return Number(typed);
}
