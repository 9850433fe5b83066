/** Imports accounts from CSV: a text or a file is checked and shown first, then made. */
import type { Hono } from 'hono';
import { checkAccountsCsv, importAccountsCsv, readAccountsCsv } from '../../mail/csv.js';
import { getOwnDomain, requireCapability, type Domain } from '../../mail/domains.js';
import { domainParam, domainPath, mailOf, type Environment, type WebContext } from '../environment.js';
import { formState, type FailedForm } from '../form-state.js';
import { ImportPage, PreviewPage, ReportPage } from '../pages/import.js';
import { orShowAgain, statusOf } from '../respond.js';
import { DomainHead, domainCrumbs } from '../view/domain-head.js';
import { page } from '../view/layout.js';

export function addImportRoutes(app: Hono<Environment>): void {
  app.get('/domains/:domain/import', (context) => showImport(context));
  app.post('/domains/:domain/import', runImport);
}

async function allowedDomain(context: WebContext): Promise<Domain> {
  const domain = await getOwnDomain(mailOf(context), domainParam(context));
  requireCapability(mailOf(context), domain, 'editAccounts');
  return domain;
}

function importPath(domain: Domain): string {
  return domainPath(domain.name, '/import');
}

async function showImport(context: WebContext, failed?: FailedForm): Promise<Response> {
  const mail = mailOf(context);
  const domain = await allowedDomain(context);
  const children = (
    <>
      <DomainHead mail={mail} domain={domain} tab="import" />
      <ImportPage path={importPath(domain)} forms={formState(context, failed)} />
    </>
  );
  const title = `Import into ${domain.name}`;
  return page(context, { title, crumbs: domainCrumbs(mail, domain), children }, statusOf(failed?.error));
}

function runImport(context: WebContext): Promise<Response> {
  const mail = mailOf(context);
  const form = context.get('form');
  return orShowAgain(
    async () => {
      const domain = await allowedDomain(context);
      const csv = form.has('file') ? form.text('file') : form.text('csv');
      const checks = await checkAccountsCsv(mail, domain, readAccountsCsv(csv));
      if (form.text('confirmed') !== 'yes') {
        const crumbs = domainCrumbs(mail, domain, { text: 'Import', href: importPath(domain) }, { text: 'Preview' });
        const props = { path: importPath(domain), token: context.get('session').token, csv, checks };
        return page(context, { title: `Preview: import into ${domain.name}`, crumbs, children: <PreviewPage {...props} /> });
      }
      const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
      const skipped = checks.filter(({ problem }) => problem !== undefined).map((check) => ({ ...check, address: undefined }));
      const results = [...(await importAccountsCsv(mail, domain, good)), ...skipped];
      results.sort((one, other) => one.row.line - other.row.line);
      const children = <ReportPage domain={domain.name} results={results} />;
      const crumbs = domainCrumbs(mail, domain, { text: 'Report' });
      return page(context, { title: `Report: import into ${domain.name}`, crumbs, children });
    },
    (error) => showImport(context, { name: 'import', error }),
  );
}
