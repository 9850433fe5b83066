/**
 * Questions about names in normalised form (`DN.normalized`) that need no parsing. There, a comma inside a value is
 * always written `\2C`, so every `,` separates two RDNs.
 */

/** The parent's normalised name: `''` above a one-RDN name, undefined above `''`. */
export function ndnParent(ndn: string): string | undefined {
  if (ndn === '') return undefined;
  const comma = ndn.indexOf(',');
  return comma < 0 ? '' : ndn.slice(comma + 1);
}

/** The normalised first RDN; `''` of `''`. */
export function ndnRdn(ndn: string): string {
  const comma = ndn.indexOf(',');
  return comma < 0 ? ndn : ndn.slice(0, comma);
}

/** Is the name `ancestor` itself or below it? */
export function ndnIsWithin(ndn: string, ancestor: string): boolean {
  if (ancestor === '' || ndn === ancestor) return true;
  return ndn.endsWith(ancestor) && ndn[ndn.length - ancestor.length - 1] === ',';
}

/** Is the name below `ancestor`, at any depth? */
export function ndnIsBelow(ndn: string, ancestor: string): boolean {
  return ndn.length > ancestor.length && ndnIsWithin(ndn, ancestor);
}

/** How many RDNs the name has. */
export function ndnDepth(ndn: string): number {
  if (ndn === '') return 0;
  let depth = 1;
  for (let comma = ndn.indexOf(','); comma >= 0; comma = ndn.indexOf(',', comma + 1)) depth++;
  return depth;
}

/** The name `steps` levels up: 0 is the name itself; undefined above `''`. */
export function ndnAncestor(ndn: string, steps: number): string | undefined {
  let name: string | undefined = ndn;
  for (; steps > 0 && name !== undefined; steps--) name = ndnParent(name);
  return name;
}

/** The name after its ancestor `from` became `to`. `ndn` must be within `from`. */
export function ndnMoved(ndn: string, from: string, to: string): string {
  if (!ndnIsWithin(ndn, from)) throw new RangeError(`${ndn} is not within ${from}`);
  if (ndn === from) return to;
  const below = from === '' ? ndn : ndn.slice(0, -from.length - 1);
  return to === '' ? below : `${below},${to}`;
}
