/** The house keeps its own rules: the rooms of docs/architecture.md and their arrows, true paths in the docs, short files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  circles,
  fileCircles,
  longFiles,
  missingPaths,
  parseHouse,
  unusedArrows,
  wideLines,
  wrongArrows,
  type Files,
} from './walls.js';

const root = join(import.meta.dirname, '../..');
const columnsMax = 140;
const linesMax = 400;

/** Files over the limit because they are tables, of which each line is one thing. */
const tables = ['src/config/cn-config/attributes.ts', 'src/config/cn-config/definitions.ts', 'src/schema/system.ts'];

/** Known faults. These lists only get shorter: a fault that was mended has to be taken out. */
const known = {
  /** Folders in which files lead to one another. */
  circles: [] as string[],
  wideLines: [] as string[],
};

function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function read(paths: readonly string[]): Files {
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

const sources = read(filesBelow('src', /\.tsx?$/));
const house = parseHouse(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));

describe('rooms', () => {
  test('are those of the table, each with files', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true });
    expect([...house.rooms.keys()].sort()).toEqual(
      folders.map((entry) => `src/${entry.name}${entry.isDirectory() ? '/' : ''}`).sort(),
    );
  });

  test('import only what the tables allow', () => {
    expect(wrongArrows(house, sources)).toEqual([]);
  });

  test('allow no arrow that nothing uses', () => {
    expect(unusedArrows(house, sources)).toEqual([]);
  });

  test('form no circle', () => {
    expect(circles(house.rooms)).toEqual([]);
  });

  test('hold no files that lead to one another', () => {
    const found = fileCircles(sources);
    const isWithin = (circle: string, folder: string): boolean => circle.split(' ').every((path) => path.startsWith(folder));
    expect(found.filter((circle) => !known.circles.some((folder) => isWithin(circle, folder)))).toEqual([]);
    expect(known.circles.filter((folder) => !found.some((circle) => isWithin(circle, folder)))).toEqual([]);
  });
});

describe('files', () => {
  test(`of src/ have at most ${linesMax} lines, unless they are tables`, () => {
    const long = longFiles(sources, linesMax);
    expect(long.filter((path) => !tables.includes(path))).toEqual([]);
    expect(tables.filter((path) => !long.includes(path))).toEqual([]);
  });

  test(`have no line over ${columnsMax} columns`, () => {
    const others = read([...filesBelow('test', /\.ts$/), ...filesBelow('scripts', /\.(?:mjs|js|ts|sh)$/)]);
    const found = wideLines(new Map([...sources, ...others]), columnsMax);
    const isIn = (line: string, path: string): boolean => line.startsWith(`${path}:`);
    expect(found.filter((line) => !known.wideLines.some((path) => isIn(line, path)))).toEqual([]);
    expect(known.wideLines.filter((path) => !found.some((line) => isIn(line, path)))).toEqual([]);
  });
});

test('paths that the docs name exist', () => {
  const docs = read([
    ...['README.md', 'CONTRIBUTING.md', 'test/conformance/README.md', 'findings/README.md'].filter((path) =>
      existsSync(join(root, path)),
    ),
    ...filesBelow('docs', /\.md$/),
  ]);
  const folders = [...readdirSync(join(root, 'src')), ...readdirSync(join(root, 'test'))];
  expect(missingPaths(docs, (path) => existsSync(join(root, path)), new Set(folders))).toEqual([]);
});

