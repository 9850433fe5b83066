/** A password policy as an entry of the class pwdPolicy states it, and which policy an entry has. */
import type { AttributeDescription, Schema } from '../../../ldap/schema.js';

/** What has values, stored or being edited. */
export interface Valued {
  values(description: AttributeDescription): readonly Buffer[];
}

/** In seconds and counts; 0: not limited. */
export interface Policy {
  readonly minAge: number;
  readonly maxAge: number;
  readonly maxIdle: number;
  readonly expireWarning: number;
  readonly graceLimit: number;
  readonly graceExpiry: number;
  readonly inHistory: number;
  /** 0: no checks; 1: what can be checked; 2: what cannot be checked is refused. */
  readonly checkQuality: number;
  /** In bytes. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly lockout: boolean;
  readonly lockoutDuration: number;
  readonly maxFailure: number;
  readonly maxRecordedFailure: number;
  readonly failureCountInterval: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly mustChange: boolean;
  readonly allowUserChange: boolean;
  readonly safeModify: boolean;
  readonly checkModule: string | undefined;
  readonly checkArgument: Buffer | undefined;
  readonly useCheckModule: boolean;
}

/** Of an entry that has none. */
export const noPolicy: Policy = Object.freeze({
  minAge: 0,
  maxAge: 0,
  maxIdle: 0,
  expireWarning: 0,
  graceLimit: 0,
  graceExpiry: 0,
  inHistory: 0,
  checkQuality: 0,
  minLength: 0,
  maxLength: 0,
  lockout: false,
  lockoutDuration: 0,
  maxFailure: 0,
  maxRecordedFailure: 0,
  failureCountInterval: 0,
  minDelay: 0,
  maxDelay: 0,
  mustChange: false,
  allowUserChange: true,
  safeModify: false,
  checkModule: undefined,
  checkArgument: undefined,
  useCheckModule: false,
});

/** Failures that are remembered where only delays are set. */
const recordedFailuresDefault = 5;
const integerMax = 0x7fffffff;

export const policyAttributes = [
  'userPassword',
  'pwdPolicySubentry',
  'pwdChangedTime',
  'pwdAccountLockedTime',
  'pwdAccountTmpLockoutEnd',
  'pwdFailureTime',
  'pwdGraceUseTime',
  'pwdHistory',
  'pwdReset',
  'pwdStartTime',
  'pwdEndTime',
  'pwdLastSuccess',
  'pwdAttribute',
  'pwdMinAge',
  'pwdMaxAge',
  'pwdMaxIdle',
  'pwdExpireWarning',
  'pwdGraceAuthNLimit',
  'pwdGraceExpiry',
  'pwdInHistory',
  'pwdCheckQuality',
  'pwdMinLength',
  'pwdMaxLength',
  'pwdLockout',
  'pwdLockoutDuration',
  'pwdMaxFailure',
  'pwdMaxRecordedFailure',
  'pwdFailureCountInterval',
  'pwdMinDelay',
  'pwdMaxDelay',
  'pwdMustChange',
  'pwdAllowUserChange',
  'pwdSafeModify',
  'pwdCheckModule',
  'pwdCheckModuleArg',
  'pwdUseCheckModule',
] as const;

export type PolicyAttributes = Readonly<Record<(typeof policyAttributes)[number], AttributeDescription>>;

export function policyAttributesOf(schema: Schema): PolicyAttributes {
  const described = policyAttributes.map((name) => [name, schema.attributeDescription(name)!]);
  return Object.fromEntries(described) as PolicyAttributes;
}

/** As slapd: undefined, no policy at all, where a number is too large to be one. */
export function readPolicy(entry: Valued, known: PolicyAttributes): Policy | undefined {
  let isValid = true;
  const number = (description: AttributeDescription): number => {
    const [value] = entry.values(description);
    const parsed = value ? Number(value.toString('latin1')) : 0;
    isValid &&= Math.abs(parsed) <= integerMax;
    return parsed;
  };
  const flag = (description: AttributeDescription, absent = false): boolean => {
    const [value] = entry.values(description);
    return value ? value.toString('latin1').toUpperCase() === 'TRUE' : absent;
  };
  const minDelay = number(known.pwdMinDelay);
  const maxFailure = number(known.pwdMaxFailure);
  const recorded = Math.max(number(known.pwdMaxRecordedFailure), maxFailure);
  const policy: Policy = {
    minAge: number(known.pwdMinAge),
    maxAge: number(known.pwdMaxAge),
    maxIdle: number(known.pwdMaxIdle),
    expireWarning: number(known.pwdExpireWarning),
    graceLimit: number(known.pwdGraceAuthNLimit),
    graceExpiry: number(known.pwdGraceExpiry),
    inHistory: number(known.pwdInHistory),
    checkQuality: number(known.pwdCheckQuality),
    minLength: number(known.pwdMinLength),
    maxLength: number(known.pwdMaxLength),
    lockout: flag(known.pwdLockout),
    lockoutDuration: number(known.pwdLockoutDuration),
    maxFailure,
    maxRecordedFailure: recorded === 0 && minDelay > 0 ? recordedFailuresDefault : recorded,
    failureCountInterval: number(known.pwdFailureCountInterval),
    minDelay,
    maxDelay: number(known.pwdMaxDelay) || minDelay,
    mustChange: flag(known.pwdMustChange),
    allowUserChange: flag(known.pwdAllowUserChange, true),
    safeModify: flag(known.pwdSafeModify),
    checkModule: entry.values(known.pwdCheckModule)[0]?.toString(),
    checkArgument: entry.values(known.pwdCheckModuleArg)[0],
    useCheckModule: flag(known.pwdUseCheckModule),
  };
  return isValid ? policy : undefined;
}
