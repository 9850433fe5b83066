/** Parses slapd.conf text, with everything it includes, into a Config. Reports every error, not only the first. */
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { SchemaError, type SchemaBuilder } from '../schema/builder.js';
import { builtinSchemaNames } from '../schema/builtin.js';
import { assemble } from './assemble.js';
import { databaseDirectives, readDatabaseDirective } from './database-directives.js';
import { ConfigError, onlyNumber, onlyWord, requireWords, type Directive } from './directive.js';
import { DatabaseDraft } from './draft.js';
import { acceptedDirectives, acceptedInDatabase, refusedDirectives, slotSize, storeTypes } from './engine-directives.js';
import { whyForeign } from './foreign-directives.js';
import { globalDirectives } from './global-directives.js';
import { builtinFor, includeDepthMax, includesMax, isBareName, prerequisitesOf, schemaBaseName } from './include.js';
import { limitDirectives } from './limits.js';
import { fileCharactersMax, logicalLines, splitWords } from './lines.js';
import type { Config, Diagnostic, Place } from './model.js';
import {
  beginOverlay,
  loadSchema,
  loadSchemaDefining,
  overlayTypes,
  ownersOfOptions,
  readOverlayOption,
} from './overlays/registry.js';
import { ConfigReader } from './reader.js';
import { refusedDatabases } from './refused-databases.js';
import { readTlsDirective } from './tls.js';

export interface ParseOptions {
  /** The file's name, for diagnostics; read from, too, where `text` is not given. */
  readonly file: string;
  readonly text?: string;
  /** What relative paths are relative to: the working directory by default, as in slapd. */
  readonly cwd?: string;
  /** The contents of a file; undefined if it does not exist. Other failures throw. */
  readonly readFile?: (path: string) => string | Buffer | undefined;
  /** Told of each directive that was read without a mistake, after it was read; so what an `include` brings comes before it. */
  readonly onDirective?: (directive: Directive) => void;
}

