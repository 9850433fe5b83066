/**
 * The lines of a log file from its end, and on through the files it was rotated to (`audit.jsonl.1`, `audit.jsonl-20261128.gz`),
 * newest first. What is read is bounded: a log can be far larger than what anybody wants to see of it.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

export interface TailLimits {
  /** Of all files together, unpacked. */
  readonly bytesMax: number;
  /** A longer line is passed over. */
  readonly lineBytesMax: number;
  readonly filesMax: number;
}

export const tailLimits: TailLimits = { bytesMax: 64 << 20, lineBytesMax: 256 << 10, filesMax: 60 };

const chunkBytes = 256 << 10;
const lineEnd = 0x0a;

export class LogTail {
  readonly #path: string;
  readonly #limits: TailLimits;
  readonly #seen = new Set<string>();
  #left: number;
  /** Older lines were not looked at. */
  cut = false;

  constructor(path: string, limits: TailLimits = tailLimits) {
    this.#path = path;
    this.#limits = limits;
    this.#left = limits.bytesMax;
  }

  /** @throws the file system's error where there is no such file, or it cannot be read */
  async *lines(): AsyncGenerator<string> {
    const handle = await open(this.#path, 'r');
    try {
      yield* this.#backwards(handle);
    } finally {
      await handle.close();
    }
    const rotated = await rotatedFiles(this.#path);
    for (const path of rotated.slice(0, this.#limits.filesMax)) {
      if (this.cut) return;
      yield* path.endsWith('.gz') ? this.#unpacked(path) : this.#plain(path);
    }
    if (rotated.length > this.#limits.filesMax) this.cut = true;
  }

  async *#plain(path: string): AsyncGenerator<string> {
    // Rotation may have taken it away since its folder was read.
    const handle = await open(path, 'r').catch(() => undefined);
    if (handle === undefined) return;
    try {
      yield* this.#backwards(handle);
    } finally {
      await handle.close();
    }
  }

  async *#backwards(handle: FileHandle): AsyncGenerator<string> {
    const { size, dev, ino, isFile } = await about(handle);
    const name = `${dev}:${ino}`;
    if (!isFile || this.#seen.has(name)) return;
    this.#seen.add(name);
    /** The beginning of the line that the last chunk began in the middle of; undefined for one that is too long. */
    let rest: Buffer | undefined = Buffer.alloc(0);
    for (let end = size; end > 0;) {
      if (this.#left <= 0) {
        this.cut = true;
        return;
      }
      const start: number = Math.max(0, end - Math.min(chunkBytes, this.#left));
      const chunk = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
      if (bytesRead < chunk.length) return;
      this.#left -= chunk.length;
      end = start;
      const parts = split(chunk);
      const last: Buffer = parts.pop() ?? chunk;
      rest = rest === undefined ? undefined : this.#bounded(Buffer.concat([last, rest]));
      if (parts.length === 0) continue;
      if (rest !== undefined && rest.length > 0) yield rest.toString('utf8');
      const first = parts.shift();
      for (const part of parts.reverse())
        if (part.length > 0 && part.length <= this.#limits.lineBytesMax) yield part.toString('utf8');
      rest = first;
    }
    if (rest !== undefined && rest.length > 0) yield rest.toString('utf8');
  }

  #bounded(line: Buffer): Buffer | undefined {
    return line.length > this.#limits.lineBytesMax ? undefined : line;
  }

  /** A packed file can be read from its beginning only: as a whole, or not at all. */
  async *#unpacked(path: string): AsyncGenerator<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const most = this.#left;
    try {
      await pipeline(createReadStream(path), createGunzip(), async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > most) break;
          chunks.push(chunk);
        }
      });
    } catch {
      // Not readable, or not what its name says; or it was left off.
      if (bytes <= most) return;
    }
    this.#left -= bytes;
    if (bytes > most) {
      this.cut = true;
      return;
    }
    for (const line of split(Buffer.concat(chunks)).reverse())
      if (line.length > 0 && line.length <= this.#limits.lineBytesMax) yield line.toString('utf8');
  }
}

/** What stands between line ends. */
function split(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd, start)) {
    parts.push(bytes.subarray(start, at));
    start = at + 1;
  }
  parts.push(bytes.subarray(start));
  return parts;
}

async function about(handle: FileHandle): Promise<{ size: number; dev: number; ino: number; isFile: boolean }> {
  const stats = await handle.stat();
  return { size: stats.size, dev: stats.dev, ino: stats.ino, isFile: stats.isFile() };
}

/** Newest first. */
async function rotatedFiles(path: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = (await readdir(folder).catch(() => [])).filter(
    (one) => one.startsWith(name) && /^[.-]\d[\d.-]{0,20}(?:\.gz)?$/.test(one.slice(name.length)),
  );
  const files = await Promise.all(
    names.map(async (one) => {
      const stats = await stat(join(folder, one)).catch(() => undefined);
      return stats === undefined ? [] : [{ path: join(folder, one), changedMs: stats.mtimeMs }];
    }),
  );
  return files
    .flat()
    .sort((left, right) => right.changedMs - left.changedMs)
    .map((file) => file.path);
}
