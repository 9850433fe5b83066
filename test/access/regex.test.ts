/** POSIX extended expressions mean here what they mean to regcomp(3), which bash's =~ calls as slapd does. */
import { describe, expect, it } from 'vitest';
import { compileRegex, escapeRegex, RegexSyntaxError } from '../../src/access/regex.js';
import { run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';
import { Random } from './random.js';

function match(pattern: string, text: string): readonly string[] | undefined {
  return compileRegex(pattern)
    .regex.exec(text)
    ?.map((part) => part ?? '');
}

describe('what admins write', () => {
  it.each([
    ['.*,jvd=([^,]+),o=hosting', 'mail=a@b,jvd=b,o=hosting,dc=x', ['mail=a@b,jvd=b,o=hosting', 'b']],
    // Greedy: of nested domains the outermost is taken.
    ['.*jvd=([^^,]+),o=h', 'jvd=in,jvd=out,o=h', ['jvd=in,jvd=out,o=h', 'out']],
    ['^(.+,)?uid=([^,]+),dc=com$', 'cn=x,uid=joe,dc=com', ['cn=x,uid=joe,dc=com', 'cn=x,', 'joe']],
    ['UID=[[:alpha:]]+', 'uid=Joe', ['uid=Joe']],
    ['a\\.b', 'axb', undefined],
    ['[]a]+', 'x]a', [']a']],
    ['[^]a]', ']ab', ['b']],
    ['[a\\]', '\\', ['\\']],
    ['a{2}$', 'aaa', ['aa']],
    ['a{,2}b', 'aaab', ['aab']],
    ['(a+)?', 'aa', ['aa', 'aa']],
    // `+?` is no lazy quantifier to POSIX.
    ['a+?', 'aaa', ['aaa']],
    ['x)', 'x)', ['x)']],
    ['(a)\\1', 'aa', ['aa', 'a']],
  ])('%s on %s', (pattern, text, expected) => {
    expect(match(pattern, text)).toEqual(expected);
  });

  it.each(['*a', '(a', '[a', 'a{2,1}', 'a{x}', '^*', '[[:nosuch:]]', '[z-a]', 'a\\', '\\1', '(|*)'])(
    '%s is refused with a reason',
    (pattern) => {
      expect(() => compileRegex(pattern)).toThrow(RegexSyntaxError);
    },
  );

  it('a leading .* does not try every place of a long name', () => {
    const name = 'x'.repeat(200_000);
    const started = performance.now();
    expect(match('.*,jvd=([^,]+),o=hosting', name)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('repetition of what repeats is noticed', () => {
    expect(compileRegex('^(.+,)*dc=x$').nestedRepetition).toBe(true);
    expect(compileRegex('^(.+,)?dc=x$').nestedRepetition).toBe(false);
  });

  it('an escaped text matches itself only', () => {
    const text = 'cn=a.b+c (x) [y]{z} $1 ^ | \\2C';
    expect(match(`^${escapeRegex(text)}$`, text)).toEqual([text]);
    expect(match(`^${escapeRegex('a.b')}$`, 'axb')).toBeUndefined();
  });
});

const characters = ['a', 'B', 'c', '.', '1', ',', '=', '\\.'];
const atoms = [...characters, '[ab]', '[^a]', '[[:digit:]]', '[a-c,]', '(a)', '(b*)', '(.+)'];
const suffixes = ['', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{,2}', '{2,}', '**', '+?'];

function randomPattern(random: Random): string {
  const length = random.between(1, 6);
  let pattern = random.chance(0.2) ? '^' : '';
  for (let index = 0; index < length; index++) {
    pattern += random.pick(atoms) + random.pick(suffixes);
    if (random.chance(0.08)) pattern += random.pick(['|', '(', ')', '$', '^', '[', '{', '*']);
  }
  return pattern + (random.chance(0.2) ? '$' : '');
}

function randomText(random: Random): string {
  return Array.from({ length: random.between(0, 8) }, () => random.pick(['a', 'b', 'C', '1', ',', '=', '.'])).join('');
}

/** For each pattern and text a line: `!` refused, `-` no match, else the parts of the match, each after a `:`. */
const script = `
shopt -s nocasematch
while IFS= read -r pattern && IFS= read -r text; do
  [[ "$text" =~ $pattern ]] 2>/dev/null
  case $? in
    0) out=; for part in "\${BASH_REMATCH[@]}"; do out="$out:$part"; done; echo "$out" ;;
    1) echo - ;;
    *) echo ! ;;
  esac
done`;

/** Where alternatives or repeated groups leave a choice, POSIX and JavaScript may capture different parts. */
function capturesAreDefinite(pattern: string): boolean {
  return !/\||\)[*+?{]/.test(pattern) && !/\(b\*\)|\(\.\+\)/.test(pattern);
}

function ours(pattern: string, text: string): string {
  try {
    const found = match(pattern, text);
    if (!found) return '-';
    return capturesAreDefinite(pattern) ? found.map((part) => `:${part}`).join('') : ':';
  } catch (error) {
    if (error instanceof RegexSyntaxError) return '!';
    throw error;
  }
}

describe.skipIf(requirePrograms('bash') !== undefined)('random expressions', () => {
  it('match as regcomp(3) and regexec(3) say', async () => {
    const random = new Random(7);
    const cases = Array.from({ length: 3_000 }, () => [randomPattern(random), randomText(random)] as const);
    const input = cases.map(([pattern, text]) => `${pattern}\n${text}\n`).join('');
    const { stdout } = await run('bash', ['-c', script], { input });
    const answers = stdout.split('\n').slice(0, cases.length);
    const differences = cases.flatMap(([pattern, text], index) => {
      const answer = answers[index]!;
      const theirs = answer.startsWith(':') && !capturesAreDefinite(pattern) ? ':' : answer;
      const mine = ours(pattern, text);
      return mine === theirs ? [] : [{ pattern, text, theirs, mine }];
    });
    expect(differences).toEqual([]);
    for (const kind of ['!', '-', ':']) {
      expect(answers.filter((answer) => answer.startsWith(kind)).length, kind).toBeGreaterThan(200);
    }
  });
});
