/** `jammd modify`: makes the changes of an LDIF file in a database that no server is using, as slapmodify does. */
import { Command, Option } from 'commander';
import { gluedBelow } from '../config/glue.js';
import type { Config } from '../config/model.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  type DatabaseChoice,
  numberOption,
  readConfiguration,
  suffixOption,
} from './configuration.js';
import { describeFailure, numberIn, openLdif } from './ldif-input.js';
import { countOf } from './progress.js';
import { debugOption, slapdOption, slapdValues, warnOfNoEffect, yesOrNo } from './slapd-options.js';
import { withStoppedDirectory } from './stopped-directory.js';

interface ModifyOptions extends DatabaseChoice, ConfigurationChoice {
  readonly ldif?: string;
  readonly continue?: true;
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly jump?: string;
  readonly sid?: string;
  readonly o?: readonly string[];
  readonly g?: true;
  readonly q?: true;
  readonly quiet?: true;
  readonly s?: true;
  readonly w?: true;
}

export function modifyCommand(): Command {
  return new Command('modify')
    .summary('make the changes of an LDIF file, as slapmodify does')
    .description(
      'Makes the changes of an LDIF file (add, delete, modify) in a database that no server is using: without access rules, ' +
        'operational attributes included. The schema has to be obeyed; overlays that keep references (memberof, refint) follow. The ' +
        'first change that cannot be made ends the work with its line, its DN and exit code 1; the changes before it stay. While a ' +
        'server runs, use ldapmodify.',
    )
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .option('-l, --ldif <file>', 'the LDIF file (default: standard input)')
    .addOption(suffixOption())
    .addOption(numberOption())
    .option('-c, --continue', 'continue after a change that cannot be made')
    .option('-u, --dry-run', 'try everything but change nothing')
    .option('-v, --verbose', 'name each entry that is changed')
    .option('-j, --jump <line>', 'skip what the LDIF has before this line')
    .option('-S, --sid <n>', 'make change sequence numbers as the server of this serverID')
    .option('-g', 'only this database, and not those that are glued below it ("subordinate")')
    .addOption(slapdOption('value-check=, schema-check=, as for slapmodify (no effect here)').hideHelp())
    .addOption(new Option('-q').hideHelp())
    .addOption(new Option('-s').hideHelp())
    .addOption(new Option('-w').hideHelp())
    .option('--quiet', 'print no closing line if all is well')
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd modify -f slapd.conf -l changes.ldif
  $ printf 'dn: cn=ann,dc=example\\nreplace: sn\\nsn: Ann\\n' | jammd modify -f slapd.conf -u -v`,
    )
    .action(modify);
}

async function modify(options: ModifyOptions): Promise<void> {
  const values = slapdValues(options.o, ['schema-check', 'value-check']);
  yesOrNo('value-check', values.get('value-check'));
  warnOfNoEffect('modify', [
    ['-s', options.s ?? yesOrNo('schema-check', values.get('schema-check')) === false, 'entries always have to obey the schema'],
    ['-q', options.q, 'every change is checked and written safely'],
    ['-w', options.w, 'the context CSN follows from the changes'],
  ]);
  const config = withServerId(readConfiguration(options), options.sid);
  const chosen = chooseDatabase(config, options);
  const glued = options.g || options.number !== undefined ? [] : gluedBelow(config, chosen);
  const { pieces } = await openLdif(options.ldif);
  const report = await withStoppedDirectory(config, [chosen], (directory) =>
    directory.changeLdif(pieces, {
      databases: directory.databases.filter((database) => [chosen, ...glued].includes(database.config)),
      continueOnError: options.continue ?? false,
      dryRun: options.dryRun ?? false,
      firstLine: options.jump === undefined ? 1 : numberIn('-j', options.jump, 1, Number.MAX_SAFE_INTEGER),
      onFailure: (failure) => void process.stderr.write(`jammd modify: ${describeFailure(failure)}\n`),
      onChange: (kind, dn, id) => {
        if (options.verbose) process.stdout.write(`${kind}: "${dn}" (${id.toString(16).padStart(8, '0')})\n`);
      },
    }),
  );
  const failed = report.failures === 0 ? '' : `, ${report.failures} failed`;
  if (options.quiet && report.failures === 0) return;
  process.stderr.write(`${countOf(report.changes, 'change')} ${options.dryRun ? 'would be made' : 'made'}${failed}\n`);
  if (report.failures > 0) process.exitCode = 1;
}

function withServerId(config: Config, sid: string | undefined): Config {
  return sid === undefined ? config : { ...config, serverId: numberIn('-S', sid, 0, 4_095) };
}
