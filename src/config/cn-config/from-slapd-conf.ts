/** Makes a tree of cn=config from a slapd.conf, as slaptest -f -F does, and writes it into a folder. */
import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SchemaBuilder } from '../../schema/builder.js';
import { ConfigError, type Directive } from '../directive.js';
import type { Diagnostic } from '../model.js';
import { configKeptInMemory, ConfigParser, type ParseResult } from '../parse.js';
import { ConfEntries } from './conf-entries.js';
import { attributeDefinitions, classDefinitions } from './definitions.js';
import type { CnConfigEntry } from './entry.js';
import { parseConfigTree, type FolderResult } from './load.js';
import { ConfigTreeBuilder } from './tree-builder.js';
import { writeConfigFolder } from './write-folder.js';

/** A slapd.conf with what it consists of. */
export interface SlapdConf extends ParseResult {
  readonly directives: readonly Directive[];
}

/** Relative paths are relative to `cwd`. */
export function readSlapdConf(file: string, cwd = process.cwd()): SlapdConf {
  const directives: Directive[] = [];
  const result = new ConfigParser({ cwd, onDirective: (directive) => void directives.push(directive) }).parse(file);
  return { ...result, directives };
}

interface ConfTree {
  /** Undefined where cn=config has no place for something. */
  readonly root: CnConfigEntry | undefined;
  readonly misfits: readonly Diagnostic[];
}

function treeOf(directives: readonly Directive[]): ConfTree {
  const builder = new SchemaBuilder();
  builder.ownDefinitions(attributeDefinitions, classDefinitions);
  const entries = new ConfEntries(builder.build());
  const misfits: Diagnostic[] = [];
  for (const directive of directives) {
    try {
      entries.add(directive);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      misfits.push({ severity: 'error', file: directive.file, line: directive.line, message: error.message });
    }
  }
  if (misfits.length > 0) return { root: undefined, misfits };
  const tree = new ConfigTreeBuilder();
  for (const entry of entries.entries()) tree.add(entry);
  return { root: tree.root, misfits };
}

/** Without an error, the tree has been written. */
export function convertSlapdConf(
  { file, folder }: { readonly file: string; readonly folder: string },
  { dryRun = false, cwd = process.cwd() } = {},
): readonly Diagnostic[] {
  const obstacle = obstacleOf(resolve(cwd, folder));
  if (obstacle !== undefined) return [{ severity: 'error', file: folder, line: 0, message: obstacle }];
  const { config, diagnostics: all, directives } = readSlapdConf(file, cwd);
  const diagnostics = all.filter(({ message }) => message !== configKeptInMemory);
  if (!config) return diagnostics;
  const { root, misfits } = treeOf(directives);
  if (!root) return [...diagnostics, ...misfits];
  const tried = parseConfigTree({ folder, cwd }, root).diagnostics.filter(({ severity }) => severity === 'error');
  if (tried.length === 0 && !dryRun) writeConfigFolder(resolve(cwd, folder), undefined, root);
  return [...diagnostics, ...tried];
}

/** As slaptest, which writes into an empty folder and nowhere else. */
function obstacleOf(folder: string): string | undefined {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status) return 'no such folder; make it first, readable by the server alone';
  if (!status.isDirectory()) return 'not a folder';
  return readdirSync(folder).length === 0 ? undefined : 'the folder is not empty: a slapd.conf is converted into an empty one';
}

/**
 * What a server goes by that keeps cn=config in memory, where the file asks for it by `database config`. Where cn=config has no place
 * for something, that is a warning, and the server does without cn=config.
 */
export function configInMemory({ config, diagnostics, directives }: SlapdConf, file: string): ParseResult | FolderResult {
  const asked = directives.some(({ name, words }) => name === 'database' && words[0]?.toLowerCase() === 'config');
  if (!config || !asked) return { ...(config && { config }), diagnostics };
  const { root, misfits } = treeOf(directives);
  if (!root) {
    const warnings = misfits.map((one) => ({
      ...one,
      severity: 'warning' as const,
      message: `cn=config is not served: ${one.message}`,
    }));
    return { config, diagnostics: [...diagnostics, ...warnings] };
  }
  const place = { folder: file, cwd: process.cwd() };
  const result = parseConfigTree(place, root);
  const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
  return { ...result, diagnostics: [...diagnostics, ...errors], place, root };
}
