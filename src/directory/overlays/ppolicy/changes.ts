/** What a new password must satisfy, and what a change of passwords leaves behind, in the order of slapd's overlay. */
import type { Config } from '../../../config/model.js';
import type { PpolicySettings } from '../../../config/overlays/settings.js';
import type { EntryDraft } from '../../../entry/draft.js';
import type { EntryRecord } from '../../../entry/record.js';
import { LdapError, ResultCode } from '../../../ldap/result.js';
import type { Schema } from '../../../ldap/schema.js';
import { defaultScheme, hashPassword, verify, type HashOrigin } from '../../../password/password.js';
import { PasswordPolicyError, passwordPolicyResponse } from '../../../protocol/password-policy-controls.js';
import type { CheckedModification } from '../../operations/modifications.js';
import {
  passwordChangeOnly,
  StaleRuling,
  type PasswordChange,
  type PasswordRuling,
  type PasswordWriter,
} from '../password-policy.js';
import { formerPasswords, historyValue, type FormerPassword } from './history.js';
import { isReset } from './logins.js';
import { noPolicy, type Policy, type PolicyAttributes } from './policy.js';
import { checkQuality, isHashed } from './quality.js';
import { thisMoment, timeOf, type Moment } from './times.js';

export interface ChangeTerms {
  readonly schema: Schema;
  readonly known: PolicyAttributes;
  readonly settings: PpolicySettings;
  /** `password-hash`, of which the first is used. */
  readonly hashes: readonly string[];
  readonly hashSettings: Config['passwordSettings'];
}

const onePassword = 'Password policy only allows one password value';

export async function judgeNew(
  terms: ChangeTerms,
  policy: Policy | undefined,
  draft: EntryDraft,
  writer: PasswordWriter,
): Promise<void> {
  const { known, settings } = terms;
  const { minAge, maxAge } = policy ?? noPolicy;
  const [password, second] = draft.values(known.userPassword);
  if (!password) return;
  if (second) throw new LdapError(ResultCode.constraintViolation, onePassword);
  if (policy && !writer.isAdmin) checkQuality(qualityTerms(terms, writer), policy, draft, password);
  if (settings.hashCleartext && !isHashed(password)) {
    draft.set(known.userPassword, [await hashed(terms, password, writer.origin)]);
  }
  if ((maxAge !== 0 || minAge !== 0) && draft.values(known.pwdChangedTime).length === 0) {
    draft.set(known.pwdChangedTime, [Buffer.from(thisMoment().text)]);
  }
}

/** Of a modify request, what concerns passwords. */
interface Request {
  /** The last kind of change that is made to the password; undefined: none is. */
  readonly how: CheckedModification['operation'] | undefined;
  /** What adds the new password. */
  readonly added: CheckedModification | undefined;
  /** What takes the old password away by its value. */
  readonly deleted: CheckedModification | undefined;
  /** The old value goes before the new one comes. */
  readonly isSafe: boolean;
  /** Something else than passwords and operational attributes is changed. */
  readonly changesMore: boolean;
  readonly setsReset: boolean;
  /** Attributes that the request itself deletes or writes, by key. */
  readonly deletes: ReadonlySet<string>;
  readonly touches: ReadonlySet<string>;
}

/** Throws 19 where more than one password is written. */
function readRequest({ known }: ChangeTerms, { changes, asked }: PasswordChange): Request {
  let how: Request['how'];
  let added: CheckedModification | undefined;
  let deleted: CheckedModification | undefined;
  let isSafe = false;
  let changesMore = false;
  let setsReset = false;
  const deletes = new Set<string>();
  const touches = new Set<string>();
  for (const change of changes) {
    const { operation, description, values } = change;
    touches.add(description.key);
    if (operation === 'delete') deletes.add(description.key);
    if (description === known.pwdReset && (operation === 'add' || operation === 'replace')) setsReset = true;
    if (description !== known.userPassword) {
      if (!description.type.operational) changesMore = true;
      continue;
    }
    how = operation;
    if (operation === 'delete' && values.length > 0) deleted ??= change;
    if ((operation !== 'add' && operation !== 'replace') || values.length === 0) continue;
    if (added || values.length > 1) {
      throw new LdapError(ResultCode.constraintViolation, onePassword, { controls: asked ? [passwordPolicyResponse()] : [] });
    }
    isSafe = deleted !== undefined;
    added = change;
  }
  return { how, added, deleted, isSafe, changesMore, setsReset, deletes, touches };
}

