/** A domain's activity: when, who, what. */
import type { FC } from 'hono/jsx';
import type { Activity, ActivityPage, Doer } from '../../mail/activity.js';
import { displayAddress } from '../../mail/address.js';
import type { Domain } from '../../mail/domains.js';
import { domainPath } from '../environment.js';
import { Badge, When } from '../view/components.js';
import { useTexts } from '../view/texts.js';
import type { Texts } from '../texts/en.js';

export interface ActivityPageProps {
  readonly domain: Domain;
  readonly found: ActivityPage;
  /** It shows the newest. */
  readonly isFirst: boolean;
}

export const ActivityPageView: FC<ActivityPageProps> = ({ domain, found, isFirst }) => {
  const { activityPage: t } = useTexts();
  const { activities, more, cut } = found;
  const path = domainPath(domain.name, '/activity');
  const last = activities.at(-1)?.at.toISOString();
  return (
    <section class="card">
      {activities.length === 0 ? (
        <p class="muted">{isFirst ? t.nothing : t.nothingOlder}</p>
      ) : (
        <table class="list">
          <caption class="sr">{t.tab}</caption>
          <thead>
            <tr>
              <th scope="col">{t.when}</th>
              <th scope="col">{t.who}</th>
              <th scope="col">{t.what}</th>
            </tr>
          </thead>
          <tbody>
            {activities.map((activity) => (
              <Row activity={activity} />
            ))}
          </tbody>
        </table>
      )}
      {cut && !more && <p class="hint">{t.cut}</p>}
      <div class="buttons">
        {!isFirst && (
          <a class="button quiet" href={path}>
            {t.newest}
          </a>
        )}
        {more && last !== undefined && (
          <a class="button quiet" href={`${path}?before=${encodeURIComponent(last)}`}>
            {t.older}
          </a>
        )}
      </div>
    </section>
  );
};

const Row: FC<{ activity: Activity }> = ({ activity }) => {
  const t = useTexts();
  const { at, who, refused, from } = activity;
  return (
    <tr>
      <td>
        <When at={at} />
      </td>
      <td title={from}>{doerText(t, who)}</td>
      <td>
        {whatText(t, activity)} {refused && <Badge kind="bad">{t.activityPage.refused}</Badge>}
      </td>
    </tr>
  );
};

function doerText({ activityPage: t }: Texts, { kind, name }: Doer): string {
  switch (kind) {
    case 'person':
      return name;
    case 'site-admin':
      return t.siteAdmin;
    case 'token':
      return t.token;
    case 'other':
      return name === '' ? t.other : name;
    case 'anonymous':
      return t.anonymous;
  }
}

function whatText({ activityPage: t, attributeNames }: Texts, activity: Activity): string {
  const subject = displayAddress(activity.subject);
  switch (activity.kind) {
    case 'changed': {
      const known: Readonly<Record<string, string>> = attributeNames;
      const what = [...new Set(activity.attributes.map((name) => known[name.toLowerCase()] ?? name))].join(', ');
      return what === '' ? t.changedOnly({ subject }) : t.changed({ subject, what });
    }
    case 'renamed':
      return activity.newSubject === undefined
        ? t.movedAway({ subject })
        : t.renamed({ subject, newSubject: displayAddress(activity.newSubject) });
    case 'added':
    case 'deleted':
    case 'password':
      return t[activity.kind]({ subject });
  }
}
