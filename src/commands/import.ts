/** `jammd import`: loads LDIF into a database, as slapadd does. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { gluedBelow, holderOf } from '../config/glue.js';
import type { Config, DatabaseConfig } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { importLdif } from '../directory/transfer/import.js';
import { LdifError } from '../ldif/errors.js';
import type { Store } from '../store/store.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  numberOption,
  openStore,
  readConfiguration,
  suffixOption,
  type DatabaseChoice,
} from './configuration.js';
import { describeFailure, type LdifInput, numberIn, openLdif } from './ldif-input.js';
import { configDatabaseFolder, importConfigDatabase } from './config-database.js';
import { describeUnverifiable } from './password-warnings.js';
import { ImportWarnings } from './import-warnings.js';
import { countOf, Progress } from './progress.js';
import { debugOption, slapdOption, slapdValues, warnOfNoEffect, yesOrNo } from './slapd-options.js';

interface ImportCommandOptions extends DatabaseChoice, ConfigurationChoice {
  readonly ldif?: string;
  readonly continue?: true;
  readonly quick?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly dryRun?: true;
  readonly discardInterrupted?: true;
  readonly jump?: string;
  readonly sid?: string;
  readonly o?: readonly string[];
  readonly s?: true;
  readonly writeContext?: true;
  readonly g?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .summary('load LDIF into a database, as slapadd does')
    .description(
      'Loads the entries of an LDIF file into a database that no server is using. Entries may come in any order and are ' +
        'checked against the schema; operational attributes are kept, and generated where they are missing. The first ' +
        'entry that cannot be loaded ends the import with its line, its DN and exit code 1; the entries before it ' +
        'stay.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .option('-l, --ldif <file>', 'the LDIF file (default: standard input)')
    .addOption(suffixOption())
    .addOption(numberOption())
    .option('-c, --continue', 'continue after an entry that cannot be loaded')
    .option('-q, --quick', 'skip the syntax check of values, for LDIF that jammd export or slapcat wrote')
    .option('-u, --dry-run', 'check everything but store nothing')
    .option('-v, --verbose', 'name each entry that is loaded')
    .option('-j, --jump <line>', 'skip what the LDIF has before this line')
    .option('-S, --sid <n>', 'make change sequence numbers as the server of this serverID')
    .addOption(slapdOption('value-check=no or yes, schema-check=yes, as for slapadd'))
    .addOption(new Option('-s').hideHelp())
    .option('-w, --write-context', 'the contextCSN of the data is what replicas are to go on from; entries keep their CSNs')
    .option('-g', 'only this database, and not those that are glued below it ("subordinate")')
    .option('--quiet', 'print no closing line if all is well')
    .addOption(debugOption())
    .option('--discard-interrupted', 'first delete what an interrupted import left behind')
    .addHelpText(
      'after',
      `
Examples:
  $ jammd import -f slapd.conf -l base.ldif
  $ slapcat | jammd import -f slapd.conf -q
  $ jammd import -f slapd.conf -b o=second -l second.ldif -c -v`,
    )
    .action(importFile);
}

async function importFile(options: ImportCommandOptions): Promise<void> {
  const values = slapdValues(options.o, ['schema-check', 'value-check']);
  yesOrNo('value-check', values.get('value-check'));
  warnOfNoEffect('import', [
    ['-s', options.s ?? yesOrNo('schema-check', values.get('schema-check')) === false, 'entries always have to obey the schema'],
  ]);
  const folder = configDatabaseFolder(options);
  if (folder !== undefined) {
    return importConfigDatabase(folder, (await openLdif(options.ldif)).pieces, { dryRun: options.dryRun === true });
  }
  const config = readConfiguration(options);
  const database = chooseDatabase(config, options);
  // As slapadd: a database that is named by its number is meant alone.
  const glued = options.g || options.number !== undefined ? [] : gluedBelow(config, database);
  if (glued.length === 0) return loadInto(config, database, await openLdif(options.ldif), options);
  const rereadable = await RereadableSource.open(options.ldif);
  try {
    for (const target of [database, ...glued]) {
      // What nobody holds, and what is no LDIF, is told about once: by the first of them.
      const isFirst = target === database;
      const isElsewhere = (dn: DN): boolean => {
        const holder = holderOf(config.databases, dn.normalized);
        return isFirst ? holder !== undefined && glued.includes(holder) : holder !== target;
      };
      await loadInto(config, target, await openLdif(rereadable.file), options, { isElsewhere, tellsLdif: isFirst });
      if (process.exitCode === 1 && !options.continue) return;
    }
  } finally {
    await rereadable.close();
  }
}

/** What an import leaves to others that read the same LDIF. */
interface Share {
  readonly isElsewhere: (dn: DN) => boolean;
  /** Does it tell of what is no LDIF? */
  readonly tellsLdif: boolean;
}

