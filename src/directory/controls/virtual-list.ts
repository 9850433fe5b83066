/**
 * Virtual list view (draft-ietf-ldapext-ldapv3-vlv): one part of a sorted list, as an address book shows it. Each request sorts anew and
 * finds its part, so that nothing is kept between two of them.
 */
import type { Control, ResponseControl } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { virtualListViewResponse } from '../../protocol/response-controls.js';
import type { SortPlan, SortPosition } from './sort.js';

export type VirtualListRequest = Extract<Control, { type: 'virtualListView' }>;

/** As libldap calls and slapd sends them. */
const sortControlMissing = 76;
const offsetRangeError = 77;

/** What is sent of the list, from one index to before another, and what is told of it. */
export interface VirtualListPart {
  readonly from: number;
  readonly to: number;
  readonly control: ResponseControl;
}

/** Why there is no such part. A control that is not critical fails no search: the whole list is sent. */
export class VirtualListError extends LdapError {
  constructor(
    readonly control: ResponseControl,
    diagnostic: string,
  ) {
    super(ResultCode.virtualListViewError, diagnostic);
  }
}

export function withoutSort(): VirtualListError {
  return new VirtualListError(virtualListViewResponse(0, 0, sortControlMissing), 'Sort control is required with VLV');
}

/** Throws VirtualListError. */
export function partOfList(
  { before, after, ...target }: VirtualListRequest,
  plan: SortPlan,
  sorted: readonly SortPosition[],
): VirtualListPart {
  const count = sorted.length;
  const at = target.by === 'offset' ? byOffset(target, count) : byValue(target.value, plan, sorted);
  return {
    from: Math.max(0, at - 1 - before),
    to: Math.min(count, at + after),
    control: virtualListViewResponse(at, count, ResultCode.success),
  };
}

/** The place in the list, from 1 on. Where the client thinks the list longer or shorter than it is, its part counts. */
function byOffset({ offset, count: assumed }: { readonly offset: number; readonly count: number }, count: number): number {
  if (offset === assumed) return count;
  if (offset === 1) return 1;
  const isGuess = assumed > 0 && assumed !== count;
  if (offset > (isGuess ? assumed : count)) {
    throw new VirtualListError(virtualListViewResponse(0, count, offsetRangeError), 'offset is beyond the end of the list');
  }
  return Math.max(1, isGuess ? Math.floor((count * offset) / assumed) : offset);
}

/** The first place whose first key is not before the value; behind the last one where there is none. */
function byValue(value: Buffer, plan: SortPlan, sorted: readonly SortPosition[]): number {
  const key = plan.firstKeyOf(value);
  if (key === undefined) {
    const control = virtualListViewResponse(0, sorted.length, ResultCode.inappropriateMatching);
    throw new VirtualListError(control, 'the value does not fit the sort key');
  }
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (plan.isBeforeFirstKey(sorted[middle]!, key)) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}
