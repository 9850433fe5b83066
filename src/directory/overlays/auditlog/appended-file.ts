/**
 * A file that texts are appended to, each as a whole, without anybody waiting. It is opened for each write, so that whoever moves it
 * away finds the next text in a new one; what cannot be written waits, up to a bound, and is tried again.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const waitingBytesMax = 16 * 1_024 * 1_024;
const retryMs = 1_000;
const fileMode = 0o600;
// Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever.
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

export class AppendedFile {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #working: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly path: string) {}

  append(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes + bytes.length > waitingBytesMax) {
      this.#lost++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#work();
  }

  /** Writes what waits, if the disk takes it. */
  async close(): Promise<void> {
    await this.#working;
    clearTimeout(this.#retry);
    await this.#write().catch(() => undefined);
  }

  #work(): void {
    if (this.#working || this.#retry) return;
    this.#working = this.#write()
      .catch(() => {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#work();
        }, retryMs);
        this.#retry.unref();
      })
      .finally(() => (this.#working = undefined));
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const count = this.#waiting.length;
      const lost = this.#lost;
      const said = lost === 0 ? [] : [Buffer.from(`# ${lost} changes could not be written here\n\n`)];
      await appendWhole(this.path, Buffer.concat([...this.#waiting.slice(0, count), ...said]));
      for (const bytes of this.#waiting.splice(0, count)) this.#waitingBytes -= bytes.length;
      this.#lost -= lost;
    }
  }
}

/** All of it or nothing: what a full disk has taken of it is cut off again. */
async function appendWhole(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, flags, fileMode);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`${path} is not a regular file`);
    try {
      await file.appendFile(bytes);
    } catch (error) {
      await file.truncate(status.size).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}
