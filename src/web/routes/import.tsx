/** Accounts from CSV: a text or a file, a preview of what would happen, and a report of what did. */
import type { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import { displayAddress } from '../../mail/address.js';
import {
  checkAccountsCsv,
  csvLinesMax,
  importAccountsCsv,
  readAccountsCsv,
  type CsvCheck,
  type CsvResult,
} from '../../mail/csv.js';
import { getOwnDomain, requireCapability, type Domain } from '../../mail/domains.js';
import type { MailError } from '../../mail/errors.js';
import { domainPath, mailOf, param, sentForm, type Environment, type WebContext } from '../environment.js';
import { orShowAgain, statusOf } from '../respond.js';
import { Badge, Field, FormError, Token } from '../view/components.js';
import { page } from '../view/layout.js';
import { DomainHead, domainCrumbs } from './domain-head.js';

export function addImportRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/import', (context) => showImport(context));
  app.post('/domains/:domain/import', runImport);
}

async function allowedDomain(context: WebContext): Promise<Domain> {
  const domain = await getOwnDomain(mailOf(context), param(context, 'domain'));
  requireCapability(mailOf(context), domain, 'editAccounts');
  return domain;
}

async function showImport(context: WebContext, error?: MailError): Promise<Response> {
  const mail = mailOf(context);
  const domain = await allowedDomain(context);
  const form = sentForm(context);
  return page(
    context,
    {
      title: `Import into ${domain.name}`,
      crumbs: domainCrumbs(mail, domain),
      children: (
        <>
          <DomainHead mail={mail} domain={domain} tab="import" />
          <section class="card">
            <h2>Add many accounts at once</h2>
            <p>
              One account per line: <code>address, name, password, quota, postmaster</code>. Only the address is needed; where the
              password is empty, one is made and shown to you once. Nothing is made before you have seen a preview.
            </p>
            <FormError error={error} />
            <form method="post" action={domainPath(domain.name, '/import')} enctype="multipart/form-data" class="stack">
              <Token token={context.get('session').token} />
              <Field
                name="csv"
                label="Accounts"
                rows={10}
                value={form?.text('csv')}
                error={error}
                placeholder={'john, John Doe, , 500 MB\njane, Jane Roe, correct horse battery, 2 GB, yes'}
              />
              <Field
                name="file"
                label="Or a CSV file"
                type="file"
                accept=".csv,.txt,text/csv,text/plain"
                hint={`With commas, semicolons or tabs; at most ${csvLinesMax.toLocaleString('en')} lines.`}
              />
              <div class="buttons">
                <button class="primary">Preview</button>
              </div>
            </form>
          </section>
        </>
      ),
    },
    statusOf(error),
  );
}

function runImport(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await allowedDomain(context);
      const csv = form.has('file') ? form.text('file') : form.text('csv');
      const rows = readAccountsCsv(csv);
      const checks = await checkAccountsCsv(mail, domain, rows);
      if (form.text('confirmed') !== 'yes') return showPreview(context, domain, csv, checks);
      const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
      const results = await importAccountsCsv(mail, domain, good);
      const left = checks.filter(({ problem }) => problem !== undefined).map((check) => ({ ...check, address: undefined }));
      return showReport(
        context,
        domain,
        [...results, ...left].sort((one, other) => one.row.line - other.row.line),
      );
    },
    (error) => showImport(context, error),
  );
}

function showPreview(context: WebContext, domain: Domain, csv: string, checks: readonly CsvCheck[]): Promise<Response> {
  const good = checks.filter(({ problem }) => problem === undefined).length;
  return page(context, {
    title: `Preview: import into ${domain.name}`,
    crumbs: domainCrumbs(
      mailOf(context),
      domain,
      { text: 'Import', href: domainPath(domain.name, '/import') },
      { text: 'Preview' },
    ),
    children: (
      <section class="card">
        <h1>Preview</h1>
        <p>
          <strong>{good.toLocaleString('en')}</strong> of {checks.length.toLocaleString('en')} accounts can be added.
          {good < checks.length && ' The others are left out; what is wrong with them is said below.'}
        </p>
        <CsvTable checks={checks} />
        <form method="post" action={domainPath(domain.name, '/import')} class="stack">
          <Token token={context.get('session').token} />
          <input type="hidden" name="confirmed" value="yes" />
          <input type="hidden" name="csv" value={csv} />
          <div class="buttons">
            {good > 0 && <button class="primary">Add {good.toLocaleString('en')} accounts</button>}
            <a class="button quiet" href={domainPath(domain.name, '/import')}>
              Start over
            </a>
          </div>
        </form>
      </section>
    ),
  });
}

const CsvTable: FC<{ checks: readonly CsvCheck[] }> = ({ checks }) => (
  <table class="list">
    <caption class="sr">Accounts to be added</caption>
    <thead>
      <tr>
        <th scope="col">Line</th>
        <th scope="col">Address</th>
        <th scope="col">Name</th>
        <th scope="col">Quota</th>
        <th scope="col">Password</th>
        <th scope="col">What happens</th>
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
          <td data-label="Password">{row.generated ? 'will be made' : 'given'}</td>
          <td data-label="What happens">
            {problem === undefined ? (
              <Badge kind="good">{row.account.postmaster ? 'added as postmaster' : 'added'}</Badge>
            ) : (
              <span class="error">{problem}</span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

function showReport(context: WebContext, domain: Domain, results: readonly CsvResult[]): Promise<Response> {
  const added = results.filter(({ address }) => address !== undefined);
  const failed = results.filter(({ problem }) => problem !== undefined);
  const made = added.filter(({ row }) => row.generated);
  return page(context, {
    title: `Report: import into ${domain.name}`,
    crumbs: domainCrumbs(mailOf(context), domain, { text: 'Report' }),
    children: (
      <section class="card">
        <h1>Report</h1>
        <p class="message done" role="status">
          {added.length.toLocaleString('en')} {added.length === 1 ? 'account is' : 'accounts are'} there now.
          {failed.length > 0 && ` ${failed.length.toLocaleString('en')} were left out.`}
        </p>
        {made.length > 0 && (
          <>
            <h2>Passwords that were made</h2>
            <p>They are shown this once and kept nowhere. Copy them now and hand them out in person.</p>
            <textarea class="report" rows={Math.min(12, made.length + 1)} readonly aria-label="Addresses with their passwords">
              {made.map(({ address, row }) => `${address},${row.account.password}`).join('\n')}
            </textarea>
          </>
        )}
        {failed.length > 0 && (
          <>
            <h2>Left out</h2>
            <ul class="rows">
              {failed.map(({ row, problem }) => (
                <li>
                  <span>
                    Line {row.line}, {displayAddress(row.account.address)}
                  </span>
                  <span class="error">{problem}</span>
                </li>
              ))}
            </ul>
          </>
        )}
        <div class="buttons">
          <a class="button primary" href={domainPath(domain.name)}>
            To the accounts
          </a>
        </div>
      </section>
    ),
  });
}
