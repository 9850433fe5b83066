/** Who changed what in a domain, and when, as the server's log has it. Of other domains nothing is told, nor is any value. */
import { displayAddress } from './address.js';
import { AccessLog } from './access-log.js';
import { AuditLogFile } from './audit-lines.js';
import type { MailContext } from './context.js';
import { getOwnDomain } from './domains.js';
import { MailError } from './errors.js';
import type { ChangeKind, ChangeLog, LoggedChange } from './logged-change.js';
import { LogTail } from './log-tail.js';
import { isTokenName, leafRdn, parentOf, rdnsOf, sameDn } from './names.js';
import { told } from './told.js';

export const doerKinds = ['person', 'site-admin', 'token', 'other', 'anonymous'] as const;

/** other: somebody of another domain, whose name is not told to postmasters. */
export interface Doer {
  readonly kind: (typeof doerKinds)[number];
  /** The address, or what else names them; empty where it is not told. */
  readonly name: string;
}

export interface Activity {
  readonly at: Date;
  readonly who: Doer;
  readonly kind: ChangeKind;
  /** The address, the domain, or what else the entry is named by. */
  readonly subject: string;
  /** Its new one, where it was renamed. */
  readonly newSubject: string | undefined;
  readonly attributes: readonly string[];
  readonly refused: boolean;
  /** For site admins alone. */
  readonly from: string | undefined;
}

export interface ActivityPage {
  /** Newest first. */
  readonly activities: readonly Activity[];
  /** There are older ones: ask for those before the last of these. */
  readonly more: boolean;
  /** There may be older ones, in a part of the log that is too long ago to be looked at. */
  readonly cut: boolean;
}

export interface ActivityQuery {
  /** Only what was done earlier. */
  readonly before?: Date | undefined;
  readonly max?: number | undefined;
}

const defaultMax = 100;
const attributesShown = 50;
/** For somebody who administers the domain. @throws MailError `conflict` where the site has named no log */
export async function domainActivity(context: MailContext, domainName: string, query: ActivityQuery = {}): Promise<ActivityPage> {
  const { name } = await getOwnDomain(context, domainName);
  const { before, max = defaultMax } = query;
  const log = openLog(context, name, before);
  const activities: Activity[] = [];
  let more = false;
  for await (const change of log.changes()) {
    if (before !== undefined && change.at >= before) continue;
    // Those of one moment stay together, since a page begins where the one before it ended.
    if (activities.length >= max && change.at.getTime() !== activities.at(-1)?.at.getTime()) {
      if (concerns(context, name, change)) {
        more = true;
        break;
      }
      continue;
    }
    if (concerns(context, name, change)) activities.push(activityOf(context, name, change));
  }
  return { activities, more, cut: log.cut };
}

function openLog(context: MailContext, domain: string, before: Date | undefined): ChangeLog {
  const source = context.settings.activity;
  switch (source?.kind) {
    case undefined:
      throw new MailError('conflict', told('noActivityLog'));
    case 'audit-log':
      // A name may be written with escapes; nothing else keeps the domain's own letters out of a line about it.
      return new AuditLogFile(new LogTail(source.path), (line) => line.includes('\\\\') || line.toLowerCase().includes(domain));
    case 'accesslog':
      return new AccessLog(context.directory, source.base, before);
  }
}

/** It was done to an entry of the domain, or to one that came to it. */
function concerns(context: MailContext, domain: string, { dn, newDn }: LoggedChange): boolean {
  return isWithin(context, domain, dn) || (newDn !== undefined && isWithin(context, domain, newDn));
}

/** By the values of a name alone: an attribute type has several spellings. */
function isWithin({ tree }: MailContext, domain: string, dn: string): boolean {
  const [values, above] = [valuesOf(dn), valuesOf(tree.domain(domain))];
  if (values === undefined || above === undefined || values.length < above.length) return false;
  return above.every((value, place) => value === values[values.length - above.length + place]);
}

function valuesOf(dn: string): readonly string[] | undefined {
  return rdnsOf(dn)?.map(({ value }) => value.trim().toLowerCase());
}

function activityOf(context: MailContext, domain: string, change: LoggedChange): Activity {
  const { at, kind, dn, newDn, attributes, refused, from } = change;
  const inside = isWithin(context, domain, dn);
  return {
    at,
    who: doerOf(context, domain, change.who),
    kind,
    // An entry that came from elsewhere is told by its name here.
    subject: subjectOf(domain, context, inside ? dn : (newDn ?? dn)),
    newSubject: newDn !== undefined && isWithin(context, domain, newDn) ? subjectOf(domain, context, newDn) : undefined,
    attributes: attributes.slice(0, attributesShown),
    refused,
    from: context.actor.level === 'site' ? from : undefined,
  };
}

function subjectOf(domain: string, { tree }: MailContext, dn: string): string {
  if (valuesOf(dn)?.length === valuesOf(tree.domain(domain))?.length) return domain;
  return leafRdn(dn)?.value ?? dn;
}

function doerOf(context: MailContext, domain: string, who: string | undefined): Doer {
  const { tree, settings, actor } = context;
  if (who === undefined || who === '' || who === 'anonymous') return { kind: 'anonymous', name: '' };
  const manager = `cn=Manager,${parentOf(tree.base)}`;
  for (const [login, dn] of settings.siteAdmins) {
    if (sameDn(dn ?? manager, who)) return { kind: 'site-admin', name: login };
  }
  const inside = isWithin(context, domain, who);
  if (inside && isTokenName(who)) return { kind: 'token', name: leafRdn(who)?.value ?? '' };
  const value = leafRdn(who)?.value ?? who;
  if (inside) return { kind: 'person', name: displayAddress(value) };
  if (actor.level !== 'site') return { kind: 'other', name: '' };
  return tree.domainOf(who) === undefined ? { kind: 'other', name: who } : { kind: 'person', name: displayAddress(value) };
}
