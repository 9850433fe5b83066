/**
 * What an overlay that has a say in passwords (`ppolicy`) is asked: who gets in by one, and what a new one may be. At most one
 * overlay of a database has such a policy.
 */
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ResponseControl } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { HashOrigin } from '../../password/password.js';
import { PasswordPolicyError, passwordPolicyResponse } from '../../protocol/password-policy-controls.js';
import type { CheckedModification } from '../operations/modifications.js';

/** The session may do nothing else. `asked`: the request carries the password policy control. */
export function passwordChangeOnly(asked: boolean): LdapError {
  return new LdapError(
    ResultCode.insufficientAccessRights,
    'Operations are restricted to bind/unbind/abandon/StartTLS/modify password',
    { controls: asked ? [passwordPolicyResponse(PasswordPolicyError.changeAfterReset)] : [] },
  );
}

/** What comes of a password that was offered for an entry. */
export interface LoginJudgement {
  /** May whoever offered it in? */
  readonly admits: boolean;
  /** Nothing but a change of the password is allowed to the session. */
  readonly mustChange: boolean;
  /** Changes what the entry notes about logins; undefined: nothing changes. */
  readonly edit: ((draft: EntryDraft) => void) | undefined;
  /** `asked`: the request carries the password policy control. */
  controls(asked: boolean): readonly ResponseControl[];
}

/** Who writes a password. */
export interface PasswordWriter {
  /** May manage the entry's password: most rules do not bind such. */
  readonly isAdmin: boolean;
  /** The request carries the password policy control. */
  readonly asked: boolean;
  /** For whom slow hashes are computed. */
  readonly origin: HashOrigin;
}

export interface PasswordChange extends PasswordWriter {
  /** As it is before the change. */
  readonly entry: EntryRecord;
  readonly changes: readonly CheckedModification[];
  /** In clear text, of Password Modify, which has checked the old one. */
  readonly plain: { readonly old: Buffer | undefined; readonly new: Buffer } | undefined;
  /** One changes one's own password. */
  readonly isSelf: boolean;
  /** The session may do nothing but change its password. */
  readonly isRestricted: boolean;
  /** Is `offered` one of the `stored` passwords? It counts as a guess, as in a bind. */
  guess(stored: readonly Buffer[], offered: Buffer): Promise<boolean>;
}

/** What is to be done instead of the changes that were asked for. */
export interface PasswordRuling {
  readonly changes: readonly CheckedModification[];
  /** Edits what comes of the changes. Throws StaleRuling where `old` no longer has the passwords that were judged. */
  settle(draft: EntryDraft, old: EntryRecord): void;
  /** A new password is written. */
  readonly changesPassword: boolean;
}

/** The entry's passwords were changed while new ones were being checked, or earlier in the same transaction (RFC 5805). */
export class StaleRuling extends LdapError {
  constructor() {
    super(ResultCode.busy, 'the password was changed meanwhile');
  }
}

export interface PasswordPolicy {
  /** Called at once, and again in the transaction that notes the outcome: the later answer counts. */
  judgeLogin(entry: EntryRecord, isRight: boolean): LoginJudgement;
  /** May edit a new entry. Rejects with LdapError where its password is refused. */
  judgeNew(draft: EntryDraft, writer: PasswordWriter): Promise<void>;
  /** Called for every modify request. Rejects with LdapError where it refuses. */
  judgeChange(change: PasswordChange): Promise<PasswordRuling>;
  /** Can anybody log in by the entry, and how long? Undefined: there is nothing to say. */
  usability(entry: EntryRecord): ResponseControl | undefined;
}
