/** The domains that somebody administers, with their other names and limits, as a CSV text for spreadsheets and scripts. */
import type { MailContext } from './context.js';
import { requireWhole, writeCsv } from './csv.js';
import { listDomains } from './domains.js';
import { displayQuota } from './sizes.js';

const columns = [
  ...['domain', 'aliasOf', 'active', 'deleted', 'description', 'transport', 'editAccounts', 'editPostmasters'],
  ...['accountsMax', 'aliasesMax', 'quotaSum', 'defaultQuota'],
];

export async function exportDomainsCsv(context: MailContext): Promise<string> {
  const [current, deleted] = await Promise.all(
    (['current', 'deleted'] as const).map((status) => listDomains(context, { status, pageSize: Number.MAX_SAFE_INTEGER })),
  );
  requireWhole((current?.cut ?? false) || (deleted?.cut ?? false));
  const word = (on: boolean): string => (on ? 'yes' : 'no');
  const rows = [...(current?.domains ?? []), ...(deleted?.domains ?? [])].map(({ limits, can, ...domain }) => [
    domain.name,
    domain.aliasOf ?? '',
    word(domain.active),
    word(domain.deleted),
    domain.description,
    domain.transport,
    word(can.editAccounts),
    word(can.editPostmasters),
    limits.accounts?.toString() ?? '',
    limits.aliases?.toString() ?? '',
    limits.quotaBytes === undefined ? '' : displayQuota(`${limits.quotaBytes}S`),
    displayQuota(limits.defaultQuota),
  ]);
  return writeCsv(columns, rows);
}
