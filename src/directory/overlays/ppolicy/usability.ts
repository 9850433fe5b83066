/** Sun's account usability control: can anybody log in by an entry, and for how long? As slapd's overlay works it out. */
import type { EntryRecord } from '../../../entry/record.js';
import type { ResponseControl } from '../../../ldap/control.js';
import { accountUsabilityResponse } from '../../../protocol/password-policy-controls.js';
import { isLocked, isReset, type LoginTerms } from './logins.js';
import type { Policy } from './policy.js';
import { thisMoment, timeOf } from './times.js';

/** What stands for "does not apply". */
const none = -1;

export function usabilityOf(terms: LoginTerms, policy: Policy, entry: EntryRecord): ResponseControl | undefined {
  const { known } = terms;
  const { now } = thisMoment();
  if (entry.values(known.userPassword).length === 0) return undefined;
  const changed = timeOf(entry, known.pwdChangedTime);
  let secondsLeft = none;
  let graceLeft = none;
  let hasExpired = false;
  if (policy.maxAge > 0 && changed !== undefined) {
    secondsLeft = changed + policy.maxAge - now;
    hasExpired = secondsLeft <= 0;
    if (policy.graceLimit > 0 && (policy.graceExpiry === 0 || secondsLeft + policy.graceExpiry > 0)) {
      graceLeft = policy.graceLimit - entry.values(known.pwdGraceUseTime).length;
    }
  }
  const lastUse = timeOf(entry, known.pwdLastSuccess);
  if (!hasExpired && policy.maxIdle > 0 && lastUse !== undefined) {
    const idleLeft = lastUse + policy.maxIdle - now;
    if (idleLeft <= 0) hasExpired = true;
    else if (secondsLeft === none || idleLeft < secondsLeft) secondsLeft = idleLeft;
  }
  if (!hasExpired && !isLocked(terms, policy, entry, now)) return accountUsabilityResponse({ secondsLeft });
  const end = lockoutEnd(terms, policy, entry, now);
  return accountUsabilityResponse({
    inactive: end > now,
    reset: policy.mustChange && isReset(known, entry),
    // slapd never sets it; the grace logins say as much.
    expired: false,
    graceLeft: hasExpired ? graceLeft : none,
    secondsBeforeUnlock: end > now ? end - now : none,
  });
}

/** 0: there is none; -1: never. */
function lockoutEnd({ known }: LoginTerms, policy: Policy, entry: EntryRecord, now: number): number {
  const locked = timeOf(entry, known.pwdAccountLockedTime);
  let end = 0;
  if (locked !== undefined) {
    const since = now < locked ? 0 : locked;
    if (locked === 0 || policy.lockoutDuration === 0) end = none;
    if (now < since + policy.lockoutDuration) end = since + policy.lockoutDuration;
  }
  const temporaryEnd = timeOf(entry, known.pwdAccountTmpLockoutEnd) ?? 0;
  return end !== none && temporaryEnd > end ? temporaryEnd : end;
}
