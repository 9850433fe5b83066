/** One action on many selected rows of a list: asked first where it takes something away, and told row by row. */
import { invalid, isMailError } from '../../mail/errors.js';
import { told } from '../../mail/told.js';
import { textsOf, type WebContext } from '../environment.js';
import { listLimits } from '../limits.js';
import type { Question } from '../pages/notices.js';
import { askFirst, goBack, requireChoice } from '../respond.js';

export const bulkActions = ['activate', 'deactivate', 'delete', 'restore', 'purge'] as const;
export type BulkAction = (typeof bulkActions)[number];

const done: Readonly<Record<BulkAction, string>> = {
  activate: 'activated',
  deactivate: 'deactivated',
  delete: 'deleted',
  restore: 'restored',
  purge: 'purged',
};

export interface Bulk {
  /** The form's field that names the rows. */
  readonly field: string;
  readonly one: string;
  readonly many: string;
  /** The list's own path. */
  readonly list: string;
  /** Undefined for what needs no question. `what`: how many of what. */
  readonly question: (action: BulkAction, what: string) => Omit<Question, 'cancel'> | undefined;
  readonly step: (action: BulkAction, name: string) => Promise<unknown>;
}

export async function runBulk(context: WebContext, bulk: Bulk): Promise<Response> {
  const form = context.get('form');
  const session = context.get('session');
  const action = requireChoice(form.text('action'), bulkActions);
  const names = form.all(bulk.field);
  if (names.length === 0) {
    session.say('failed', `Select one or more ${bulk.many} first, with the boxes on the left.`);
    return goBack(context, bulk.list);
  }
  if (names.length > listLimits.bulk) throw invalid(bulk.field, told('selectAtMost', { most: listLimits.bulk }));
  const question = bulk.question(action, plural(names.length, bulk.one, bulk.many));
  const asked = question && (await askFirst(context, { ...question, cancel: bulk.list }));
  if (asked) return asked;
  let count = 0;
  for (const name of names) {
    try {
      await bulk.step(action, name);
      count += 1;
    } catch (error) {
      if (!isMailError(error, 'conflict', 'not-found', 'denied')) throw error;
      session.say('failed', `${name}: ${textsOf(context).said(error)}`);
    }
  }
  return goBack(context, bulk.list, `${plural(count, bulk.one, bulk.many)} ${done[action]}.`);
}

export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
