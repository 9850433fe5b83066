/** Which kind of entry searches must treat apart: worked out once, when the record is made. */
import { RecordFlag } from '../entry/record.js';
import type { ObjectClass, Schema } from '../schema/model.js';
import { wellKnownOf } from './schema-check.js';

/** A sum of RecordFlag. */
export function recordFlags(classes: readonly ObjectClass[], schema: Schema): number {
  const known = wellKnownOf(schema);
  return (
    (known.isReferral(classes) ? RecordFlag.referral : 0) |
    (known.isAlias(classes) ? RecordFlag.alias : 0) |
    (known.isSubentry(classes) ? RecordFlag.subentry : 0)
  );
}
