/** Marks entries that searches treat specially (referrals, aliases, subentries), once, when the record is made. */
import { RecordFlag } from '../../entry/record.js';
import type { ObjectClass, Schema } from '../../ldap/schema.js';
import { wellKnownOf } from './schema-check.js';

/** For the lists that `objectClassesOf` hands out again and again. */
const flagsOfLists = new WeakMap<readonly ObjectClass[], number>();

/** A sum of RecordFlag. */
export function recordFlags(classes: readonly ObjectClass[], schema: Schema): number {
  let flags = flagsOfLists.get(classes);
  if (flags === undefined) flagsOfLists.set(classes, (flags = flagsFor(classes, schema)));
  return flags;
}

function flagsFor(classes: readonly ObjectClass[], schema: Schema): number {
  const known = wellKnownOf(schema);
  return (
    (known.isReferral(classes) ? RecordFlag.referral : 0) |
    (known.isAlias(classes) ? RecordFlag.alias : 0) |
    (known.isSubentry(classes) ? RecordFlag.subentry : 0) |
    (known.isGlue(classes) ? RecordFlag.glue : 0)
  );
}
