/** How a node of a cluster is doing, for the status and the metrics. */

/**
 * `joining`: it has not found its place in the log yet. `following`: all is well. `unreachable`: etcd does not answer, or has
 * no majority. `full`: etcd's quota is used up. `stopped`: this node's database and the log do not belong together as they
 * are; somebody must look into it.
 */
export type NodeState = 'joining' | 'following' | 'unreachable' | 'full' | 'stopped';

/** For the status and the metrics. */
export interface ClusterFigures {
  readonly node: string;
  readonly state: NodeState;
  /** Why it is not following; empty where it is. */
  readonly reason: string;
  /** The member of etcd that is asked. */
  readonly endpoint: string;
  readonly engineVersion: string;
  /** The id of etcd's leader; empty where it is not known. */
  readonly leader: string;
  readonly engineBytes: number;
  /** The log's last entry that is applied here, and the last that there is, as far as is known. */
  readonly applied: number;
  readonly head: number;
  readonly lag: number;
  readonly lastError: string;
  readonly appended: number;
  readonly conflicts: number;
  readonly foreignEntries: number;
}
