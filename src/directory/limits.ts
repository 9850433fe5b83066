/** Which size and time limits hold for whom (`limits`, `sizelimit`, `timelimit`), and what a request makes of them. */
import type { AccessEnvironment, Subject } from '../access/model.js';
import type { LimitsRule, SearchLimits } from '../config/model.js';
import { ndnIsWithin, ndnParent } from '../dn/normalized.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Schema } from '../schema/model.js';
import type { Database } from './database.js';
import { wellKnownOf } from './schema-check.js';

const unlimited: SearchLimits = {
  sizeSoft: Infinity,
  sizeHard: Infinity,
  sizeUnchecked: Infinity,
  pageSize: Infinity,
  pageTotal: Infinity,
  pageEstimateHidden: false,
  timeSoft: Infinity,
  timeHard: Infinity,
};

/** What a client means by "as much as I may have". */
const clientMaximum = 0x7fffffff;

/** The limits of one asker: the first `limits` rule that names it, over the database's own. */
export function limitsFor(subject: Subject, database: Database, environment: AccessEnvironment): SearchLimits {
  if (database.isRoot(subject.dn)) return unlimited;
  const { limits, searchLimits } = database.config;
  for (const rule of limits) {
    if (names(rule.who, subject, environment, database.schema)) return { ...searchLimits, ...rule.changes };
  }
  return searchLimits;
}

function names(who: LimitsRule['who'], subject: Subject, environment: AccessEnvironment, schema: Schema): boolean {
  const ndn = subject.dn?.normalized;
  switch (who.kind) {
    case 'everyone':
      return true;
    case 'anonymous':
      return ndn === undefined;
    case 'users':
      return ndn !== undefined;
    case 'dn':
      return ndn !== undefined && dnMatches(ndn, who.style, who.dn.normalized);
    case 'dnRegex':
      return ndn !== undefined && who.pattern.test(ndn);
    case 'group': {
      const group = ndn === undefined ? undefined : environment.entryByNdn(who.dn.normalized);
      if (!group) return false;
      const wanted = schema.objectClass(who.objectClass);
      const isGroup = group
        .values(wellKnownOf(schema).objectClass)
        .some((value) => wanted && schema.objectClass(value.toString('latin1'))?.lineage.includes(wanted));
      const members = group.values(who.attribute);
      return isGroup && members.some((member) => who.attribute.type.equality?.normalize(member) === ndn);
    }
  }
}

function dnMatches(ndn: string, style: 'exact' | 'one' | 'subtree' | 'children', wanted: string): boolean {
  switch (style) {
    case 'exact':
      return ndn === wanted;
    case 'one':
      return ndnParent(ndn) === wanted && ndn !== wanted;
    case 'subtree':
      return ndnIsWithin(ndn, wanted);
    case 'children':
      return ndn !== wanted && ndnIsWithin(ndn, wanted);
  }
}

/** Seconds this search may take. Throws 11 where the client asks for more than its hard limit. */
export function timeLimit(asked: number, limits: SearchLimits): number {
  return limitOf(asked, limits.timeSoft, limits.timeHard);
}

/** Entries this search may return. Throws 11 where the client asks for more than its hard limit. */
export function sizeLimit(asked: number, limits: SearchLimits): number {
  return limitOf(asked, limits.sizeSoft, limits.sizeHard);
}

function limitOf(asked: number, soft: number, hard: number): number {
  if (asked === 0) return soft;
  if (asked <= hard) return asked;
  // As slapd: without a hard limit of its own, whoever asks for too much gets the soft one without a word.
  if (asked === clientMaximum || hard === soft) return hard;
  throw new LdapError(ResultCode.adminLimitExceeded);
}
