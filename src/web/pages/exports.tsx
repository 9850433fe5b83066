/** What of a domain can be had as CSV. */
import type { FC } from 'hono/jsx';
import { domainPath } from '../environment.js';
import { useTexts } from '../view/texts.js';

export const ExportCard: FC<{ domain: string }> = ({ domain }) => {
  const t = useTexts();
  return (
    <section class="card">
      <h2>{t.transfer.export}</h2>
      <p>{t.transfer.exportText}</p>
      <div class="buttons">
        <a class="button quiet" href={domainPath(domain, '/export/accounts.csv')} download>
          {t.transfer.accounts}
        </a>
        <a class="button quiet" href={domainPath(domain, '/export/aliases.csv')} download>
          {t.transfer.aliases}
        </a>
      </div>
    </section>
  );
};
