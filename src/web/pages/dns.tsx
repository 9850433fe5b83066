/** DNS records of mail: what is there, what it means, what to put in. */
import type { FC } from 'hono/jsx';
import type { DnsFinding } from '../../mail/dns-advice.js';
import type { DnsState } from '../../mail/dns-records.js';
import type { Domain } from '../../mail/domains.js';
import type { MailError } from '../../mail/errors.js';
import { domainPath } from '../environment.js';
import { Badge, Field, FormError } from '../view/components.js';
import { useTexts } from '../view/texts.js';

const badges: Readonly<Record<DnsState, 'good' | 'info' | 'bad' | 'off'>> = {
  good: 'good',
  advice: 'info',
  missing: 'bad',
  wrong: 'bad',
  unknown: 'off',
};

export interface DnsPageProps {
  readonly domain: Domain;
  readonly findings: readonly DnsFinding[];
  readonly selector: string | undefined;
  readonly error: MailError | undefined;
}

export const DnsPage: FC<DnsPageProps> = ({ domain, findings, selector, error }) => {
  const { dnsPage: t } = useTexts();
  return (
    <>
      <section class="card">
        <p>{t.intro}</p>
        <FormError error={error} />
        <form method="get" action={domainPath(domain.name, '/dns')} class="stack">
          <Field name="selector" label={t.selector} value={selector ?? ''} type="search" hint={t.selectorHint} error={error} />
          <div class="buttons">
            <button class="quiet">{t.lookUp}</button>
          </div>
        </form>
      </section>
      <div class="cards">
        {findings.map((finding) => (
          <Finding finding={finding} />
        ))}
      </div>
    </>
  );
};

const Finding: FC<{ finding: DnsFinding }> = ({ finding: { subject, name, state, says, found, putIn } }) => {
  const { dnsPage: t, said } = useTexts();
  return (
    <section class="card">
      <h2>
        {t[subject]} <Badge kind={badges[state]}>{t[state]}</Badge>
      </h2>
      <p>{said(says)}</p>
      <dl class="facts">
        <dt>{t.found}</dt>
        <dd>
          <code class="line">{name}</code>
          {found.length === 0 && <span class="muted">{t.nothing}</span>}
          {found.map((record) => (
            <code class="line">{record}</code>
          ))}
        </dd>
        {putIn !== undefined && (
          <>
            <dt>{t.putIn}</dt>
            <dd>
              <code class="line">{putIn}</code>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
};
