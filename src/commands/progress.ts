/** Shows how far a long command has come, in one line on the terminal; nothing if standard error is not one. */

const intervalMilliseconds = 200;

export class Progress {
  readonly #shown = process.stderr.isTTY;
  #last = 0;
  #drawn = false;

  /** Shows `text()` in place of what was shown before, a few times a second at most. */
  update(text: () => string): void {
    if (!this.#shown) return;
    const now = performance.now();
    if (now - this.#last < intervalMilliseconds) return;
    this.#last = now;
    this.#drawn = true;
    process.stderr.write(`\r\u001b[K${text()}`);
  }

  /** Takes the line away, for something else to be written or at the end. */
  clear(): void {
    if (this.#drawn) process.stderr.write('\r\u001b[K');
    this.#drawn = false;
  }
}

/** `12,345 entries` */
export function countOf(count: number, what: string, plural = `${what}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? what : plural}`;
}

const sizeUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.4 MiB` */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < sizeUnits.length - 1; unit++) value /= 1_024;
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${sizeUnits[unit]}`;
}
