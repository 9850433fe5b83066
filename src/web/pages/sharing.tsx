/** Cards that accounts have of where their mail goes besides, and that all addresses have of who may send from them. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import type { Account, Person } from '../../mail/entries.js';
import { displayQuota } from '../../mail/sizes.js';
import type { Usage } from '../../mail/usage.js';
import type { FormState } from '../form-state.js';
import { Field, FormError, PostForm } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export const ForwardingCard: FC<{ action: string; account: Account; forms: FormState; own: boolean }> = (props) => {
  const { account, forms } = props;
  const error = forms.error('forwarding');
  const sent = forms.sent('forwarding');
  const keepsCopy = sent === undefined ? account.keepsCopy : sent.text('keepCopy') === 'on';
  return (
    <section class="card">
      <h2>{useTexts().sharing.title}</h2>
      <FormError error={error} />
      <PostForm action={props.action} token={forms.token} submit={useTexts().sharing.save}>
        <input type="hidden" name="version" value={account.version} />
        <Field
          name="forwardTo"
          label={props.own ? useTexts().sharing.mine : useTexts().sharing.its}
          value={forms.text('forwarding', 'forwardTo', account.forwardTo.map(displayAddress).join('\n'))}
          rows={3}
          error={error}
          hint={useTexts().sharing.hint}
        />
        <label class="check">
          <input type="checkbox" name="keepCopy" value="on" checked={keepsCopy} /> {useTexts().sharing.keepCopy}
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
  const owners = person.kind === 'account' ? useTexts().sharing.ownerSends : useTexts().sharing.destinationsSend;
  return (
    <section class="card">
      <h2>{useTexts().sharing.sendersTitle}</h2>
      <p>{owners}</p>
      <FormError error={error} />
      <PostForm action={action} token={forms.token} submit={useTexts().sharing.saveSenders} quiet>
        {person.senders.length > 0 && (
          <fieldset>
            <legend>{useTexts().sharing.removeSenders}</legend>
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
          label={useTexts().sharing.addAccounts}
          value={forms.text('senders', 'senders', '')}
          error={error}
          placeholder="jane@example.com"
          hint={useTexts().sharing.accountsHint}
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
      <dt>{useTexts().person.quota}</dt>
      <dd>{displayQuota(account.quota) || useTexts().person.noLimit}</dd>
      {usage !== undefined && (
        <>
          <dt>{useTexts().sharing.used}</dt>
          <dd>{useTexts().sharing.usage(usage)}</dd>
        </>
      )}
      {sendsFrom.length > 0 && (
        <>
          <dt>{useTexts().sharing.maySendFrom}</dt>
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
