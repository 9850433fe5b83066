/**
 * `npm test`: installs and compiles what is missing, runs every test that this machine's programs allow, and says at
 * the end what was left out and why. Its last line is `N passed, N failed`, with `, N skipped` where any were.
 *
 * Arguments go to vitest: `npm test -- test/password`. With JAMMD_REQUIRE_ALL=1 nothing may be left out.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureBuilt, ensureInstalled, root, runScript } from './bootstrap.mjs';

const requireAll = !['', '0', undefined].includes(process.env.JAMMD_REQUIRE_ALL);

await runScript('test', async () => {
  ensureInstalled({ dev: true });
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'jammd-test-'));
  try {
    return await runTests(join(folder, 'results.json'), join(folder, 'skipped'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function runTests(resultsFile, skippedFile) {
  const code = await vitest(
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`, ...process.argv.slice(2)],
    { ...process.env, JAMMD_SKIPPED_FILE: skippedFile },
  );
  if (!existsSync(resultsFile)) {
    console.error('vitest ended without results');
    console.log('0 passed, 1 failed');
    return 1;
  }
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const passed = results.numPassedTests;
  const failed = results.numFailedTests + brokenFiles(results).length;
  const skipped = results.numPendingTests + results.numTodoTests;
  for (const file of brokenFiles(results)) console.error(`could not be run: ${file}`);
  reportSkipped(results, skippedFile);
  const unwanted = requireAll && skipped > 0;
  if (unwanted) console.error('JAMMD_REQUIRE_ALL is set: tests that are skipped count as failed');
  console.log(
    `${passed} passed, ${failed + (unwanted ? skipped : 0)} failed${skipped > 0 && !unwanted ? `, ${skipped} skipped` : ''}`,
  );
  return code !== 0 || failed > 0 || unwanted ? 1 : 0;
}

/** Test files that failed as a whole, before or outside any of their tests. */
function brokenFiles(results) {
  return results.testResults
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .map((file) => relative(root, file.name));
}

function reportSkipped(results, skippedFile) {
  const programs = existsSync(skippedFile) ? readFileSync(skippedFile, 'utf8').split(/\s+/).filter(Boolean) : [];
  if (programs.length > 0) {
    console.log(`\nPrograms that this machine lacks: ${[...new Set(programs)].sort().join(', ')}`);
  }
  const suites = results.testResults
    .map((file) => ({ name: relative(root, file.name), tests: skippedIn(file) }))
    .filter(({ tests }) => tests.length > 0);
  if (suites.length === 0) return;
  console.log('\nTests skipped:');
  for (const { name, tests } of suites) {
    console.log(`  ${name}: ${tests.length}`);
    const groups = new Set(tests.map((test) => test.ancestorTitles.join(' > ') || test.title));
    for (const group of groups) console.log(`    ${group}`);
  }
  console.log('');
}

function skippedIn(file) {
  return file.assertionResults.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status));
}

/** Resolves with its exit code. Signals go to both by the terminal; it ends in its own way, and this waits for it. */
function vitest(args, env) {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [program, ...args], { cwd: root, env, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
