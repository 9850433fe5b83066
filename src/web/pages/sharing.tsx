/** Cards that accounts have of where their mail goes besides, and that all addresses have of who may send from them. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import type { Account, Person } from '../../mail/entries.js';
import { displayBytes, displayQuota } from '../../mail/sizes.js';
import type { Usage } from '../../mail/usage.js';
import type { FormState } from '../form-state.js';
import { Field, FormError, PostForm } from '../view/components.js';

export const ForwardingCard: FC<{ action: string; account: Account; forms: FormState; own: boolean }> = (props) => {
  const { account, forms } = props;
  const error = forms.error('forwarding');
  const sent = forms.sent('forwarding');
  const keepsCopy = sent === undefined ? account.keepsCopy : sent.text('keepCopy') === 'on';
  return (
    <section class="card">
      <h2>Forwarding</h2>
      <FormError error={error} />
      <PostForm action={props.action} token={forms.token} submit="Save forwarding">
        <input type="hidden" name="version" value={account.version} />
        <Field
          name="forwardTo"
          label={props.own ? 'Send my mail on to' : 'Send its mail on to'}
          value={forms.text('forwarding', 'forwardTo', account.forwardTo.map(displayAddress).join('\n'))}
          rows={3}
          error={error}
          hint="Addresses, separated by commas, semicolons or new lines. Leave empty to end it."
        />
        <label class="check">
          <input type="checkbox" name="keepCopy" value="on" checked={keepsCopy} /> Keep a copy in the mailbox here
        </label>
      </PostForm>
    </section>
  );
};

export interface SendersCardProps {
  readonly action: string;
  readonly person: Person;
  readonly forms: FormState;
}

export const SendersCard: FC<SendersCardProps> = ({ action, person, forms }) => {
  const error = forms.error('senders');
  const owners = person.kind === 'account' ? 'Its owner may send' : 'Accounts that it delivers to may send';
  return (
    <section class="card">
      <h2>Who may send from this address</h2>
      <p>{owners} from it. Let others do it as well:</p>
      <FormError error={error} />
      <PostForm action={action} token={forms.token} submit="Save senders" quiet>
        {person.senders.length > 0 && (
          <fieldset>
            <legend>Select senders to remove</legend>
            {person.senders.map((sender) => (
              <label class="check">
                <input
                  type="checkbox"
                  name="remove"
                  value={sender}
                  checked={forms.sent('senders')?.all('remove').includes(sender)}
                />{' '}
                {displayAddress(sender)}
              </label>
            ))}
          </fieldset>
        )}
        <Field
          name="senders"
          label="Add accounts"
          value={forms.text('senders', 'senders', '')}
          error={error}
          placeholder="jane@example.com"
          hint="Addresses of accounts of this site."
        />
      </PostForm>
    </section>
  );
};

/** Rows of a list of facts: what may be stored, what is, and the addresses to send from. */
export const UsageFacts: FC<{ account: Account; usage: Usage | undefined; sendsFrom: readonly string[] }> = (props) => {
  const { account, usage, sendsFrom } = props;
  return (
    <>
      <dt>Quota</dt>
      <dd>{displayQuota(account.quota) || 'no limit'}</dd>
      {usage !== undefined && (
        <>
          <dt>Used</dt>
          <dd>
            {displayBytes(usage.bytes)}, {usage.messages.toLocaleString('en')} messages
          </dd>
        </>
      )}
      {sendsFrom.length > 0 && (
        <>
          <dt>May also send from</dt>
          <dd>
            {sendsFrom.map((address) => (
              <span class="line">{displayAddress(address)} </span>
            ))}
          </dd>
        </>
      )}
    </>
  );
};