export interface ParseResult {
  /** Undefined where there is an error. */
  readonly config?: Config;
  /** As they were found: what is wrong with a database as a whole comes after what is wrong with single lines. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Of `database config` in a slapd.conf. */
export const configKeptInMemory =
  'database config: "jammd serve" keeps changes of cn=config in memory only, as slapd does; -F as well makes a slapd.d of this file';

export function parseConfig(options: ParseOptions): ParseResult {
  return new ConfigParser(options).parse(options.file, options.text);
}

/** Reads a file and what it includes. Relative paths in it are relative to `cwd`. */
export function loadConfig(file: string, cwd = process.cwd()): ParseResult {
  return parseConfig({ file, cwd });
}

/** One line a person can act on: `slapd.conf: line 12: ...`; without a line where all of a file is meant. */
export function formatDiagnostic({ file, line, severity, message }: Diagnostic): string {
  return `${file}:${line === 0 ? '' : ` line ${line}:`} ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}

function readRegularFile(path: string): Buffer | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return undefined;
  if (status.isDirectory()) throw new ConfigError('a folder; a slapd.d (cn=config) is given with -F');
  if (!status.isFile()) throw new ConfigError('not a regular file');
  if (status.size > fileCharactersMax) throw new ConfigError(`larger than ${fileCharactersMax} bytes`);
  return readFileSync(path);
}

export class ConfigParser {
  readonly #reader: ConfigReader;
  readonly #readFile: (path: string) => string | Buffer | undefined;
  readonly #onDirective: ((directive: Directive) => void) | undefined;
  /** Files that are being read, by absolute path: one must not include itself. */
  readonly #open = new Set<string>();
  readonly #schemas = new Set<string>();
  #files = 0;

  /** `schema`: holds every definition already. */
  constructor(
    { cwd = process.cwd(), readFile = readRegularFile, onDirective }: Omit<ParseOptions, 'file' | 'text'>,
    schema?: SchemaBuilder,
  ) {
    this.#reader = new ConfigReader(cwd, schema);
    this.#readFile = readFile;
    this.#onDirective = onDirective;
  }

  parse(file: string, text?: string): ParseResult {
    const reader = this.#reader;
    const place = { file, line: 0 };
    reader.attempt(place, () => {
      const content = text ?? this.#content(resolve(reader.cwd, file));
      if (content === undefined) throw new ConfigError('no such file');
      this.#file(file, content);
    });
    return this.#result(file);
  }

  /** Lines that come from elsewhere than a slapd.conf. Each names its place itself; the schema is among them. */
  parseLines(file: string, linesOf: (reader: ConfigReader) => Iterable<{ place: Place; text: string }>): ParseResult {
    const reader = this.#reader;
    reader.schemaNamed = true;
    reader.hasConfigTree = true;
    reader.attempt({ file, line: 0 }, () => {
      for (const { place, text } of linesOf(reader)) this.#line(place, text);
    });
    return this.#result(file);
  }

  #result(file: string): ParseResult {
    const config = assemble(this.#reader, file);
    const { diagnostics } = this.#reader;
    return config ? { config, diagnostics } : { diagnostics };
  }

  #content(path: string): string | Buffer | undefined {
    try {
      return this.#readFile(path);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      // In a folder that the user may not enter (root's home, after runuser), there is no file of that name for them.
      if (isOutOfReach(error) && isBareName(relative(this.#reader.cwd, path)) && builtinFor(path) !== undefined) return undefined;
      throw new ConfigError(`cannot be read: ${(error as Error).message}`);
    }
  }

  /** What an `include` names. */
  #included(named: string, path: string): string | Buffer | undefined {
    try {
      return this.#content(path);
    } catch (error) {
      throw error instanceof ConfigError ? new ConfigError(`include "${named}": ${error.message}`) : error;
    }
  }

  #file(file: string, content: string | Buffer): void {
    const path = resolve(this.#reader.cwd, file);
    if (this.#open.has(path)) throw new ConfigError(`"${file}" includes itself`);
    if (this.#open.size >= includeDepthMax) {
      throw new ConfigError(`includes are nested deeper than ${includeDepthMax}`);
    }
    if (++this.#files > includesMax) throw new ConfigError(`more than ${includesMax} included files`);
    this.#open.add(path);
    const isUtf8Text = typeof content === 'string' || isUtf8(content);
    const lines = logicalLines(String(content), ({ line, message }) => this.#reader.warn({ file, line }, message));
    for (const { line, text } of lines) {
      // Comments may hold what they like.
      if (!isUtf8Text && text.includes('\ufffd')) this.#foreignBytes({ file, line }, text);
      else this.#line({ file, line }, text);
    }
    this.#open.delete(path);
  }

  /** In a definition they stand in its description, which says nothing to the server. Elsewhere (a password) they matter. */
  #foreignBytes(place: Place, text: string): void {
    if (/^\s*(?:attribute|objectclass|ditcontentrule|ldapsyntax|objectidentifier)/i.test(text)) {
      this.#reader.warn(place, 'this definition contains bytes that are not UTF-8; they are replaced by U+FFFD');
      return this.#line(place, text);
    }
    this.#reader.error(place, 'not UTF-8: convert the file, for example with "iconv -f latin1 -t utf-8"');
  }

  #line(place: Place, text: string): void {
    const [, name, argument] = /^\s*(\S+)\s*(.*)$/s.exec(text)!;
    const { words, unterminated } = splitWords(argument!);
    const directive = { ...place, name: name!.replaceAll('"', '').toLowerCase(), words, argument: argument! };
    this.#reader.attempt(place, () => {
      if (!this.#schemaDirective(directive)) {
        if (unterminated) throw new ConfigError(`unterminated quoted string in "${directive.name}"`);
        this.#directive(directive);
      }
      this.#onDirective?.(directive);
    });
  }

  #schemaDirective(directive: Directive): boolean {
    const { builder } = this.#reader;
    const { argument } = directive;
    // slapd looks at the first nine letters only, and Debian's own files count on it.
    const name = /^attribute(?!option)/.test(directive.name) ? 'attribute' : directive.name;
    const readers: Readonly<Record<string, () => void>> = {
      attribute: () => {
        builder.attributeType(argument);
        this.#warnOfOrder(directive);
      },
      objectclass: () => builder.objectClass(argument),
      objectidentifier: () => builder.objectIdentifier(argument),
      ditcontentrule: () => builder.ditContentRule(argument),
      ldapsyntax: () => builder.ldapSyntax(argument),
      attributeoptions: () => builder.attributeOptions(argument),
      attributeoption: () => builder.attributeOptions(argument),
    };
    if (!Object.hasOwn(readers, name)) return false;
    this.#reader.schemaNamed = true;
    if (this.#reader.hasSchema) return true;
    try {
      if (name === 'attribute' || name === 'objectclass') loadSchemaDefining(argument, this.#reader);
      readers[name]!();
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      throw new ConfigError(`${directive.name}: ${error.message}`);
    }
    return true;
  }

  /** slapd numbers the entries of its own configuration so, and no others. */
  #warnOfOrder(directive: Directive): void {
    if (!/\sX-ORDERED\s+\(?\s*'SIBLINGS'/i.test(directive.argument)) return;
    this.#reader.warn(directive, "X-ORDERED 'SIBLINGS' has no effect: entries get no numbers");
  }

  #directive(directive: Directive): void {
    const reader = this.#reader;
    const { name } = directive;
    const warn = (message: string): void => reader.warn(directive, message);
    const { backend } = reader;
    reader.backend = undefined;
    if (name === 'include') return this.#include(directive);
    if (name === 'database') return this.#database(directive);
    if (name === 'backend') return this.#backend(directive);
    if (name === 'overlay') return beginOverlay(directive, reader);
    if (readOverlayOption(directive, reader)) return;
    if (name === 'limits' && !reader.database) {
      return warn('"limits" before any database has no effect, as in slapd; move it into the database section');
    }
    const inDatabase = databaseDirectives.get(name);
    if (inDatabase) return readDatabaseDirective(inDatabase, directive, reader);
    const anywhere = globalDirectives.get(name);
    if (anywhere) return anywhere(directive, reader);
    const limit = limitDirectives.get(name);
    if (limit) {
      reader.global.limits[limit.field] = onlyNumber(directive, limit.least, limit.most);
      return;
    }
    if (readTlsDirective(reader.global.tls, directive, reader.cwd, warn)) {
      reader.global.tlsPlace ??= directive;
      return;
    }
    if (name === slotSize.name) {
      if (backend !== 'mdb') throw new ConfigError(`"${name}" belongs right after "backend mdb"`);
      onlyNumber(directive, slotSize.least, slotSize.most);
      return warn(`"${name}" has no effect: ${slotSize.why}`);
    }
    const ofEngine = acceptedInDatabase.get(name);
    if (ofEngine !== undefined) reader.requireDatabase(directive);
    const accepted = ofEngine ?? acceptedDirectives.get(name);
    if (accepted !== undefined) return warn(`"${name}" has no effect: ${accepted}`);
    // The lines of an overlay or a database that has been refused went with it.
    if (reader.overlay === 'refused') return;
    if (reader.database && !isKnownDatabase(reader.database.type)) return;
    const owner = ownersOfOptions.get(name);
    if (owner !== undefined) throw new ConfigError(`"${name}": it belongs after "overlay ${owner}"`);
    const refused = refusedDirectives.get(name.replace(/^(authid-rewrite).*/, '$1'));
    const why = refused ?? whyForeign(name);
    if (why !== undefined) throw new ConfigError(`"${name}": ${why}`);
    throw new ConfigError(`unknown directive "${name}"`);
  }

  #include(directive: Directive): void {
    const named = onlyWord(directive);
    this.#reader.schemaNamed ||= /\.schema$/i.test(named);
    const path = resolve(this.#reader.cwd, named);
    const content = this.#included(named, path);
    if (content !== undefined) {
      this.#schemas.add(schemaBaseName(named));
      return this.#file(named, content);
    }
    if (builtinFor(named) === undefined) return this.#schemaOfOverlay(named, directive);
    // A bare name asks for the built-in file; a path that leads nowhere was meant to be another.
    if (!isBareName(named)) {
      const fallback = `the built-in ${schemaBaseName(named)} schema is used`;
      this.#reader.warn(directive, `include "${named}": no such file; ${fallback}`);
    }
    this.#builtin(schemaBaseName(named), directive);
  }

  /** OpenLDAP 2.4 kept in files what the modules define today: its slapd.conf includes a ppolicy.schema. */
  #schemaOfOverlay(named: string, place: Place): void {
    const type = /\.schema$/i.test(named) ? overlayTypes.get(schemaBaseName(named)) : undefined;
    if (!type || type.schema.length === 0) throw new ConfigError(`include "${named}": no such file`);
    this.#reader.warn(place, `include "${named}": no such file; the overlay's own definitions are used`);
    loadSchema(type, this.#reader);
  }

  #builtin(baseName: string, place: Place): void {
    for (const needed of prerequisitesOf(baseName)) {
      if (this.#schemas.has(needed)) continue;
      this.#reader.warn(place, `the ${baseName} schema builds on ${needed}; the built-in ${needed} is used`);
      this.#builtin(needed, place);
    }
    this.#schemas.add(baseName);
    const path = builtinFor(`${baseName}.schema`)!;
    const text = this.#content(path);
    if (text === undefined) throw new ConfigError(`the built-in schema "${path}" is missing from this installation`);
    this.#file(path, text);
  }

  /** slapd would know its own few attributes only, and refuse the suffix. */
  #requireSchema(place: Place): void {
    if (this.#reader.schemaNamed) return;
    this.#reader.schemaNamed = true;
    const names = builtinSchemaNames.join(', ');
    this.#reader.warn(place, `no schema is included before this database; the built-in ones are used (${names})`);
    for (const name of builtinSchemaNames) if (!this.#schemas.has(name)) this.#builtin(name, place);
  }

  #database(directive: Directive): void {
    const reader = this.#reader;
    const type = onlyWord(directive).toLowerCase();
    reader.database = undefined;
    reader.overlay = undefined;
    if (type === 'frontend') return;
    this.#requireSchema(directive);
    const database = new DatabaseDraft(type, directive.file, directive.line, reader.global, reader.schema);
    // What follows is read either way, so that its errors are told too; only a database that is kept counts.
    reader.database = database;
    if (type === 'config') {
      if (reader.configDatabase) throw new ConfigError('only one config database is allowed');
      reader.configDatabase = database;
      if (reader.hasConfigTree) return;
      return reader.warn(directive, configKeptInMemory);
    }
    if (!isKnownDatabase(type)) {
      throw new ConfigError(whyNoDatabase(type, 'database'));
    }
    if (type === 'monitor' && reader.databases.some((other) => other.type === 'monitor')) {
      throw new ConfigError('only one monitor database is allowed');
    }
    reader.databases.push(database);
  }

  #backend(directive: Directive): void {
    requireWords(directive, 1, 1);
    const type = directive.words[0]!.toLowerCase();
    if (!isKnownDatabase(type)) {
      throw new ConfigError(whyNoDatabase(type, 'backend'));
    }
    if (this.#reader.databases.length > 0) throw new ConfigError('"backend" must come before any database');
    this.#reader.backend = type;
  }
}

function isKnownDatabase(type: string): boolean {
  return storeTypes.has(type) || type === 'monitor' || type === 'config';
}

function whyNoDatabase(type: string, directive: string): string {
  const why = refusedDatabases.get(type);
  if (why !== undefined) return `${directive} "${type}": ${why}`;
  return `unknown ${directive} type "${type}" (known: ${[...storeTypes].join(', ')}, monitor)`;
}

function isOutOfReach(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'EACCES' && syscall === 'stat';
}