describe('a planted fault is found', () => {
  const plan = parseHouse(`
## Rooms

| room | what it holds | what it must not know | may import |
|---|---|---|---|
| \`src/low/\` | a | b | nothing |
| \`src/high/\` | a | b | \`low\` |
| \`src/main.ts\` | a | b | \`high\` |

| package | only in |
|---|---|
| \`level\` | \`low\` |

## Next
`);
  const files = (...contents: readonly [string, string][]): Files => new Map(contents);
  const good: readonly [string, string][] = [
    ['src/low/a.ts', "import { open } from 'level';\nimport { sep } from 'node:path';\n"],
    ['src/high/b.tsx', "import type { A } from '../low/a.js';\n"],
    ['src/main.ts', "const b = await import('./high/b.js');\n// import '../low/a.js'\n"],
  ];

  test('none where there is none', () => {
    expect(wrongArrows(plan, files(...good))).toEqual([]);
    expect(unusedArrows(plan, files(...good))).toEqual([]);
    expect(fileCircles(files(...good))).toEqual([]);
  });

  test.each([
    ['an import upwards', "import { b } from '../high/b.js';", 'src/low/c.ts -> src/high/b.tsx'],
    ['of a type', "import type { B } from '../high/b.js';", 'src/low/c.ts -> src/high/b.tsx'],
    ['an inline type', "let b: import('../high/b.js').B;", 'src/low/c.ts -> src/high/b.tsx'],
    ['a later import', "await import('../high/b.js');", 'src/low/c.ts -> src/high/b.tsx'],
    ['an export from', "export * from '../high/b.js';", 'src/low/c.ts -> src/high/b.tsx'],
    ['of a package of nobody', "import x from 'other/part';", 'src/low/c.ts -> other'],
  ])('%s', (_, text, arrow) => {
    expect(wrongArrows(plan, files(...good, ['src/low/c.ts', text]))).toEqual([arrow]);
  });

  test('a package in the wrong room, a room past the next, a file in no room', () => {
    expect(wrongArrows(plan, files(...good, ['src/high/c.ts', "import 'level';"]))).toEqual(['src/high/c.ts -> level']);
    const past = files(...good.slice(0, 2), ['src/main.ts', "import './low/a.js';"]);
    expect(wrongArrows(plan, past)).toEqual(['src/main.ts -> src/low/a.ts']);
    expect(unusedArrows(plan, past)).toEqual(['src/main.ts -> src/high/']);
    expect(wrongArrows(plan, files(...good, ['src/attic/a.ts', '']))).toEqual(['src/attic/a.ts is in no room']);
  });

  test('circles', () => {
    const round = files(
      ['src/a.ts', "import './b.js';"],
      ['src/b.ts', "import type { A } from './c.js';"],
      ['src/c.ts', "import './a.js';"],
    );
    expect(fileCircles(round)).toEqual(['src/a.ts src/b.ts src/c.ts']);
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['a']],
        ]),
      ),
    ).toEqual(['a b']);
  });

  test('paths that lead nowhere', () => {
    const existing = ['docs/here.md', 'src/dn/dn.ts', 'test/dn/dn.test.ts', 'test/house/walls.test.ts', 'src/main.ts'];
    const missing = (text: string): string[] =>
      missingPaths(files(['docs/page.md', text]), (path) => existing.includes(path), new Set(['dn', 'house']));
    expect(
      missing('[a](here.md), [b](here.md#part), [c](https://gone.example/x), `dn/dn`, `house/walls`, `walls.test.ts`'),
    ).toEqual([]);
    expect(missing('src/main.ts and test/dn/*.test.ts, `src/dn/dn.ts`.')).toEqual([]);
    expect(missing('[a](gone.md) src/gone.ts `dn/gone` `gone.test.ts`')).toEqual(
      ['gone.md', 'src/gone.ts', 'dn/gone', 'gone.test.ts'].map((path) => `docs/page.md: ${path}`),
    );
  });

  test('long lines and long files', () => {
    expect(wideLines(files(['a.ts', `x\n${'é'.repeat(140)}\n${'é'.repeat(141)}`]), 140)).toEqual(['a.ts:3 (141)']);
    expect(longFiles(files(['a.ts', 'x\n'.repeat(401)], ['b.ts', 'x\n'.repeat(400)]), 400)).toEqual(['a.ts']);
  });
});
