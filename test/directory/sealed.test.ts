/** Nothing but the pipeline may declare an entry checked: the type of the store's transaction relies on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const withText = (wanted: RegExp): string[] =>
  files.filter((file) => wanted.test(readFileSync(join(source, file), 'utf8'))).sort();

it('entries are sealed by the pipeline alone, renamed unchecked only below an entry that is renamed, and restamped by a restore', () => {
  expect(withText(/\bsealEntry\(|as (?:unknown as )?SealedEntry/)).toEqual([
    'directory/replica/placement.ts',
    'directory/rules/pipeline.ts',
    'entry/sealed-entry.ts',
  ]);
  expect(withText(/\bsealRenamed\(/)).toEqual([
    'directory/operations/modify-dn.ts',
    'directory/replica/placement.ts',
    'entry/sealed-entry.ts',
  ]);
  expect(withText(/\bsealRestamped\(/)).toEqual(['directory/transfer/restamp.ts', 'entry/sealed-entry.ts']);
  expect(withText(/\bsealReplicated\(/)).toEqual(['directory/cluster/apply.ts', 'entry/sealed-entry.ts']);
});