async function loadInto(
  config: Config,
  database: DatabaseConfig,
  source: LdifInput,
  options: ImportCommandOptions,
  share?: Share,
): Promise<void> {
  const store = await openStore(config, database, options.discardInterrupted ? { interruptedLoad: 'discard' } : {});
  try {
    const failures = await load(source, { config, database, store }, options, share);
    if (failures > 0) process.exitCode = 1;
  } finally {
    await store.close();
  }
}

/** An LDIF file that is read once for each database: standard input is kept in a file meanwhile. */
class RereadableSource {
  private constructor(
    readonly file: string,
    private readonly folder: string | undefined,
  ) {}

  static async open(file: string | undefined): Promise<RereadableSource> {
    const isReadOnce = file === undefined || file === '-' || !(await stat(file)).isFile();
    if (!isReadOnce) return new RereadableSource(file, undefined);
    const { pieces } = await openLdif(file);
    const folder = await mkdtemp(join(tmpdir(), 'jammd-import-'));
    const copy = join(folder, 'ldif');
    await pipeline(Readable.from(pieces), createWriteStream(copy, { mode: 0o600 }));
    return new RereadableSource(copy, folder);
  }

  async close(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }
}

async function load(
  source: LdifInput,
  target: Parameters<typeof importLdif>[1] & { readonly store: Store },
  options: ImportCommandOptions,
  part?: Share,
): Promise<number> {
  const progress = new Progress();
  const warnings = new ImportWarnings();
  let bytes = 0;
  let loaded = 0;
  const report = await importLdif(
    counted(source.pieces, (length) => (bytes += length)),
    target,
    {
      continueOnError: options.continue ?? false,
      quick: options.quick ?? false,
      dryRun: options.dryRun ?? false,
      writeContext: options.writeContext ?? false,
      firstLine: options.jump === undefined ? 1 : numberIn('-j', options.jump, 1, Number.MAX_SAFE_INTEGER),
      ...(options.sid !== undefined && { serverId: numberIn('-S', options.sid, 0, 4_095) }),
      files: true,
      lenient: true,
      onWarning: (warning) => {
        progress.clear();
        warnings.tell(warning);
      },
      ...(part && { isElsewhere: part.isElsewhere }),
      onFailure: (failure) => {
        if (part?.tellsLdif === false && failure.error instanceof LdifError) return;
        progress.clear();
        process.stderr.write(`jammd import: ${describeFailure(failure)}\n`);
      },
      onEntry: (dn, id) => {
        loaded++;
        if (options.verbose) process.stdout.write(`added: "${dn.toString()}" (${id.toString(16).padStart(8, '0')})\n`);
        else progress.update(() => countOf(loaded, 'entry', 'entries') + share(bytes, source.size));
      },
    },
  );
  progress.clear();
  warnings.tellRest();
  for (const warning of report.unverifiable.map(describeUnverifiable))
    process.stderr.write(`jammd import: warning: ${warning}\n`);
  if (options.verbose || !options.quiet || report.failures > 0) {
    const failed = report.failures === 0 ? '' : `, ${report.failures} failed`;
    const done = options.dryRun ? 'would be loaded' : 'loaded';
    process.stderr.write(`${countOf(report.entries, 'entry', 'entries')} ${done}${failed}\n`);
  }
  return report.failures;
}

async function* counted(pieces: LdifInput['pieces'], count: (length: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    count(piece.length);
    yield piece;
  }
}

function share(done: number, all: number | undefined): string {
  return all ? `, ${Math.floor((100 * done) / all)}%` : '';
}
