/** The directives of the whole server, and those that a database may have as well. */
import { resolve } from 'node:path';
import {
  ConfigError,
  distinguishedName,
  oneOf,
  onlyNumber,
  onlyPath,
  onlyWord,
  onOff,
  requireWords,
  wholeNumber,
  type Directive,
} from './directive.js';
import type { Config } from './model.js';
import { loadSchema, overlayTypes } from './overlays/registry.js';
import type { ConfigReader } from './reader.js';
import { readServerId } from './server-id.js';
import { argon2Module, changeArgon2, readCryptSaltFormat, readPasswordHash } from './password-directives.js';
import { changeDefaultLimits, regularExpression } from './search-limits.js';
import { changeFeatures, changeRequirements, changeSecurity, restrictedOperations, writeOperations } from './security.js';

type Handler = (directive: Directive, reader: ConfigReader) => void;

const changeAllowed: Handler = (directive, { global }) => {
  global.features = changeFeatures(global.features, directive);
};

export const globalDirectives: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['access', (directive, reader) => reader.access(directive)],
  [
    'sizelimit',
    (directive, { shared }) => {
      shared.searchLimits = changeDefaultLimits(shared.searchLimits, directive, 'size');
    },
  ],
  [
    'timelimit',
    (directive, { shared }) => {
      shared.searchLimits = changeDefaultLimits(shared.searchLimits, directive, 'time');
    },
  ],
  [
    'require',
    (directive, { shared }) => {
      shared.requires = changeRequirements(shared.requires, directive);
    },
  ],
  [
    'requires',
    (directive, { shared }) => {
      shared.requires = changeRequirements(shared.requires, directive);
    },
  ],
  [
    'security',
    (directive, { shared }) => {
      shared.security = changeSecurity(shared.security, directive);
    },
  ],
  [
    'restrict',
    (directive, { shared }) => {
      for (const operation of restrictedOperations(directive)) shared.restricted.add(operation);
    },
  ],
  ['readonly', readReadonly],
  ['allow', changeAllowed],
  ['allows', changeAllowed],
  ['disallow', changeAllowed],
  ['disallows', changeAllowed],
  [
    'pidfile',
    (directive, { global, cwd }) => {
      global.pidFile = onlyPath(directive, cwd);
    },
  ],
  [
    'argsfile',
    (directive, { global, cwd }) => {
      global.argsFile = onlyPath(directive, cwd);
    },
  ],
  ['loglevel', readLogLevel],
  ['password-hash', readPasswordHash],
  ['password-crypt-salt-format', readCryptSaltFormat],
  ['referral', readReferral],
  [
    'rootdse',
    (directive, { global, cwd }) => {
      global.rootDseFiles.push(resolve(cwd, onlyWord(directive)));
    },
  ],
  ['authz-regexp', readAuthzRegexp],
  ['sasl-regexp', readAuthzRegexp],
  ['saslregexp', readAuthzRegexp],
  ['authz-policy', readAuthzPolicy],
  ['sasl-authz-policy', readAuthzPolicy],
  ['defaultsearchbase', readDefaultSearchBase],
  [
    'localssf',
    (directive, { global }) => {
      global.localSsf = onlyNumber(directive);
    },
  ],
  ['serverid', readServerId],
  ['schemadn', readSchemaDN],
  ['moduleload', readModuleLoad],
]);

function readReadonly(directive: Directive, { shared }: ConfigReader): void {
  const on = onOff(directive);
  for (const operation of writeOperations) {
    if (on) shared.restricted.add(operation);
    else shared.restricted.delete(operation);
  }
}

const logLevels: ReadonlyMap<string, number> = new Map([
  ['any', -1],
  ['trace', 0x1],
  ['packets', 0x2],
  ['args', 0x4],
  ['conns', 0x8],
  ['ber', 0x10],
  ['filter', 0x20],
  ['config', 0x40],
  ['acl', 0x80],
  ['stats', 0x100],
  ['stats2', 0x200],
  ['shell', 0x400],
  ['parse', 0x800],
  ['cache', 0x1000],
  ['index', 0x2000],
  ['sync', 0x4000],
  ['none', 0x8000],
]);

function readLogLevel(directive: Directive, { global }: ConfigReader): void {
  requireWords(directive, 1);
  let level = 0;
  for (const word of directive.words) {
    if (word === '-1') level = -1;
    else if (/^\d/.test(word)) level |= wholeNumber(word, 'loglevel');
    else level |= oneOf(word, 'loglevel', logLevels);
  }
  global.logLevel = level;
}

function readReferral(directive: Directive, { global }: ConfigReader): void {
  const url = onlyWord(directive);
  if (!/^ldap[si]?:\/\//i.test(url)) throw new ConfigError(`"${url}" of "referral" is not an LDAP URL`);
  if (!/^ldap[si]?:\/\/[^/?\s]*\/?$/i.test(url)) {
    throw new ConfigError(`"${url}" of "referral" must name only a server: the requested DN is appended to it`);
  }
  global.referrals.push(url);
}

function readAuthzRegexp(directive: Directive, { global }: ConfigReader): void {
  requireWords(directive, 2, 2);
  const [match, replacement] = directive.words as [string, string];
  const { file, line, name } = directive;
  global.authzRegexps.push({ file, line, pattern: regularExpression(match, name), replacement });
}

const authzPolicies: ReadonlyMap<string, Config['authzPolicy']> = new Map<string, Config['authzPolicy']>([
  ['none', 'none'],
  ['from', 'from'],
  ['to', 'to'],
  ['any', 'any'],
  ['both', 'any'],
  ['all', 'all'],
]);

function readAuthzPolicy(directive: Directive, { global }: ConfigReader): void {
  global.authzPolicy = oneOf(onlyWord(directive), directive.name, authzPolicies);
}

function readDefaultSearchBase(directive: Directive, { global, schema }: ConfigReader): void {
  if (global.defaultSearchBase) throw new ConfigError('defaultsearchbase is given twice');
  global.defaultSearchBase = distinguishedName(onlyWord(directive), directive.name, schema);
}

function readSchemaDN(directive: Directive, { schema }: ConfigReader): void {
  const name = distinguishedName(onlyWord(directive), directive.name, schema);
  if (name.normalized !== 'cn=subschema') throw new ConfigError('the subschema must be cn=Subschema');
}

/** Those of slapd and its contrib folder whose schemes are built in. */
const passwordModules = /^(?:.*\/)?(?:(?:pw-)?argon2|(?:pw-)?pbkdf2|(?:pw-)?sha2)(?:\.l?[as]o?)?$/i;
const backendModules = /^(?:.*\/)?back_(?:mdb|hdb|bdb|ldbm|monitor)(?:\.l?[as]o?)?$/i;

function readModuleLoad(directive: Directive, reader: ConfigReader): void {
  requireWords(directive, 1);
  const [module] = directive.words as [string];
  const overlay = overlayTypes.get(/^(?:.*\/)?(\w+)(?:\.l?[as]o?)?$/.exec(module)?.[1] ?? '');
  if (overlay) loadSchema(overlay, reader);
  if (argon2Module.test(module)) changeArgon2(directive, reader);
  if (overlay || backendModules.test(module) || passwordModules.test(module)) return;
  reader.warn(directive, `moduleload "${module}": modules cannot be loaded; what this one does is missing`);
}
