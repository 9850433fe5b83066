/** How a store is opened. */
import type { IndexPolicy } from '../ldap/index-policy.js';
import type { Schema } from '../ldap/schema.js';
import type { CacheSizes } from './committed.js';
import type { RebuildOptions } from './index/rebuild.js';
import type { DatabaseOptions } from './level/database.js';
import type { ChangeLogLimits } from './log/change-log.js';
import type { Journal } from './journal.js';
import type { MemoryBudget } from './memory/budget.js';
import type { WriteLimits } from './writer.js';

export interface StoreOptions {
  /** The database's folder, created if it does not exist; `:memory:`: a temporary one, removed by `close`. */
  readonly location: string;
  readonly schema: Schema;
  /** The configured index policy. */
  readonly indexes: readonly IndexPolicy[];
  readonly cacheSizes?: Partial<CacheSizes>;
  /** What may be kept in memory, shared with other stores; by itself each has the default. */
  readonly memory?: MemoryBudget;
  /** Read names, equality terms and records into memory in the background, as a server wants. */
  readonly fillMemory?: boolean;
  readonly database?: Partial<DatabaseOptions>;
  readonly writeLimits?: Partial<WriteLimits>;
  /** Databases of at most this many entries get missing indexes built when they are opened. */
  readonly autoIndexEntriesMax?: number;
  /** What to do with an import that was cut off: refuse to open (the default), or delete what it added. */
  readonly interruptedLoad?: 'refuse' | 'discard';
  /** Keep a change log, within these limits. */
  readonly changeLog?: ChangeLogLimits | undefined;
  /** Where the order of writes is decided outside: their journal. */
  readonly journal?: Journal | undefined;
  /** How building indexes at open comes along. */
  readonly rebuild?: RebuildOptions;
  /** Told, in a line each, of damaged parts of files that were found because the database was not closed in order. */
  readonly onDamagedFile?: (description: string) => void;
}
