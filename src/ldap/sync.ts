/** Content synchronisation (RFC 4533): what its controls and messages say, whoever sends them. */

export const syncOids = {
  /** Sync Request control. */
  request: '1.3.6.1.4.1.4203.1.9.1.1',
  /** Sync State control. */
  state: '1.3.6.1.4.1.4203.1.9.1.2',
  /** Sync Done control. */
  done: '1.3.6.1.4.1.4203.1.9.1.3',
  /** Sync Info message, an intermediate response. */
  info: '1.3.6.1.4.1.4203.1.9.1.4',
} as const;

export type SyncMode = 'refreshOnly' | 'refreshAndPersist';

export interface SyncRequest {
  readonly mode: SyncMode;
  readonly cookie: Buffer | undefined;
  readonly reloadHint: boolean;
}

export type SyncEntryState = 'present' | 'add' | 'modify' | 'delete';

export interface SyncState {
  readonly state: SyncEntryState;
  /** The 16 octets of an entryUUID. */
  readonly entryUuid: Buffer;
  readonly cookie: Buffer | undefined;
}

export interface SyncDone {
  readonly cookie: Buffer | undefined;
  readonly refreshDeletes: boolean;
}

export type SyncInfo =
  | { readonly kind: 'newCookie'; readonly cookie: Buffer }
  /** The refresh, or a phase of it, is over: `refreshDelete` told what is gone, `refreshPresent` what is still there. */
  | { readonly kind: 'refreshDelete' | 'refreshPresent'; readonly cookie: Buffer | undefined; readonly refreshDone: boolean }
  | {
      readonly kind: 'syncIdSet';
      readonly cookie: Buffer | undefined;
      /** Entries of these UUIDs are gone; else they are present and unchanged. */
      readonly refreshDeletes: boolean;
      readonly entryUuids: readonly Buffer[];
    };
