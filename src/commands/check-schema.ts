/** `jammd check-schema`: entries that do not obey the schema, as slapschema finds them. */
import { createWriteStream, existsSync } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { gluedBelow } from '../config/glue.js';
import type { Config } from '../config/model.js';
import { DN } from '../dn/dn.js';
import { schemaViolations, type SchemaViolation } from '../directory/inspection/schema-report.js';
import { parseFilter } from '../filter/text.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  type DatabaseChoice,
  databaseName,
  numberOption,
  openExistingStore,
  readConfiguration,
  suffixOption,
} from './configuration.js';
import { CommandFailure } from './failure.js';
import { countOf } from './progress.js';
import { gluedPart, type SelectedPart, selectionOf } from './selection.js';
import { debugOption, slapdOption, slapdValues } from './slapd-options.js';

interface CheckSchemaOptions extends DatabaseChoice, ConfigurationChoice {
  readonly filter?: string;
  readonly subtree?: string;
  readonly url?: string;
  readonly errors?: string;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly g?: true;
  readonly o?: readonly string[];
}

export function checkSchemaCommand(): Command {
  return new Command('check-schema')
    .summary('find entries that do not obey the schema, as slapschema does')
    .description(
      'Reads a database that no server is using and reports the entries that do not obey the schema, as can be after a change ' +
        'of the schema. Exits with 1 if there are any.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addOption(suffixOption())
    .addOption(numberOption())
    .option('-l, --errors <file>', 'write what is found to this file (default: standard output)')
    .option('-a, --filter <filter>', 'only entries that match this filter')
    .option('-s, --subtree <dn>', 'only this entry and those below it')
    .option('-H, --url <url>', 'only what ldap:///BASE??SCOPE?FILTER names; the scope is sub unless it says another')
    .option('-g', 'only this database, and not those that are glued below it ("subordinate")')
    .option('-q, --quiet', 'print nothing if all is well')
    .option('-v, --verbose', 'name the id of each entry that is looked at')
    .addOption(new Option('-c, --continue').hideHelp())
    .addOption(slapdOption('as for slapschema (no effect here)').hideHelp())
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd check-schema -f slapd.conf
  $ jammd check-schema -f slapd.conf -a '(objectClass=person)' -l errors.ldif`,
    )
    .action(checkSchema);
}

async function checkSchema(options: CheckSchemaOptions): Promise<void> {
  slapdValues(options.o, []);
  const { subtree, filter, scope } = selectionOf(options);
  const config = readConfiguration(options);
  const named = options.suffix === undefined && options.number === undefined && subtree !== undefined;
  const database = chooseDatabase(config, named ? { suffix: subtree } : options);
  const base = subtree === undefined ? undefined : DN.parse(subtree, config.schema);
  const glued = options.g ? [] : gluedBelow(config, database).flatMap((other) => gluedPart(other, base, scope));
  const out = options.errors === undefined ? process.stdout : createWriteStream(options.errors, { mode: 0o600 });
  if (out !== process.stdout) await once(out, 'open');
  let looked = 0;
  let found = 0;
  for (const part of [{ database, base, scope }, ...glued]) {
    if (part.database !== database && !existsSync(part.database.directory)) continue;
    const onEntry = (id: number): void => {
      looked++;
      if (options.verbose) process.stdout.write(`# id=${id.toString(16).padStart(8, '0')}\n`);
    };
    for await (const violation of violationsOf(config, part, filter, onEntry)) {
      found++;
      out.write(violationText(violation));
    }
  }
  if (out !== process.stdout) {
    out.end();
    await finished(out);
  }
  if (found > 0) process.exitCode = 1;
  const verdict =
    found === 0 ? 'all obey the schema' : `${found.toLocaleString('en')} ${found === 1 ? 'does' : 'do'} not obey the schema`;
  if (found > 0 || !options.quiet) {
    process.stderr.write(`${databaseName(database)}: ${countOf(looked, 'entry', 'entries')}, ${verdict}\n`);
  }
}

async function* violationsOf(
  config: Config,
  { database, base, scope }: SelectedPart,
  filter: string | undefined,
  onEntry: (id: number) => void,
): AsyncGenerator<SchemaViolation> {
  const store = await openExistingStore(config, database);
  try {
    if (base && store.idOf(base.normalized) === undefined) throw new CommandFailure(`${base.toString()}: no such entry`);
    yield* schemaViolations(store, config.schema, {
      ...(base && { base }),
      ...(scope && { scope }),
      ...(filter !== undefined && { filter: parseFilter(filter) }),
      onEntry,
      onDamaged: (id, error) => {
        process.stderr.write(`jammd check-schema: skipped entry ${id}: ${error.message}\n`);
        process.exitCode = 1;
      },
    });
  } finally {
    await store.close();
  }
}

/** What libldap calls the codes that come up here. */
const codeTexts: ReadonlyMap<number, string> = new Map([
  [17, 'Undefined attribute type'],
  [19, 'Constraint violation'],
  [21, 'Invalid syntax'],
  [64, 'Naming violation'],
  [65, 'Object class violation'],
  [69, 'Cannot modify object class'],
  [80, 'Other (e.g., implementation specific) error'],
]);

/** As slapschema writes it. */
function violationText({ code, message, dn }: SchemaViolation): string {
  return `# (${code}) ${codeTexts.get(code) ?? 'Error'}: ${message}\ndn: ${dn}\n\n`;
}
