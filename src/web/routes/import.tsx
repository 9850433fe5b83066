/** Imports accounts and aliases from CSV: a text or a file is checked and shown first, then made. Exports the same. */
import type { Hono } from 'hono';
import {
  checkAccountsCsv,
  exportAccountsCsv,
  importAccountsCsv,
  readAccountsCsv,
  type AccountRow,
} from '../../mail/account-csv.js';
import { checkAliasesCsv, exportAliasesCsv, importAliasesCsv, readAliasesCsv, type AliasRow } from '../../mail/alias-csv.js';
import type { MailContext } from '../../mail/context.js';
import type { CsvCheck, CsvResult } from '../../mail/csv.js';
import { exportDomainsCsv } from '../../mail/domain-csv.js';
import { getOwnDomain, may, requireCapability, type Capability, type Domain } from '../../mail/domains.js';
import type { Child } from 'hono/jsx';
import { domainParam, domainPath, mailOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { AliasImportCard, AliasPreviewPage, AliasReportPage } from '../pages/alias-import.js';
import { ExportCard } from '../pages/exports.js';
import { ImportPage, PreviewPage, ReportPage } from '../pages/import.js';
import { orShowAgain, statusOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';

export function addImportRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/import', (context) => showImport(context));
  app.post('/domains/:domain/import', (context) => runImport(context, accountImport));
  app.post('/domains/:domain/aliases/import', (context) => runImport(context, aliasImport));
  app.get('/export/domains.csv', async (context: WebContext) => download('domains', await exportDomainsCsv(mailOf(context))));
  app.get('/domains/:domain/export/accounts.csv', async (context: WebContext) => {
    const domain = await getOwnDomain(mailOf(context), domainParam(context));
    return download(`accounts-${domain.name}`, await exportAccountsCsv(mailOf(context), domain));
  });
  app.get('/domains/:domain/export/aliases.csv', async (context: WebContext) => {
    const domain = await getOwnDomain(mailOf(context), domainParam(context));
    return download(`aliases-${domain.name}`, await exportAliasesCsv(mailOf(context), domain));
  });
}

/** The mark at the beginning tells spreadsheets that it is UTF-8. */
function download(name: string, csv: string): Response {
  const headers = {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
  };
  return new Response(`\uFEFF${csv}`, { headers });
}

interface CsvImport<R> {
  /** Of its form. */
  readonly name: string;
  readonly capability: Capability;
  readonly path: string;
  readonly read: (csv: string) => readonly R[];
  readonly check: (mail: MailContext, domain: Domain, rows: readonly R[]) => Promise<readonly CsvCheck<R>[]>;
  readonly make: (mail: MailContext, domain: Domain, rows: readonly R[]) => Promise<readonly CsvResult<R>[]>;
  readonly preview: (props: { path: string; token: string; csv: string; checks: readonly CsvCheck<R>[] }) => Child;
  readonly report: (props: { domain: string; results: readonly CsvResult<R>[] }) => Child;
}

const accountImport: CsvImport<AccountRow> = {
  name: 'import',
  capability: 'editAccounts',
  path: '/import',
  read: readAccountsCsv,
  check: checkAccountsCsv,
  make: importAccountsCsv,
  preview: (props) => <PreviewPage {...props} />,
  report: (props) => <ReportPage {...props} />,
};

const aliasImport: CsvImport<AliasRow> = {
  name: 'alias-import',
  capability: 'editAliases',
  path: '/aliases/import',
  read: readAliasesCsv,
  check: checkAliasesCsv,
  make: importAliasesCsv,
  preview: (props) => <AliasPreviewPage {...props} />,
  report: (props) => <AliasReportPage {...props} />,
};

async function showImport(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await getOwnDomain(mail, domainParam(context));
  const forms = formState(context, failed);
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="import" />
      <div class="cards">
        {may(mail, domain, 'editAccounts') && <ImportPage path={domainPath(domain.name, accountImport.path)} forms={forms} />}
        {may(mail, domain, 'editAliases') && <AliasImportCard path={domainPath(domain.name, aliasImport.path)} forms={forms} />}
        <ExportCard domain={domain.name} />
      </div>
    </>
  );
  const title = `Import into ${domain.name}`;
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children }, statusOf(failed?.error));
}

function runImport<R extends { readonly line: number }>(context: WebContext, one: CsvImport<R>): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await getOwnDomain(mail, domainParam(context));
      requireCapability(mail, domain, one.capability);
      const csv = form.has('file') ? form.text('file') : form.text('csv');
      const checks = await one.check(mail, domain, one.read(csv));
      const start = { text: 'Import', href: domainPath(domain.name, '/import') };
      if (form.text('confirmed') !== 'yes') {
        const props = { path: domainPath(domain.name, one.path), token: context.get('session').token, csv, checks };
        const crumbs = domainCrumbs(mail, domain, start, { text: 'Preview' });
        return page(context, { title: `Preview: import into ${domain.name}`, crumbs, children: one.preview(props) });
      }
      const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
      const skipped = checks.filter(({ problem }) => problem !== undefined).map((check) => ({ ...check, address: undefined }));
      const results = [...(await one.make(mail, domain, good)), ...skipped].sort((left, right) => left.row.line - right.row.line);
      const children = one.report({ domain: domain.name, results });
      const crumbs = domainCrumbs(mail, domain, start, { text: 'Report' });
      return page(context, { title: `Report: import into ${domain.name}`, crumbs, children });
    },
    (error) => showImport(context, { name: one.name, error }),
  );
}
