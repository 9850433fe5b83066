/** Where a welcome mail is sent from: with a new account, and again from its page. */
import type { FC } from 'hono/jsx';
import type { Account } from '../../mail/entries.js';
import type { FormState } from '../form-state.js';
import { Action } from '../view/components.js';
import { useTexts } from '../view/texts.js';
import { pathOfPerson, type PersonPageProps } from './person.js';

export const WelcomeTick: FC<{ forms: FormState }> = ({ forms }) => {
  const { welcomeMail: t } = useTexts();
  return (
    <>
      <label class="check">
        <input type="checkbox" name="welcome" value="on" checked={forms.sent('new')?.has('welcome') ?? true} /> {t.tick}
      </label>
      <p class="hint">{t.tickHint}</p>
    </>
  );
};

export const WelcomeCard: FC<PersonPageProps<Account>> = (props) => {
  const { welcomeMail: t } = useTexts();
  return (
    <section class="card">
      <h2>{t.title}</h2>
      <p>{t.text}</p>
      <Action action={pathOfPerson(props, '/welcome')} token={props.forms.token} text={t.button} class="quiet" />
    </section>
  );
};
