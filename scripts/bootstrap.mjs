/**
 * What `npm start` and `npm test` need before they can do anything on a fresh machine: the installed packages and the
 * compiled program. Each is made when it is missing or out of date, and left alone otherwise. Node alone, no packages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stampFile = join(root, 'dist', '.built');
/** What bin/jammd runs. */
const programFile = join(root, 'dist', 'program', 'main.js');

/** A failure that a person is told in one line, without a stack. */
export class ScriptError extends Error {}

/** Runs `main` and turns what it throws into a message and exit code 1. */
export async function runScript(name, main) {
  try {
    const [major, minor] = process.versions.node.split('.').map(Number);
    if (major < 20 || (major === 20 && minor < 19)) {
      throw new ScriptError(`jammd needs Node.js 20.19 or later; this is ${process.versions.node} (${process.execPath})`);
    }
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const explained = error instanceof ScriptError || error?.name === 'CommandFailure';
    console.error(`${name}: ${explained ? error.message : (error?.stack ?? error)}`);
    process.exitCode = 1;
  }
}

/** Installs the packages of package-lock.json where they are missing or others; `dev`: those for building, too. */
export function ensureInstalled({ dev }) {
  const missing = missingPackage({ dev });
  if (missing === undefined) return;
  console.error(`Installing packages (${missing}) ...`);
  const result = npm(['ci', '--no-audit', '--no-fund', ...(dev ? ['--include=dev'] : [])]);
  if (result.status !== 0) {
    throw new ScriptError(`npm ci failed; its words are above. Repeat it in ${root} when the cause is mended.`);
  }
}

/** Compiles src/ to dist/ and bundles the command where dist/ is missing or older. */
export function ensureBuilt() {
  if (isBuilt()) return;
  ensureInstalled({ dev: true });
  console.error('Compiling ...');
  build();
}

export function build() {
  const started = new Date();
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) throw new ScriptError("src/ does not compile; the compiler's words are above");
  removeOrphans();
  const bundled = spawnSync(process.execPath, [join(root, 'scripts', 'bundle.mjs')], { cwd: root, stdio: 'inherit' });
  if (bundled.status !== 0) throw new ScriptError("dist/ cannot be bundled; the bundler's words are above");
  writeFileSync(stampFile, 'dist/ was compiled from src/ as it was at the time of this file\n');
  // The time it began: what was edited meanwhile is newer.
  utimesSync(stampFile, started, started);
}

/** What was compiled from files that are gone would go into the package. The bundle is made anew in any case. */
function removeOrphans() {
  for (const path of filesAndFolders(join(root, 'dist'))) {
    if (path.startsWith(dirname(programFile))) continue;
    if (path === stampFile) continue;
    const source = join(root, 'src', relative(join(root, 'dist'), path));
    // A module may have become a folder of the same name, so each needs a source of its own kind.
    const module = source.replace(/(\.d\.ts|\.js|\.js\.map)$/, '');
    if (module === source ? existsSync(source) : existsSync(`${module}.ts`) || existsSync(`${module}.tsx`)) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function isBuilt() {
  if (!existsSync(programFile) || !existsSync(stampFile)) return false;
  const built = statSync(stampFile).mtimeMs;
  const inputs = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs'].map((name) => join(root, name));
  return [...inputs, ...filesAndFolders(join(root, 'src'))].every((path) => statSync(path).mtimeMs <= built);
}

/** Folders count too: their times tell of files that are gone. */
function filesAndFolders(folder) {
  const found = [folder];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    found.push(join(entry.parentPath ?? entry.path, entry.name));
  }
  return found;
}

/** Says in a few words what is not installed as package-lock.json has it; undefined where all is. */
function missingPackage({ dev }) {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return 'none are there yet';
  const installed = readJson(hidden).packages ?? {};
  const locked = readJson(join(root, 'package-lock.json')).packages ?? {};
  for (const [path, wanted] of Object.entries(locked)) {
    if (path === '' || wanted.link || wanted.optional || wanted.devOptional || wanted.peer) continue;
    if (wanted.dev && !dev) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (installed[path]?.version !== wanted.version || installed[path]?.integrity !== wanted.integrity) {
      return `${name} ${wanted.version} is not there`;
    }
    if (!existsSync(join(root, path))) return `${name} is gone`;
  }
  return undefined;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ScriptError(`${path} cannot be read: ${error.message}`);
  }
}

/** npm as the one that runs this script, or as found on the PATH. */
export function npm(args) {
  const runner = process.env.npm_execpath;
  const [program, programArgs] = runner?.endsWith('.js') ? [process.execPath, [runner, ...args]] : ['npm', args];
  const result = spawnSync(program, programArgs, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.error) throw new ScriptError(`npm could not be run: ${result.error.message}`);
  return result;
}
