/** How text becomes directives and words, by slapd's rules. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logicalLines, splitWords, type LineNote } from '../../src/config/lines.js';

function lines(text: string): { lines: [number, string[]][]; notes: LineNote[] } {
  const notes: LineNote[] = [];
  const found = logicalLines(text, (note) => notes.push(note));
  return { lines: found.map(({ line, text: content }) => [line, splitWords(content).words]), notes };
}

describe('lines', () => {
  it.each<[string, string, [number, string[]][]]>([
    ['comments and blank lines go', '# a\n\nb c\n', [[3, ['b', 'c']]]],
    [
      'a line that starts with white space continues',
      'a\n\tb\n  c\nd',
      [
        [1, ['a', 'b', 'c']],
        [4, ['d']],
      ],
    ],
    [
      'an empty line ends a directive',
      'a\n\nb',
      [
        [1, ['a']],
        [3, ['b']],
      ],
    ],
    ['carriage returns go', 'a b\r\n c\r\n', [[1, ['a', 'b', 'c']]]],
    ['a backslash joins the next line as it is', 'ab\\\ncd e', [[1, ['abcd', 'e']]]],
    ['its blanks stay', 'a\\\n  b', [[1, ['a', 'b']]]],
    ['but not after =, where they part what belongs together', 'a x=\\\n    "y z" w', [[1, ['a', 'x=y z', 'w']]]],
    ['nor after a comma', 'index mail,\\\n  cn eq', [[1, ['index', 'mail,cn', 'eq']]]],
    [
      'two backslashes are one, and join nothing',
      'a\\\\\nb',
      [
        [1, ['a\\']],
        [2, ['b']],
      ],
    ],
    [
      'an indented comment between clauses goes',
      'access to *\n  by self write\n  # the rest\n  by * read',
      [[1, ['access', 'to', '*', 'by', 'self', 'write', 'by', '*', 'read']]],
    ],
    ['a quote goes on over lines', 'a "b\n c" d', [[1, ['a', 'b c', 'd']]]],
    ['a # inside a quote that goes on is no comment', 'a "b\n #c" d', [[1, ['a', 'b #c', 'd']]]],
    ['what continues a comment is a comment', '# a\n  b\nc', [[3, ['c']]]],
  ])('%s', (_, text, expected) => {
    expect(lines(text).lines).toEqual(expected);
  });

  it('a clause that continues a comment is ignored, as in slapd, and told', () => {
    const { lines: found, notes } = lines('access to *\n by self write\n# others\n by * read\n');
    expect(found).toEqual([[1, ['access', 'to', '*', 'by', 'self', 'write']]]);
    expect(notes).toMatchObject([{ line: 4 }]);
  });
});

describe('words', () => {
  it.each<[string, string[]]>([
    ['a  b\tc', ['a', 'b', 'c']],
    ['"a b" c', ['a b', 'c']],
    ['x="a b"y z', ['x=a by', 'z']],
    ['a\\ b', ['a b']],
    ['"a\\"b" \\"c', ['a"b', '"c']],
    // The backslash of an expression has to be doubled, inside quotes too.
    ['"a\\.b" "a\\\\.b"', ['a.b', 'a\\.b']],
    ['"" x', ['', 'x']],
    ['a\\', ['a\\']],
  ])('%s', (text, expected) => {
    expect(splitWords(text)).toEqual({ words: expected, unterminated: false });
  });

  it('a quote that is not closed is told', () => {
    expect(splitWords('a "b c').unterminated).toBe(true);
  });

  it('any words come back from their quoted form', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const text = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
        expect(splitWords(text)).toEqual({ words, unterminated: false });
      }),
    );
  });
});
