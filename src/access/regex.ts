/**
 * POSIX extended regular expressions, as slapd hands them to regcomp(3) with REG_EXTENDED|REG_ICASE, turned into
 * JavaScript's. Both match the same texts. Of several possible matches JavaScript takes the first and POSIX the longest,
 * which makes a difference only for what groups such as `(a|ab)` capture.
 */

/** An expression that regcomp(3) would refuse; the message says why. */
export class RegexSyntaxError extends Error {
  override readonly name = 'RegexSyntaxError';
}

/** Longer than any DN pattern; slapd's own buffer takes less. */
const patternLengthMax = 8_192;
/** glibc's RE_DUP_MAX. */
const repetitionsMax = 32_767;

const classes: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
};

/** GNU's escapes that regcomp(3) of Debian's slapd knows. */
const gnuEscapes: Readonly<Record<string, string>> = {
  w: '\\w',
  W: '\\W',
  s: '\\s',
  S: '\\S',
  b: '\\b',
  B: '\\B',
  '<': '\\b(?=\\w)',
  '>': '\\b(?<=\\w)',
  '`': '^',
  "'": '$',
};

export interface TranslatedRegex {
  readonly regex: RegExp;
  /** A repeated group that repeats without bound inside: time to match may grow exponentially with a name's length. */
  readonly nestedRepetition: boolean;
}

/** Throws RegexSyntaxError. `ignoresCase`: with REG_ICASE, as in access rules. */
export function compileRegex(pattern: string, ignoresCase = true): TranslatedRegex {
  const translator = new Translator(pattern);
  const source = translator.translate();
  return { regex: new RegExp(source, ignoresCase ? 'is' : 's'), nestedRepetition: translator.nestedRepetition };
}

/** For patterns that come to be while rules are asked: undefined where there is no such expression. */
export function tryCompileRegex(pattern: string): RegExp | undefined {
  try {
    return compileRegex(pattern).regex;
  } catch (error) {
    if (error instanceof RegexSyntaxError) return undefined;
    throw error;
  }
}

