/**
 * A file that lines are appended to, in order and without anybody waiting. Each write consists of whole lines at the end of
 * the file, so other writers' lines do not get in between. If the file cannot be written, lines wait, up to a bound, and it
 * is tried again; a file that was moved or deleted is reopened under its name.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** Lines that wait take at most so many bytes; after that they are lost, and counted. */
export const waitingBytesMax = 16 << 20;
/** Lines that wait leave together, up to about so many bytes. */
const writeBytes = 64 << 10;
/** Milliseconds between two attempts to write a file that could not be written. */
const retryMs = 1_000;
/** Milliseconds between two looks at whether the file is still the one of that name. */
const lookMs = 1_000;
const fileMode = 0o600;
const lineEnd = 0x0a;

export interface LineFileEvents {
  /** It cannot be written; told once until it can again. */
  failed(error: Error): void;
  /** It can again. `lost`: lines that there was no room for meanwhile. */
  recovered(lost: number): void;
}

export interface LineFileOptions {
  readonly path: string;
  readonly events: LineFileEvents;
  /** The line that stands for lines that were lost. */
  readonly lostLine: (lost: number) => string;
  readonly waitingBytesMax?: number;
}

/** A file that cannot be appended to. */
export class LineFileError extends Error {
  override readonly name = 'LineFileError';
}

export class LineFile {
  readonly #options: LineFileOptions;
  #file: FileHandle | undefined;
  /** Lines with their ends. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Lines on their way; `taken`: bytes that the disk has already. */
  #leaving: { bytes: Buffer; taken: number } | undefined;
  #working: Promise<void> | undefined;
  #reopen = false;
  #lookedMs = 0;
  #failing = false;
  #retry: NodeJS.Timeout | undefined;
  #closing = false;
  /** Lost lines that the file says nothing of yet. */
  #unsaid = 0;
  #lostBeforeFailure = 0;
  /** Lines given to the disk. */
  written = 0;
  lost = 0;

  private constructor(options: LineFileOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
  }

  /** Opens the file, and makes it where there is none, for its owner alone. Rejects with LineFileError. */
  static async open(options: LineFileOptions): Promise<LineFile> {
    return new LineFile(options, await openToAppend(options.path));
  }

  get failing(): boolean {
    return this.#failing;
  }

  /** Takes a line, without its end. */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#closing || this.#waitingBytes + bytes.length > (this.#options.waitingBytesMax ?? waitingBytesMax)) {
      this.lost++;
      this.#unsaid++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#work();
  }

  /** Goes on in a new file of the same name: the old one has been moved away. */
  reopen(): void {
    this.#reopen = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#work();
  }

  /** Writes what waits, as far as the disk takes it, and closes the file. Answers how many lines are lost with it. */
  async close(): Promise<number> {
    this.#closing = true;
    clearTimeout(this.#retry);
    await this.#working;
    clearTimeout(this.#retry);
    if (this.#hasWork) await this.#writeAll().catch(() => undefined);
    const left = this.#waiting.length + (this.#leaving ? linesIn(this.#leaving.bytes) : 0);
    await this.#file?.sync().catch(() => undefined);
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    return left;
  }

  get #hasWork(): boolean {
    return this.#waiting.length > 0 || this.#leaving !== undefined || this.#reopen;
  }

  #work(): void {
    if (this.#working || this.#retry) return;
    this.#working = this.#writeAll()
      .then(
        () => this.#succeeded(),
        (error: unknown) => this.#failed(error as Error),
      )
      .finally(() => {
        this.#working = undefined;
        if (this.#hasWork && !this.#closing) this.#work();
      });
  }

  async #writeAll(): Promise<void> {
    while (this.#hasWork) {
      await this.#prepare();
      this.#leaving ??= this.#nextLines();
      if (!this.#leaving) continue;
      const { bytes, taken } = this.#leaving;
      const { bytesWritten } = await this.#file!.write(bytes, taken);
      this.#leaving.taken += bytesWritten;
      if (this.#leaving.taken < bytes.length) continue;
      this.written += linesIn(bytes);
      this.#leaving = undefined;
      if (this.#unsaid > 0) this.#sayLost();
    }
  }

  /** As many waiting lines as go together, at least one. */
  #nextLines(): { bytes: Buffer; taken: number } | undefined {
    let length = 0;
    let lines = 0;
    while (lines < this.#waiting.length && (lines === 0 || length + this.#waiting[lines]!.length <= writeBytes)) {
      length += this.#waiting[lines++]!.length;
    }
    this.#waitingBytes -= length;
    return lines === 0 ? undefined : { bytes: Buffer.concat(this.#waiting.splice(0, lines)), taken: 0 };
  }

  /** After the lines that waited comes one for those that could not. */
  #sayLost(): void {
    const line = Buffer.from(`${this.#options.lostLine(this.#unsaid)}\n`);
    this.#unsaid = 0;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  /** The file of the name, open. */
  async #prepare(): Promise<void> {
    const now = performance.now();
    if (this.#file && !this.#reopen) {
      if (now - this.#lookedMs < lookMs) return;
      if (await isAt(this.#file, this.#options.path)) {
        this.#lookedMs = now;
        return;
      }
    }
    const file = await openToAppend(this.#options.path);
    const former = this.#file;
    this.#file = file;
    this.#reopen = false;
    this.#lookedMs = now;
    // A line of which the former file has only a part is written again.
    if (this.#leaving) {
      const { bytes, taken } = this.#leaving;
      this.#leaving = { bytes: bytes.subarray(taken === 0 ? 0 : bytes.lastIndexOf(lineEnd, taken - 1) + 1), taken: 0 };
    }
    await former?.close();
  }

  #succeeded(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.events.recovered(this.lost - this.#lostBeforeFailure);
  }

  #failed(error: Error): void {
    if (!this.#failing) {
      this.#failing = true;
      this.#lostBeforeFailure = this.lost;
      this.#options.events.failed(error);
    }
    if (this.#closing) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#work();
    }, retryMs);
    this.#retry.unref();
  }
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd, at + 1)) count++;
  return count;
}

/** Is the open file the one that the path names now? */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const named = await stat(path).catch(() => undefined);
  if (!named) return false;
  const opened = await file.stat();
  return named.ino === opened.ino && named.dev === opened.dev;
}

async function openToAppend(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever.
    file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, fileMode);
  } catch (error) {
    throw new LineFileError(`cannot open ${path} to append to it: ${(error as Error).message}`, { cause: error });
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new LineFileError(`${path} is not a regular file`);
}
