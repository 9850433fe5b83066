/** How a database belongs to a cluster, as its line `cluster` says. */

export interface ClusterSettings {
  readonly engine: 'etcd';
  /** Origins: `https://host:2379`. */
  readonly endpoints: readonly string[];
  /** What all keys of this cluster begin with. */
  readonly prefix: string;
  /** This node's name in the cluster. */
  readonly node: string;
  readonly certificateFile: string | undefined;
  readonly certificateKeyFile: string | undefined;
  readonly caCertificateFile: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds that a write may take. */
  readonly timeoutMs: number;
  /** Entries that the log keeps for nodes that are away. */
  readonly logEntries: number;
}
