/** The reference that `npm run docs` makes: everything public is in it, and documented. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/process.js';

const root = join(import.meta.dirname, '../..');

test('every public symbol is documented, and nothing is referred to that is not there', async () => {
  const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
  const { code, stdout, stderr } = await run(process.execPath, [typedoc, '--emit', 'none'], { cwd: root });
  expect(stdout + stderr).not.toMatch(/warning|error/);
  expect(code).toBe(0);
}, 120_000);
