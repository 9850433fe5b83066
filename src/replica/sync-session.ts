/**
 * One session with a provider (RFC 4533): it refreshes, and then follows if it is to persist. A refresh that is small
 * is applied as a whole; a large one in parts, as it comes.
 */
import { BerError } from '../ber/ber.js';
import type { Replica, ReplicaRefresh } from '../directory/replica/replica.js';
import { ReplicaIncomplete } from '../directory/replica/replica.js';
import type { ReplicaChange } from '../directory/replica/received.js';
import { parseFilter } from '../filter/text.js';
import { controlOids } from '../ldap/control.js';
import { ResultCode } from '../ldap/result.js';
import { writeSyncCookie } from '../ldap/sync-cookie.js';
import { syncOids, type SyncInfo } from '../ldap/sync.js';
import { decodeSyncDone, decodeSyncInfo, decodeSyncState, encodeSyncRequest } from '../protocol/sync-values.js';
import { ProviderError } from './errors.js';
import type { ProviderConnection } from './provider-connection.js';
import type { RequestControl } from './request-encoder.js';
import type { ProviderMessage, ProviderResponse, ProviderResult } from './response-decoder.js';

/** A refresh of no more than this is applied as a whole. */
const wholeMax = { changes: 20_000, bytes: 64 << 20 };
/** So much of a larger one is applied at once. */
const partMax = { changes: 1_000, bytes: 8 << 20 };
/** RFC 4533 e-syncRefreshRequired. */
const refreshRequired = 4_096;

/** The provider cannot go on from what is known: everything is needed. */
export class FullRefreshNeeded extends Error {
  override readonly name = 'FullRefreshNeeded';
}

export interface SessionEvents {
  /** The refresh is over, or changes were applied: nothing more was waiting. */
  upToDate(): void;
  refreshed(): void;
}

export class SyncSession {
  #refresh: ReplicaRefresh | undefined;
  #changes: ReplicaChange[] = [];
  #bytes = 0;
  #isLarge = false;
  #searchId = 0;

  constructor(
    private readonly replica: Replica,
    private readonly connection: ProviderConnection,
    private readonly serverId: number,
    private readonly events: SessionEvents,
  ) {}

  /**
   * Resolves when a search that does not persist is done. Rejects with FullRefreshNeeded, ProviderError, UnstorableEntry,
   * the store's errors or ReplicaStopped. `anew`: nothing that is here is told the provider.
   */
  async run(anew: boolean): Promise<void> {
    const { replica, connection } = this;
    const { settings, context } = replica;
    const isFirst = anew || context.size === 0;
    this.#refresh = replica.refresh(isFirst);
    const search = {
      base: settings.base.toString(),
      scope: settings.scope,
      filter: parseFilter(settings.filter),
      sizeLimit: settings.sizeLimit,
      timeLimit: settings.timeLimit,
      attributes: settings.attributes.length > 0 ? settings.attributes : ['*', '+'],
    };
    this.#searchId = connection.search(search, this.#controls(isFirst ? [] : context.values()));
    try {
      for (;;) {
        const message = await connection.next();
        if (message.messageId !== this.#searchId) continue;
        if (await this.#take(message)) return;
        if (connection.waiting === 0 || this.#isFull()) await this.#flush();
      }
    } catch (error) {
      if (error instanceof ReplicaIncomplete) throw new FullRefreshNeeded(error.message, { cause: error });
      if (error instanceof BerError) {
        throw new ProviderError(`the provider's message cannot be read: ${error.message}`, undefined, { cause: error });
      }
      throw error;
    }
  }

  #controls(known: readonly string[]): readonly RequestControl[] {
    const { rid, persists } = this.replica.settings;
    const ridText = String(rid).padStart(3, '0');
    const cookie = known.length > 0 ? writeSyncCookie(ridText, this.serverId, known) : `rid=${ridText}`;
    const mode = persists ? ('refreshAndPersist' as const) : ('refreshOnly' as const);
    return [
      {
        oid: syncOids.request,
        critical: false,
        value: encodeSyncRequest({ mode, cookie: Buffer.from(cookie), reloadHint: true }),
      },
      { oid: controlOids.manageDsaIT, critical: true, value: undefined },
    ];
  }

  /** True at the end of the search. */
  async #take({ response, controls }: ProviderMessage): Promise<boolean> {
    switch (response.kind) {
      case 'entry':
        this.#takeEntry(response, controls.find(({ oid }) => oid === syncOids.state)?.value);
        return false;
      case 'intermediate':
        if (response.name === syncOids.info && response.value) await this.#takeInfo(decodeSyncInfo(response.value));
        return false;
      case 'search': {
        if (response.code !== ResultCode.success) throw this.#failed(response);
        const value = controls.find(({ oid }) => oid === syncOids.done)?.value;
        if (!value) throw new ProviderError('the provider ignores the Sync Request control: it lacks "overlay syncprov"');
        const { cookie, refreshDeletes } = decodeSyncDone(value);
        // One that persists has told its refresh's end before.
        if (this.#refresh) await this.#endRefresh({ removesAbsent: !refreshDeletes, cookie: cookie?.toString() });
        if (this.replica.settings.persists) throw new ProviderError('the provider has ended the search');
        return true;
      }
      default:
        return false;
    }
  }

  #failed({ code, diagnostic }: ProviderResult): Error {
    const text = `search: result ${code}${diagnostic === '' ? '' : ` (${diagnostic})`}`;
    const isAhead = code === ResultCode.unwillingToPerform && /newer than provider/i.test(diagnostic);
    if (code === refreshRequired || isAhead) return new FullRefreshNeeded(text);
    return new ProviderError(text, code);
  }

  #takeEntry({ name, attributes }: ProviderResponse & { kind: 'entry' }, value: Buffer | undefined): void {
    if (!value) throw new ProviderError('the provider ignores the Sync Request control: it lacks "overlay syncprov"');
    const { state, entryUuid, cookie } = decodeSyncState(value);
    const told = cookie?.toString();
    if (state === 'present') {
      this.#changes.push({ kind: 'present', uuids: [entryUuid] });
      if (told !== undefined) this.#changes.push({ kind: 'cookie', cookie: told });
    } else if (state === 'delete') this.#changes.push({ kind: 'delete', uuids: [entryUuid], cookie: told });
    else this.#changes.push({ kind: 'entry', uuid: entryUuid, name, attributes, cookie: told });
    for (const { values } of attributes) for (const each of values) this.#bytes += each.length;
    this.#bytes += name.length;
  }

