/**
 * Finds the entry with a given DN, or the nearest one above it. All ancestors of an entry exist, up to the suffix, so a
 * binary search finds the place: a DN of 2,000 RDNs, which anyone may send, costs a dozen lookups rather than 2,000.
 */
import type { EntryRecord } from '../entry/record.js';
import type { EntryReader } from '../store/model.js';

/** `suffixLength`: of the suffix that the name is within. Undefined where not even the suffix has an entry. */
export function nearestEntry(
  reader: Pick<EntryReader, 'idOf' | 'entryByNdn'>,
  ndn: string,
  suffixLength: number,
): EntryRecord | undefined {
  const own = reader.entryByNdn(ndn);
  if (own) return own;
  const parents = parentStarts(ndn, suffixLength);
  if (parents.length === 0) return undefined;
  const parent = reader.entryByNdn(ndn.slice(parents[0]));
  if (parent) return parent;
  const exists = (index: number): boolean => reader.idOf(ndn.slice(parents[index])) !== undefined;
  let missing = 0;
  let present = parents.length - 1;
  if (!exists(present)) return undefined;
  while (present - missing > 1) {
    const middle = (missing + present) >>> 1;
    if (exists(middle)) present = middle;
    else missing = middle;
  }
  return reader.entryByNdn(ndn.slice(parents[present]));
}

/** Where the names above this one begin in it, the nearest first, the suffix last; of the suffix "" there is no entry. */
function parentStarts(ndn: string, suffixLength: number): number[] {
  const last = suffixLength === 0 ? ndn.length - 1 : ndn.length - suffixLength;
  const starts: number[] = [];
  for (let comma = ndn.indexOf(','); comma >= 0 && comma < last; comma = ndn.indexOf(',', comma + 1)) starts.push(comma + 1);
  return starts;
}
