/** Values that name entries, for overlays that keep them up to date. */
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import { endOfNumber, withoutNumber } from '../../ldap/ordered-values.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { valueKey } from '../operations/attribute-values.js';

/** In one pass: users may write such values by the thousand. Undefined where none names something below `from`. */
export function movedBelow(
  description: AttributeDescription,
  values: readonly Buffer[],
  from: DN,
  move: (name: Buffer) => DN,
): Buffer[] | undefined {
  const keys = values.map((value) => valueKey(description, value));
  const isBelow = keys.map((key) => ndnIsWithin(key, from.normalized));
  if (!isBelow.includes(true)) return undefined;
  const moved = (value: Buffer): DN => move(withoutNumber(value));
  if (description.type.orderedValues) return values.map((value, at) => (isBelow[at] ? renumbered(value, moved(value)) : value));
  const others = values.filter((_, at) => !isBelow[at]);
  const seen = new Set(keys.filter((_, at) => !isBelow[at]));
  const newNames = values.flatMap((value, at) => {
    if (!isBelow[at]) return [];
    const name = Buffer.from(moved(value).toString());
    return seen.size === seen.add(valueKey(description, name)).size ? [] : [name];
  });
  return [...others, ...newNames];
}

/** With the number that `value` has, and so in its place. */
export function renumbered(value: Buffer, name: DN): Buffer {
  return Buffer.concat([value.subarray(0, endOfNumber(value, 0, value.length)), Buffer.from(name.toString())]);
}
