/** Follows one provider, as one `syncrepl` says: session after session, with pauses as `interval` and `retry` have it. */
import type { TlsConfig } from '../config/model.js';
import type { SyncreplSettings } from '../config/syncrepl-settings.js';
import type { ReplicaLinkFigures, ReplicaLinkState } from '../directory/replica/figures.js';
import type { Replica } from '../directory/replica/replica.js';
import { CsnSet } from '../ldap/csn.js';
import { ReplicaStopped } from './errors.js';
import { ProviderConnection } from './provider-connection.js';
import { Retries } from './retries.js';
import { FullRefreshNeeded, SyncSession } from './sync-session.js';
import type { RefreshTurn } from './refresh-turn.js';

/** What a link says to the operator's log. */
export interface LinkLog {
  info(text: string): void;
  warn(text: string): void;
}

export interface LinkContext {
  readonly serverId: number;
  readonly ownTls: TlsConfig | undefined;
  /** One link of a database refreshes at a time. */
  readonly turn: RefreshTurn;
  readonly log: LinkLog;
  /** Is another link of the database in step with its provider? */
  readonly isServedByOther: (link: ProviderLink) => boolean;
}

export class ProviderLink {
  readonly settings: SyncreplSettings;
  readonly #stop = new AbortController();
  readonly #retries: Retries;
  #state: ReplicaLinkState = 'connecting';
  #since = new Date();
  #lastError: string | undefined;
  /** When the replica was last known to have everything; by the clock on the wall. */
  #inStepMs: number | undefined;
  #connection: ProviderConnection | undefined;
  #running: Promise<void> | undefined;
  /** The next session begins without what is known. */
  #anew = false;

  constructor(
    private readonly replica: Replica,
    private readonly context: LinkContext,
  ) {
    this.settings = replica.settings;
    this.#retries = new Retries(this.settings.retries);
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  get isInStep(): boolean {
    return this.#state === 'following' || this.#state === 'resting';
  }

  get figures(): ReplicaLinkFigures {
    const { rid, url } = this.settings;
    return {
      rid,
      provider: url,
      state: this.#state,
      since: this.#since,
      lastError: this.#lastError,
      waitingChanges: this.#connection?.waiting ?? 0,
      changes: this.replica.changes,
      lagSeconds: this.#lagSeconds,
    };
  }

  /** Undefined: it has never been in step. */
  get #lagSeconds(): number | undefined {
    const { keepalive } = this.settings;
    const connection = this.#connection;
    if (this.#state === 'following' && connection?.waiting === 0) {
      const silentSeconds = (performance.now() - connection.heardMs) / 1_000;
      // A provider that has nothing to tell is asked before this is over.
      if (silentSeconds <= keepalive.idleSeconds + keepalive.patienceSeconds) return 0;
    }
    return this.#inStepMs === undefined ? undefined : Math.max(0, (Date.now() - this.#inStepMs) / 1_000);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const seconds = await this.#attempt();
      if (seconds === undefined) return;
      await this.#pause(seconds);
    }
  }

  /** One session. Answers the seconds to wait before the next one; undefined: there is none. */
  async #attempt(): Promise<number | undefined> {
    const { log } = this.context;
    try {
      await this.#session();
      this.#retries.reset();
      this.#lastError = undefined;
      this.#to('resting');
      return this.settings.intervalSeconds;
    } catch (error) {
      if (error instanceof ReplicaStopped || this.#stop.signal.aborted) return undefined;
      if (error instanceof FullRefreshNeeded && !this.#anew && !this.context.isServedByOther(this)) {
        log.warn(`${this.#name}: ${error.message}; everything is fetched anew`);
        this.#anew = true;
        return 0;
      }
      this.#anew = false;
      const reason = error instanceof Error ? error.message : String(error);
      const seconds = this.#retries.next();
      const next = seconds === undefined ? 'it is not tried again' : `next attempt in ${seconds} s`;
      if (reason !== this.#lastError || seconds === undefined) log.warn(`${this.#name}: ${reason}; ${next}`);
      this.#lastError = reason;
      this.#to(seconds === undefined ? 'stopped' : 'waiting');
      return seconds;
    }
  }

  async #session(): Promise<void> {
    const { serverId, ownTls, turn, log } = this.context;
    this.#to('connecting');
    const { signal } = this.#stop;
    const connection = await ProviderConnection.open(this.settings, ownTls, signal, (csns) => this.#noteProbe(csns));
    let leave = await turn.enter(signal).catch((error: unknown) => {
      connection.close();
      throw error;
    });
    const leaveOnce = (): void => {
      leave();
      leave = () => undefined;
    };
    try {
      this.#connection = connection;
      this.#to('refreshing');
      const session = new SyncSession(this.replica, connection, serverId, {
        upToDate: () => void (this.#inStepMs = Date.now()),
        refreshed: () => {
          leaveOnce();
          this.#anew = false;
          this.#retries.reset();
          this.#lastError = undefined;
          if (this.settings.persists) this.#to('following');
          log.info(`${this.#name}: refreshed`);
        },
      });
      await session.run(this.#anew);
    } finally {
      leaveOnce();
      this.#connection = undefined;
      connection.close();
    }
  }

  get #name(): string {
    return `syncrepl rid=${String(this.settings.rid).padStart(3, '0')} (${this.settings.url})`;
  }

  #noteProbe(csns: readonly string[]): void {
    if (this.#state === 'following' && csns.length > 0 && this.replica.context.coversAll(CsnSet.of(csns))) {
      this.#inStepMs = Date.now();
    }
  }

  #to(state: ReplicaLinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = new Date();
  }

  async #pause(seconds: number): Promise<void> {
    const { signal } = this.#stop;
    if (seconds === 0 || signal.aborted) return void (await new Promise((resolve) => setImmediate(resolve)));
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(seconds * 1_000, 0x7fffffff));
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