  async #takeInfo(info: SyncInfo): Promise<void> {
    const cookie = info.cookie?.toString();
    switch (info.kind) {
      case 'newCookie':
        this.#changes.push({ kind: 'cookie', cookie: info.cookie.toString() });
        return;
      case 'syncIdSet':
        // slapd's cookie here says what the replica has told, not what it has been told.
        if (info.refreshDeletes) this.#changes.push({ kind: 'delete', uuids: info.entryUuids, cookie: undefined });
        else this.#changes.push({ kind: 'present', uuids: info.entryUuids });
        this.#bytes += info.entryUuids.length * 16;
        return;
      case 'refreshPresent':
      case 'refreshDelete': {
        if (!this.#refresh) return;
        const end = { removesAbsent: info.kind === 'refreshPresent', cookie };
        if (info.refreshDone) await this.#endRefresh(end);
        else if (end.removesAbsent) await this.#endPhase(end);
        return;
      }
    }
  }

  /** What was not spoken of is gone; more is going to be told. */
  async #endPhase(end: { removesAbsent: boolean; cookie: string | undefined }): Promise<void> {
    const { changes } = this.#drain();
    await this.#refresh!.apply(changes, end);
  }

  async #endRefresh(end: { removesAbsent: boolean; cookie: string | undefined }): Promise<void> {
    await this.#endPhase(end);
    this.#refresh = undefined;
    this.events.refreshed();
    this.events.upToDate();
  }

  #isFull(): boolean {
    const { changes, bytes } = this.#isLarge ? partMax : wholeMax;
    return this.#changes.length >= changes || this.#bytes >= bytes;
  }

  #drain(): { readonly changes: readonly ReplicaChange[] } {
    const changes = this.#changes;
    this.#changes = [];
    this.#bytes = 0;
    return { changes };
  }

  /** A refresh waits for its end as long as it is small. */
  async #flush(): Promise<void> {
    if (this.#refresh && !this.#isFull()) return;
    if (this.#refresh) this.#isLarge = true;
    const { changes } = this.#drain();
    if (changes.length === 0) return;
    if (this.#refresh) return this.#refresh.apply(changes);
    await this.replica.follow(changes);
    if (this.connection.waiting === 0) this.events.upToDate();
  }
}
