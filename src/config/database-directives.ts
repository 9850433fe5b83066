/** The directives of one database. */
import { isKnownScheme } from '../password/password.js';
import { readCluster } from './cluster.js';
import {
  ConfigError,
  distinguishedName,
  onlyNumber,
  onlyPath,
  onlyWord,
  onOff,
  requireWords,
  type Directive,
} from './directive.js';
import type { DatabaseDraft } from './draft.js';
import { placeName } from './place.js';
import { refintDirective } from './overlays/refint.js';
import { openOverlay } from './overlays/registry.js';
import { uniqueDirective } from './overlays/unique.js';
import type { ConfigReader } from './reader.js';
import { limitsRule } from './search-limits.js';
import { readSyncrepl, readUpdateRef } from './syncrepl.js';

type DatabaseHandler = (directive: Directive, database: DatabaseDraft, reader: ConfigReader) => void;

export const databaseDirectives: ReadonlyMap<string, DatabaseHandler> = new Map<string, DatabaseHandler>([
  ['suffix', readSuffix],
  ['rootdn', readRootDN],
  ['rootpw', readRootPassword],
  [
    'directory',
    (directive, database, { cwd }) => {
      database.directory = onlyPath(directive, cwd);
    },
  ],
  ['index', (directive, database, reader) => database.indexes.read(directive, (text) => reader.warn(directive, text))],
  [
    'limits',
    (directive, database, { schema }) => {
      database.limits.push(limitsRule(directive, database.searchLimits, schema));
    },
  ],
  [
    'lastmod',
    (directive, database) => {
      database.lastmod = onOff(directive);
    },
  ],
  [
    'add_content_acl',
    (directive, database) => {
      database.addContentAcl = onOff(directive);
    },
  ],
  [
    'hidden',
    (directive, database) => {
      database.hidden = onOff(directive);
    },
  ],
  ['subordinate', readSubordinate],
  [
    'cluster',
    (directive, database, reader) => {
      if (database.cluster) throw new ConfigError('"cluster" is given twice');
      const settings = readCluster(directive, reader.cwd, (message) => reader.warn(directive, message));
      database.cluster = { settings, place: directive };
    },
  ],
  [
    'maxderefdepth',
    (directive, database) => {
      database.maxDerefDepth = onlyNumber(directive);
    },
  ],
  ['unique', (directive, _, reader) => void openOverlay(uniqueDirective, directive, reader)],
  ['refint', (directive, _, reader) => void openOverlay(refintDirective, directive, reader)],
  [
    'disabled',
    (directive, database, reader) => {
      if (reader.overlay && onOff(directive))
        throw new ConfigError('"disabled on" of an overlay is not supported: remove the overlay');
      database.disabled = onOff(directive);
      if (database.disabled) reader.warn(directive, 'this database is disabled and will not be served');
    },
  ],
  [
    'lastbind',
    (directive, database) => {
      database.lastBind = onOff(directive);
    },
  ],
  [
    'lastbind-precision',
    (directive, database) => {
      database.lastBindPrecision = onlyNumber(directive);
    },
  ],
  ['syncrepl', readSyncrepl],
  ['updateref', readUpdateRef],
  ['multiprovider', (directive) => refuseOn(directive, onlyOneWrites)],
  ['mirrormode', (directive) => refuseOn(directive, onlyOneWrites)],
]);

const onlyOneWrites = 'only the provider of replicas takes writes; "cluster" lets several servers take them';

function refuseOn(directive: Directive, why: string): void {
  if (onOff(directive)) throw new ConfigError(`"${directive.name} on": ${why}`);
}

const monitorSuffix = 'cn=monitor';
/** What slapd keeps for itself; an entry here would be one that slapd never has. */
const reservedSuffixes: ReadonlySet<string> = new Set([monitorSuffix, 'cn=config']);

function readSuffix(directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  const text = onlyWord(directive);
  const suffix = distinguishedName(text, 'suffix', reader.schema);
  if (database.type === 'monitor') {
    if (suffix.normalized === monitorSuffix) return;
    throw new ConfigError('the suffix of the monitor database must be cn=Monitor');
  }
  if (reservedSuffixes.has(suffix.normalized)) throw new ConfigError(`suffix "${text}" is reserved`);
  // An earlier database would answer for the name, and this one never.
  for (const earlier of reader.databases) {
    const holder = earlier.hidden || database.hidden ? undefined : earlier.suffixes.find((one) => suffix.isWithin(one));
    if (!holder) continue;
    const which = earlier === database ? 'this database' : `the database at ${placeName(earlier)}`;
    throw new ConfigError(`suffix "${text}" is already served by ${which} ("${holder.toString()}")`);
  }
  database.suffixes.push(suffix);
}

function readRootDN(directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  const rootDN = distinguishedName(onlyWord(directive), 'rootdn', reader.schema);
  database.rootDN = rootDN.isEmpty ? undefined : rootDN;
}

/** Whether the rootdn lies in the database is seen at its end: the order of the lines makes no difference here. */
function readRootPassword(directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  const text = onlyWord(directive);
  if (database.rootPassword) throw new ConfigError('rootpw is given twice');
  if (text === '') return;
  const scheme = /^\{[^}]+\}/.exec(text)?.[0];
  if (scheme === undefined || scheme.toUpperCase() === '{CLEARTEXT}') {
    reader.warn(directive, 'rootpw is in clear text; hash it with "jammd passwd"');
  } else if (!isKnownScheme(scheme)) {
    reader.warn(directive, `rootpw has unknown scheme ${scheme}: no password will match it`);
  }
  database.rootPassword = { value: Buffer.from(text), place: directive };
}

function readSubordinate(directive: Directive, database: DatabaseDraft): void {
  requireWords(directive, 0, 1);
  const word = directive.words[0]?.toLowerCase();
  if (word !== undefined && !['advertise', 'on', 'true'].includes(word)) {
    throw new ConfigError(`unknown "${directive.words[0]}" in "subordinate"`);
  }
  database.subordinate = true;
  database.advertise = word === 'advertise';
}

/** What slapd lets stand before any database, where it says nothing about those that follow. */
const idleBeforeDatabases = new Set(['add_content_acl', 'disabled', 'lastbind', 'lastbind-precision']);

/** What only means something where entries are kept. */
const storeOnly = new Set(['directory', 'index', 'unique', 'refint', 'subordinate', 'cluster', 'syncrepl', 'updateref']);

export function readDatabaseDirective(handler: DatabaseHandler, directive: Directive, reader: ConfigReader): void {
  if (!reader.database && idleBeforeDatabases.has(directive.name)) {
    if (directive.name === 'lastbind-precision') onlyNumber(directive);
    else onOff(directive);
    return reader.warn(
      directive,
      `"${directive.name}" before any database has no effect, as in slapd; move it into the database section`,
    );
  }
  const database = reader.requireDatabase(directive);
  if (storeOnly.has(directive.name) && database.type === 'monitor') {
    throw new ConfigError(`"${directive.name}" does not apply to database ${database.type}`);
  }
  handler(directive, database, reader);
}
