/** `jammd config convert`: the slapd.conf that says what a slapd.d says, or the slapd.d of a slapd.conf. */
import { Command, Option } from 'commander';
import { slapdConfText } from '../config/cn-config/convert.js';
import { loadConfigFolder } from '../config/cn-config/load.js';
import { formatDiagnostic } from '../config/parse.js';
import { type ConfigurationChoice, convertIfBoth } from './configuration.js';
import { CommandFailure } from './failure.js';

export function convertCommand(): Command {
  return new Command('convert')
    .description(
      'Prints the slapd.conf that stands for a slapd.d (cn=config): what is set, without what slapd sets by itself. Reports what ' +
        'jammd cannot use, as jammd check does, and then exits with 1. With -f, it goes the other way: the folder, which has to be ' +
        'empty, becomes the slapd.d of that slapd.conf.',
    )
    .addOption(new Option('-f, --config <file>', 'the slapd.conf that becomes a slapd.d'))
    .addOption(new Option('-F, --config-dir <folder>', 'the slapd.d').makeOptionMandatory())
    .action(convert);
}

function convert({ config: file, configDir }: ConfigurationChoice & { readonly configDir: string }): void {
  if (file !== undefined) return void convertIfBoth({ config: file, configDir });
  const { config, lines, diagnostics } = loadConfigFolder(configDir);
  const told = diagnostics.map(formatDiagnostic);
  if (lines.length === 0) throw new CommandFailure(told.join('\n'));
  process.stdout.write(slapdConfText(lines));
  for (const line of told) process.stderr.write(`${line}\n`);
  if (!config) process.exitCode = 1;
}
