/** Reads the figures behind the metrics in one go: the server's, its databases', and what both share. */
import type { Directory } from '../directory/directory.js';
import { databaseFigures, type DatabaseFigures } from '../directory/figures.js';
import { slowHashFigures } from '../password/password.js';
import type { ServerFigures } from '../server/model.js';
import type { AuditFigures } from './audit-log.js';

export interface Figures {
  readonly server: ServerFigures;
  readonly connectionsLimit: number;
  readonly longSearches: { readonly working: number; readonly waiting: number };
  readonly slowHashes: ReturnType<typeof slowHashFigures>;
  readonly databases: readonly DatabaseFigures[];
}

export interface Sources {
  /** Undefined until the server is there. */
  readonly figures: Figures | undefined;
  /** Undefined if no audit log is kept. */
  readonly audit: AuditFigures | undefined;
}

export function readFigures(server: ServerFigures, directory: Directory): Figures {
  const { working, count } = directory.longSearches;
  return {
    server,
    connectionsLimit: directory.config.limits.connections,
    longSearches: { working, waiting: count - working },
    slowHashes: slowHashFigures(),
    databases: directory.databases.map(databaseFigures),
  };
}
