/** `jammd config convert`: the slapd.conf that says what a slapd.d says. */
import { Command, Option } from 'commander';
import { slapdConfText } from '../config/cn-config/convert.js';
import { loadConfigFolder } from '../config/cn-config/load.js';
import { formatDiagnostic } from '../config/parse.js';
import { CommandFailure } from './failure.js';

export function convertCommand(): Command {
  return new Command('convert')
    .description(
      'Prints the slapd.conf that stands for a slapd.d (cn=config): what is set, without what slapd sets by itself. Reports what ' +
        'jammd cannot use, as jammd check does, and then exits with 1.',
    )
    .addOption(new Option('-F, --config-dir <folder>', 'the slapd.d').makeOptionMandatory())
    .action(convert);
}

function convert({ configDir }: { readonly configDir: string }): void {
  const { config, lines, diagnostics } = loadConfigFolder(configDir);
  const told = diagnostics.map(formatDiagnostic);
  if (lines.length === 0) throw new CommandFailure(told.join('\n'));
  process.stdout.write(slapdConfText(lines));
  for (const line of told) process.stderr.write(`${line}\n`);
  if (!config) process.exitCode = 1;
}
