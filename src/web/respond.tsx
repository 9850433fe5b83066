/** How handlers end: back to where the person was, a question first, or a page that says what is wrong. */
import { denied, isMailError, type MailError } from '../mail/errors.js';
import { told } from '../mail/told.js';
import { pathOf, textsOf, type WebContext } from './environment.js';
import { localPath } from './security.js';
import { QuestionCard, type Question } from './pages/notices.js';
import { page } from './view/layout.js';

/** To another page, which says what was done. */
export function goTo(context: WebContext, path: string, done?: string): Response {
  if (done !== undefined) context.get('session').say('done', done);
  return context.redirect(localPath(path, '/'), 303);
}

/** Back to the page the form came from. */
export function goBack(context: WebContext, fallback: string, done?: string): Response {
  return goTo(context, localPath(context.get('form').text('back') || undefined, fallback), done);
}

/** Runs a small action of a list or a switch; what keeps it from being done is told on the page it came from. */
export async function actAndGoBack(context: WebContext, fallback: string, action: () => Promise<string>): Promise<Response> {
  try {
    return goBack(context, fallback, await action());
  } catch (error) {
    if (!isMailError(error, 'invalid', 'exists', 'conflict', 'not-found', 'needs-confirmation', 'not-sent')) throw error;
    context.get('session').say('failed', textsOf(context).said(error));
    return goBack(context, fallback);
  }
}

/** Shows a form again with what is wrong with it; other failures are not the form's matter. */
export async function orShowAgain(
  action: () => Promise<Response>,
  again: (error: MailError) => Promise<Response>,
): Promise<Response> {
  try {
    return await action();
  } catch (error) {
    if (isMailError(error, 'invalid', 'exists', 'conflict', 'needs-confirmation', 'credentials')) return again(error);
    throw error;
  }
}

export function statusOf(error: MailError | undefined): 200 | 409 | 422 {
  if (error === undefined) return 200;
  return error.kind === 'invalid' || error.kind === 'credentials' ? 422 : 409;
}

/** Undefined once the person has confirmed; until then the page that asks. (With the script, a dialog asks before.) */
export async function askFirst(context: WebContext, question: Question): Promise<Response | undefined> {
  const form = context.get('form');
  if (form.text('confirmed') === 'yes') return undefined;
  const props = {
    question,
    action: pathOf(context),
    token: context.get('session').token,
    fields: form.lasting,
    cancel: localPath(form.text('back') || undefined, question.cancel),
  };
  return page(context, { title: question.title, narrow: true, children: <QuestionCard {...props} /> });
}

/** The value of a switch or select, as one of those it may have. */
export function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | undefined {
  return allowed.find((value) => value === text);
}

export function requireChoice<T extends string>(text: string, allowed: readonly T[]): T {
  const value = oneOf(text, allowed);
  if (value === undefined) throw denied(told('formOutOfDate'));
  return value;
}
