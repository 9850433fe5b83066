/** The directives of the whole server, and those that a database may have as well. */
import { logLevelOf } from './log-levels.js';
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

function readLogLevel(directive: Directive, { global }: ConfigReader): void {
  requireWords(directive, 1);
  global.logLevel = logLevelOf(directive.words, 'loglevel');
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
