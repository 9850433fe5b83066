/** Prints an import's warnings: the first of each kind with line and DN, and how many more there were. */
import type { ImportWarning } from '../directory/transfer/import.js';
import { countOf } from './progress.js';

/** Of each kind. */
const printedMax = 10;
/** Kinds that are told apart. */
const kindsMax = 1_000;

export class ImportWarnings {
  readonly #counts = new Map<string, number>();

  tell({ line, file, dn, message }: ImportWarning): void {
    // Values are numbered in some messages.
    const kind = message.replace(/#\d+/g, '#');
    const count = (this.#counts.get(kind) ?? 0) + 1;
    if (this.#counts.size < kindsMax || count > 1) this.#counts.set(kind, count);
    if (count > printedMax) return;
    const place = file === undefined ? '' : `${file} `;
    process.stderr.write(`jammd import: warning: ${place}line ${line}: dn "${dn}": ${message}\n`);
  }

  tellRest(): void {
    for (const [kind, count] of this.#counts) {
      if (count <= printedMax) continue;
      process.stderr.write(`jammd import: warning: ${countOf(count - printedMax, 'more entry', 'more entries')}: ${kind}\n`);
    }
  }
}
