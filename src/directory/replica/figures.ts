/** What a replica tells of itself, for the status, the metrics and cn=Monitor. */

/** `resting`: until the next `interval`; `waiting`: after a failure; `stopped`: there is no further attempt. */
export type ReplicaLinkState = 'connecting' | 'refreshing' | 'following' | 'resting' | 'waiting' | 'stopped';

export interface ReplicaLinkFigures {
  readonly rid: number;
  /** Its URL. */
  readonly provider: string;
  readonly state: ReplicaLinkState;
  /** Of the state. */
  readonly since: Date;
  /** Why the latest session failed; undefined where it did not. */
  readonly lastError: string | undefined;
  /** Changes that have come and are not applied yet. */
  readonly waitingChanges: number;
  /** Entries written since the start. */
  readonly changes: number;
  /** Seconds since it was last known to have everything; 0 while it follows. Undefined: it never had. */
  readonly lagSeconds: number | undefined;
}

export interface ReplicaFigures {
  /** contextCSN: what the database holds. */
  readonly position: readonly string[];
  /** Of the link that is best off. */
  readonly lagSeconds: number | undefined;
  readonly links: readonly ReplicaLinkFigures[];
}