export async function judgeChange(
  terms: ChangeTerms,
  policy: Policy | undefined,
  change: PasswordChange,
): Promise<PasswordRuling> {
  const { settings, known } = terms;
  const { entry } = change;
  if (settings.disableWrite) return unchanged(change);
  const request = readRequest(terms, change);
  if (change.isRestricted && request.changesMore) throw passwordChangeOnly(change.asked);
  if (request.how === undefined) return unlocking(terms, change, request);
  const former =
    request.added && policy && policy.inHistory > 0 ? formerPasswords(entry.values(known.pwdHistory), known.pwdChangedTime) : [];
  let { changes } = change;
  if (policy && !change.isAdmin) {
    if (!policy.allowUserChange && change.isSelf) {
      const text = 'User alteration of password is not allowed';
      throw refused(change, ResultCode.insufficientAccessRights, text, PasswordPolicyError.passwordModNotAllowed);
    }
    // A password that only goes leaves nothing behind.
    if (!request.added) return unlocking(terms, change, request);
    changes = await checkedChanges(terms, policy, change, request, former);
  }
  const { added } = request;
  if (settings.hashCleartext && added && !change.plain && !isHashed(added.values[0]!)) {
    const values = [await hashed(terms, added.values[0]!, change.origin)];
    changes = changes.map((one) => (one === added ? { ...added, values } : one));
  }
  const moment = thisMoment();
  return {
    changes,
    changesPassword: true,
    settle: (draft, old) => {
      demandSame(known, entry, old);
      noteChange(terms, policy ?? noPolicy, { request, former, moment, isAdmin: change.isAdmin }, draft, old);
    },
  };
}

/** Throws where the policy refuses the new password; answers the changes with the old one as it is stored. */
async function checkedChanges(
  terms: ChangeTerms,
  policy: Policy,
  change: PasswordChange,
  { added, deleted, isSafe }: Request,
  former: readonly FormerPassword[],
): Promise<readonly CheckedModification[]> {
  const { known } = terms;
  const { entry, plain } = change;
  if (policy.safeModify && !isSafe && !plain?.old) {
    const text = 'Must supply old password to be changed as well as new one';
    throw refused(change, ResultCode.insufficientAccessRights, text, PasswordPolicyError.mustSupplyOldPassword);
  }
  const changed = timeOf(entry, known.pwdChangedTime);
  const isYoung = changed !== undefined && thisMoment().now - changed < policy.minAge;
  if (isYoung && !isReset(known, entry)) {
    const text = 'Password is too young to change';
    throw refused(change, ResultCode.constraintViolation, text, PasswordPolicyError.passwordTooYoung);
  }
  const stored = entry.values(known.userPassword);
  let { changes } = change;
  if (stored.length > 0 && deleted) {
    if (!(await change.guess(stored, deleted.values[0]!))) {
      const text = 'Must supply correct old password to change to new one';
      throw refused(change, ResultCode.unwillingToPerform, text, PasswordPolicyError.mustSupplyOldPassword);
    }
    changes = changes.map((one) => (one === deleted ? { ...one, values: [stored[0]!] } : one));
  }
  const password = plain?.new ?? added!.values[0]!;
  checkQuality(qualityTerms(terms, change), policy, entry, password);
  if (stored.length > 0 && policy.inHistory > 0) {
    if (await isOneOf(stored, password, change.origin)) {
      const text = 'Password is not being changed from existing value';
      throw refused(change, ResultCode.constraintViolation, text, PasswordPolicyError.passwordInHistory);
    }
    const recent = former.slice(-policy.inHistory).map((one) => one.stored);
    if (await isOneOf(recent, password, change.origin)) {
      const text = 'Password is in history of old passwords';
      throw refused(change, ResultCode.constraintViolation, text, PasswordPolicyError.passwordInHistory);
    }
  }
  return changes;
}

