/** Who changed what in a domain. */
import { doerKinds, domainActivity } from '../../../mail/activity.js';
import { invalid } from '../../../mail/errors.js';
import { changeKinds } from '../../../mail/logged-change.js';
import { operation } from '../operation.js';
import { boolean, component, list, nullable, object, oneOf, optional, string, time } from '../shape.js';
import { domainOf } from './paths.js';

const pageMax = 100;
const attributesMax = 50;

const activity = component(
  'Activity',
  object({
    at: time,
    who: object({ kind: oneOf(doerKinds), name: string({ description: 'Empty for somebody of another domain' }) }),
    kind: oneOf(changeKinds),
    subject: string({ description: 'The address, or what else the entry is named by' }),
    newSubject: nullable(string()),
    attributes: list(string(), attributesMax, 'Their names, never values'),
    refused: boolean('It was not allowed, so nothing was changed'),
    from: nullable(string({ description: 'For site admins alone' })),
  }),
);

export const activityOperations = [
  operation({
    id: 'listActivity',
    method: 'get',
    path: '/domains/{domain}/activity',
    tag: 'Domains',
    summary: 'List who changed what, newest first',
    description: '409 where the site has named no log.',
    scope: 'read',
    query: object({
      before: optional(string({ description: 'Only earlier ones: the time of the last one you have', maxLength: 40 })),
    }),
    result: component(
      'ActivityPage',
      object({
        items: list(activity, 1_000),
        more: boolean('There are older ones'),
        cut: boolean('Older parts of the log were not looked at'),
      }),
    ),
    run: async ({ mail, param, query }) => {
      const before = query.before === undefined ? undefined : new Date(query.before);
      if (before !== undefined && Number.isNaN(before.getTime())) throw invalid('before', 'before has to be a time.');
      const { activities, more, cut } = await domainActivity(mail, domainOf(param), { before, max: pageMax });
      const items = activities.map(({ at, newSubject, from, ...one }) => ({
        ...one,
        at: at.toISOString(),
        newSubject: newSubject ?? null,
        from: from ?? null,
      }));
      return { value: { items, more, cut } };
    },
  }),
];
