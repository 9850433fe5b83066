/**
 * slapd's answers, kept in files: they stand in for slapd on a machine that has none, and where it is there they say
 * when slapd itself answers otherwise than it did.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './outcome.js';

const folder = join(import.meta.dirname, 'recorded');

/** JAMM_CONFORMANCE_RECORD=1 (`npm run conformance -- --record`) writes the files anew. */
export const isRecording = process.env['JAMM_CONFORMANCE_RECORD'] === '1';

export interface RecordedAnswer {
  readonly step: string;
  readonly outcome: Outcome;
}

export function readRecording(name: string): readonly RecordedAnswer[] | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RecordedAnswer[]) : undefined;
}

export function writeRecording(name: string, answers: readonly RecordedAnswer[]): void {
  mkdirSync(folder, { recursive: true });
  const lines = answers.map((answer) => JSON.stringify(answer));
  writeFileSync(join(folder, `${name}.json`), `[\n${lines.join(',\n')}\n]\n`);
}
