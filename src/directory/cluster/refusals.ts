/** Why a node takes no write: for its clients, who are told nothing of endpoints, and for its operator. */
import type { EngineError } from '../../cluster/errors.js';
import type { Position } from '../../cluster/position.js';
import { StoreRefusedError } from '../../store/errors.js';
import { describeDisagreement } from './agreement.js';

/** What a client is told whose write etcd did not take. */
export function refusalOf({ mayHaveHappened, kind, message }: EngineError): StoreRefusedError {
  if (mayHaveHappened) {
    return new StoreRefusedError(
      'unavailable',
      'the cluster did not confirm the change in time: it may have been made; look before you make it again',
    );
  }
  if (kind === 'transient') return unreachable();
  if (kind === 'full') return full();
  return /too large/.test(message)
    ? new StoreRefusedError('refused', 'the change is too large for the cluster; nothing was changed')
    : new StoreRefusedError('unavailable', 'the cluster takes no changes now; nothing was changed');
}

export function unreachable(): StoreRefusedError {
  return new StoreRefusedError('unavailable', 'the cluster cannot be reached or has no majority now; nothing was changed');
}

export function full(): StoreRefusedError {
  return new StoreRefusedError('unavailable', 'the cluster has no room for changes now; nothing was changed');
}

/** Why what is applied at a node is no part of what the cluster has; undefined where it is. */
export function disagreement(
  at: Position,
  head: Position | undefined,
  meta: string | undefined,
  ours: string,
): string | undefined {
  if (!head || meta === undefined) {
    return 'there is no cluster below the prefix any more: etcd has lost its data, or the prefix is another one';
  }
  if (meta !== ours) return describeDisagreement(meta, ours);
  if (head.index < at.index) {
    return `the log ends at entry ${head.index}, and this node has entry ${at.index}: etcd has lost what it had confirmed`;
  }
  if (head.index === at.index && !head.hash.equals(at.hash)) return 'the log has another history than this node';
  return undefined;
}