/** The attributes about the password that a change of it leaves, besides the password. */
function noteChange(
  { known }: ChangeTerms,
  policy: Policy,
  { request, former, moment, isAdmin }: Noted,
  draft: EntryDraft,
  old: EntryRecord,
): void {
  const { how, deletes, touches } = request;
  if (!touches.has(known.pwdChangedTime.key)) {
    draft.set(known.pwdChangedTime, how === 'delete' ? [] : [Buffer.from(moment.text)]);
  }
  for (const ended of [known.pwdGraceUseTime, known.pwdAccountLockedTime, known.pwdFailureTime, known.pwdLastSuccess]) {
    if (!deletes.has(ended.key) && old.values(ended).length > 0) draft.set(ended, []);
  }
  if (!request.setsReset) draft.set(known.pwdReset, policy.mustChange && isAdmin ? [Buffer.from('TRUE')] : []);
  if (touches.has(known.pwdHistory.key)) return;
  if (policy.inHistory <= 0) return draft.set(known.pwdHistory, []);
  const [stored] = old.values(known.userPassword);
  const dropped = new Set(
    former.slice(0, Math.max(0, former.length - policy.inHistory + 1)).map(({ value }) => value.toString('latin1')),
  );
  const kept = old.values(known.pwdHistory).filter((value) => !dropped.has(value.toString('latin1')));
  const newest = stored && historyValue(moment.text, stored);
  const isNew = newest && !kept.some((value) => value.equals(newest));
  draft.set(known.pwdHistory, isNew ? [...kept, newest] : kept);
}

interface Noted {
  readonly request: Request;
  readonly former: readonly FormerPassword[];
  readonly moment: Moment;
  readonly isAdmin: boolean;
}

function unchanged({ changes }: PasswordChange): PasswordRuling {
  return { changes, changesPassword: false, settle: () => undefined };
}

/** Whoever unlocks an account by hand clears its failures. */
function unlocking({ known }: ChangeTerms, change: PasswordChange, { deletes }: Request): PasswordRuling {
  if (!deletes.has(known.pwdAccountLockedTime.key) || deletes.has(known.pwdFailureTime.key)) return unchanged(change);
  return { ...unchanged(change), settle: (draft) => draft.set(known.pwdFailureTime, []) };
}

function demandSame(known: PolicyAttributes, judged: EntryRecord, old: EntryRecord): void {
  if (judged === old) return;
  for (const description of [known.userPassword, known.pwdHistory]) {
    const before = judged.values(description);
    const now = old.values(description);
    if (before.length !== now.length || before.some((value, index) => !value.equals(now[index]!))) throw new StaleRuling();
  }
}

async function isOneOf(stored: readonly Buffer[], offered: Buffer, origin: HashOrigin): Promise<boolean> {
  for (const value of stored) if (await verify(value, offered, origin)) return true;
  return false;
}

function hashed({ hashes, hashSettings }: ChangeTerms, password: Buffer, origin: HashOrigin): Promise<Buffer> {
  return hashPassword(hashes[0] ?? defaultScheme, password, origin, hashSettings);
}

function qualityTerms({ schema, settings }: ChangeTerms, { asked }: PasswordWriter): Parameters<typeof checkQuality>[0] {
  return { schema, usesBuiltinChecks: settings.usesBuiltinChecks, asked };
}

function refused({ asked }: PasswordWriter, code: ResultCode, text: string, error: PasswordPolicyError): LdapError {
  return new LdapError(code, text, { controls: asked ? [passwordPolicyResponse(error)] : [] });
}
