/** The values of the Password Modify extended operation (RFC 3062 section 2). */
import { LdapError, ResultCode } from '../ldap/result.js';
import { BerError, BerReader, berElement, berSequence, contextTag, Tag } from '../ber/ber.js';

const userIdentityTag = contextTag(0);
const oldPasswordTag = contextTag(1);
const newPasswordTag = contextTag(2);
const generatedPasswordTag = contextTag(0);

export interface PasswordModifyRequest {
  readonly userIdentity?: Buffer;
  readonly oldPassword?: Buffer;
  readonly newPassword?: Buffer;
}

/** Throws LdapError 2 for what is not a PasswdModifyRequestValue. */
export function decodePasswordModify(value: Buffer): PasswordModifyRequest {
  try {
    const reader = new BerReader(value);
    reader.enter(Tag.sequence);
    const optional = (tag: number): Buffer | undefined =>
      !reader.atEnd && reader.peekTag() === tag ? reader.octets(tag) : undefined;
    const userIdentity = optional(userIdentityTag);
    const oldPassword = optional(oldPasswordTag);
    const newPassword = optional(newPasswordTag);
    if (!reader.atEnd) throw new BerError('unexpected element');
    return {
      ...(userIdentity && { userIdentity }),
      ...(oldPassword && { oldPassword }),
      ...(newPassword && { newPassword }),
    };
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    throw new LdapError(ResultCode.protocolError, 'password modify request value is malformed');
  }
}

/** PasswdModifyResponseValue with the password that the server made. */
export function encodeGeneratedPassword(password: Buffer): Buffer {
  return berSequence(berElement(generatedPasswordTag, password));
}

/** PasswdModifyRequestValue. */
export function encodePasswordModify({ userIdentity, oldPassword, newPassword }: PasswordModifyRequest): Buffer {
  return berSequence(
    ...(userIdentity ? [berElement(userIdentityTag, userIdentity)] : []),
    ...(oldPassword ? [berElement(oldPasswordTag, oldPassword)] : []),
    ...(newPassword ? [berElement(newPasswordTag, newPassword)] : []),
  );
}

/** The password that a PasswdModifyResponseValue carries. Throws BerError for what is none. */
export function decodeGeneratedPassword(value: Buffer): Buffer {
  const reader = new BerReader(value);
  reader.enter(Tag.sequence);
  return reader.octets(generatedPasswordTag);
}
