/** Streams LDIF into and out of a directory. */
import type { Directory as Core } from '../directory/directory.js';
import type { Database } from '../directory/database.js';
import { exportLdif } from '../directory/transfer/export.js';
import { importLdif, type ImportFailure as LoadFailure } from '../directory/transfer/import.js';
import { parseFilter } from '../filter/text.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { LdifError } from '../ldif/errors.js';
import { asLdapError } from './failure.js';

/** LDIF text, whole or in pieces of any size; a stream of a file is one of these. */
export type LdifSource = string | Uint8Array | Iterable<string | Buffer> | AsyncIterable<string | Buffer>;

/** Why one record of an LDIF is not in the directory. */
export interface ImportFailure {
  /** Where the record, or what is wrong in it, starts; counted from 1. */
  readonly line: number;
  /** The record's name as written; undefined if it cannot be read that far. */
  readonly dn: string | undefined;
  readonly error: LdapError;
}

/** Where to load LDIF to, and what to do with records that cannot be loaded. */
export interface ImportOptions {
  /** A suffix of the database to load into; the first database by default. */
  readonly suffix?: string;
  /** Told of each record that cannot be loaded; the others are loaded. Without it the first failure ends the import. */
  readonly onFailure?: (failure: ImportFailure) => void;
  /** Check everything, store nothing. */
  readonly dryRun?: boolean;
}

/** What an import came to. */
export interface ImportReport {
  /** Entries that were loaded. */
  readonly entries: number;
  /** Records that were not. */
  readonly failures: number;
}

/** What to write out: everything of a database by default. */
export interface ExportOptions {
  /** A suffix of the database to write out; the first database by default. */
  readonly suffix?: string;
  /** Only this entry and those below it: a DN. */
  readonly base?: string;
  /** Only entries that satisfy this filter. */
  readonly filter?: string;
}

/** One import. */
export class LdifLoad {
  readonly #core: Core;
  readonly #database: Database;
  readonly #options: ImportOptions;
  /** Entries that are in the database by now. */
  entries = 0;

  constructor(core: Core, database: Database, options: ImportOptions) {
    this.#core = core;
    this.#database = database;
    this.#options = options;
  }

  /** Rejects with the first record's failure where nobody wants to be told, else with what ended the import. */
  async run(source: LdifSource): Promise<ImportReport> {
    const { onFailure, dryRun = false } = this.#options;
    const { config } = this.#core;
    const { config: database, store } = this.#database;
    let first: LdapError | undefined;
    const { entries, failures } = await importLdif(
      piecesOf(source),
      { config, database, store },
      {
        continueOnError: onFailure !== undefined,
        dryRun,
        onEntry: () => {
          if (!dryRun) this.entries++;
        },
        onFailure: (failure) => {
          first ??= explained(failure);
          onFailure?.({ line: failure.line, dn: failure.dn, error: asLdapError(failure.error) });
        },
      },
    );
    this.#database.refreshFlags();
    if (first && !onFailure) throw first;
    return { entries, failures };
  }
}

/** Yields pieces of some kilobytes, each of whole entries. Throws LdapError. */
export async function* writeLdif(
  core: Core,
  database: Database,
  { base, filter }: ExportOptions,
): AsyncGenerator<string, void, undefined> {
  try {
    yield* exportLdif(database.store, core.schema, {
      ...(base !== undefined && { base: core.parseDN(base) }),
      ...(filter !== undefined && { filter: parseFilter(filter) }),
      onDamaged: (id, error) => core.reportDamage(database, id, error),
    });
  } catch (error) {
    throw asLdapError(error);
  }
}

function piecesOf(source: LdifSource): Iterable<string | Buffer> | AsyncIterable<string | Buffer> {
  if (typeof source === 'string') return [source];
  return source instanceof Uint8Array ? [Buffer.from(source)] : source;
}

/** The same error, saying where. */
function explained({ line, dn, error }: LoadFailure): LdapError {
  if (error instanceof LdifError) return asLdapError(error);
  const where = dn === undefined ? `line ${line}` : `line ${line}: dn "${dn}"`;
  const diagnostic = error.diagnostic === '' ? error.message : error.diagnostic;
  return new LdapError(error.code, `${where}: ${diagnostic}`, { matchedDN: error.matchedDN, cause: error });
}

/** The database that has this suffix, or the first. Throws LdapError 32, 34. */
export function databaseNamed(core: Core, suffix: string | undefined): Database {
  const [first] = core.databases;
  if (suffix === undefined && first) return first;
  const dn = core.parseDN(suffix ?? '');
  const found = core.databases.find((database) => database.isSuffix(dn));
  if (!found) throw new LdapError(ResultCode.noSuchObject, `no database has the suffix "${dn.toString()}"`);
  return found;
}
