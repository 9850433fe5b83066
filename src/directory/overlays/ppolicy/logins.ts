/** Who gets in by a password: lockout, expiry, grace and forced changes, in the order in which slapd's overlay looks at them. */
import type { PpolicySettings } from '../../../config/overlays/settings.js';
import type { EntryDraft } from '../../../entry/draft.js';
import type { EntryRecord } from '../../../entry/record.js';
import type { ResponseControl } from '../../../ldap/control.js';
import {
  PasswordPolicyError,
  passwordExpiredResponse,
  passwordExpiringResponse,
  passwordPolicyResponse,
} from '../../../protocol/password-policy-controls.js';
import type { LoginJudgement } from '../password-policy.js';
import { noPolicy, type Policy, type PolicyAttributes, type Valued } from './policy.js';
import { secondsOf, thisMoment, timeOf, timeText, uniqueTime, type Moment } from './times.js';

type Edit = (draft: EntryDraft) => void;

/** What a judgement is made of. */
interface Findings {
  readonly admits: boolean;
  readonly error?: PasswordPolicyError | undefined;
  readonly secondsLeft?: number | undefined;
  readonly graceLeft?: number | undefined;
  readonly hasExpired?: boolean;
  readonly edits: readonly Edit[];
}

/** What the configuration says about logins. */
export interface LoginTerms {
  readonly known: PolicyAttributes;
  readonly settings: PpolicySettings;
  /** The database keeps pwdLastSuccess. */
  readonly lastBind: boolean;
}

/** `policy`: undefined where the entry has none. */
export function judgeLogin(terms: LoginTerms, policy: Policy | undefined, entry: EntryRecord, isRight: boolean): LoginJudgement {
  const moment = thisMoment();
  const found = findings(terms, policy, entry, isRight, moment);
  const { edits, error } = found;
  return {
    admits: found.admits,
    mustChange: found.admits && error === PasswordPolicyError.changeAfterReset,
    edit: edits.length === 0 || terms.settings.disableWrite ? undefined : (draft) => edits.forEach((edit) => edit(draft)),
    controls: (asked) => controlsFor(terms.settings, found, asked),
  };
}

function findings(terms: LoginTerms, policy: Policy | undefined, entry: EntryRecord, isRight: boolean, moment: Moment): Findings {
  const { known } = terms;
  if (policy && isLocked(terms, policy, entry, moment.now)) {
    return { admits: false, error: PasswordPolicyError.accountLocked, edits: [] };
  }
  // Found not to be locked, it is unlocked where a lock has run out.
  const unlocked = policy?.lockout && hasLockRunOut(policy, known, entry, moment.now);
  const edits: Edit[] = unlocked ? [(draft) => draft.set(known.pwdAccountLockedTime, [])] : [];
  if (entry.values(known.userPassword).length === 0) return { admits: isRight, edits };
  if (!isRight) return { admits: false, edits: [...edits, ...failureEdits(known, policy ?? noPolicy, entry, moment)] };
  return admitted(known, policy ?? noPolicy, entry, moment, edits);
}

/** Is the account locked, or not valid at this time? */
export function isLocked({ known, lastBind }: LoginTerms, policy: Policy, entry: Valued, now: number): boolean {
  const start = timeOf(entry, known.pwdStartTime);
  if (start !== undefined && now < start) return true;
  const end = timeOf(entry, known.pwdEndTime);
  if (end !== undefined && end <= now) return true;
  if (!policy.lockout) return false;
  const temporaryEnd = timeOf(entry, known.pwdAccountTmpLockoutEnd);
  if (temporaryEnd !== undefined && now < temporaryEnd) return true;
  if (policy.maxIdle > 0 && lastBind) {
    const lastUse = timeOf(entry, known.pwdLastSuccess) ?? timeOf(entry, known.pwdChangedTime);
    if (lastUse !== undefined && now > lastUse + policy.maxIdle) return true;
  }
  const locked = timeOf(entry, known.pwdAccountLockedTime);
  if (locked === undefined) return false;
  if (locked === 0) return true;
  if (now < locked) return false;
  return policy.lockoutDuration === 0 || now < locked + policy.lockoutDuration;
}

function hasLockRunOut(policy: Policy, known: PolicyAttributes, entry: Valued, now: number): boolean {
  const locked = timeOf(entry, known.pwdAccountLockedTime);
  return locked !== undefined && now >= locked + policy.lockoutDuration;
}

