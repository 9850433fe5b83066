/**
 * The configuration of a running server: the tree of cn=config, what it means, and the schema that it defines. A change is tried first;
 * one that is taken over keeps what it leaves as it was.
 */
import { resolve } from 'node:path';
import type { SchemaBuilder } from '../../schema/builder.js';
import { ConfigError } from '../directive.js';
import type { Config, Diagnostic } from '../model.js';
import type { CnConfigEntry } from './entry.js';
import { parseConfigTree, type ConfigFolder, type FolderResult } from './load.js';
import { writeConfigFolder } from './write-folder.js';

/** A tree that would do. */
export interface TriedTree {
  readonly root: CnConfigEntry;
  /** What it means, with definitions of its own. */
  readonly config: Config;
  readonly schema: SchemaBuilder;
  /** What has no effect, in a line each. */
  readonly warnings: readonly Diagnostic[];
}

export class LiveConfiguration {
  readonly #place: ConfigFolder;
  readonly #schema: SchemaBuilder;
  readonly #isKept: boolean;
  #root: CnConfigEntry;
  #config: Config;

  private constructor(place: ConfigFolder, root: CnConfigEntry, config: Config, schema: SchemaBuilder, isKept: boolean) {
    this.#place = place;
    this.#isKept = isKept;
    this.#root = root;
    this.#config = config;
    this.#schema = schema;
  }

  /** Undefined where the folder holds mistakes. `isKept`: there is a folder. */
  static of({ config, root, schema, place }: FolderResult, isKept = true): LiveConfiguration | undefined {
    return config && root && schema && new LiveConfiguration(place, root, config, schema, isKept);
  }

  get root(): CnConfigEntry {
    return this.#root;
  }

  get config(): Config {
    return this.#config;
  }

  /** Throws ConfigError with the first mistake. */
  try(root: CnConfigEntry): TriedTree {
    const { config, schema, diagnostics } = parseConfigTree(this.#place, root);
    const mistake = diagnostics.find(({ severity }) => severity === 'error');
    if (mistake || !config || !schema) throw new ConfigError(mistake ? whereAndWhat(mistake) : 'not a configuration');
    return { root, config, schema, warnings: diagnostics };
  }

  /** Takes a tree over, in memory. Answers how to take it back. */
  adopt({ root, schema }: TriedTree): { readonly schemaChanged: boolean; readonly undo: () => void } {
    const before = { root: this.#root, config: this.#config };
    const schemaChanged = this.#schema.adopt(schema);
    const undo = (): void => {
      if (schemaChanged) this.#schema.adopt(parseConfigTree(this.#place, before.root).schema!);
      this.#root = before.root;
      this.#config = schemaChanged ? parseConfigTree(this.#place, before.root, this.#schema).config! : before.config;
    };
    const { config, diagnostics } = parseConfigTree(this.#place, root, this.#schema);
    if (!config) {
      undo();
      throw new Error(`a tree that was tried cannot be read: ${diagnostics.map(({ message }) => message).join('; ')}`);
    }
    this.#root = root;
    this.#config = config;
    return { schemaChanged, undo };
  }

  /** Brings the files from `before` to what is in memory. Throws what the file system throws. */
  save(before: CnConfigEntry): void {
    if (this.#isKept) writeConfigFolder(resolve(this.#place.cwd, this.#place.folder), before, this.#root);
  }
}

/** Which attribute is wrong; the client knows which entry it is. */
function whereAndWhat({ file, message }: Diagnostic): string {
  const attribute = / (\S+(?: value #\d+)?)$/.exec(file)?.[1];
  return attribute === undefined ? message : `${attribute}: ${message}`;
}
