/** What of a domain can be had as CSV. */
import type { FC } from 'hono/jsx';
import { domainPath } from '../environment.js';

export const ExportCard: FC<{ domain: string }> = ({ domain }) => (
  <section class="card">
    <h2>Export</h2>
    <p>
      CSV for spreadsheets, which the forms here read again. Passwords are not in it. An apostrophe stands before what a
      spreadsheet would take for a formula; an import removes it.
    </p>
    <div class="buttons">
      <a class="button quiet" href={domainPath(domain, '/export/accounts.csv')} download>
        Accounts
      </a>
      <a class="button quiet" href={domainPath(domain, '/export/aliases.csv')} download>
        Aliases
      </a>
    </div>
  </section>
);
