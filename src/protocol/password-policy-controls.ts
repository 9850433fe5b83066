/**
 * What responses tell about passwords: the password policy control (draft-behera-ldap-password-policy), Netscape's two, and
 * Sun's account usability.
 */
import { berBoolean, berElement, berInteger, berSequence, contextTag } from '../ber/ber.js';
import { controlOids, type ResponseControl } from '../ldap/control.js';

/** draft-behera-ldap-password-policy section 6.2. */
export const PasswordPolicyError = {
  passwordExpired: 0,
  accountLocked: 1,
  changeAfterReset: 2,
  passwordModNotAllowed: 3,
  mustSupplyOldPassword: 4,
  insufficientPasswordQuality: 5,
  passwordTooShort: 6,
  passwordTooYoung: 7,
  passwordInHistory: 8,
  passwordTooLong: 9,
} as const;

export type PasswordPolicyError = (typeof PasswordPolicyError)[keyof typeof PasswordPolicyError];

/** Of a password that works: how long, or how often, it still will. */
export interface PasswordPolicyWarning {
  readonly secondsLeft?: number | undefined;
  readonly graceLeft?: number | undefined;
}

export function passwordPolicyResponse(error?: PasswordPolicyError, warning: PasswordPolicyWarning = {}): ResponseControl {
  const { secondsLeft, graceLeft } = warning;
  const parts: Buffer[] = [];
  if (secondsLeft !== undefined) parts.push(berElement(contextTag(0, 'constructed'), berInteger(secondsLeft, contextTag(0))));
  else if (graceLeft !== undefined) parts.push(berElement(contextTag(0, 'constructed'), berInteger(graceLeft, contextTag(1))));
  if (error !== undefined) parts.push(berInteger(error, contextTag(1)));
  return { oid: controlOids.passwordPolicy, critical: false, value: berSequence(...parts) };
}

/** Netscape's: the password has expired, or the account is locked. */
export const passwordExpiredResponse: ResponseControl = Object.freeze({
  oid: controlOids.passwordExpired,
  critical: false,
  value: Buffer.from('0'),
});

/** Netscape's: so many seconds are left. */
export function passwordExpiringResponse(secondsLeft: number): ResponseControl {
  return { oid: controlOids.passwordExpiring, critical: false, value: Buffer.from(String(secondsLeft)) };
}

/** Why an account cannot be used (draft-behera has no such control; Sun's and slapd's have). */
export interface AccountObstacle {
  readonly inactive: boolean;
  readonly reset: boolean;
  readonly expired: boolean;
  /** -1: does not apply. */
  readonly graceLeft: number;
  readonly secondsBeforeUnlock: number;
}

/** `secondsLeft`: -1: for ever. */
export function accountUsabilityResponse(usable: { readonly secondsLeft: number } | AccountObstacle): ResponseControl {
  const value =
    'secondsLeft' in usable
      ? berInteger(usable.secondsLeft, contextTag(0))
      : berElement(
          contextTag(1, 'constructed'),
          berBoolean(usable.inactive, contextTag(0)),
          berBoolean(usable.reset, contextTag(1)),
          berBoolean(usable.expired, contextTag(2)),
          berInteger(usable.graceLeft, contextTag(3)),
          berInteger(usable.secondsBeforeUnlock, contextTag(4)),
        );
  return { oid: controlOids.accountUsability, critical: false, value };
}
