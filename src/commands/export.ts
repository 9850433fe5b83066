/** `jammd export`: writes a database as LDIF, as slapcat does. */
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { gluedBelow } from '../config/glue.js';
import type { Config } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { askExport, type ExportListener } from '../control/client.js';
import { exportLdifBytes } from '../directory/transfer/export.js';
import { parseFilter } from '../filter/text.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  numberOption,
  openStoreOrServer,
  readConfiguration,
  suffixOption,
  type DatabaseChoice,
} from './configuration.js';
import { configDatabaseFolder, exportConfigDatabase } from './config-database.js';
import { CommandFailure } from './failure.js';
import { countOf, Progress } from './progress.js';
import { debugOption, slapdOption, slapdValues } from './slapd-options.js';
import type { Filter } from '../ldap/filter.js';
import { gluedPart, selectionOf, type SelectedPart } from './selection.js';
import type { Store } from '../store/store.js';

interface ExportCommandOptions extends DatabaseChoice, ConfigurationChoice {
  readonly ldif?: string;
  readonly filter?: string;
  readonly subtree?: string;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly url?: string;
  readonly o?: readonly string[];
  readonly g?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .summary('write a database as LDIF, as slapcat does')
    .description(
      'Writes the entries of a database as LDIF, with operational attributes, parents before children: jammd ' +
        'import (or slapadd) recreates the tree from it. If a server is using the database, the server delivers the ' +
        'entries as of one moment and keeps serving.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .option('-l, --ldif <file>', 'the file to write, readable only by its owner (default: standard output)')
    .addOption(suffixOption())
    .addOption(numberOption())
    .option('-a, --filter <filter>', 'only entries that match this filter')
    .option('-s, --subtree <dn>', 'only this entry and those below it')
    .option('-q, --quiet', 'print no closing line')
    .addOption(new Option('-v, --verbose').hideHelp())
    .option('-H, --url <url>', 'only what ldap:///BASE??SCOPE?FILTER names; the scope is sub unless it says another')
    .addOption(slapdOption('ldif-wrap=no, or ldif-wrap=COLUMNS: how lines are folded (default: at 78 columns)'))
    .addOption(new Option('-c, --continue').hideHelp())
    .option('-g', 'only this database, and not those that are glued below it ("subordinate")')
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd export -f slapd.conf -l backup.ldif
  $ jammd export -f slapd.conf -a '(objectClass=JammVirtualDomain)'
  $ jammd export -f slapd.conf -s jvd=orchard.example,o=hosting,dc=myhosting,dc=example`,
    )
    .action(exportFile);
}

async function exportFile(options: ExportCommandOptions): Promise<void> {
  const columns = wrapColumns(slapdValues(options.o, ['ldif-wrap']).get('ldif-wrap'));
  const { subtree, filter: filterText, scope } = selectionOf(options);
  const folder = configDatabaseFolder(options);
  if (folder !== undefined) {
    if (filterText !== undefined || subtree !== undefined) throw new CommandFailure('-n 0: cn=config is exported as a whole');
    const ldif = exportConfigDatabase(folder, columns);
    if (options.ldif === undefined) process.stdout.write(ldif);
    else await writeFile(options.ldif, ldif, { mode: 0o600 });
    return;
  }
  const config = readConfiguration(options);
  const database = chooseDatabase(
    config,
    options.suffix === undefined && options.number === undefined && subtree !== undefined ? { suffix: subtree } : options,
  );
  const filter = filterText === undefined ? undefined : parseFilter(filterText);
  const base = subtree === undefined ? undefined : DN.parse(subtree, config.schema);
  const glued = options.g ? [] : gluedBelow(config, database).flatMap((other) => gluedPart(other, base, scope));
  const selection = { ...(filter && { filter }), ...(filterText !== undefined && { filterText }), ...(columns && { columns }) };
  const parts: readonly SelectedPart[] = [{ database, base, scope }, ...glued];
  const opened: OpenPart[] = [];
  try {
    // Before anything is written: what cannot be opened should leave no half of an export.
    for (const part of parts) {
      if (part.database !== database && !existsSync(part.database.directory)) continue;
      opened.push({ ...part, store: await openStoreOrServer(config, part.database) });
    }
    const store = opened[0]?.store;
    if (base && store && store !== 'server' && store.idOf(base.normalized) === undefined) {
      throw new CommandFailure(`${subtree}: no such entry`);
    }
    await write((listener) => exportParts(opened, config, selection, listener), options);
  } finally {
    for (const { store } of opened) if (store !== 'server') await store.close();
  }
}

interface OpenPart extends SelectedPart {
  readonly store: Store | 'server';
}

interface PartSelection {
  readonly filter?: Filter;
  readonly filterText?: string;
  readonly columns?: number;
}

/** One database after the other: what hangs below another one comes after it. */
async function* exportParts(
  parts: readonly OpenPart[],
  config: Config,
  { filter, filterText, columns }: PartSelection,
  { damaged, progress }: ExportListener,
): AsyncGenerator<Buffer> {
  let before = 0;
  for (const { store, base, scope, database } of parts) {
    let written = 0;
    const told = (entries: number): void => {
      written = entries;
      progress(before + entries);
    };
    if (store === 'server') {
      const selection = {
        ...(filterText !== undefined && { filter: filterText }),
        ...(base && { subtree: base.toString() }),
        ...(scope && { scope }),
        ...(columns !== undefined && { columns: columns === Infinity ? 'no' : String(columns) }),
      };
      yield* askExport(database.directory, selection, { damaged, progress: told });
    } else {
      yield* exportLdifBytes(store, config.schema, {
        ...(filter && { filter }),
        ...(base && { base }),
        ...(scope && { scope }),
        ...(columns !== undefined && { columns }),
        onDamaged: (id, error) => damaged(id, error.message),
        onProgress: told,
        isAlone: true,
      });
    }
    before += written;
  }
}

/** As slapcat has it: 0 is the default, and 2 is the least. Undefined: the default. */
function wrapColumns(text: string | undefined): number | undefined {
  if (text === undefined || text === '0') return undefined;
  if (text.toLowerCase() === 'no') return Infinity;
  const columns = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (columns < 2) throw new CommandFailure(`-o ldif-wrap=${text}: expected "no" or a number of columns from 2 on`);
  return columns;
}

async function write(begin: (listener: ExportListener) => AsyncIterable<Buffer>, options: ExportCommandOptions): Promise<void> {
  const progress = new Progress();
  let entries = 0;
  let damaged = 0;
  const text = begin({
    damaged: (id, message) => {
      damaged++;
      progress.clear();
      process.stderr.write(`jammd export: skipped entry ${id}: ${message}\n`);
    },
    progress: (written) => {
      entries = written;
      if (options.ldif !== undefined) progress.update(() => countOf(written, 'entry', 'entries'));
    },
  });
  if (options.ldif === undefined || options.ldif === '-') await writeToStandardOutput(text);
  else await writeToFile(text, options.ldif);
  progress.clear();
  if (options.verbose || !options.quiet) process.stderr.write(`${countOf(entries, 'entry', 'entries')} written\n`);
  if (damaged > 0) process.exitCode = 1;
}

/** What may wait for the disk while more is made. */
const aheadBytes = 1 << 20;

async function writeToFile(text: AsyncIterable<Buffer>, file: string): Promise<void> {
  const stream = createWriteStream(file, { mode: 0o600, highWaterMark: aheadBytes });
  await once(stream, 'open');
  await pump(text, stream);
  stream.end();
  await finished(stream);
}

/** Ends quietly where the reader (`| head`) has gone. */
async function writeToStandardOutput(text: AsyncIterable<Buffer>): Promise<void> {
  try {
    await pump(text, process.stdout);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Resolves when everything is handed over; standard output must not be ended as `pipeline` would. */
async function pump(text: AsyncIterable<Buffer>, stream: Writable): Promise<void> {
  let failure: Error | undefined;
  const onError = (error: Error): void => void (failure ??= error);
  stream.on('error', onError);
  for await (const piece of text) {
    if (failure) throw failure;
    // `once` rejects where the stream fails instead.
    if (!stream.write(piece)) await once(stream, 'drain');
  }
  await new Promise<void>((resolve, reject) => {
    stream.write('', (error) => (error ? reject(error) : resolve()));
  });
  stream.off('error', onError);
}
