/** Accounts from CSV: the form, what would happen, and what did. */
import type { FC } from 'hono/jsx';
import type { AccountRow } from '../../mail/account-csv.js';
import { csvLine, csvLinesMax, type CsvCheck, type CsvResult } from '../../mail/csv.js';
import { domainPath } from '../environment.js';
import { Leftovers } from './alias-import.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PostForm } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export const ImportPage: FC<{ path: string; forms: FormState }> = ({ path, forms }) => {
  const error = forms.error('import');
  return (
    <section class="card">
      <h2>Add many accounts</h2>
      <p>
        One account per line: <code>address, name, password, quota, postmaster</code>. Only the address is required. If the
        password is empty, jammd generates one and shows it once. You see a preview before anything is created.
      </p>
      <FormError error={error} />
      <PostForm action={path} token={forms.token} submit="Preview" upload>
        <Field
          name="csv"
          label="Accounts"
          rows={10}
          value={forms.text('import', 'csv')}
          error={error}
          placeholder={'john, John Doe, , 500 MB\njane, Jane Roe, correct horse battery, 2 GB, yes'}
        />
        <Field
          name="file"
          label="Or a CSV file"
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          hint={`Separated by commas, semicolons or tabs; at most ${csvLinesMax.toLocaleString('en')} lines.`}
        />
      </PostForm>
    </section>
  );
};

export interface PreviewProps {
  readonly path: string;
  readonly token: string;
  readonly csv: string;
  readonly checks: readonly CsvCheck<AccountRow>[];
}

export const PreviewPage: FC<PreviewProps> = ({ path, token, csv, checks }) => {
  const good = checks.filter(({ problem }) => problem === undefined).length;
  return (
    <section class="card">
      <h1>Preview</h1>
      <p>
        <strong>{good.toLocaleString('en')}</strong> of {checks.length.toLocaleString('en')} accounts can be added.
        {good < checks.length && ' The others are skipped for the reasons below.'}
      </p>
      <CsvTable checks={checks} />
      {good > 0 ? (
        <PostForm
          action={path}
          token={token}
          submit={`Add ${good.toLocaleString('en')} ${good === 1 ? 'account' : 'accounts'}`}
          cancel={path}
        >
          <input type="hidden" name="confirmed" value="yes" />
          <input type="hidden" name="csv" value={csv} />
        </PostForm>
      ) : (
        <div class="buttons">
          <a class="button quiet" href={path}>
            Start over
          </a>
        </div>
      )}
    </section>
  );
};

const CsvTable: FC<{ checks: readonly CsvCheck<AccountRow>[] }> = ({ checks }) => (
  <table class="list">
    <caption class="sr">Accounts to be added</caption>
    <thead>
      <tr>
        <th scope="col">Line</th>
        <th scope="col">Address</th>
        <th scope="col">Name</th>
        <th scope="col">Quota</th>
        <th scope="col">Password</th>
        <th scope="col">Result</th>
      </tr>
    </thead>
    <tbody>
      {checks.map(({ row, problem }) => (
        <tr>
          <td data-label="Line">{row.line}</td>
          <th scope="row" data-label="Address">
            {row.account.address}
          </th>
          <td data-label="Name">{row.account.name}</td>
          <td data-label="Quota">{row.account.quota}</td>
          <td data-label="Password">{row.generated ? 'generated' : 'given'}</td>
          <td data-label="Result">
            {problem === undefined ? (
              <Badge kind="good">{row.account.postmaster ? 'will be added as postmaster' : 'will be added'}</Badge>
            ) : (
              <span class="error">{problem}</span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

export const ReportPage: FC<{ domain: string; results: readonly CsvResult<AccountRow>[] }> = ({ domain, results }) => {
  const t = useTexts();
  const added = results.filter(({ address }) => address !== undefined);
  const failed = results.filter(({ problem }) => problem !== undefined);
  const made = added.filter(({ row }) => row.generated);
  return (
    <section class="card">
      <h1>Report</h1>
      <p class="message done" role="status">
        Added {added.length.toLocaleString('en')} {added.length === 1 ? 'account' : 'accounts'}.
        {failed.length > 0 && ` Skipped ${failed.length.toLocaleString('en')}.`}
      </p>
      {made.length > 0 && (
        <>
          <h2>Generated passwords</h2>
          <p>They are shown only once and stored nowhere. Copy them now and give them to their owners in person.</p>
          <textarea class="report" rows={Math.min(12, made.length + 1)} readonly aria-label="Addresses with their passwords">
            {made.map(({ address, row }) => csvLine([address ?? '', row.account.password])).join('\n')}
          </textarea>
        </>
      )}
      <Leftovers
        title={t.transfer.skipped}
        rows={failed.flatMap(({ row, problem }) =>
          problem ? [{ line: row.line, address: row.account.address, text: problem }] : [],
        )}
      />
      <Leftovers
        title={t.transfer.incomplete}
        rows={added.flatMap(({ row, address = '', remark }) => (remark ? [{ line: row.line, address, text: remark }] : []))}
      />
      <div class="buttons">
        <a class="button primary" href={domainPath(domain)}>
          Go to the accounts
        </a>
      </div>
    </section>
  );
};
