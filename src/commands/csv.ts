/** The subcommands that read and write CSV: `import` and `export` of `account` and `alias`. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { parseDomain } from '../mail/address.js';
import type { MailContext } from '../mail/context.js';
import { csvBytesMax, type CsvCheck, type CsvResult } from '../mail/csv.js';
import { getOwnDomain, type Domain } from '../mail/domains.js';
import { report, withMail, type MailOptions } from './mail.js';

export interface CsvImport<R extends { readonly line: number }> {
  readonly what: 'accounts' | 'aliases';
  /** Without a line of names. */
  readonly columns: string;
  readonly read: (text: string) => readonly R[];
  readonly check: (mail: MailContext, domain: Domain, rows: readonly R[]) => Promise<readonly CsvCheck<R>[]>;
  readonly make: (mail: MailContext, domain: Domain, rows: readonly R[]) => Promise<readonly CsvResult<R>[]>;
  readonly address: (row: R) => string;
  /** A password that was made for it. */
  readonly secret?: (row: R) => string | undefined;
}

export function importCommand<R extends { readonly line: number }>(one: CsvImport<R>): Command {
  return new Command('import')
    .argument('<domain>')
    .argument('<file>', `CSV: ${one.columns}, or with column names in the first line; - for standard input`)
    .description(`create ${one.what} from a CSV file; shows what would happen, and does it with --yes`)
    .option('--yes', 'create them')
    .action((domain: string, file: string, options: MailOptions & { yes?: true }) => runImport(one, domain, file, options));
}

function runImport<R extends { readonly line: number }>(
  one: CsvImport<R>,
  typed: string,
  file: string,
  options: MailOptions & { readonly yes?: true },
): Promise<void> {
  return withMail(options, async (mail) => {
    const domain = await getOwnDomain(mail, parseDomain(typed));
    const checks = await one.check(mail, domain, one.read(await readText(file)));
    const good = checks.filter(({ problem }) => problem === undefined).map(({ row }) => row);
    const bad = checks.filter(({ problem }) => problem !== undefined).map((check) => ({ ...check, address: undefined }));
    const results: readonly CsvResult<R>[] = options.yes
      ? await one.make(mail, domain, good)
      : good.map((row) => ({ row, address: one.address(row), problem: undefined }));
    const all: readonly CsvResult<R>[] = [...results, ...bad].sort((left, right) => left.row.line - right.row.line);
    const secretOf = ({ row, problem }: CsvResult<R>): string | undefined =>
      options.yes && problem === undefined ? one.secret?.(row) : undefined;
    report(
      options,
      all.map((result) => ({
        line: result.row.line,
        address: result.address ?? one.address(result.row),
        made: options.yes === true && result.problem === undefined,
        problem: (result.problem ?? result.remark)?.message ?? null,
        ...(one.secret === undefined ? {} : { password: secretOf(result) ?? null }),
      })),
      all.map((result) => {
        const { row, address, problem, remark } = result;
        if (problem !== undefined) return `line ${row.line}: ${problem.message}`;
        const secret = secretOf(result);
        const parts = [
          options.yes ? 'added' : 'can be added',
          secret && `password: ${secret}`,
          remark && `but: ${remark.message}`,
        ];
        return `${address} ${parts.filter((part) => part !== undefined).join(', ')}`;
      }),
    );
    if (!options.yes) process.stderr.write(`jammd ${command(one)}: nothing was created; run it with --yes to create them\n`);
    if (all.some(({ problem, remark }) => problem !== undefined || remark !== undefined)) process.exitCode = 1;
  });
}

function command({ what }: { readonly what: 'accounts' | 'aliases' }): string {
  return what === 'accounts' ? 'account import' : 'alias import';
}

async function readText(file: string): Promise<string> {
  if (file !== '-') return readFile(file, 'utf8');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // What is too long is told by whoever reads it.
    if (length > csvBytesMax) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function exportCommand(
  what: 'accounts' | 'aliases',
  text: (mail: MailContext, domain: Domain) => Promise<string>,
): Command {
  return new Command('export')
    .argument('<domain>')
    .description(`print the ${what} of a domain as CSV, which import reads; without passwords and deleted ones`)
    .action((domain: string, options: MailOptions) =>
      withMail(options, async (mail) => {
        process.stdout.write(await text(mail, await getOwnDomain(mail, parseDomain(domain))));
      }),
    );
}
