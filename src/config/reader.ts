/** The context in which directives are read: the schema so far, the drafts, and where diagnostics go. */
import { AccessSyntaxError } from '../access/syntax.js';
import { parseAccessRule } from '../access/parse.js';
import { SchemaBuilder } from '../schema/builder.js';
import type { Schema } from '../ldap/schema.js';
import { ConfigError, type Directive } from './directive.js';
import { GlobalDraft, type DatabaseDraft, type SharedDraft } from './draft.js';
import type { Diagnostic } from './model.js';
import type { OverlayBlock } from './overlays/block.js';
import type { Place } from './place.js';

/** More are not told: a file that is no configuration at all would give one for each line. */
const diagnosticsMax = 1_000;

export class ConfigReader {
  readonly builder: SchemaBuilder;
  /** Grows as definitions are read. */
  readonly schema: Schema;
  readonly global = new GlobalDraft();
  readonly databases: DatabaseDraft[] = [];
  /** The database that directives speak of; undefined: the whole server. */
  database: DatabaseDraft | undefined;
  /** The storage engine whose own line may come next. */
  backend: string | undefined;
  /** The overlay that directives may belong to. */
  overlay: OverlayBlock | 'refused' | undefined;
  /** The overlays whose definitions are in the schema. */
  readonly overlaySchemas = new Set<string>();
  /** The configuration is a slapd.d, so that there is a cn=config to serve. */
  hasConfigTree = false;
  /** The rights on that. */
  configDatabase: DatabaseDraft | undefined;
  /** All definitions are there. */
  readonly hasSchema: boolean;
  /** Some schema was named. */
  schemaNamed = false;
  readonly diagnostics: Diagnostic[] = [];

  /** `finished`: holds every definition already; those that are read are passed over. */
  constructor(
    readonly cwd: string,
    finished?: SchemaBuilder,
  ) {
    this.builder = finished ?? new SchemaBuilder();
    this.schema = this.builder.build();
    this.hasSchema = finished !== undefined;
  }

  get shared(): SharedDraft {
    return this.database ?? this.global;
  }

  requireDatabase(directive: Directive): DatabaseDraft {
    if (this.database) return this.database;
    throw new ConfigError(`"${directive.name}" belongs to a database: it must come after a "database" line`);
  }

  report(place: Place, severity: Diagnostic['severity'], message: string): void {
    if (this.diagnostics.length < diagnosticsMax) {
      this.diagnostics.push({ severity, file: place.file, line: place.line, message });
    }
  }

  warn(place: Place, message: string): void {
    this.report(place, 'warning', message);
  }

  error(place: Place, message: string): void {
    this.report(place, 'error', message);
  }

  /** Does `work`; a ConfigError it throws is reported at `place`. */
  attempt(place: Place, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.error(place, error.message);
    }
  }

  access(directive: Directive): void {
    const { file, line, words } = directive;
    const warn = (message: string): void => this.warn(directive, message);
    try {
      this.shared.access.push(parseAccessRule(words, { schema: this.schema, file, line, warn }));
    } catch (error) {
      if (!(error instanceof AccessSyntaxError)) throw error;
      throw new ConfigError(error.message);
    }
  }
}
