/**
 * Paged results (RFC 2696). A cookie is a random word that stands for the state this session keeps: nothing in it can be
 * forged, and it costs nothing to make. Pages follow entry ids, or the sort keys of a sorted search, so that writes in
 * between neither repeat nor lose entries.
 */
import { randomBytes } from 'node:crypto';
import type { SearchLimits } from '../../config/model.js';
import type { DN } from '../../dn/dn.js';
import type { Control, ResponseControl } from '../../ldap/control.js';
import type { SearchRequest } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { pagedResultsResponse } from '../../protocol/response-controls.js';
import { pagedSizeLimit } from '../search/search-limits.js';
import type { PagePosition, SessionContext } from '../session-context.js';

const cookieBytes = 16;

const start: PagePosition = Object.freeze({ keys: [], part: 0, id: 0 });

/** One page of a search. */
export interface Page {
  readonly size: number;
  /** Entries this page may return before the size limit of the whole search is reached. */
  readonly limit: number;
  /** Only entries after this one belong to this page. */
  readonly after: PagePosition;
  readonly resumed: boolean;
  /** The last entry sent; the search keeps it. */
  last: PagePosition;
  /** Entries sent on this page; the search keeps it. */
  sent: number;
  /** The response control; `done` when no page follows. */
  end(done: boolean): ResponseControl[];
}

/**
 * Throws 2 for a cookie that is not this session's last one, and 11 where limits forbid the page: as in slapd, whether or
 * not the control is critical, for the client would take what it gets for one page.
 */
export function beginPage(
  session: SessionContext,
  control: Extract<Control, { type: 'pagedResults' }>,
  request: SearchRequest,
  base: DN,
  limits: SearchLimits,
): Page {
  const former = session.paging;
  if (control.cookie.length === 0) session.paging = undefined;
  if (limits.pageTotal === 'disabled') {
    throw new LdapError(ResultCode.adminLimitExceeded, 'paged results are disabled here');
  }
  const resumed = control.cookie.length > 0;
  if (resumed && !(former && former.cookie.equals(control.cookie) && former.base === base.normalized)) {
    throw new LdapError(ResultCode.protocolError, 'paged results cookie is invalid');
  }
  if (control.size > limits.pageSize) throw new LdapError(ResultCode.adminLimitExceeded, 'page is too large');
  const before = resumed && former ? former.sent : 0;
  const after = resumed && former ? former.last : start;
  return {
    size: control.size,
    limit: Math.max(0, pagedSizeLimit(request.sizeLimit, limits) - before),
    after,
    resumed,
    last: after,
    sent: 0,
    end(done) {
      // A page of size 0 gives up a search that is under way, and begins one that is not.
      if (resumed) session.paging = undefined;
      if (resumed && control.size === 0) return [];
      const cookie = done && control.size > 0 ? Buffer.alloc(0) : randomBytes(cookieBytes);
      if (cookie.length > 0) {
        session.paging = { cookie, base: base.normalized, last: this.last, sent: before + this.sent };
      }
      return [pagedResultsResponse(cookie)];
    },
  };
}
