/** Is a new password good enough for a policy? */
import { builtinChecks } from '../../../config/overlays/ppolicy.js';
import { LdapError, ResultCode } from '../../../ldap/result.js';
import type { Schema } from '../../../ldap/schema.js';
import { isKnownScheme } from '../../../password/password.js';
import { PasswordPolicyError, passwordPolicyResponse } from '../../../protocol/password-policy-controls.js';
import { checksNamed } from './builtin-checks.js';
import type { Policy, Valued } from './policy.js';

/** Is a value a hash, rather than a password? As to slapd: where it names a scheme that there is. */
export function isHashed(value: Buffer): boolean {
  const scheme = schemeOf(value);
  return scheme !== undefined && isKnownScheme(scheme);
}

function schemeOf(value: Buffer): string | undefined {
  return /^\{[^}]+\}/.exec(value.subarray(0, 64).toString('latin1'))?.[0];
}

export interface QualityTerms {
  readonly schema: Schema;
  /** `ppolicy_check_module builtin` */
  readonly usesBuiltinChecks: boolean;
  /** The request carries the password policy control. */
  readonly asked: boolean;
}

/** `value`: a password, or its hash. Throws 19. */
export function checkQuality(terms: QualityTerms, policy: Policy, entry: Valued, value: Buffer): void {
  if (policy.checkQuality <= 0) return;
  if (value.length === 0 || policy.minLength > value.length) throw refused(terms, PasswordPolicyError.passwordTooShort);
  if (policy.maxLength > 0 && value.length > policy.maxLength) throw refused(terms, PasswordPolicyError.passwordTooLong);
  let password = value;
  if (isHashed(value)) {
    const scheme = schemeOf(value)!;
    if (scheme.toLowerCase() !== '{cleartext}') {
      if (policy.checkQuality === 2) throw refused(terms, PasswordPolicyError.insufficientPasswordQuality);
      return;
    }
    password = value.subarray(scheme.length);
  }
  const fault = moduleFault(terms, policy, entry, password.toString());
  if (fault !== undefined) throw refused(terms, PasswordPolicyError.insufficientPasswordQuality, fault);
}

/** What a policy that asks for a module finds wrong; everything, where it is one that jammd does not have. */
function moduleFault(terms: QualityTerms, policy: Policy, entry: Valued, password: string): string | undefined {
  const { checkModule, useCheckModule, checkArgument } = policy;
  if (checkModule === undefined && !useCheckModule) return undefined;
  const isBuiltin = checkModule === builtinChecks || (checkModule === undefined && terms.usesBuiltinChecks);
  const checks = isBuiltin ? checksNamed(checkArgument?.toString() ?? '') : undefined;
  if (!checks) return "the password policy's check module is not there; see docs/security.md";
  for (const check of checks) {
    const fault = check(password, entry, terms.schema);
    if (fault !== undefined) return `Password fails quality checking policy: ${fault}`;
  }
  return undefined;
}

function refused({ asked }: QualityTerms, error: PasswordPolicyError, diagnostic?: string): LdapError {
  return new LdapError(ResultCode.constraintViolation, diagnostic ?? 'Password fails quality checking policy', {
    controls: asked ? [passwordPolicyResponse(error)] : [],
  });
}
