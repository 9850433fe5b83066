/**
 * Sync cookies as slapd writes them: `rid=001,sid=001,csn=20261123110000.123456Z#000000#001#000000;...`. The replica's
 * number comes from the replica and goes back to it. Nodes of a cluster ask each other for one more: `cluster=`.
 */
import { CsnSet } from './csn.js';

export interface SyncCookie {
  /** Three digits; undefined where the client gave none. */
  readonly rid: string | undefined;
  /** What the client has seen. */
  readonly seen: CsnSet;
  /** Could all of it be read? */
  readonly isWhole: boolean;
  /** Of a client: empty, where it wants to be told the place in the cluster's log. Of a server: that place. */
  readonly place: string | undefined;
}

export function parseSyncCookie(text: string): SyncCookie {
  let rid: string | undefined;
  let place: string | undefined;
  const csns: string[] = [];
  let isWhole = true;
  for (const part of text.split(',')) {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(part) ?? [];
    if (name === 'rid' && /^\d{3}$/.test(value)) rid = value;
    else if (name === 'cluster') place = value;
    else if (name === 'csn') csns.push(...value.split(';'));
    else if (name !== 'sid' && name !== 'delcsn' && part !== '') isWhole = false;
  }
  const seen = CsnSet.of(csns);
  return { rid, seen, isWhole: isWhole && seen.size === csns.length, place };
}

/** `serverId`: 0 where the server has none of its own. */
export function writeSyncCookie(rid: string | undefined, serverId: number, csns: readonly string[]): string {
  const parts: string[] = [];
  if (rid !== undefined) parts.push(`rid=${rid}`);
  if (serverId !== 0) parts.push(`sid=${serverId.toString(16).padStart(3, '0')}`);
  parts.push(`csn=${csns.join(';')}`);
  return parts.join(',');
}
