/**
 * Substring terms: every three neighbouring chars of a value, its start and end counted as a char each, so that
 * `initial` and `final` parts of two chars already find something.
 */

const start = '\u0002';
const end = '\u0003';
const gramChars = 3;
/** A long assertion is narrowed down enough by its first grams. */
const assertionGramsMax = 32;

/** Is every char one UTF-16 unit, so that slicing cannot tear one apart? */
const basicOnly = /^[^\ud800-\udfff]*$/;

function windows(text: string, each: (gram: string) => void): void {
  if (basicOnly.test(text)) {
    for (let at = 0; at + gramChars <= text.length; at++) each(text.slice(at, at + gramChars));
    return;
  }
  const chars = Array.from(text);
  for (let at = 0; at + gramChars <= chars.length; at++) each(chars.slice(at, at + gramChars).join(''));
}

/** The grams of a stored value, some perhaps more than once. */
export function valueGrams(normalized: string, each: (gram: string) => void): void {
  windows(start + normalized + end, each);
}

const asciiBits = 7;
/** How many grams have numbers: all those below this one. */
export const packedGramsCount = 2 ** (asciiBits * gramChars);
const packedMask = packedGramsCount - 1;

/**
 * The same grams as numbers, for those who gather very many; see `unpackGram`. False where the value is not ASCII, so
 * that not all of its grams have numbers: `each` was not called then.
 */
export function packedGrams(normalized: string, each: (gram: number) => void): boolean {
  const { length } = normalized;
  for (let at = 0; at < length; at++) if (normalized.charCodeAt(at) > 0x7f) return false;
  if (length === 0) return true;
  let gram = (start.charCodeAt(0) << asciiBits) | normalized.charCodeAt(0);
  for (let at = 1; at < length; at++) {
    gram = ((gram << asciiBits) | normalized.charCodeAt(at)) & packedMask;
    each(gram);
  }
  each(((gram << asciiBits) | end.charCodeAt(0)) & packedMask);
  return true;
}

/** One gram as that number; undefined if it is not ASCII. */
export function packGram(gram: string): number | undefined {
  let packed = 0;
  for (let at = 0; at < gramChars; at++) {
    const code = gram.charCodeAt(at);
    if (code > 0x7f) return undefined;
    packed = (packed << asciiBits) | code;
  }
  return packed;
}

/** The gram that `packedGrams` and `packGram` make a number of. */
export function unpackGram(gram: number): string {
  return String.fromCharCode(gram >>> (2 * asciiBits), (gram >>> asciiBits) & 0x7f, gram & 0x7f);
}

/** Grams that every value satisfying the assertion has; none where its parts are too short. */
export function assertionGrams(parts: {
  initial: string | undefined;
  any: readonly string[];
  final: string | undefined;
}): Set<string> {
  const grams = new Set<string>();
  const take = (gram: string): void => {
    if (grams.size < assertionGramsMax) grams.add(gram);
  };
  if (parts.initial !== undefined) windows(start + parts.initial, take);
  if (parts.final !== undefined) windows(parts.final + end, take);
  for (const part of parts.any) windows(part, take);
  return grams;
}
