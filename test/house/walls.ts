/**
 * The rules of the house as functions over file contents: which room may import which, no circles between files, no
 * path in the docs that leads nowhere, no overlong line or file. The rooms come from the tables in docs/architecture.md.
 */
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** Contents by path, relative to the repository. */
export type Files = ReadonlyMap<string, string>;

export interface House {
  /** What each room may import from, by its path: a folder, `src/dn/`, or a file, `src/main.ts`. */
  readonly rooms: ReadonlyMap<string, ReadonlySet<string>>;
  /** The rooms that may import a package, by its name. */
  readonly packages: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads the two tables of the section "Rooms". */
export function parseHouse(markdown: string): House {
  const section = /^## Rooms$([^]*?)^## /m.exec(markdown)?.[1] ?? '';
  const rooms = new Map<string, ReadonlySet<string>>();
  const packages = new Map<string, ReadonlySet<string>>();
  for (const line of section.split('\n')) {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
    const names = namesIn(cells[0] ?? '');
    if (!line.startsWith('| `') || cells.length < 2) continue;
    const list = namesIn(cells.at(-1)!);
    if (names[0]!.startsWith('src/')) rooms.set(names[0]!, new Set(list.map(pathOf)));
    else for (const name of names) packages.set(name, new Set(list.map(pathOf)));
  }
  return { rooms, packages };
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** `dn` is the folder `src/dn/`, `main.ts` the file `src/main.ts`. */
function pathOf(name: string): string {
  return name.includes('.') ? `src/${name}` : `src/${name}/`;
}

function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The file that a relative import leads to. */
function target(files: Files, from: string, specifier: string): string {
  const path = normalize(join(dirname(from), specifier)).replace(/\.js$/, '');
  return [`${path}.ts`, `${path}.tsx`].find((name) => files.has(name)) ?? `${path}.js`;
}

/** Relative imports of each file, each once. */
function graphOf(files: Files): ReadonlyMap<string, readonly string[]> {
  const graph = new Map<string, readonly string[]>();
  for (const [path, text] of files) {
    const relative = importsOf(text).filter((specifier) => specifier.startsWith('.'));
    graph.set(path, [...new Set(relative.map((specifier) => target(files, path, specifier)))]);
  }
  return graph;
}

function roomOf(house: House, path: string): string | undefined {
  return [...house.rooms.keys()].find((room) => (room.endsWith('/') ? path.startsWith(room) : path === room));
}

/** Files outside every room, and imports that the tables do not allow, as `from -> to`. */
export function wrongArrows(house: House, files: Files): string[] {
  const wrong: string[] = [];
  for (const [path, targets] of graphOf(files)) {
    const room = roomOf(house, path);
    if (room === undefined) wrong.push(`${path} is in no room`);
    for (const to of targets) {
      const other = roomOf(house, to);
      if (room === undefined || other === room) continue;
      if (other === undefined || !house.rooms.get(room)!.has(other)) wrong.push(`${path} -> ${to}`);
    }
  }
  return [...wrong, ...wrongPackages(house, files)].sort();
}

function wrongPackages(house: House, files: Files): string[] {
  return [...files].flatMap(([path, text]) => {
    const names = importsOf(text).filter((specifier) => !/^(?:\.|node:)/.test(specifier));
    return [...new Set(names.map(packageOf))]
      .filter((name) => !house.packages.get(name)?.has(roomOf(house, path) ?? ''))
      .map((name) => `${path} -> ${name}`);
  });
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Arrows of the tables that no import needs: a wall that could stand closer. */
export function unusedArrows(house: House, files: Files): string[] {
  const used = new Set<string>();
  for (const [path, targets] of graphOf(files)) {
    for (const to of targets) used.add(`${roomOf(house, path)} -> ${roomOf(house, to)}`);
  }
  return [...house.rooms].flatMap(([room, others]) =>
    [...others].map((other) => `${room} -> ${other}`).filter((arrow) => !used.has(arrow)),
  );
}

/** Groups of files, or of rooms, that lead to one another, each as `a b c`. */
export function circles(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (node: string): void => {
    const own = order.size;
    order.set(node, own);
    lowest.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== own) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) found.push(group.sort().join(' '));
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found.sort();
}

export function fileCircles(files: Files): string[] {
  return circles(graphOf(files));
}

/** What `npm run docs` makes. */
const generated = /^docs\/api\//;

/**
 * Paths that the docs name and that do not exist, as `document: path`. A path is the target of a link, any
 * `src/...`, `test/...` and the like, and in code marks one that begins with a room or a folder of tests, with or without
 * its extension (`server/turns`, `robustness/crash`), or the bare name of a test file.
 */
export function missingPaths(docs: Files, exists: (path: string) => boolean, folders: ReadonlySet<string>): string[] {
  const missing: string[] = [];
  const testFiles = (name: string): boolean => [...folders].some((folder) => exists(`test/${folder}/${name}`));
  for (const [document, text] of docs) {
    const miss = (path: string): void => void missing.push(`${document}: ${path}`);
    for (const [, link] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
      if (!/^[a-z]+:/.test(link!) && !exists(join(dirname(document), link!))) miss(link!);
    }
    const outer = /(?<![\w./@-])(?:src|test|docs|scripts|packaging|findings)\/[\w./*-]*[\w/*]/g;
    for (const [path] of text.matchAll(outer)) if (!generated.test(path) && !path.includes('*') && !exists(path)) miss(path);
    for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
      if (/^[\w-]+\.test\.ts$/.test(code!) && !testFiles(code!)) miss(code!);
      const [folder] = code!.split('/');
      if (!/^[\w-]+\/[\w./-]*$/.test(code!) || !folders.has(folder!)) continue;
      const candidates = ['', '.ts', '.tsx'].map((end) => `src/${code}${end}`);
      if (![...candidates, code!, `test/${code}`, `test/${code}.test.ts`, `test/${code}.ts`].some(exists)) miss(code!);
    }
  }
  return missing;
}

/** Lines of more than `columns`, as `path:line`. */
export function wideLines(files: Files, columns: number): string[] {
  return [...files].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => ([...line].length > columns ? [`${path}:${index + 1} (${[...line].length})`] : [])),
  );
}

/** Files of more than `lines`, as `path (lines)`. */
export function longFiles(files: Files, lines: number): string[] {
  return [...files]
    .map(([path, text]) => [path, text.split('\n').length - 1] as const)
    .filter(([, length]) => length > lines)
    .map(([path]) => path);
}
