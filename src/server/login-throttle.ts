/** The bind throttle as connections use it: it reads requests and results, and keeps the waits. */
import type { Peer } from '../directory/model.js';
import { DN } from '../dn/dn.js';
import type { BindRequest } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import type { Schema } from '../ldap/schema.js';
import { BindThrottle } from './bind-throttle.js';

export class LoginThrottle {
  readonly #throttle = new BindThrottle();
  readonly #waits = new Map<NodeJS.Timeout, () => void>();

  constructor(private readonly schema: Schema) {}

  /** Milliseconds that this bind must wait before it is looked at. */
  delayMs(peer: Peer, request: BindRequest): number {
    if (!this.#throttle.active || !passwordOf(request)) return 0;
    const name = this.#normalizedName(request);
    return name === undefined ? 0 : this.#throttle.delayMs(peer.address, name);
  }

  /** Resolves after so many milliseconds, or when the server stops. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waits.delete(timer);
        resolve();
      }, milliseconds);
      this.#waits.set(timer, resolve);
    });
  }

  /** Ends all waits. */
  stop(): void {
    for (const [timer, resolve] of this.#waits) {
      clearTimeout(timer);
      resolve();
    }
    this.#waits.clear();
  }

  /** Takes note of a bind's result, and of who it made the session. */
  note(peer: Peer, request: BindRequest, code: ResultCode, identity: DN | undefined): void {
    const password = passwordOf(request);
    if (!password) return;
    if (code === ResultCode.success && identity) this.#throttle.succeeded(identity.normalized);
    if (code !== ResultCode.invalidCredentials) return;
    const name = this.#normalizedName(request);
    if (name !== undefined) this.#throttle.failed(peer.address, name, password);
  }

  #normalizedName({ name }: BindRequest): string | undefined {
    try {
      return DN.parse(name, this.schema).normalized;
    } catch (error) {
      // A name that is none has no password to guess.
      if (error instanceof LdapError) return undefined;
      throw error;
    }
  }
}

/** The password of a simple bind that has one. */
function passwordOf({ authentication }: BindRequest): Buffer | undefined {
  return authentication.method === 'simple' && authentication.password.length > 0 ? authentication.password : undefined;
}
