/**
 * Splits slapd.conf text into directives, as slapd's fp_getline and fp_parse_line do: a line that starts with white space
 * continues the one before it, a backslash at the end joins the next line, quotes group words, and a backslash escapes
 * the next character, inside quotes and outside.
 */

export interface LogicalLine {
  /** Of its first physical line, from 1. */
  readonly line: number;
  readonly text: string;
}

export interface LineNote {
  readonly line: number;
  readonly message: string;
}

/** No file has more; an endless one (a device) must not fill memory. */
export const fileCharactersMax = 64 * 1024 * 1024;

interface OpenLine {
  readonly line: number;
  text: string;
  readonly comment: boolean;
}

/** Comments and blank lines are gone. `note` hears of what is probably not meant. */
export function logicalLines(text: string, note: (note: LineNote) => void): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: OpenLine | undefined;
  const close = (): void => {
    if (open && !open.comment && open.text.trim() !== '') lines.push({ line: open.line, text: open.text });
    open = undefined;
  };
  text.split(/\r?\n/).forEach((physical, index) => {
    const line = index + 1;
    if (open && /(?:^|[^\\])\\$/.test(open.text)) {
      open.text = joinAtBackslash(open.text.slice(0, -1), physical);
      return;
    }
    if (open && /^\s/.test(physical)) {
      if (open.comment) noteSwallowed(physical, line, note);
      else if (!isComment(physical) || hasOpenQuote(open.text)) open.text += ` ${physical.slice(1)}`;
      return;
    }
    close();
    if (physical !== '') open = { line, text: physical, comment: physical.startsWith('#') };
  });
  close();
  return lines;
}

/**
 * slapd keeps the blanks that start the next line. After `=` or `,` they can only part what belongs together (the
 * HOWTO breaks `group/.../roleOccupant=\` so), and slapd refuses what comes of it.
 */
function joinAtBackslash(head: string, next: string): string {
  return head + (/[=,]$/.test(head) && !hasOpenQuote(head) ? next.trimStart() : next);
}

/** An indented comment between the clauses of a directive; slapd would take its words for clauses and refuse them. */
function isComment(physical: string): boolean {
  return physical.trimStart().startsWith('#');
}

/** slapd joins lines before it looks for comments, so what continues a comment is one. */
function noteSwallowed(physical: string, line: number, note: (note: LineNote) => void): void {
  if (!/^\s+by\s/i.test(physical)) return;
  note({ line, message: 'this line continues the comment above it and is ignored; indent the comment or move it' });
}

function hasOpenQuote(text: string): boolean {
  return splitWords(text).unterminated;
}

/** Words with quotes and backslashes resolved. */
export function splitWords(text: string): { words: string[]; unterminated: boolean } {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let position = 0; position < text.length; position++) {
    const char = text[position]!;
    if (char === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (char === '\\') {
      word = (word ?? '') + (text[++position] ?? '\\');
    } else if (!quoted && (char === ' ' || char === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return { words, unterminated: quoted };
}
