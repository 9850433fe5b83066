/** Builds the finished Config from the drafts, after the checks that need all of them. */
import { parseAccessRule } from '../access/parse.js';
import type { AccessRule } from '../access/rule.js';
import type { DN } from '../dn/dn.js';
import { distinguishedName, ConfigError } from './directive.js';
import { DatabaseDraft, defaultLogLevel } from './draft.js';
import { deepFreeze } from './freeze.js';
import type { Config, DatabaseConfig } from './model.js';
import type { ConfigReader } from './reader.js';
import { searchLimits } from './search-limits.js';
import { finishTls } from './tls.js';

/** Where a database that names no folder is kept. */
export const defaultDirectory = '/var/lib/jammd';

/** Undefined where something is wrong; the reader has the diagnostics. */
export function assemble(reader: ConfigReader, file: string | undefined): Config | undefined {
  const finished = reader.databases.map((draft) => finishDatabase(draft, reader));
  const databases = finished.filter((_, index) => !reader.databases[index]!.disabled);
  checkDirectories(databases, reader);
  checkSubordinates(databases, reader);
  checkClusters(databases, reader);
  const configDatabase = finishConfigDatabase(reader);
  const { global } = reader;
  let tls: Config['tls'];
  if (global.tlsPlace) {
    const place = global.tlsPlace;
    reader.attempt(place, () => {
      tls = finishTls(global.tls, (message) => reader.warn(place, message));
    });
  }
  if (reader.diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const config: Config = {
    file,
    schema: reader.schema,
    databases,
    configDatabase,
    access: global.access,
    limits: global.limits,
    searchLimits: searchLimits(global.searchLimits),
    features: global.features,
    security: global.security,
    requires: global.requires,
    restricted: global.restricted,
    tls,
    passwordHash: global.passwordHash,
    passwordSettings: global.passwordSettings,
    logLevel: global.logLevel ?? defaultLogLevel,
    pidFile: global.pidFile,
    argsFile: global.argsFile,
    referrals: global.referrals,
    rootDseFiles: global.rootDseFiles,
    authzRegexps: global.authzRegexps,
    authzPolicy: global.authzPolicy,
    defaultSearchBase: global.defaultSearchBase,
    localSsf: global.localSsf,
    serverId: global.serverId ?? 0,
    serverUrls: global.serverUrls,
    warnings: reader.diagnostics.filter(({ severity }) => severity === 'warning'),
  };
  const { attributeTypes, objectClasses, matchingRules } = reader.schema;
  return deepFreeze(config, [...attributeTypes, ...objectClasses, ...matchingRules]);
}

/** Databases that hold the server's own entries. */
const ownSuffixes: ReadonlyMap<string, string> = new Map([
  ['monitor', 'cn=Monitor'],
  ['config', 'cn=config'],
]);

/** Who may do what with cn=config, where there is one: nobody but the rootdn, unless rules say otherwise. */
function finishConfigDatabase(reader: ConfigReader): DatabaseConfig | undefined {
  if (!reader.hasConfigTree) return undefined;
  const draft = reader.configDatabase ?? new DatabaseDraft('config', 'cn=config', 0, reader.global, reader.schema);
  draft.rootDN ??= distinguishedName('cn=config', 'rootdn', reader.schema);
  if (draft.access.length === 0) {
    const { file, line } = draft;
    draft.access.push(
      parseAccessRule(['to', '*', 'by', '*', 'none'], { schema: reader.schema, file, line, warn: () => undefined }),
    );
  }
  for (const overlay of draft.overlays) reader.warn(overlay, `overlay "${overlay.name}" of cn=config has no effect`);
  draft.overlays.length = 0;
  return finishDatabase(draft, reader);
}

function finishDatabase(draft: DatabaseDraft, reader: ConfigReader): DatabaseConfig {
  const ownSuffix = ownSuffixes.get(draft.type);
  const suffixes = ownSuffix === undefined ? draft.suffixes : [distinguishedName(ownSuffix, 'suffix', reader.schema)];
  if (suffixes.length === 0) reader.error(draft, `database ${draft.type} has no suffix`);
  reader.attempt(draft.rootPassword?.place ?? draft, () => checkRootPassword(draft, suffixes));
  checkCluster(draft, reader);
  for (const rule of draft.access) warnOutOfScope(rule, suffixes, reader);
  const overlays = draft.overlays.flatMap((overlay) => overlay.finish() ?? []);
  requireReplicaIndex(draft, reader);
  return {
    file: draft.file,
    line: draft.line,
    type: draft.type,
    suffixes,
    rootDN: draft.rootDN,
    rootPassword: draft.rootPassword?.value,
    directory: ownSuffix !== undefined ? '' : (draft.directory ?? defaultDirectory),
    indexes: draft.indexes.policies,
    access: [...draft.access, ...reader.global.access],
    limits: draft.limits,
    searchLimits: searchLimits(draft.searchLimits),
    restricted: new Set([...draft.restricted, ...reader.global.restricted]),
    lastmod: draft.lastmod,
    lastBind: draft.lastBind,
    lastBindPrecision: draft.lastBindPrecision,
    addContentAcl: draft.addContentAcl,
    hidden: draft.hidden,
    subordinate: draft.subordinate,
    advertise: draft.advertise,
    cluster: draft.cluster?.settings,
    maxDerefDepth: draft.maxDerefDepth,
    overlays,
    syncrepls: draft.syncrepls,
    updateRefs: draft.updateRefs,
    security: draft.security,
    requires: draft.requires,
  };
}

/** A replica knows entries by their UUID. */
function requireReplicaIndex({ syncrepls, indexes }: DatabaseDraft, reader: ConfigReader): void {
  const [first] = syncrepls;
  const description = first && reader.schema.attributeDescription('entryUUID');
  const kind = 'eq';
  if (!description || !indexes.require(kind, description)) return;
  reader.warn(first, '"syncrepl" keeps an equality index of entryUUID; add "index entryUUID eq"');
}

function checkCluster({ cluster, lastmod, syncrepls }: DatabaseDraft, reader: ConfigReader): void {
  if (cluster && syncrepls.length > 0) reader.error(cluster.place, '"cluster" and "syncrepl" exclude each other');
  if (cluster && !lastmod) reader.error(cluster.place, '"cluster" needs "lastmod on": nodes know entries by their UUID and CSN');
}

/** Two databases of this server would take each other's entries for those of another node. */
function checkClusters(databases: readonly DatabaseConfig[], reader: ConfigReader): void {
  const prefixes = databases.flatMap((database) => (database.cluster ? [{ database, ...database.cluster }] : []));
  prefixes.forEach(({ database, prefix, endpoints }, at) => {
    const other = prefixes
      .slice(0, at)
      .filter((one) => one.endpoints.some((endpoint) => endpoints.includes(endpoint)))
      .find((one) => one.prefix.startsWith(prefix) || prefix.startsWith(one.prefix));
    if (other) reader.error(database, `"cluster": prefix "${prefix}" and "${other.prefix}" of another database overlap`);
  });
}

function checkRootPassword({ rootPassword, rootDN }: DatabaseDraft, suffixes: readonly DN[]): void {
  if (!rootPassword) return;
  if (!rootDN) throw new ConfigError('rootpw needs a rootdn');
  if (!suffixes.some((suffix) => rootDN.isWithin(suffix))) {
    throw new ConfigError(`rootpw can only be set when rootdn is under suffix ("${rootDN.toString()}" is not)`);
  }
}

function warnOutOfScope({ file, line, what }: AccessRule, suffixes: readonly DN[], reader: ConfigReader): void {
  if (what.name.kind !== 'scope' || what.name.scope !== 'base' || suffixes.length === 0) return;
  const { name } = what.name;
  const inside = suffixes.some(({ normalized }) => name === normalized || name.endsWith(`,${normalized}`));
  const all = suffixes.some(({ isEmpty }) => isEmpty);
  if (inside || all || name === '') return;
  reader.warn({ file, line }, `access rule for "${name}", which is not in this database`);
}

function checkDirectories(databases: readonly DatabaseConfig[], reader: ConfigReader): void {
  const users = new Map<string, DatabaseConfig>();
  for (const database of databases) {
    if (database.directory === '') continue;
    const first = users.get(database.directory);
    if (first) {
      reader.error(
        database,
        `directory "${database.directory}" is already used by the database at ${first.line === 0 ? first.file : `line ${first.line}`}`,
      );
    }
    users.set(database.directory, database);
  }
}

/** A subordinate database has one suffix, and a later database holds its name. */
function checkSubordinates(databases: readonly DatabaseConfig[], reader: ConfigReader): void {
  databases.forEach((database, index) => {
    if (!database.subordinate) return;
    const [suffix, second] = database.suffixes;
    if (!suffix) return;
    if (second) reader.error(database, 'a subordinate database may have only one suffix');
    const isHeld = databases.slice(index + 1).some((other) => other.suffixes.some((one) => suffix.isWithin(one)));
    if (!isHeld) reader.error(database, `subordinate "${suffix.toString()}": no later database holds that name`);
  });
}
