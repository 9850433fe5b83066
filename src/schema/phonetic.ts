/**
 * Approximate matching (`~=`): compares words by sound, with the Metaphone variant that slapd is built with and its
 * quirks: B counts only at the end of a word, and a code has at most four letters.
 */
import { decodeUtf8 } from './prepare.js';

const codeLettersMax = 4;
const wordLettersMax = 31;

const vowels = 'AEIOU';
const spelledAsHeard = 'FJLMNR';
const frontVowels = 'EIY';
const silencesFollowingH = 'CGPST';
const voicesPrecedingGh = 'BDH';

function isOneOf(letters: string, letter: string): boolean {
  return letter !== '' && letters.includes(letter);
}

/** The letters at the start of `word` in upper case; a word ends at anything that is not an ASCII letter. */
function leadingLetters(word: string): string {
  return /^[A-Za-z]*/.exec(word)![0].slice(0, wordLettersMax).toUpperCase();
}

/** The word with silent letters at its start marked by blanks, and where the first heard letter is. */
function withoutSilentStart(letters: string): { text: string; start: number } {
  const pair = letters.slice(0, 2);
  if (pair === 'PN' || pair === 'KN' || pair === 'GN' || pair === 'AE' || pair === 'WR') {
    return { text: ` ${letters.slice(1)}`, start: 1 };
  }
  if (pair === 'WH') return { text: ` W${letters.slice(2)}`, start: 1 };
  if (letters.startsWith('X')) return { text: `S${letters.slice(1)}`, start: 0 };
  return { text: letters, start: 0 };
}

/** The sound of the word that `word` starts with; empty where it starts with no letter. */
export function soundOf(word: string): string {
  const letters = leadingLetters(word);
  if (letters === '') return '';
  const { text, start } = withoutSilentStart(letters);
  /** The letter at `offset` from `index`; empty outside the word and for a silent start. */
  const at = (index: number): string => {
    const letter = text[index] ?? '';
    return letter === ' ' ? '' : letter;
  };
  let code = '';
  for (let index = start; index < text.length && code.length < codeLettersMax; index++) {
    const letter = at(index);
    if (at(index - 1) === letter && letter !== 'C') continue;
    if (isOneOf(spelledAsHeard, letter) || (index === start && isOneOf(vowels, letter))) code += letter;
    else if (letter === 'X' && index > start) {
      code += 'KS';
      // The S takes the place of the letter that follows.
      index++;
    } else code += consonantSound(letter, index, start, text.length, at);
  }
  return code.slice(0, codeLettersMax);
}

function consonantSound(letter: string, index: number, start: number, end: number, at: (index: number) => string): string {
  const before = at(index - 1);
  const next = at(index + 1);
  const afterNext = at(index + 2);
  switch (letter) {
    case 'B':
      return index === end - 1 && before !== 'M' ? 'B' : '';
    case 'C':
      if (before === 'S' && isOneOf(frontVowels, next)) return '';
      if (next === 'I' && afterNext === 'A') return 'X';
      if (isOneOf(frontVowels, next)) return 'S';
      if (next !== 'H') return 'K';
      return (index === start && !isOneOf(vowels, afterNext)) || before === 'S' ? 'K' : 'X';
    case 'D':
      return next === 'G' && isOneOf(frontVowels, afterNext) ? 'J' : 'T';
    case 'G':
      return soundOfG(index, end, at);
    case 'H':
      return !isOneOf(silencesFollowingH, before) && (!isOneOf(vowels, before) || isOneOf(vowels, next)) ? 'H' : '';
    case 'K':
      return before === 'C' ? '' : 'K';
    case 'P':
      return next === 'H' ? 'F' : 'P';
    case 'Q':
      return 'K';
    case 'S':
      return next === 'H' || (next === 'I' && isOneOf('OA', afterNext)) ? 'X' : 'S';
    case 'T':
      if (next === 'I' && isOneOf('OA', afterNext)) return 'X';
      if (next === 'H') return '0';
      return next === 'C' && afterNext === 'H' ? '' : 'T';
    case 'V':
      return 'F';
    case 'W':
    case 'Y':
      return isOneOf(vowels, next) ? letter : '';
    case 'X':
    case 'Z':
      return 'S';
    default:
      return '';
  }
}

function soundOfG(index: number, end: number, at: (index: number) => string): string {
  const next = at(index + 1);
  const afterNext = at(index + 2);
  const heard =
    (next !== 'J' || isOneOf(vowels, afterNext)) &&
    (next !== 'N' || (index + 1 < end && (afterNext !== 'E' || at(index + 3) !== 'D'))) &&
    (at(index - 1) !== 'D' || !isOneOf(frontVowels, next));
  if (heard) return isOneOf(frontVowels, next) && afterNext !== 'G' ? 'G' : 'K';
  return next === 'H' && !isOneOf(voicesPrecedingGh, at(index - 3)) && at(index - 4) !== 'H' ? 'F' : '';
}

/** Stands for a word that has no sound (`2nd`), as opposed to no word at all between two blanks. */
const soundless = '-';

/** The sounds of a text's words (between blanks), separated by blanks; undefined where it is not UTF-8. */
export function soundsOf(value: Buffer): string | undefined {
  const text = decodeUtf8(value);
  if (text === undefined) return undefined;
  // slapd keeps what is ASCII in the compatibility decomposition: accents go, other scripts vanish.
  const ascii = text.normalize('NFKD').replace(/[^\0-\x7f]/g, '');
  return ascii
    .split(' ')
    .map((word) => (word === '' ? '' : soundOf(word) || soundless))
    .join(' ');
}

/**
 * Do the asserted words' sounds all occur among the value's, in this order? An assertion without any word matches
 * nothing.
 */
export function soundsMatch(value: string, asserted: string): boolean {
  const wanted = asserted.split(' ').filter((sound) => sound !== '');
  const heard = value.split(' ').map((sound) => sound || soundless);
  let next = 0;
  for (const sound of wanted) {
    const found = heard.indexOf(sound, next);
    if (found < 0) return false;
    next = found + 1;
  }
  return wanted.length > 0;
}
