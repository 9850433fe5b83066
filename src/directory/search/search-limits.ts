/** Which size and time limits hold for whom (`limits`, `sizelimit`, `timelimit`), and what a request makes of them. */
import { groupsOf } from '../../access/groups.js';
import type { AccessEnvironment, Subject } from '../../access/model.js';
import type { LimitsRule, SearchLimits } from '../../config/model.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import type { Schema } from '../../ldap/schema.js';
import type { Database } from '../database.js';

const unlimited: SearchLimits = {
  sizeSoft: Infinity,
  sizeHard: Infinity,
  sizeUnchecked: Infinity,
  pageSize: Infinity,
  pageTotal: Infinity,
  timeSoft: Infinity,
  timeHard: Infinity,
};

/** The limits of one asker on one search base: the first `limits` rule that names either, over the database's own. */
export function limitsFor(subject: Subject, base: DN, database: Database, environment: AccessEnvironment): SearchLimits {
  if (database.isRoot(subject.dn)) return unlimited;
  const { limits, searchLimits } = database.config;
  for (const rule of limits) {
    if (names(rule.who, subject, base, environment, database.schema)) return { ...searchLimits, ...rule.changes };
  }
  return searchLimits;
}

function names(who: LimitsRule['who'], subject: Subject, base: DN, environment: AccessEnvironment, schema: Schema): boolean {
  const ndn = subject.dn?.normalized;
  switch (who.kind) {
    case 'everyone':
      return true;
    case 'anonymous':
      return ndn === undefined;
    case 'users':
      return ndn !== undefined;
    case 'dn': {
      const named = who.self ? ndn : base.normalized;
      return named !== undefined && dnMatches(named, who.style, who.dn.normalized);
    }
    case 'dnRegex': {
      const named = who.self ? ndn : base.normalized;
      return named !== undefined && who.pattern.test(named);
    }
    case 'group': {
      const group = ndn === undefined ? undefined : environment.entryByNdn(who.dn.normalized);
      const objectClass = schema.objectClass(who.objectClass);
      if (!group || !objectClass) return false;
      return groupsOf(schema).hasMember(group, { objectClass, member: who.attribute }, ndn!, environment);
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

/** Seconds this search may take: who asks for more than its hard limit gets that. */
export function timeLimit(asked: number, limits: SearchLimits): number {
  return asked === 0 ? limits.timeSoft : Math.min(asked, limits.timeHard);
}

/** Entries this search may return. */
export function sizeLimit(asked: number, limits: SearchLimits): number {
  return asked === 0 ? limits.sizeSoft : Math.min(asked, limits.sizeHard);
}

/** Entries that all pages of a paged search may return together. */
export function pagedSizeLimit(asked: number, limits: SearchLimits): number {
  const total = typeof limits.pageTotal === 'number' ? limits.pageTotal : limits.sizeHard;
  return asked === 0 ? total : Math.min(asked, total);
}
