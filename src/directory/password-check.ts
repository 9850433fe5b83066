/** Does a password match one of an entry's stored ones? Wrong names cost as much as wrong passwords. */
import { verifyDecoy } from '../password/password.js';
import type { Directory } from './directory.js';
import type { MaybePromise } from './model.js';

/** A promise only where a slow hash must be computed. Rejects with 51 where too many of those wait. */
export function verifyAny(
  directory: Directory,
  ndn: string,
  stored: readonly Buffer[],
  offered: Buffer,
): MaybePromise<boolean> {
  if (stored.length === 0) return verifyDecoy(offered, directory.config.passwordHash[0]);
  return verifyFrom(directory, ndn, stored, offered, 0);
}

function verifyFrom(
  directory: Directory,
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
