/** Splits a value of cn=config into arguments as slapd does, and writes arguments so that slapd.conf means the same. */

/**
 * Blanks part the arguments. Double quotes hold an argument together; they may begin in the middle of it and have to end with
 * it. Backslashes stand for themselves, unlike in slapd.conf.
 */
export function splitValue(value: string): string[] {
  const words: string[] = [];
  let rest = value.trimStart();
  while (rest !== '') {
    const { word, length } = firstWord(rest);
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

function firstWord(text: string): { word: string; length: number } {
  const start = text.startsWith('"') ? 1 : 0;
  let quoted = start === 1;
  /** slapd drops the last quote that neither begins nor ends the word. */
  let innerQuote = -1;
  for (let position = start; position < text.length; position++) {
    const char = text[position]!;
    if (char === '"') {
      if (quoted && /^\s?$/.test(text.slice(position + 1, position + 2))) {
        return { word: without(text, start, position, innerQuote), length: position + 1 };
      }
      quoted = true;
      innerQuote = position;
    } else if (!quoted && /\s/.test(char)) {
      return { word: without(text, start, position, innerQuote), length: position };
    }
  }
  return { word: without(text, start, text.length, innerQuote), length: text.length };
}

function without(text: string, start: number, end: number, position: number): string {
  return position < 0 ? text.slice(start, end) : text.slice(start, position) + text.slice(position + 1, end);
}

/** For slapd.conf. Quotes come after `dn.regex=` and the like, where people write them even if they need not. */
export function quoteWord(word: string): string {
  const [, head = '', tail] = /^((?:[a-z][\w./,{}-]*=)?)(.*)$/is.exec(word)!;
  if (/^[^\s"\\#]+$/.test(word) && !/^(?:real)?(?:dn|group|set)\b/i.test(head)) return word;
  return `${head}"${tail!.replace(/["\\]/g, '\\$&')}"`;
}

/** The argument as a value of cn=config has it. What cannot be written so comes back otherwise from `splitValue`. */
export function quoteValue(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  // The last quote within a word is dropped on reading.
  const whole = word.replace(/"(?=[^"]*$)/, '""');
  const [, head = '', tail = ''] = word.includes('"') ? [] : (/^((?:[a-z][\w./,{}-]*=)?)(.*)$/is.exec(word) ?? []);
  return word.includes('"') ? `"${whole}"` : `${head}"${tail}"`;
}
