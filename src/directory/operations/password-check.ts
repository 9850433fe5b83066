/** Does a password match one of an entry's stored ones? Wrong names cost as much as wrong passwords. */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import { defaultScheme, isSlow, isSlowScheme, verifyDecoy, verifyDecoyLike, type HashOrigin } from '../../password/password.js';
import type { DirectoryEnvironment } from '../environment.js';
import { unexpired } from '../logins/app-passwords.js';
import type { MaybePromise } from '../model.js';
import { wellKnownOf } from '../rules/schema-check.js';

/** An account may have as many slow hashes; further ones match nothing, or one login could keep the workers busy for minutes. */
const slowHashesMax = 16;

/** Values that one login tries; further ones match nothing, or a user's own entry could stop everybody. */
const valuesMax = 256;
/** Bytes that one login hashes, each stored value and what is offered against it. `slowHashesMax` values are tried in any case. */
const hashedBytesMax = 4 * 1_024 * 1_024;

/** The values of userPassword that the asker may authenticate against, of the first `valuesMax`; no expired app passwords. */
export function passwordsOf(directory: DirectoryEnvironment, entry: EntryRecord, access: AccessEvaluator): Buffer[] {
  if (entry.flags & (RecordFlag.alias | RecordFlag.referral | RecordFlag.subentry)) return [];
  const { userPassword } = wellKnownOf(directory.schema);
  const values = entry.values(userPassword).slice(0, valuesMax);
  const usable = values.filter((value) => access.allows(entry, userPassword, Privilege.auth, value));
  return unexpired(directory.schema, entry, usable);
}

/** A promise only where a slow hash must be computed. Rejects with 51 where too many of those wait. */
export function verifyAny(
  directory: DirectoryEnvironment,
  origin: HashOrigin,
  stored: readonly Buffer[],
  offered: Buffer,
): MaybePromise<boolean> {
  const matched = verifyFrom(directory, origin, withFewSlow(withFewBytes(stored, offered)), offered, 0);
  if (matched instanceof Promise || matched) return matched;
  // A slow hash has taken its time already, and answers without a promise only where the password cannot be one.
  return stored.some(isSlow) ? false : failAsOthers(directory, origin, stored, offered);
}

function withFewBytes(stored: readonly Buffer[], offered: Buffer): readonly Buffer[] {
  let left = hashedBytesMax;
  return stored.filter((value, index) => {
    left -= value.length + offered.length;
    return left >= 0 || index < slowHashesMax;
  });
}

function withFewSlow(stored: readonly Buffer[]): readonly Buffer[] {
  if (stored.length <= slowHashesMax) return stored;
  let slow = 0;
  return stored.filter((value) => !isSlow(value) || ++slow <= slowHashesMax);
}

/** Whatever fails costs the same: an unknown name, a name without a password, a fast hash where others have slow ones. */
function failAsOthers(
  directory: DirectoryEnvironment,
  origin: HashOrigin,
  stored: readonly Buffer[],
  offered: Buffer,
): MaybePromise<boolean> {
  const { usual } = directory.verifiedPasswords.forms;
  if (usual) return verifyDecoyLike(usual, offered, origin);
  const scheme = directory.config.passwordHash[0] ?? defaultScheme;
  return stored.length === 0 || isSlowScheme(scheme) ? verifyDecoy(offered, scheme, origin) : false;
}

function verifyFrom(
  directory: DirectoryEnvironment,
  origin: HashOrigin,
  stored: readonly Buffer[],
  offered: Buffer,
  first: number,
): MaybePromise<boolean> {
  for (let index = first; index < stored.length; index++) {
    const matched = directory.verifiedPasswords.verify(origin.target, stored[index]!, offered, origin.address);
    if (matched instanceof Promise) {
      return matched.then((ok) => ok || verifyFrom(directory, origin, stored, offered, index + 1));
    }
    if (matched) return true;
  }
  return false;
}
