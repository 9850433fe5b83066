/** What a database's configuration says of its part in replication. */
import type { DatabaseConfig } from './model.js';
import { syncprovOf } from './overlays/settings.js';

/** Do replicas follow it, and are its changes its own? */
export function leadsReplicas({ overlays, syncrepls }: DatabaseConfig): boolean {
  return syncprovOf(overlays) !== undefined && syncrepls.length === 0;
}
