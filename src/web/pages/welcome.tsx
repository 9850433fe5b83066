/** Where a welcome mail is sent from: with a new account, and again from its page. */
import type { FC } from 'hono/jsx';
import type { Account } from '../../mail/entries.js';
import type { FormState } from '../form-state.js';
import { Action } from '../view/components.js';
import { pathOfPerson, type PersonPageProps } from './person.js';

export const WelcomeTick: FC<{ forms: FormState }> = ({ forms }) => (
  <>
    <label class="check">
      <input type="checkbox" name="welcome" value="on" checked={forms.sent('new')?.has('welcome') ?? true} /> Send a welcome mail
    </label>
    <p class="hint">It creates the mail folder, as the first message does, and tells how mail programs are set up.</p>
  </>
);

export const WelcomeCard: FC<PersonPageProps<Account>> = (props) => (
  <section class="card">
    <h2>Welcome mail</h2>
    <p>The first message creates the mail folder. The welcome mail also tells how mail programs are set up.</p>
    <Action action={pathOfPerson(props, '/welcome')} token={props.forms.token} text="Send the welcome mail" class="quiet" />
  </section>
);
