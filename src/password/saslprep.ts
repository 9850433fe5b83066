/**
 * SASLprep (RFC 4013): passwords that look the same are the same to SCRAM, however they were typed. Characters that Unicode 3.2
 * does not have are prohibited, as RFC 5802 asks for stored strings.
 */
import {
  leftToRight,
  mappedToNothing,
  mappedToSpace,
  prohibited,
  rightToLeft,
  unassigned,
  type CharacterTable,
} from './saslprep-tables.js';

/**
 * Longer passwords are taken as they are. Composing sorts combining marks in quadratic time, and some characters become 18: a
 * request full of either would hold the server up.
 */
export const preparedBytesMax = 1_024;

/** Undefined where the text cannot be prepared: it has a prohibited character, or mixes directions of writing. */
export function saslPrep(text: string): string | undefined {
  // Before composing, which knows the characters of a later Unicode and may make others of them.
  if (codePointsOf(text).some(unassigned)) return undefined;
  const mapped = Array.from(text, mapCharacter).join('').normalize('NFKC');
  const codePoints = codePointsOf(mapped);
  if (codePoints.some((codePoint) => prohibited(codePoint) || unassigned(codePoint))) return undefined;
  return isBidirectionalSafe(codePoints) ? mapped : undefined;
}

function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

/** U+200B is in both tables; it is a space first, as in other implementations. */
function mapCharacter(character: string): string {
  const codePoint = character.codePointAt(0)!;
  if (mappedToSpace(codePoint)) return ' ';
  return mappedToNothing(codePoint) ? '' : character;
}

/** RFC 3454 section 6: text from right to left begins and ends so, and has no letters from left to right. */
function isBidirectionalSafe(codePoints: readonly number[]): boolean {
  const has = (isIn: CharacterTable): boolean => codePoints.some(isIn);
  if (!has(rightToLeft)) return true;
  return !has(leftToRight) && rightToLeft(codePoints[0]!) && rightToLeft(codePoints.at(-1)!);
}
