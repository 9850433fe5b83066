/**
 * Prepares text for matching (RFC 4518, as slapd does it): folds case character by character, applies NFKC, removes
 * spaces at the ends and collapses runs of spaces. slapd maps and prohibits nothing else.
 */
import { isAscii, isUtf8 } from 'node:buffer';

export type PreparedPart = 'whole' | 'initial' | 'any' | 'final';

/** Where blanks at an end of the text stay: a part of a value may begin or end in the middle of it. */
const keepsLeading: Readonly<Record<PreparedPart, boolean>> = { whole: false, initial: false, any: true, final: true };
const keepsTrailing: Readonly<Record<PreparedPart, boolean>> = { whole: false, initial: true, any: true, final: false };

const nonAscii = /[^\0-\x7f]/;
const superfluousBlanks = /^ | $| {2}/;

/**
 * How many combining marks may follow each other. Composing sorts them, which takes quadratic time: a request full of
 * them would stop the server for minutes. No script needs more than a few.
 */
const marksInARowMax = 256;
/** Halfwidth voiced sound marks are letters that decompose to marks. */
const marks = /[\p{M}\uff9e\uff9f]+/gu;

/**
 * Ligatures that composing spells out, in up to 18 characters each: a request full of them would take, and keep, that
 * much more. Texts have one now and then.
 */
const ligaturesMax = 256;

/** Decodes UTF-8; undefined where the bytes are not UTF-8, or not text that can be composed. */
export function decodeUtf8(value: Buffer): string | undefined {
  if (isAscii(value)) return value.toString('latin1');
  if (!isUtf8(value)) return undefined;
  const text = value.toString('utf8');
  if (text.length > ligaturesMax && ligatureCount(text) > ligaturesMax) return undefined;
  for (const [run] of text.matchAll(marks)) if (run.length > marksInARowMax) return undefined;
  return text;
}

/** Of U+FDFA and U+FDFB. */
function ligatureCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfffe) === 0xfdfa) count++;
  return count;
}

/**
 * Simple case folding of letters: one character for one, whatever follows (no final sigma, no expansions). What looks
 * like a letter but is a number or symbol (Roman numerals, circled letters) keeps its case.
 */
function foldCase(text: string): string {
  if (!nonAscii.test(text)) return text.toLowerCase();
  return text.replace(/[\p{Lu}\p{Lt}]/gu, (letter) => String.fromCodePoint(letter.toLowerCase().codePointAt(0)!));
}

/** Folds where asked and composes: what is compared, but for blanks. */
export function foldText(text: string, caseIgnored: boolean): string {
  const folded = caseIgnored ? foldCase(text) : text;
  return nonAscii.test(folded) ? folded.normalize('NFKC') : folded;
}

/**
 * Insignificant blanks of Directory Strings. A whole value or an initial part that is all blanks counts as one blank;
 * a final part that is all blanks is empty and so always there.
 */
export function squeezeText(text: string, part: PreparedPart): string {
  if (!superfluousBlanks.test(text)) return text;
  let squeezed = text.replace(/ {2,}/g, ' ');
  if (!keepsLeading[part] && squeezed.startsWith(' ')) squeezed = squeezed.slice(1);
  if (squeezed === '') return ' ';
  if (!keepsTrailing[part] && squeezed.endsWith(' ')) squeezed = squeezed.slice(0, -1);
  return squeezed;
}

/** IA5 text: case and blanks as in Directory Strings, but parts are trimmed like whole values and may end up empty. */
export function prepareIa5(text: string, caseIgnored: boolean): string {
  const folded = caseIgnored ? text.toLowerCase() : text;
  return superfluousBlanks.test(folded) ? folded.replace(/ {2,}/g, ' ').replace(/^ | $/g, '') : folded;
}

/** Text without the characters of `ignored`; one blank where nothing is left. */
export function withoutCharacters(text: string, ignored: RegExp): string {
  return text.replace(ignored, '') || ' ';
}

/** Orders text as its UTF-8 bytes would be ordered. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    // In UTF-16 surrogates sort before U+E000; in UTF-8 the characters they stand for sort after everything else.
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
