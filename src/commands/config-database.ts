/** Database 0, cn=config, for import and export: `slapadd -n 0` and `slapcat -n 0`. */
import { resolve } from 'node:path';
import type { CnConfigEntry } from '../config/cn-config/entry.js';
import { loadConfigFolder, parseConfigTree } from '../config/cn-config/load.js';
import { withDescendants } from '../config/cn-config/tree.js';
import { ConfigTreeBuilder } from '../config/cn-config/tree-builder.js';
import { writeConfigFolder } from '../config/cn-config/write-folder.js';
import { formatDiagnostic } from '../config/parse.js';
import { includeDepthMax, includedFile, isIncludeLine, piecesOfFile } from '../directory/transfer/include-lines.js';
import { LdifError } from '../ldif/errors.js';
import { cutLdif, LdifParser, type LdifSource } from '../ldif/reader.js';
import type { LdifRecord } from '../ldif/record.js';
import { LdifWriter } from '../ldif/writer.js';
import { type ConfigurationChoice, usualConfigVariable } from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';

/** Is database 0 meant, and where is it? Throws CommandFailure where the configuration is no slapd.d. */
export function configDatabaseFolder({
  number,
  configDir,
  config,
}: ConfigurationChoice & { number?: string }): string | undefined {
  if (number !== '0') return undefined;
  const folder = configDir ?? (config === undefined ? process.env[usualConfigVariable] : undefined);
  if (!folder) throw new CommandFailure('-n 0 is cn=config, which a slapd.d holds: name it with -F');
  return folder;
}

/** Adds the entries of an LDIF file to a slapd.d, which may be empty. */
export async function importConfigDatabase(
  folder: string,
  source: LdifSource,
  { dryRun }: { readonly dryRun: boolean },
): Promise<void> {
  const before = existingTree(folder);
  const builder = new ConfigTreeBuilder(before);
  for await (const record of recordsOf(source, 0)) {
    if (record.kind !== 'content') throw new CommandFailure(`line ${record.line}: not an entry`);
    const name = record.dn.toString();
    try {
      builder.add({ name, attributes: record.attributes });
    } catch (error) {
      throw new CommandFailure(`line ${record.line}: dn "${name}": ${reasonOf(error)}`);
    }
  }
  const { config, diagnostics } = parseConfigTree({ folder, cwd: process.cwd() }, builder.root);
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  if (!config) throw new CommandFailure('nothing was written');
  if (!dryRun) writeConfigFolder(resolve(folder), before, builder.root);
}

/** `columns`: where lines are folded. */
export function exportConfigDatabase(folder: string, columns: number | undefined): Buffer {
  const { root, diagnostics } = loadConfigFolder(folder);
  if (!root) throw new CommandFailure(diagnostics.map(formatDiagnostic).join('\n'));
  const writer = new LdifWriter(columns, ['olcRootPW']);
  for (const { name, attributes } of withDescendants(root)) writer.entry(name, attributes.values());
  return writer.take();
}

/** Undefined for a folder without a tree. Throws CommandFailure where there is no folder, or none that can be read. */
function existingTree(folder: string): CnConfigEntry | undefined {
  const { root, diagnostics } = loadConfigFolder(folder);
  if (root) return root;
  const told = diagnostics.filter(({ message }) => !message.startsWith('not a slapd.d'));
  if (told.length > 0) throw new CommandFailure(told.map(formatDiagnostic).join('\n'));
  return undefined;
}

async function* recordsOf(source: LdifSource, depth: number): AsyncGenerator<LdifRecord> {
  const parser = new LdifParser({ fileUrls: true });
  for await (const records of cutLdif(source)) {
    for (const lines of records) {
      // As slapadd: several may stand together, and an entry right behind them.
      const rest = lines.findIndex((line) => !isIncludeLine(line));
      for (const line of rest < 0 ? lines : lines.slice(0, rest)) {
        if (depth >= includeDepthMax) throw new LdifError('includes are nested too deeply', line.line);
        yield* recordsOf(piecesOfFile(includedFile(line), line.line), depth + 1);
      }
      const record = rest < 0 ? undefined : parser.parse(lines.slice(rest));
      if (record) yield record;
    }
  }
}