/** A wrong password is noted; the one that was one too many locks the account. */
function failureEdits(known: PolicyAttributes, policy: Policy, entry: EntryRecord, moment: Moment): Edit[] {
  const { maxRecordedFailure, failureCountInterval, maxFailure, minDelay, maxDelay } = policy;
  if (maxRecordedFailure <= 0) return [];
  const failures = entry.values(known.pwdFailureTime);
  const counted = failures.filter((value) => {
    const time = failureCountInterval === 0 ? undefined : secondsOf(known.pwdFailureTime, value);
    return time === undefined || moment.now <= time + failureCountInterval;
  }).length;
  const kept = maxRecordedFailure > 1 ? failures.slice(1 - maxRecordedFailure) : [];
  const edits: Edit[] = [(draft) => draft.set(known.pwdFailureTime, [...kept, uniqueTime(moment, kept)])];
  if (maxFailure > 0 && counted >= maxFailure - 1) {
    edits.push((draft) => draft.set(known.pwdAccountLockedTime, [Buffer.from(moment.text)]));
  } else if (minDelay > 0) {
    const end = moment.now + Math.min(maxDelay, minDelay * 2 ** counted);
    edits.push((draft) => draft.set(known.pwdAccountTmpLockoutEnd, [Buffer.from(timeText(end))]));
  }
  return edits;
}

function admitted(
  known: PolicyAttributes,
  policy: Policy,
  entry: EntryRecord,
  moment: Moment,
  before: readonly Edit[],
): Findings {
  const { maxAge, expireWarning } = policy;
  const edits = [...before];
  if (entry.values(known.pwdFailureTime).length > 0) edits.push((draft) => draft.set(known.pwdFailureTime, []));
  const changed = timeOf(entry, known.pwdChangedTime);
  const age = changed === undefined || maxAge <= 0 ? undefined : moment.now - changed;
  if (policy.mustChange && isReset(known, entry)) {
    const secondsLeft = secondsUntilExpiry(age, maxAge, expireWarning);
    return { admits: true, error: PasswordPolicyError.changeAfterReset, secondsLeft, edits };
  }
  if (age === undefined || age <= maxAge) {
    return { admits: true, secondsLeft: secondsUntilExpiry(age, maxAge, expireWarning), edits };
  }
  const graceLeft = remainingGrace(known, policy, entry, age) - 1;
  // As slapd, which forgets the failures all the same.
  if (graceLeft < 0) return { admits: false, error: PasswordPolicyError.passwordExpired, hasExpired: true, edits };
  const uses = entry.values(known.pwdGraceUseTime);
  edits.push((draft) => draft.set(known.pwdGraceUseTime, [...uses, uniqueTime(moment, uses)]));
  return { admits: true, graceLeft, hasExpired: true, edits };
}

/** Logins that an expired password is still good for. */
function remainingGrace(known: PolicyAttributes, policy: Policy, entry: Valued, age: number): number {
  if (policy.graceExpiry > 0 && age > policy.maxAge + policy.graceExpiry) return 0;
  return policy.graceLimit - entry.values(known.pwdGraceUseTime).length;
}

/** Undefined where there is nothing to warn of yet. */
function secondsUntilExpiry(age: number | undefined, maxAge: number, expireWarning: number): number | undefined {
  if (age === undefined || expireWarning < 1 || maxAge - age >= expireWarning) return undefined;
  return Math.max(0, maxAge - age);
}

export function isReset(known: PolicyAttributes, entry: Valued): boolean {
  return entry.values(known.pwdReset)[0]?.toString('latin1').toUpperCase() === 'TRUE';
}

function controlsFor(settings: PpolicySettings, found: Findings, asked: boolean): readonly ResponseControl[] {
  const { error, secondsLeft, graceLeft, hasExpired } = found;
  if (asked) {
    // That an account is locked is news to whoever guesses at it, too.
    const isTold = error !== PasswordPolicyError.accountLocked || settings.useLockout;
    return [passwordPolicyResponse(isTold ? error : undefined, { secondsLeft, graceLeft })];
  }
  if (!settings.sendNetscapeControls) return [];
  if (error !== undefined || hasExpired) return [passwordExpiredResponse];
  return secondsLeft ? [passwordExpiringResponse(secondsLeft)] : [];
}
