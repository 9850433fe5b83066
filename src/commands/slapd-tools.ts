/** `jammd slapd-tools`: programs named as slapd's, so that scripts written for them go on. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { configFileOption, configFolderOption, usualConfigVariable, type ConfigurationChoice } from './configuration.js';

/** What each of them runs. slapd itself stays in the foreground. */
const tools: ReadonlyMap<string, string> = new Map([
  ['slapd', 'serve'],
  ['slapacl', 'access --slapacl'],
  ['slapadd', 'import --quiet'],
  ['slapauth', 'identity --slapauth'],
  ['slapcat', 'export --quiet'],
  ['slapindex', 'reindex --quiet'],
  ['slapmodify', 'modify --quiet'],
  ['slappasswd', 'passwd'],
  ['slapschema', 'check-schema --quiet'],
  ['slaptest', 'check'],
]);

/** Where slapd looks for its configuration. */
const slapdFolder = '/etc/ldap/slapd.d';
const slapdFile = '/etc/ldap/slapd.conf';

export function slapdToolsCommand(): Command {
  return new Command('slapd-tools')
    .summary("install programs named slapadd, slapcat, slapindex, ... that run jammd's")
    .description(
      `Writes small scripts to a folder: ${[...tools].map(described).join(', ')}. ` +
        'Put it first on the PATH of scripts that call these programs. They read the configuration given here unless called ' +
        `with -f or -F; by default ${slapdFolder} or, where there is none, ${slapdFile}.`,
    )
    .argument('<folder>', 'where to write them; it is made where it does not exist')
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd slapd-tools /usr/local/lib/jammd-slapd -f /etc/jammd/slapd.conf
  $ PATH=/usr/local/lib/jammd-slapd:$PATH slapcat -o ldif-wrap=no`,
    )
    .action(install);
}

function described([tool, command]: readonly [string, string]): string {
  return `${tool} (jammd ${command.split(' ', 1)[0]})`;
}

async function install(folder: string, { config, configDir }: ConfigurationChoice): Promise<void> {
  await mkdir(folder, { recursive: true });
  const named = config ?? configDir;
  for (const [tool, command] of tools) {
    const file = join(folder, tool);
    await writeFile(file, script(command, named === undefined ? undefined : resolve(named)));
    await chmod(file, 0o755);
  }
  process.stdout.write(`${[...tools.keys()].join(', ')} written to ${folder}\n`);
}

function script(command: string, config: string | undefined): string {
  const usual = config === undefined ? `$([ -d ${slapdFolder} ] && echo ${slapdFolder} || echo ${slapdFile})` : quoted(config);
  return [
    '#!/bin/sh',
    '# Written by jammd slapd-tools.',
    `[ -n "$${usualConfigVariable}" ] || ${usualConfigVariable}=${usual}`,
    `export ${usualConfigVariable}`,
    `exec ${quoted(process.execPath)} ${quoted(fileURLToPath(programFile()))} ${command} "$@"`,
    '',
  ].join('\n');
}

/** `bin/jammd`, two folders above this file, as the bundle's modules are, too. */
function programFile(): URL {
  return new URL('../../bin/jammd', import.meta.url);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
