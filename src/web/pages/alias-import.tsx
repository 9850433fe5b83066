/** Aliases from CSV: the form, what would happen, and what did. */
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import type { AliasRow } from '../../mail/alias-csv.js';
import type { MailError } from '../../mail/errors.js';
import { csvLinesMax, type CsvCheck, type CsvResult } from '../../mail/csv.js';
import { domainPath } from '../environment.js';
import type { FormState } from '../form-state.js';
import { Badge, Field, FormError, PostForm } from '../view/components.js';
import { useTexts } from '../view/texts.js';

export const AliasImportCard: FC<{ path: string; forms: FormState }> = ({ path, forms }) => {
  const t = useTexts();
  const error = forms.error('alias-import');
  return (
    <section class="card">
      <h2>{t.transfer.addMany}</h2>
      <p>
        {t.transfer.form} <code>sales, "ann@example.com, bob@example.com"</code>. {t.transfer.previewFirst}
      </p>
      <FormError error={error} />
      <PostForm action={path} token={forms.token} submit={t.transfer.preview} upload>
        <Field
          name="csv"
          label={t.transfer.aliases}
          rows={10}
          value={forms.text('alias-import', 'csv')}
          error={error}
          placeholder={'info, ann@example.com\nsales, "ann@example.com, bob@example.com"'}
          prefix="alias-"
        />
        <Field
          name="file"
          label={t.transfer.file}
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          hint={t.transfer.fileHint({ most: csvLinesMax })}
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
  const t = useTexts();
  const good = checks.filter(({ problem }) => problem === undefined).length;
  return (
    <section class="card">
      <h1>{t.transfer.preview}</h1>
      <p>
        {t.transfer.canBeAdded({ good, all: checks.length })} {good < checks.length && t.transfer.skippedBelow}
      </p>
      <table class="list">
        <caption class="sr">{t.transfer.toBeAdded}</caption>
        <thead>
          <tr>
            <th scope="col">{t.transfer.line}</th>
            <th scope="col">{t.transfer.address}</th>
            <th scope="col">{t.transfer.deliversTo}</th>
            <th scope="col">{t.transfer.result}</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ row, problem }) => (
            <tr>
              <td data-label={t.transfer.line}>{row.line}</td>
              <th scope="row" data-label={t.transfer.address}>
                {row.alias.address}
              </th>
              <td data-label={t.transfer.deliversTo}>{row.alias.destinations}</td>
              <td data-label={t.transfer.result}>
                {problem === undefined ? (
                  <Badge kind="good">{t.transfer.willBeAdded}</Badge>
                ) : (
                  <span class="error">{t.said(problem)}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {good > 0 ? (
        <PostForm
          action={path}
          token={token}
          submit={t.transfer.add({ count: good })}
          cancel={path.replace('/aliases/import', '/import')}
        >
          <input type="hidden" name="confirmed" value="yes" />
          <input type="hidden" name="csv" value={csv} />
        </PostForm>
      ) : (
        <div class="buttons">
          <a class="button quiet" href={path.replace('/aliases/import', '/import')}>
            {t.transfer.startOver}
          </a>
        </div>
      )}
    </section>
  );
};

export const AliasReportPage: FC<{ domain: string; results: readonly CsvResult<AliasRow>[] }> = ({ domain, results }) => {
  const t = useTexts();
  const added = results.filter(({ address }) => address !== undefined);
  const failed = results.filter(({ problem }) => problem !== undefined);
  return (
    <section class="card">
      <h1>{t.transfer.report}</h1>
      <p class="message done" role="status">
        {t.transfer.added({ count: added.length })}
        {failed.length > 0 && ` ${t.transfer.skippedCount({ count: failed.length })}`}
      </p>
      <Leftovers
        title={t.transfer.skipped}
        rows={failed.flatMap(({ row, problem }) =>
          problem ? [{ line: row.line, address: row.alias.address, text: problem }] : [],
        )}
      />
      <Leftovers
        title={t.transfer.incomplete}
        rows={added.flatMap(({ row, address = '', remark }) => (remark ? [{ line: row.line, address, text: remark }] : []))}
      />
      <div class="buttons">
        <a class="button primary" href={domainPath(domain, '/aliases')}>
          {t.transfer.toAliases}
        </a>
      </div>
    </section>
  );
};

/** Lines of an import of which something is to be told. */
export const Leftovers: FC<{
  title: string;
  rows: readonly { readonly line: number; readonly address: string; readonly text: MailError }[];
}> = ({ title, rows }) => {
  const t = useTexts();
  if (rows.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul class="rows">
        {rows.map(({ line, address, text }) => (
          <li>
            <span>{t.transfer.lineOf({ line, address: displayAddress(address) })}</span>
            <span class="error">{t.said(text)}</span>
          </li>
        ))}
      </ul>
    </>
  );
};