/** `text` as a pattern that matches just itself. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.[\]|()*+?{}]/g, '\\$&');
}

interface OpenGroup {
  readonly start: number;
  repeats: boolean;
}

class Translator {
  readonly #pattern: string;
  #position = 0;
  #output = '';
  /** Where the last thing that can be repeated starts in the output; -1: there is none. */
  #atom = -1;
  #atomRepeats = false;
  #quantified = false;
  #groups = 0;
  readonly #open: OpenGroup[] = [];
  #topAlternatives = false;
  nestedRepetition = false;

  constructor(pattern: string) {
    if (pattern.length > patternLengthMax) throw new RegexSyntaxError(`longer than ${patternLengthMax} characters`);
    this.#pattern = pattern;
  }

  translate(): string {
    while (this.#position < this.#pattern.length) this.#next();
    if (this.#open.length > 0) throw new RegexSyntaxError('Unmatched ( or \\(');
    // An unanchored `.*X` that fails at the first character fails everywhere; anchored it fails after one pass.
    const anchorable = this.#pattern.startsWith('.*') && !this.#topAlternatives;
    return anchorable ? `^${this.#output}` : this.#output;
  }

  #next(): void {
    const char = this.#pattern[this.#position++]!;
    switch (char) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#emitAtom(this.#bracket());
      case '(':
        this.#groups++;
        this.#open.push({ start: this.#output.length, repeats: false });
        this.#output += '(';
        this.#atom = -1;
        return;
      case ')':
        return this.#close();
      case '|':
        if (this.#open.length === 0) this.#topAlternatives = true;
        this.#output += '|';
        this.#atom = -1;
        return;
      case '^':
      case '$':
        this.#output += char;
        this.#atom = -1;
        return;
      case '*':
      case '+':
      case '?':
        return this.#repeat(char, char !== '?');
      case '{':
        return this.#interval();
      case '.':
        return this.#emitAtom('.');
      case ']':
      case '}':
        return this.#emitAtom(`\\${char}`);
      default:
        return this.#emitAtom(char);
    }
  }

  #emitAtom(source: string): void {
    this.#atom = this.#output.length;
    this.#atomRepeats = false;
    this.#quantified = false;
    this.#output += source;
  }

  #escape(): void {
    const char = this.#pattern[this.#position++];
    if (char === undefined) throw new RegexSyntaxError('Trailing backslash');
    if (char >= '1' && char <= '9') {
      if (Number(char) > this.#groups) throw new RegexSyntaxError('Invalid back reference');
      return this.#emitAtom(`(?:\\${char})`);
    }
    const gnu = gnuEscapes[char];
    if (gnu !== undefined) {
      this.#emitAtom(gnu);
      if (!/[wWsS]/.test(char)) this.#atom = -1;
      return;
    }
    this.#emitAtom(/[\\^$.[\]|()*+?{}/]/.test(char) ? `\\${char}` : char);
  }

  #close(): void {
    const group = this.#open.pop();
    // POSIX leaves a lone `)` undefined; glibc takes it as itself.
    if (!group) return this.#emitAtom('\\)');
    this.#output += ')';
    this.#atom = group.start;
    this.#atomRepeats = group.repeats;
    this.#quantified = false;
    if (group.repeats) this.#noteRepetition();
  }

  #noteRepetition(): void {
    const group = this.#open.at(-1);
    if (group) group.repeats = true;
  }

  #repeat(quantifier: string, unbounded: boolean): void {
    if (this.#atom < 0) throw new RegexSyntaxError(`nothing before ${quantifier} that can be repeated`);
    if (this.#quantified) {
      // `a+?` is (a+)? to POSIX and a lazy `+` to JavaScript.
      this.#output = `${this.#output.slice(0, this.#atom)}(?:${this.#output.slice(this.#atom)})`;
    }
    if (unbounded) {
      if (this.#atomRepeats) this.nestedRepetition = true;
      this.#atomRepeats = true;
      this.#noteRepetition();
    }
    this.#output += quantifier;
    this.#quantified = true;
  }

  #interval(): void {
    const found = /^(\d*)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#position));
    if (!found || (found[1] === '' && found[2] === '')) throw new RegexSyntaxError('Invalid content of \\{\\}');
    const [whole, low, separator, high] = found as unknown as [string, string, string, string];
    const from = low === '' ? 0 : Number(low);
    const to = separator === '' ? from : high === '' ? undefined : Number(high);
    if (Math.max(from, to ?? 0) > repetitionsMax) throw new RegexSyntaxError('Regular expression too big');
    if (to !== undefined && to < from) throw new RegexSyntaxError('Invalid content of \\{\\}');
    this.#position += whole.length;
    this.#repeat(`{${from}${separator}${to !== undefined && separator !== '' ? to : ''}}`, to === undefined);
  }

  /** A bracket expression from after its `[`. */
  #bracket(): string {
    const pattern = this.#pattern;
    let position = this.#position;
    const negated = pattern[position] === '^';
    if (negated) position++;
    let source = '';
    let first = true;
    /** The single character that a following `-` would make the start of a range. */
    let previous: string | undefined;
    for (;;) {
      const item = this.#bracketItem(position, first);
      if (item === undefined) break;
      first = false;
      position = item.next;
      if (item.set !== undefined) {
        source += item.set;
        previous = undefined;
        continue;
      }
      if (item.char === '-' && previous !== undefined && pattern[position] !== ']') {
        const end = this.#bracketItem(position, false);
        if (end?.char === undefined || end.char < previous) throw new RegexSyntaxError('Invalid range end');
        source += `-${escapeInBracket(end.char)}`;
        position = end.next;
        previous = undefined;
        continue;
      }
      source += escapeInBracket(item.char!);
      previous = item.char;
    }
    this.#position = position + 1;
    return `[${negated ? '^' : ''}${source}]`;
  }

  /** One member of a bracket expression; undefined: the closing `]` is at `position`. */
  #bracketItem(position: number, first: boolean): { next: number; char?: string; set?: string } | undefined {
    const pattern = this.#pattern;
    const char = pattern[position];
    if (char === undefined) throw unmatchedBracket();
    if (char === ']' && !first) return undefined;
    const kind = pattern[position + 1];
    if (char !== '[' || (kind !== ':' && kind !== '.' && kind !== '=')) return { next: position + 1, char };
    const end = pattern.indexOf(`${kind}]`, position + 2);
    if (end < 0) throw unmatchedBracket();
    const name = pattern.slice(position + 2, end);
    if (kind === ':') {
      const set = classes[name];
      if (set === undefined) throw new RegexSyntaxError('Invalid character class name');
      return { next: end + 2, set };
    }
    if (name.length !== 1) throw new RegexSyntaxError('Invalid collation character');
    return kind === '=' ? { next: end + 2, set: escapeInBracket(name) } : { next: end + 2, char: name };
  }
}

function unmatchedBracket(): RegexSyntaxError {
  return new RegexSyntaxError('Unmatched [, [^, [:, [., or [=');
}

function escapeInBracket(char: string): string {
  return /[\\\]^[-]/.test(char) ? `\\${char}` : char;
}
