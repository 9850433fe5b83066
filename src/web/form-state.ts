/** What a page needs to show its forms: the session's token, and what was sent where something is wrong with it. */
import type { MailError } from '../mail/errors.js';
import { sentForm, type WebContext } from './environment.js';
import type { Form } from './form.js';

/** A form of a page that could not be done. */
export interface FailedForm {
  /** Which one, on pages with several. */
  readonly name: string;
  readonly error: MailError;
}

export interface FormState {
  readonly token: string;
  readonly error: (form: string) => MailError | undefined;
  /** A field's text: as it was sent where its form has failed, else as it is stored. */
  readonly text: (form: string, field: string, stored?: string) => string | undefined;
  /** All that was sent in a form that has failed. */
  readonly sent: (form: string) => Form | undefined;
}

export function formState(context: WebContext, failed?: FailedForm): FormState {
  const form = sentForm(context);
  const sent = (name: string): Form | undefined => (failed?.name === name ? form : undefined);
  return {
    token: context.get('session').token,
    error: (name) => (failed?.name === name ? failed.error : undefined),
    text: (name, field, stored) => sent(name)?.text(field) ?? stored,
    sent,
  };
}
