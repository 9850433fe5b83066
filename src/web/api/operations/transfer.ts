/** Lists as CSV, out and in. */
import { checkAccountsCsv, exportAccountsCsv, importAccountsCsv, readAccountsCsv } from '../../../mail/account-csv.js';
import { checkAliasesCsv, exportAliasesCsv, importAliasesCsv, readAliasesCsv } from '../../../mail/alias-csv.js';
import { csvBytesMax, csvLinesMax, type CsvCheck, type CsvResult } from '../../../mail/csv.js';
import { exportDomainsCsv } from '../../../mail/domain-csv.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { operation, requireScope } from '../operation.js';
import { boolean, component, integer, list, nullable, object, oneOf, optional, string, type TypeOf } from '../shape.js';
import { domainOf } from './paths.js';

/** Characters are at least a byte each. */
const csvText = string({ maxLength: csvBytesMax });
const exported = string({ maxLength: Number.MAX_SAFE_INTEGER });

const importQuery = object({ apply: optional(oneOf(['true', 'false'], 'Make them; otherwise it only tells what would happen')) });

const report = component(
  'ImportReport',
  object({
    items: list(
      object({
        line: integer(1, Number.MAX_SAFE_INTEGER, 'Where it begins'),
        address: string(),
        made: boolean(),
        problem: nullable(string({ description: 'What keeps it from being made, or what of it could not be done' })),
        password: nullable(string({ description: 'One that was made for it, shown this once' })),
      }),
      csvLinesMax,
    ),
  }),
);

function reportOf<R extends { readonly line: number }>(
  checks: readonly CsvCheck<R>[],
  made: readonly CsvResult<R>[],
  addressOf: (row: R) => string,
  secretOf: (row: R) => string | undefined = () => undefined,
): TypeOf<typeof report> {
  const results = new Map(made.map((result) => [result.row, result]));
  const items = checks.map(({ row, problem }) => {
    const result = results.get(row);
    const isMade = result?.address !== undefined;
    return {
      line: row.line,
      address: result?.address ?? addressOf(row),
      made: isMade,
      problem: (problem ?? result?.problem ?? result?.remark)?.message ?? null,
      password: isMade ? (secretOf(row) ?? null) : null,
    };
  });
  return { items };
}

function rowsWithout<R>(checks: readonly CsvCheck<R>[]): readonly R[] {
  return checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
}

const importText = 'The columns are those of the export. Rows with a problem are left out.';

export const transferOperations = [
  operation({
    id: 'exportDomains',
    method: 'get',
    path: '/export/domains',
    tag: 'CSV',
    summary: 'The domains that you administer, with their other names and limits',
    scope: 'read',
    result: exported,
    resultType: 'text/csv',
    run: async ({ mail }) => ({ value: await exportDomainsCsv(mail) }),
  }),
  operation({
    id: 'exportAccounts',
    method: 'get',
    path: '/domains/{domain}/export/accounts',
    tag: 'CSV',
    summary: 'The accounts of a domain, without passwords and deleted ones',
    scope: 'read',
    result: exported,
    resultType: 'text/csv',
    run: async ({ mail, param }) => ({ value: await exportAccountsCsv(mail, await getOwnDomain(mail, domainOf(param))) }),
  }),
  operation({
    id: 'exportAliases',
    method: 'get',
    path: '/domains/{domain}/export/aliases',
    tag: 'CSV',
    summary: 'The aliases of a domain, and its catch-all',
    scope: 'read',
    result: exported,
    resultType: 'text/csv',
    run: async ({ mail, param }) => ({ value: await exportAliasesCsv(mail, await getOwnDomain(mail, domainOf(param))) }),
  }),
  operation({
    id: 'importAccounts',
    method: 'post',
    path: '/domains/{domain}/import/accounts',
    tag: 'CSV',
    summary: 'Make many accounts',
    description: `${importText} An empty password is replaced by one that is made.`,
    scope: 'accounts',
    query: importQuery,
    body: csvText,
    bodyType: 'text/csv',
    result: report,
    run: async ({ mail, param, query, body, scopes }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const rows = readAccountsCsv(body);
      if (rows.some(({ account }) => account.postmaster)) requireScope(scopes, 'postmasters');
      const checks = await checkAccountsCsv(mail, domain, rows);
      const made = query.apply === 'true' ? await importAccountsCsv(mail, domain, rowsWithout(checks)) : [];
      const secretOf = ({ generated, account }: (typeof rows)[number]): string | undefined =>
        generated ? account.password : undefined;
      return { value: reportOf(checks, made, ({ account }) => account.address, secretOf) };
    },
  }),
  operation({
    id: 'importAliases',
    method: 'post',
    path: '/domains/{domain}/import/aliases',
    tag: 'CSV',
    summary: 'Make many aliases',
    description: `${importText} postmaster and abuse, which every domain has, get the destinations.`,
    scope: 'aliases',
    query: importQuery,
    body: csvText,
    bodyType: 'text/csv',
    result: report,
    run: async ({ mail, param, query, body }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const checks = await checkAliasesCsv(mail, domain, readAliasesCsv(body));
      const made = query.apply === 'true' ? await importAliasesCsv(mail, domain, rowsWithout(checks)) : [];
      return { value: reportOf(checks, made, ({ alias }) => alias.address) };
    },
  }),
];
