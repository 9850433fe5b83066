/**
 * The bind throttle as front ends and operations use it. Front ends delay and report simple binds; operations that check a
 * password themselves do so through `brake`. All of them count in one place, so that no operation is a faster way to guess
 * than another.
 */
import { DN } from '../../dn/dn.js';
import type { BindRequest } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import type { HashOrigin } from '../../password/password.js';
import type { PasswordWatcher, Peer } from '../model.js';
import { BindThrottle, isLocal } from './bind-throttle.js';

/** Password checks outside simple binds that may wait on one connection. */
const lineMax = 8;

/** A password that is tried outside a simple bind. */
export interface PasswordGuess {
  readonly peer: Peer;
  /** Whose password it is to be. */
  readonly dn: DN;
  readonly password: Buffer;
  readonly watcher: PasswordWatcher | undefined;
}

/** The checks of one connection that wait for each other. */
interface Line {
  readonly last: Promise<void>;
  readonly length: number;
}

export class LoginThrottle {
  readonly #throttle = new BindThrottle();
  readonly #lines = new WeakMap<Peer, Line>();
  readonly #waits = new Map<NodeJS.Timeout, () => void>();

  constructor(private readonly schema: Schema) {}

  /** Milliseconds that this bind must wait before it is looked at. */
  delayMs(peer: Peer, request: BindRequest): number {
    if (!this.#throttle.active || !passwordOf(request)) return 0;
    const name = this.#normalizedName(request);
    return name === undefined ? 0 : this.#throttle.delayMs(peer.address, name);
  }

  /**
   * Runs `check`, which tells whether `password` is right for the entry named `ndn`, as late as earlier failures demand, and
   * counts its outcome. A connection's checks run one after the other, as its binds do: requests sent at once must not all
   * be let through before the first has failed. A rejection (busy, closing) counts as nothing. Throws 51 where too many
   * wait. Returns a promise only where it has to wait.
   */
  brake(guess: PasswordGuess, check: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
    const line = this.#lines.get(guess.peer);
    const outcome = line ? this.#join(line, guess, check) : this.#checkInTime(guess, check);
    if (!(outcome instanceof Promise)) return outcome;
    const length = (line?.length ?? 0) + 1;
    const last = outcome.then(
      () => undefined,
      () => undefined,
    );
    const joined: Line = { last, length };
    this.#lines.set(guess.peer, joined);
    void last.then(() => {
      const now = this.#lines.get(guess.peer);
      if (now === joined) this.#lines.delete(guess.peer);
      else if (now) this.#lines.set(guess.peer, { ...now, length: now.length - 1 });
    });
    return outcome;
  }

  #join(line: Line, guess: PasswordGuess, check: () => boolean | Promise<boolean>): Promise<boolean> {
    if (line.length >= lineMax) throw new LdapError(ResultCode.busy, 'too many passwords to check on this connection');
    return line.last.then(() => this.#checkInTime(guess, check));
  }

  #checkInTime(guess: PasswordGuess, check: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
    const { peer, dn, password, watcher } = guess;
    const ndn = dn.normalized;
    watcher?.passwordTried(dn);
    const counted = (right: boolean): boolean => {
      if (right) {
        this.#throttle.succeeded(ndn);
      } else {
        this.#throttle.failed(peer.address, ndn, password);
        watcher?.passwordWrong();
      }
      return right;
    };
    const delayMs = this.#throttle.active ? this.#throttle.delayMs(peer.address, ndn) : 0;
    if (delayMs > 0) {
      watcher?.passwordDelayed(delayMs);
      return this.wait(delayMs).then(check).then(counted);
    }
    const outcome = check();
    return outcome instanceof Promise ? outcome.then(counted) : counted(outcome);
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

/** For whom a slow hash is computed, so that the workers are shared out fairly. */
export function hashOrigin({ address }: Peer, target: string): HashOrigin {
  return { address: isLocal(address) ? undefined : address, target };
}

/** The password of a simple bind that has one. */
function passwordOf({ authentication }: BindRequest): Buffer | undefined {
  return authentication.method === 'simple' && authentication.password.length > 0 ? authentication.password : undefined;
}
