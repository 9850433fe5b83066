/** Freezes a value of plain objects and arrays all the way down. */

/**
 * Instances of classes (DN, Buffer, Set) are left alone, as are `shared` objects (the schema's, which others also hold).
 */
export function deepFreeze<Value extends object>(value: Value, shared: Iterable<object>): Value {
  const open: object[] = [value];
  const seen = new Set<object>(shared);
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (!isPlain(next)) continue;
    Object.freeze(next);
    for (const inner of Object.values(next) as unknown[]) {
      if (typeof inner === 'object' && inner !== null) open.push(inner);
    }
  }
  return value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
