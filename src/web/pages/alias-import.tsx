/** Aliases from CSV: the form, what would happen, and what did. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import type { AliasRow } from '../../mail/alias-csv.js';
import { csvLinesMax, type CsvCheck, type CsvResult } from '../../mail/csv.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PostForm } from '../view/components.js';

export const AliasImportCard: FC<{ path: string; forms: FormState }> = ({ path, forms }) => {
  const error = forms.error('alias-import');
  return (
    <section class="card">
      <h2>Add many aliases</h2>
      <p>
        One alias per line: <code>address, destinations, name</code>. Quote several destinations:{' '}
        <code>sales, "ann@example.com, bob@example.com"</code>. You see a preview before anything is created.
      </p>
      <FormError error={error} />
      <PostForm action={path} token={forms.token} submit="Preview" upload>
        <Field
          name="csv"
          label="Aliases"
          rows={10}
          value={forms.text('alias-import', 'csv')}
          error={error}
          placeholder={'info, ann@example.com\nsales, "ann@example.com, bob@example.com"'}
          prefix="alias-"
        />
        <Field
          name="file"
          label="Or a CSV file"
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          hint={`Separated by commas, semicolons or tabs; at most ${csvLinesMax.toLocaleString('en')} lines.`}
          prefix="alias-"
        />
      </PostForm>
    </section>
  );
};

export interface AliasPreviewProps {
  readonly path: string;
  readonly token: string;
  readonly csv: string;
  readonly checks: readonly CsvCheck<AliasRow>[];
}

export const AliasPreviewPage: FC<AliasPreviewProps> = ({ path, token, csv, checks }) => {
  const good = checks.filter(({ problem }) => problem === undefined).length;
  return (
    <section class="card">
      <h1>Preview</h1>
      <p>
        <strong>{good.toLocaleString('en')}</strong> of {checks.length.toLocaleString('en')} aliases can be added.
        {good < checks.length && ' The others are skipped for the reasons below.'}
      </p>
      <table class="list">
        <caption class="sr">Aliases to be added</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Address</th>
            <th scope="col">Delivers to</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ row, problem }) => (
            <tr>
              <td data-label="Line">{row.line}</td>
              <th scope="row" data-label="Address">
                {row.alias.address}
              </th>
              <td data-label="Delivers to">{row.alias.destinations}</td>
              <td data-label="Result">
                {problem === undefined ? <Badge kind="good">will be added</Badge> : <span class="error">{problem}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {good > 0 ? (
        <PostForm
          action={path}
          token={token}
          submit={`Add ${good.toLocaleString('en')} ${good === 1 ? 'alias' : 'aliases'}`}
          cancel={path.replace('/aliases/import', '/import')}
        >
          <input type="hidden" name="confirmed" value="yes" />
          <input type="hidden" name="csv" value={csv} />
        </PostForm>
      ) : (
        <div class="buttons">
          <a class="button quiet" href={path.replace('/aliases/import', '/import')}>
            Start over
          </a>
        </div>
      )}
    </section>
  );
};

export const AliasReportPage: FC<{ domain: string; results: readonly CsvResult<AliasRow>[] }> = ({ domain, results }) => {
  const added = results.filter(({ address }) => address !== undefined);
  const failed = results.filter(({ problem }) => problem !== undefined);
  return (
    <section class="card">
      <h1>Report</h1>
      <p class="message done" role="status">
        Added {added.length.toLocaleString('en')} {added.length === 1 ? 'alias' : 'aliases'}.
        {failed.length > 0 && ` Skipped ${failed.length.toLocaleString('en')}.`}
      </p>
      <Leftovers
        title="Skipped"
        rows={failed.map(({ row, problem = '' }) => ({ line: row.line, address: row.alias.address, text: problem }))}
      />
      <Leftovers
        title="Added, but not all of it"
        rows={added.flatMap(({ row, address = '', remark }) => (remark ? [{ line: row.line, address, text: remark }] : []))}
      />
      <div class="buttons">
        <a class="button primary" href={domainPath(domain, '/aliases')}>
          Go to the aliases
        </a>
      </div>
    </section>
  );
};

/** Lines of an import of which something is to be told. */
export const Leftovers: FC<{
  title: string;
  rows: readonly { readonly line: number; readonly address: string; readonly text: string }[];
}> = ({ title, rows }) =>
  rows.length === 0 ? null : (
    <>
      <h2>{title}</h2>
      <ul class="rows">
        {rows.map(({ line, address, text }) => (
          <li>
            <span>
              Line {line}, {displayAddress(address)}
            </span>
            <span class="error">{text}</span>
          </li>
        ))}
      </ul>
    </>
  );
