/**
 * Paged results (RFC 2696). A cookie is a random word that stands for the state this session keeps: nothing in it can be
 * forged, and it costs nothing to make. Pages follow entry ids, so writes in between neither repeat nor lose entries.
 */
import { randomBytes } from 'node:crypto';
import type { SearchLimits } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import type { Control, ResponseControl } from '../ldap/control.js';
import type { SearchRequest } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { pagedResultsResponse } from '../protocol/response-controls.js';
import { sizeLimit } from './limits.js';
import type { DirectorySession } from './session.js';

const cookieBytes = 16;

/** Where a session's paged search stands. */
export interface PagedSearch {
  readonly cookie: Buffer;
  readonly base: string;
  readonly lastId: number;
  /** Entries returned by all pages so far. */
  readonly sent: number;
}

/** One page of a search. */
export interface Page {
  readonly size: number;
  /** Entries this page may return before the size limit of the whole search is reached. */
  readonly limit: number;
  /** Only entries with a greater id belong to this page. */
  readonly afterId: number;
  /** The id of the last entry sent; the search keeps it. */
  lastId: number;
  /** Entries sent on this page; the search keeps it. */
  sent: number;
  /** The response control; `done` when no page follows. */
  end(done: boolean): ResponseControl[];
}

/** Throws 2 for a cookie that is not this session's last one, 11 or 53 where limits forbid the page. */
export function beginPage(
  session: DirectorySession,
  control: Extract<Control, { type: 'pagedResults' }>,
  request: SearchRequest,
  base: DN,
  limits: SearchLimits,
): Page {
  const former = session.paging;
  session.paging = undefined;
  if (limits.pageTotal === 'disabled') {
    if (control.critical) throw new LdapError(ResultCode.adminLimitExceeded, 'paged results are disabled here');
  }
  const resumed = control.cookie.length > 0;
  if (resumed && !(former && former.cookie.equals(control.cookie) && former.base === base.normalized)) {
    throw new LdapError(ResultCode.protocolError, 'paged results cookie is invalid');
  }
  if (control.size > limits.pageSize) throw new LdapError(ResultCode.adminLimitExceeded, 'page is too large');
  const before = resumed && former ? former.sent : 0;
  const afterId = resumed && former ? former.lastId : 0;
  const total = pagedTotal(request, limits);
  return {
    size: control.size,
    limit: Math.max(0, total - before),
    afterId,
    lastId: afterId,
    sent: 0,
    end(done) {
      // A page of size 0 ends a search that is under way, and begins one that is not.
      const last = control.size === 0 ? resumed : done;
      const cookie = last ? Buffer.alloc(0) : randomBytes(cookieBytes);
      if (cookie.length > 0) {
        session.paging = { cookie, base: base.normalized, lastId: this.lastId, sent: before + this.sent };
      }
      return [pagedResultsResponse(0, cookie)];
    },
  };
}

function pagedTotal(request: SearchRequest, limits: SearchLimits): number {
  const asked = sizeLimit(request.sizeLimit, limits);
  if (typeof limits.pageTotal !== 'number') return asked;
  return request.sizeLimit === 0 ? limits.pageTotal : Math.min(request.sizeLimit, limits.pageTotal);
}
