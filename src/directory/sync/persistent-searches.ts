/** Bounds how many searches persist (RFC 4533), in all and for one address. */
import { LdapError, ResultCode } from '../../ldap/result.js';
import { persistentSearchesMax, persistentSearchesPerAddressMax } from '../limits.js';

export class PersistentSearches {
  #count = 0;
  readonly #byAddress = new Map<string, number>();

  get count(): number {
    return this.#count;
  }

  /** Returns what ends it. Throws 51 where there are too many. */
  enter(address: string): () => void {
    const own = this.#byAddress.get(address) ?? 0;
    if (this.#count >= persistentSearchesMax || own >= persistentSearchesPerAddressMax) {
      throw new LdapError(ResultCode.busy, 'too many persistent searches; try again');
    }
    this.#count++;
    this.#byAddress.set(address, own + 1);
    return () => {
      this.#count--;
      const left = this.#byAddress.get(address)! - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    };
  }
}
