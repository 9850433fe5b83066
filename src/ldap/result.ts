/** LDAP result codes and the one error class that carries them to a client (RFC 4511 section 4.1.9, appendix A). */
import type { ResponseControl } from './control.js';

/** Result codes by the RFC's names: `ResultCode.noSuchObject` is 32. */
export const ResultCode = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  aliasProblem: 33,
  invalidDNSyntax: 34,
  aliasDereferencingProblem: 36,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  loopDetect: 54,
  sortControlMissing: 60,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  notAllowedOnRDN: 67,
  entryAlreadyExists: 68,
  objectClassModsProhibited: 69,
  affectsMultipleDSAs: 71,
  /** draft-ietf-ldapext-ldapv3-vlv */
  virtualListViewError: 76,
  other: 80,
  /** RFC 3909 */
  canceled: 118,
  noSuchOperation: 119,
  tooLate: 120,
  cannotCancel: 121,
  /** RFC 4528 */
  assertionFailed: 122,
  /** RFC 4370 */
  authorizationDenied: 123,
  /** OpenLDAP's, where the No-Op control held back what would have succeeded. */
  noOperation: 0x410e,
  /** OpenLDAP's: there is no such transaction (RFC 5805 gives no number). */
  transactionIdInvalid: 0x4121,
} as const;

/** One of the numbers in {@link ResultCode:var}. */
export type ResultCode = (typeof ResultCode)[keyof typeof ResultCode];

const names = new Map<number, string>(Object.entries(ResultCode).map(([name, code]) => [code, name]));

/** The RFC's name of a result code, for people: `noSuchObject`. */
export function resultCodeName(code: number): string {
  return names.get(code) ?? `code ${code}`;
}

/** What every operation ends with. `matchedDN` and `diagnostic` are empty where there is nothing to say. */
export interface LdapResult {
  readonly code: ResultCode;
  /** The last entry on the way to the one named that there is, where the asker may know. */
  readonly matchedDN: string;
  /** One line for people. */
  readonly diagnostic: string;
  /** LDAP URLs, only with `referral`. */
  readonly referrals?: readonly string[];
}

export const success: LdapResult = Object.freeze({ code: ResultCode.success, matchedDN: '', diagnostic: '' });

/**
 * An operation's failure. Whatever is thrown as this reaches the client as it is; anything else becomes `other`.
 *
 *     try {
 *       await session.delete(dn);
 *     } catch (error) {
 *       if (!(error instanceof LdapError && error.code === ResultCode.noSuchObject)) throw error;
 *     }
 */
export class LdapError extends Error implements LdapResult {
  override readonly name = 'LdapError';
  readonly code: ResultCode;
  readonly matchedDN: string;
  readonly referrals?: readonly string[];
  /** What the response carries besides, such as why a password policy refuses. */
  readonly controls?: readonly ResponseControl[];

  constructor(
    code: ResultCode,
    /** One line a person can act on. */
    readonly diagnostic = '',
    details: {
      readonly matchedDN?: string;
      readonly referrals?: readonly string[];
      readonly controls?: readonly ResponseControl[];
      readonly cause?: unknown;
    } = {},
  ) {
    const message = diagnostic === '' ? resultCodeName(code) : `${resultCodeName(code)}: ${diagnostic}`;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.matchedDN = details.matchedDN ?? '';
    if (details.referrals) this.referrals = details.referrals;
    if (details.controls && details.controls.length > 0) this.controls = details.controls;
  }
}
