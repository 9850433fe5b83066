/** Which entries an LDAP URL in an overlay's line speaks of. */
import type { DN } from '../../dn/dn.js';
import type { Filter } from '../../ldap/filter.js';
import type { SearchScope } from '../../ldap/request.js';

export interface EntryRange {
  /** Undefined: the whole database. */
  readonly base: DN | undefined;
  readonly scope: SearchScope;
  /** Undefined: every entry. */
  readonly filter: Filter | undefined;
}
