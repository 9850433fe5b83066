/** Does a password match one of an entry's stored ones? Wrong names cost as much as wrong passwords. */
import { defaultScheme, isSlow, isSlowScheme, verifyDecoy, verifyDecoyLike } from '../../password/password.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { MaybePromise } from '../model.js';

/** A promise only where a slow hash must be computed. Rejects with 51 where too many of those wait. */
export function verifyAny(
  directory: DirectoryEnvironment,
  ndn: string,
  stored: readonly Buffer[],
  offered: Buffer,
): MaybePromise<boolean> {
  const matched = verifyFrom(directory, ndn, stored, offered, 0);
  if (matched instanceof Promise || matched) return matched;
  // A slow hash has cost what it costs, and is no promise only where the password cannot be one.
  return stored.some(isSlow) ? false : failAsOthers(directory, stored, offered);
}

/** Whatever fails costs the same: an unknown name, a name without a password, a fast hash where others have slow ones. */
function failAsOthers(directory: DirectoryEnvironment, stored: readonly Buffer[], offered: Buffer): MaybePromise<boolean> {
  const { usual } = directory.verifiedPasswords.forms;
  if (usual) return verifyDecoyLike(usual, offered);
  const scheme = directory.config.passwordHash[0] ?? defaultScheme;
  return stored.length === 0 || isSlowScheme(scheme) ? verifyDecoy(offered, scheme) : false;
}

function verifyFrom(
  directory: DirectoryEnvironment,
  ndn: string,
  stored: readonly Buffer[],
  offered: Buffer,
  first: number,
): MaybePromise<boolean> {
  for (let index = first; index < stored.length; index++) {
    const matched = directory.verifiedPasswords.verify(ndn, stored[index]!, offered);
    if (matched instanceof Promise) {
      return matched.then((ok) => ok || verifyFrom(directory, ndn, stored, offered, index + 1));
    }
    if (matched) return true;
  }
  return false;
}
